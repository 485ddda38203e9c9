"""The page What changed, and the workspace on the Data page, step by step as a person takes them."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from pages.frame.state import Data, Opened
from writeoffs import shelf, workspace
from writeoffs.judgements import WriteOffMap, keep
from writeoffs.reading import read
from writeoffs.workspace import Workspace, open_workspace, seal

ROOT = Path(__file__).parent.parent
PHRASE = "correct horse battery staple"
HEAD = "Claim ID,Service Date,Posting Date,Payer,Type,Reason,Amount\n"
MAY = (
    HEAD
    + """A1,2026-01-05,2026-01-06,Aetna,Charge,,500.00
A1,2026-01-05,2026-02-06,Aetna,Insurance Payment,,300.00
A2,2026-02-05,2026-02-28,=EVIL(1),Charge,,250.00
"""
)
JUNE = (
    MAY
    + """A1,2026-01-05,2026-03-06,Aetna,Adjustment,CO-45,200.00
A2,2026-02-05,2026-03-09,Cigna,Insurance Payment,,150.00
A1,2026-01-05,2026-03-12,Aetna,Insurance Payment,,-50.00
"""
)
SAID = (
    "Closed months changed by $400.00 on 2 claims: $200.00 written off later, $150.00 paid later "
    "and $50.00 taken back."
)


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch):
    st.cache_resource.clear()
    st.cache_data.clear()
    monkeypatch.setattr(workspace, "_COST", (4, 8, 1))


def page(name: str, **state: object) -> AppTest:
    """A page from its own file, in a session that holds something already."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    for key, value in state.items():
        at.session_state[key] = value
    return at.run()


def data_of(text: str, name: str) -> Data:
    ledger = read((name, text.encode()))
    return Data(ledger, name, False, ledger)


def words(at: AppTest) -> str:
    """Everything the page says, without the escapes."""
    kinds = (at.markdown, at.caption, at.subheader, at.info, at.error, at.warning, at.success)
    return "\n".join(str(p.value) for kind in kinds for p in kind).replace("\\", "")


def upload(at: AppTest, text: str, name: str, button: str = "use") -> AppTest:
    """Choose a file among the uploads of the Data page, and use it.

    Its mapping is not remembered, so that the next month is reviewed and used as the test says.
    """
    at.get("file_uploader")[0].set_value([(name, text.encode(), "text/csv")])
    at.run()
    at.checkbox(key="remember").uncheck().run()
    return at.button(key=button).click().run()


def typed(at: AppTest, **fields: str) -> AppTest:
    """Fill fields of the memory panel, whichever round their keys are of."""
    for label, text in fields.items():
        field = next(t for t in at.text_input if t.key and t.key.startswith(f"memory_{label}_"))
        field.set_value(text)
    return at


def submit(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click()
    at.run()
    assert not at.exception
    return at


def saved(at: AppTest, name: str = "practice") -> AppTest:
    """Save what is shown as a workspace."""
    at.text_input(key="memory_name").set_value(name)
    return submit(typed(at, new_phrase=PHRASE, new_again=PHRASE), "memory_save_button")


def state_of(at: AppTest) -> dict[str, object]:
    """Everything that the session holds, what widgets hold included."""
    return dict(at.session_state._state.filtered_state)


def holds(at: AppTest, text: str) -> list[str]:
    """Keys of the session under which a text stands."""
    return [key for key, value in state_of(at).items() if text in str(value)]


# --- what changed ---------------------------------------------------------------------------------


def test_the_sample_shows_a_demonstration_and_says_that_it_is_one():
    at = page("changes")
    assert not at.exception
    said = words(at)
    assert "demonstration" in said and "2026-09-30" in said
    assert "Closed months changed by $43,427.05 on 235 claims" in said
    assert len(at.dataframe) == 2
    assert list(at.dataframe[1].value.columns) == [
        "Claim", "Service month", "What", "Then", "Now", "Change", "Why",
    ]  # fmt: skip
    assert at.get("plotly_chart")[0].proto.alt


def test_what_was_shown_before_the_last_upload_is_compared_with_what_is_shown_now():
    at = page("changes", data=data_of(JUNE, "june.csv"), data_before=data_of(MAY, "may.csv"))
    assert not at.exception
    assert SAID in words(at)
    assert "may.csv, shown before" in at.selectbox(key="changes_pair").options
    rows = at.dataframe[1].value
    assert rows["Claim"].tolist() == ["A1", "A2", "A1"]
    assert rows["Change"].tolist() == [200.0, 150.0, -50.0]


def test_an_older_export_chosen_here_is_compared_and_shown_nowhere_else():
    at = page("changes", data=data_of(JUNE, "june.csv"))
    assert "Choose the export that you had before" in words(at)
    at.get("file_uploader")[0].set_value([("may.csv", MAY.encode(), "text/csv")])
    at.run()
    assert not at.exception
    assert SAID in words(at)
    assert "Older export: may.csv. 3 of 3 rows counted" in words(at)
    assert at.session_state["data"].label == "june.csv"
    at.button(key="older_drop").click().run()
    assert SAID not in words(at) and "Choose the export" in words(at)


def test_an_older_export_that_cannot_be_read_gets_one_sentence():
    at = page("changes", data=data_of(JUNE, "june.csv"))
    at.get("file_uploader")[0].set_value([("may.xls", b"<html><table></table></html>", "x")])
    at.run()
    assert not at.exception
    assert "web page" in at.error[0].value


def test_the_two_the_wrong_way_round_are_asked_about():
    at = page("changes", data=data_of(MAY, "may.csv"), data_before=data_of(JUNE, "june.csv"))
    assert "other way round" in at.warning[0].value


def test_the_same_export_twice_says_that_nothing_changed():
    at = page("changes", data=data_of(MAY, "may.csv"), data_before=data_of(MAY, "again.csv"))
    assert not at.exception
    assert "No charge, payment or write-off of a closed month changed." in words(at)
    assert len(at.dataframe) == 1 and not at.get("plotly_chart")


def test_an_earlier_date_chosen_on_another_page_hides_nothing_here():
    from datetime import date

    held = {"data": data_of(JUNE, "june.csv"), "data_before": data_of(MAY, "may.csv")}
    at = page("changes", as_of=date(2026, 2, 28), **held)
    assert SAID in words(at)


def test_both_sides_stand_under_the_persons_judgements():
    keep(WriteOffMap({"CO-45": "patient_deductible"}))
    at = page("changes", data=data_of(JUNE, "june.csv"), data_before=data_of(MAY, "may.csv"))
    assert not at.exception
    assert "written off later" not in words(at)


# --- the workspace --------------------------------------------------------------------------------


def test_before_any_upload_it_says_that_nothing_is_kept_and_offers_no_sample_to_save():
    at = page("data")
    assert "Without one nothing is kept" in words(at)
    assert "made up. Upload your own files first" in words(at)
    with pytest.raises(KeyError):
        at.button(key="memory_save_button")


def test_a_person_saves_closes_opens_adds_and_sees_what_changed():
    at = saved(upload(page("data"), MAY, "may.csv"))
    assert "practice is saved on this computer" in words(at)
    assert open_workspace(shelf.take("practice"), PHRASE).ledger.rows_read == 3

    at.button(key="memory_close").click().run()
    assert "Sample practice" in words(at) and "practice is closed" in words(at)
    assert "workspace" not in at.session_state and "data" not in at.session_state

    at = submit(typed(at, open_phrase=PHRASE), "memory_open_button")
    assert "practice is open" in words(at) and "may.csv" in words(at)

    at = upload(at, JUNE, "june.csv")
    assert f"**{SAID}**" in words(at)  # its effect, before it is accepted
    assert open_workspace(shelf.take("practice"), PHRASE).ledger.rows_read == 3
    at = submit(typed(at, add_phrase=PHRASE), "memory_add_button")
    assert "Added to practice and saved" in words(at)
    work = open_workspace(shelf.take("practice"), PHRASE)
    assert [f.name for f in work.ledger.files] == ["may.csv", "june.csv"]
    assert work.before is not None and [f.name for f in work.before.files] == ["may.csv"]

    other = page("changes", data=at.session_state["data"], workspace=at.session_state["workspace"])
    assert "practice before its last addition" in other.selectbox(key="changes_pair").options
    assert SAID in words(other)

    at = submit(at, "memory_back")
    assert "as it was before the last addition" in words(at)
    assert open_workspace(shelf.take("practice"), PHRASE).before is None
    assert [f.name for f in at.session_state["data"].raw.files] == ["may.csv"]


def test_added_to_what_is_shown_the_workspace_names_no_file_twice():
    at = saved(upload(page("data"), MAY, "may.csv"))
    at = upload(at, JUNE, "june.csv", "add")
    assert SAID in words(at)
    submit(typed(at, add_phrase=PHRASE), "memory_add_button")
    work = open_workspace(shelf.take("practice"), PHRASE)
    assert [f.name for f in work.ledger.files] == ["may.csv", "june.csv"]


def test_another_pass_phrase_adds_nothing_and_says_so():
    at = upload(saved(upload(page("data"), MAY, "may.csv")), JUNE, "june.csv")
    before = shelf.take("practice")
    at = submit(typed(at, add_phrase=PHRASE + "r"), "memory_add_button")
    assert "the pass phrase is another" in at.error[0].value
    assert shelf.take("practice") == before
    assert at.session_state["workspace"].earlier is None


def test_a_wrong_pass_phrase_opens_nothing_and_is_one_plain_sentence():
    shelf.put("practice", seal(read(("may.csv", MAY.encode())), PHRASE))
    at = submit(typed(page("data"), open_phrase="another long phrase"), "memory_open_button")
    assert "cannot be opened: the pass phrase is another" in words(at)
    assert "Hint" not in at.error[0].value and "workspace" not in at.session_state
    assert "Sample practice" in words(at)


@pytest.mark.parametrize(
    ("first", "again", "name", "said"),
    [
        (PHRASE, PHRASE + "x", "practice", "not the same"),
        ("short", "short", "practice", "too short"),
        (PHRASE, PHRASE, "../practice", "letters, digits"),
        (PHRASE, PHRASE, "", "letters, digits"),
        (PHRASE, PHRASE, "taken", "already"),
    ],
)
def test_what_cannot_be_saved_is_said_and_nothing_is_written(
    first: str, again: str, name: str, said: str
):
    taken = seal(read(("may.csv", MAY.encode())), PHRASE)
    shelf.put("taken", taken)
    at = upload(page("data"), MAY, "may.csv")
    at.text_input(key="memory_name").set_value(name)
    at = submit(typed(at, new_phrase=first, new_again=again), "memory_save_button")
    assert said in at.error[0].value.replace("\\", "")
    assert shelf.names() == ["taken"] and shelf.take("taken") == taken
    assert "workspace" not in at.session_state


def test_without_the_tick_it_is_written_nowhere_and_offered_to_download():
    at = upload(page("data"), MAY, "may.csv")
    at.checkbox(key="memory_store").set_value(False)
    at = saved(at)
    assert shelf.names() == []
    assert "download it below, or it is gone with this tab" in words(at)
    assert any(b.label == "Download the encrypted file" for b in at.get("download_button"))


def test_a_workspace_is_opened_from_a_file_of_the_person():
    sealed = seal(Workspace(read(("may.csv", MAY.encode()))), PHRASE)
    at = page("data")
    at.get("file_uploader")[1].set_value(("north.writeoffs", sealed, "application/octet-stream"))
    at = submit(typed(at, open_phrase=PHRASE), "memory_open_button")
    assert "north is open" in words(at)
    assert shelf.names() == []
    assert at.session_state["data"].raw.rows_read == 3


def test_a_file_that_is_no_workspace_is_said():
    at = page("data")
    at.get("file_uploader")[1].set_value(("x.writeoffs", MAY.encode(), "text/csv"))
    at = submit(typed(at, open_phrase=PHRASE), "memory_open_button")
    assert "not a workspace" in at.error[0].value
    at = submit(typed(at, open_phrase=PHRASE), "memory_open_button")
    assert "Choose your workspace first" in at.error[0].value


def test_a_pass_phrase_outlives_no_run():
    at = saved(upload(page("data"), MAY, "may.csv"))
    assert holds(at, PHRASE) == []
    at = upload(at, JUNE, "june.csv")
    at = submit(typed(at, add_phrase=PHRASE), "memory_add_button")
    assert holds(at, PHRASE) == []
    at.button(key="memory_close").click().run()
    at = submit(typed(at, open_phrase="a wrong phrase, long"), "memory_open_button")
    assert holds(at, "a wrong phrase, long") == []


@pytest.mark.parametrize("button", ["forget", "memory_close"])
def test_forgetting_leaves_nothing_of_any_patient_in_the_session(button: str):
    at = upload(saved(upload(page("data"), MAY, "may.csv")), JUNE, "june.csv")
    older = data_of(MAY, "older.csv")
    at.session_state["older_export"] = older
    at.button(key=button).click().run()
    left = [k for k, v in state_of(at).items() if isinstance(v, Data | Opened)]
    assert left == []
    for key in ("comparison", "workspace_grown", "older_export", "workspace"):
        assert key not in at.session_state


def test_a_person_who_looks_at_something_else_comes_back_to_what_it_keeps():
    at = upload(saved(upload(page("data"), MAY, "may.csv")), JUNE, "june.csv")
    at = submit(typed(at, add_phrase=PHRASE), "memory_add_button")
    at.button(key="undo").click().run()
    assert [f.name for f in at.session_state["data"].raw.files] == ["june.csv"]
    assert "What is shown is not what it keeps" in words(at)
    at.button(key="memory_show").click().run()
    assert not at.exception
    assert [f.name for f in at.session_state["data"].raw.files] == ["may.csv", "june.csv"]
    assert "What is shown is what it keeps" in words(at)


def test_another_window_that_changed_the_file_is_not_overwritten():
    at = upload(saved(upload(page("data"), MAY, "may.csv")), JUNE, "june.csv")
    other = seal(read(("x.csv", MAY.encode())), PHRASE)
    shelf.put("practice", other, over=shelf.take("practice"))
    at = submit(typed(at, add_phrase=PHRASE), "memory_add_button")
    assert "changed elsewhere" in at.error[0].value
    assert shelf.take("practice") == other


def test_what_is_decided_is_not_inside_the_workspace():
    keep(WriteOffMap({"CO-45": "charity"}))
    at = saved(upload(page("data"), JUNE, "june.csv"))
    assert not at.exception
    ledger = open_workspace(shelf.take("practice"), PHRASE).ledger
    assert {k.category for k in ledger.book.kinds if k.entry == "write_off"} == {"contractual"}
