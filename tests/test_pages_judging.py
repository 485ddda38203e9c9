"""A person's own names and reasons on the pages: dollars first, then a yes, and always a way back."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest
from support import ledger_of

from pages.frame import reasons
from pages.frame.state import Data
from writeoffs.keeping import HOME

ROOT = Path(__file__).parent.parent
# Billed 1,000; paid 700; written off 300, of which 100 has a known reason (late, avoidable),
# 120 is called Adj 77 and 80 nothing at all. United is spelled three ways, Aetna two.
EXPORT = """
    Claim,DOS,Payer,Charge,Ins Paid,Pt Paid,Adjustment,Reason
    1,2026-01-05,Aetna,300.00,200.00,0.00,100.00,CO-29
    2,2026-01-06,AETNA INC,200.00,150.00,0.00,50.00,Adj 77
    3,2026-02-07,United Healthcare,200.00,130.00,0.00,70.00,adj 77
    4,2026-02-08,UnitedHealthcare,200.00,120.00,0.00,80.00,
    5,2026-02-09,UNITED HEALTH CARE,100.00,100.00,0.00,0.00,
"""
TWO_PAYERS = """
    Claim,Patient ID,Type,Service Date,Post Date,Payer,Amount,Reason
    1,P1,Charge,2026-01-05,2026-01-05,Aetna,100.00,
    1,P1,Insurance Payment,2026-01-05,2026-02-01,Aetna,-50.00,
    1,P1,Adjustment,2026-01-05,2026-02-01,Aetna,-20.00,CO-45
    1,P1,Insurance Payment,2026-01-05,2026-03-01,Medicaid,-10.00,
    2,P2,Charge,2026-01-06,2026-01-06,Medicaid,80.00,
    2,P2,Insurance Payment,2026-01-06,2026-02-03,Medicaid,-80.00,
"""
WIDE = """
    Claim,DOS,Payer,Secondary Payer,Charge,Primary Ins Paid,Secondary Ins Paid,Pt Paid,Contractual
    1,2026-01-05,Aetna,Medicaid,100.00,50.00,10.00,5.00,35.00
"""
LATE = "Avoidable losses: Claims sent too late"
Naming = Callable[[dict[str, str]], None]


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    st.cache_resource.clear()


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Naming:
    """What the person chooses in the table of reasons: reason as shown -> words of a category.

    The editor's own clicks are for the browser's test; it comes back here as a person leaves it.
    """
    chosen: dict[str, str] = {}

    def edited(shown: pd.DataFrame, **_: object) -> pd.DataFrame:
        said = shown["Reason as exported"].map(chosen)
        return shown.assign(**{"What it is": said.fillna(shown["What it is"])})

    def choose(words: dict[str, str]) -> None:
        chosen.clear()
        chosen.update(words)

    monkeypatch.setattr(reasons.st, "data_editor", edited)
    return choose


def page(name: str, text: str | None = EXPORT) -> AppTest:
    """A page on an export that is in use already, or on the sample."""
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    if text is not None:
        ledger = ledger_of(text)
        at.session_state["data"] = Data(ledger, "june.csv", False, ledger)
    return at.run()


def other_page(at: AppTest, name: str) -> AppTest:
    """Another page in the same session."""
    other = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    for key in ("data", "judgements"):
        if key in at.session_state:
            other.session_state[key] = at.session_state[key]
    return other.run()


def words(at: AppTest) -> str:
    """All that the page says, without the escapes."""
    parts = [*at.markdown, *at.caption, *at.subheader, *at.info, *at.error, *at.warning]
    said = "\n".join(str(p.value) for p in [*parts, *at.success])
    return said.replace("\\", "").replace("\u2060", "")


def tiles(at: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in at.metric}


def buttons(at: AppTest) -> set[str]:
    return {b.key for b in at.button}


def choose_file(at: AppTest, part: str, text: str | bytes) -> AppTest:
    box = next(b for b in at.get("file_uploader") if b.key.startswith(f"{part}_file"))
    body = text if isinstance(text, bytes) else text.encode()
    box.set_value([("mine.json", body, "application/json")])
    return at.run()


def kept(name: str) -> dict[str, object]:
    body: dict[str, object] = json.loads((Path(os.environ[HOME]) / name).read_text())
    return body


# --- reasons --------------------------------------------------------------------------------------


def test_the_sample_is_shown_and_cannot_be_judged() -> None:
    at = page("data", None)
    assert not at.exception
    assert "The sample practice is only shown here" in words(at)
    assert not {"payer_yes", "reasons_accept"} & buttons(at)
    assert {b.key.split("_")[0] for b in at.get("file_uploader")} == {"uploader", "memory"}


def test_a_reason_shows_its_dollars_before_and_counts_only_after_a_yes(say: Naming) -> None:
    at = page("data")
    assert "2 reasons at the top are not known" in words(at)
    assert "reasons_accept" not in buttons(at)
    say({"Adj 77": LATE})
    at.run()
    assert not at.exception
    assert tiles(at)["Avoidable losses"] == "$220"
    assert "now $100" in words(at)
    moved = at.dataframe[0].value
    assert moved["Reason as exported"].str.lower().tolist() == ["adj 77"] * len(moved)
    assert moved["Dollars"].sum() == 120
    assert set(moved["Would count as"]) == {LATE}
    assert "judgements_before" not in at.session_state
    assert not (Path(os.environ[HOME]) / "write-offs.json").exists()

    at.button(key="reasons_accept").click().run()
    say({})
    at.run()
    assert "1 reason at the top is not known" in words(at)
    assert tiles(other_page(at, "write_offs"))["Avoidable losses"] == "$220"
    assert kept("write-offs.json")["write_offs"] == {"Adj 77": "timely_filing"}

    at.button(key="unjudge").click().run()
    assert "2 reasons at the top are not known" in words(at)
    assert tiles(other_page(at, "write_offs"))["Avoidable losses"] == "$100"
    assert kept("write-offs.json")["write_offs"] == {}
    assert "unjudge" not in buttons(at)


def test_a_named_reason_can_be_left_to_the_program_again(say: Naming) -> None:
    at = page("data")
    say({"CO-29": "Bad debt"})
    at.run()
    at.button(key="reasons_accept").click().run()
    assert tiles(other_page(at, "write_offs"))["Bad debt"] == "$100"
    say({"CO-29": ""})
    at.run()
    at.button(key="reasons_accept").click().run()
    assert kept("write-offs.json")["write_offs"] == {}
    assert tiles(other_page(at, "write_offs"))["Avoidable losses"] == "$100"


def test_a_choice_for_other_rows_is_never_read_into_these(monkeypatch: pytest.MonkeyPatch) -> None:
    """The editor remembers choices by row number: another table must be another editor."""
    keys: list[str] = []

    def seen(shown: pd.DataFrame, *, key: str, **_: object) -> pd.DataFrame:
        keys.append(key)
        return shown

    monkeypatch.setattr(reasons.st, "data_editor", seen)
    at = page("data")
    at.run()
    assert len(set(keys)) == 1
    at.button(key="payer_no").click().run()
    assert len(set(keys)) == 1, "a decision on payers takes away no choice of a reason"
    body = json.dumps({"version": 1, "write_offs": {"Adj 77": "charity"}})
    choose_file(at, "reasons", body).button(key="reasons_file_accept").click().run()
    assert len(set(keys)) == 2
    at.button(key="unjudge").click().run()
    assert len(set(keys)) == 3


# --- payer names ----------------------------------------------------------------------------------


def test_names_are_joined_one_by_one_and_taken_apart_again() -> None:
    at = page("data")
    assert "Do these names mean one payer? (1 of 2)" in words(at)
    alike = next(d.value for d in at.dataframe if "Claims" in d.value.columns)
    assert alike["Name as exported"].str.lower().str.startswith("united").all()
    assert alike["Billed"].tolist() == [200, 200, 100]
    assert "No total and no rate of the whole practice changes" in words(at)
    at.selectbox(key="payer_0_into").set_value("UnitedHealthcare").run()
    assert "UNITED HEALTH CARE: $100.00 billed moves from" in words(at)
    at.button(key="payer_yes").click().run()
    assert not at.exception
    assert kept("payer-aliases.json")["aliases"] == {
        "United Healthcare": "UnitedHealthcare",
        "UNITED HEALTH CARE": "UnitedHealthcare",
    }
    assert "(1 of 1)" in words(at)
    payers = other_page(at, "payers").dataframe[0].value
    assert payers["Payer"].tolist() == ["UnitedHealthcare", "Aetna", "AETNA INC"]
    assert payers["Billed"].tolist() == [500, 300, 200]

    at.selectbox(key="payer_apart_1").set_value("UNITED HEALTH CARE").run()
    assert "moves from UnitedHealthcare to UNITED HEALTH CARE" in words(at)
    at.button(key="payer_apart_accept").click().run()
    assert kept("payer-aliases.json")["aliases"] == {"United Healthcare": "UnitedHealthcare"}
    assert "(1 of 2)" in words(at)


def test_what_was_refused_is_not_proposed_again_in_any_session() -> None:
    at = page("data")
    at.button(key="payer_no").click().run()
    assert "(1 of 1)" in words(at)
    again = page("data")
    assert "(1 of 1)" in words(again)
    again.button(key="payer_no").click().run()
    assert "No two names look like one payer" in words(again)
    again.button(key="payer_ask_again").click().run()
    assert "(1 of 2)" in words(again)


def test_put_off_is_neither_yes_nor_no() -> None:
    at = page("data")
    at.button(key="payer_later").click().run()
    assert "(2 of 2)" in words(at)
    assert not (Path(os.environ[HOME]) / "payer-aliases.json").exists()
    at.button(key="payer_later").click().run()
    assert "(1 of 2)" in words(at)


def test_some_of_the_names_can_be_joined_and_one_left_out() -> None:
    at = page("data")
    at.multiselect(key="payer_0_which").set_value(["UNITED HEALTH CARE", "UnitedHealthcare"]).run()
    at.selectbox(key="payer_0_into").set_value("UnitedHealthcare").run()
    at.button(key="payer_yes").click().run()
    assert kept("payer-aliases.json")["aliases"] == {"UNITED HEALTH CARE": "UnitedHealthcare"}


def test_two_names_that_nothing_proposes_are_joined_by_hand() -> None:
    at = page("data")
    at.selectbox(key="payer_hand_0_name").set_value("Aetna").run()
    at.selectbox(key="payer_hand_0_into").set_value("UnitedHealthcare").run()
    assert "Aetna: $300.00 billed moves from Aetna to UnitedHealthcare" in words(at)
    at.button(key="payer_hand_accept").click().run()
    assert kept("payer-aliases.json")["aliases"] == {"Aetna": "UnitedHealthcare"}


# --- files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("not json at all", "This file is no JSON"),
        (b"\xff\xfe\x00", "it is no text"),
        ('{"version": 1, "aliases": {}}', "This file is not the write-off map"),
        ('{"version": 1, "write_offs": {"Adj 77": "magic"}}', "which is no category"),
        ('{"version": 99, "write_offs": {}}', "newer"),
    ],
)
def test_a_wrong_file_costs_a_sentence_and_nothing_else(body: str | bytes, said: str) -> None:
    at = page("data")
    good = json.dumps({"version": 1, "write_offs": {"Adj 77": "charity"}})
    choose_file(at, "reasons", good).button(key="reasons_file_accept").click().run()
    choose_file(at, "reasons", body)
    assert not at.exception
    assert said in words(at)
    assert "What you have is as it was" in words(at)
    assert kept("write-offs.json")["write_offs"] == {"Adj 77": "charity"}
    at.run()
    assert said not in words(at)


def test_a_file_shows_what_it_changes_and_can_be_left() -> None:
    at = page("data")
    body = json.dumps({"version": 1, "write_offs": {"Adj 77": "contractual", "": "bad_debt"}})
    choose_file(at, "reasons", body)
    assert "mine.json, in place of your reasons" in words(at)
    assert tiles(at)["Net collection rate"] == "79.5%"  # 700 of 1,000 less 120 by contract
    at.button(key="reasons_file_leave").click().run()
    assert not (Path(os.environ[HOME]) / "write-offs.json").exists()
    assert "mine.json" not in words(at)


def test_a_list_of_payer_names_is_loaded_as_a_whole() -> None:
    at = page("data")
    body = json.dumps({"version": 1, "aliases": {"AETNA INC": "Aetna", "Nobody": "Aetna"}})
    choose_file(at, "names", body).button(key="names_file_accept").click().run()
    assert "AETNA INC" in str(next(d.value for d in at.dataframe if "Charted under" in d.value))
    assert "1 name more in your list does not occur here" in words(at)
    choose_file(at, "names", body)
    assert "says just what you have already" in words(at)


def test_where_it_is_kept_is_said_and_what_could_not_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert os.environ[HOME] in words(page("data"))
    blocked = tmp_path / "a file"
    blocked.write_text("no folder")
    monkeypatch.setenv(HOME, str(blocked / "below"))
    at = page("data")
    at.button(key="payer_no").click().run()
    assert "could not be saved" in words(at) and "Nothing was lost" in words(at)
    assert "(1 of 1)" in words(at)  # used in this session all the same


def test_a_computer_without_a_folder_of_ones_own_still_opens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    for name in (HOME, "XDG_DATA_HOME", "APPDATA"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(Path, "home", homeless)
    at = page("data")
    assert not at.exception
    assert "no folder of your own" in words(at)


def test_forgetting_the_files_forgets_what_was_worked_out_of_them() -> None:
    at = page("data")
    assert "judging_found" in at.session_state
    at.button(key="forget").click().run()
    held = at.session_state["judging_found"].values()
    assert [ledger.rows_read for ledger, _ in held if ledger.rows_read == 5] == []


def test_effects_are_worked_out_once_and_not_on_every_click(
    say: Naming, monkeypatch: pytest.MonkeyPatch
) -> None:
    from writeoffs import effects

    done: list[object] = []
    real = effects.effect
    monkeypatch.setattr(effects, "effect", lambda *args: done.append(args) or real(*args))
    at = page("data")
    say({"Adj 77": LATE})
    at.run()
    first = len(done)
    assert first == 2  # the reason, and the names that are asked about
    at.run()
    at.button(key="payer_later").click().run()
    at.button(key="payer_later").click().run()
    assert len(done) == first + 1  # the other proposal; the rest is known


# --- other pages ----------------------------------------------------------------------------------


def test_what_is_unnamed_has_its_bar_its_range_and_a_way_to_name_it() -> None:
    at = page("write_offs")
    said = words(at)
    assert "$200 of write-offs have no known reason. If all of it were contractual" in said
    # 700 of the 800 that contract leaves, or of all 1,000
    assert "the net collection rate would be 87.5%; if all of it were avoidable, 70.0%" in said
    chart = at.get("plotly_chart")[0].proto.spec
    assert "Reason not known" in chart
    links = [link.proto.label for link in at.get("page_link")]
    assert "Say what these reasons are, on the Data page" in links


def test_what_is_unnamed_keeps_its_bar_beside_many_larger_ones() -> None:
    """Fourteen reasons with more money each, and one that nobody knows with the least."""
    codes = (
        "CO-29 CO-197 CO-16 CO-50 CO-22 CO-27 CO-96 CO-119 CO-97 CO-4 CO-24 CO-109 CO-252 CO-242"
    )
    known = [*codes.split(), "bad debt", "charity care", "small balance", "courtesy discount"]
    rows = [f"{i},2026-01-05,Aetna,200.00,100.00,100.00,{r}" for i, r in enumerate(known)]
    text = "\n".join(["Claim,DOS,Payer,Charge,Ins Paid,Adjustment,Reason", *rows])
    at = page("write_offs", text + "\n99,2026-01-05,Aetna,200.00,199.00,1.00,Zebra")
    assert "Reason not known" in at.get("plotly_chart")[0].proto.spec


def test_where_every_reason_is_known_nothing_is_asked() -> None:
    at = page("write_offs", EXPORT.replace("Adj 77", "CO-45").replace("adj 77", "CO-45"))
    assert "$80 of write-offs have no known reason" in words(at)
    named = page("write_offs", "\n".join(EXPORT.splitlines()[:3]))
    assert "no known reason" not in words(named)


def test_payers_by_who_paid_have_both_totals_and_no_rates() -> None:
    at = page("payers", TWO_PAYERS)
    assert "Net collection rate" in at.dataframe[0].value.columns
    at.segmented_control(key="payer_named_by").set_value("paying").run()
    assert not at.exception
    said = words(at)
    assert "Medicaid: $10 more by who paid than on the claims charted under it" in said
    assert "Paid by insurers in all: $140 by charted payer, $140 by who paid" in said
    assert "Rates are said for the charted payer alone" in said
    [shown] = [d.value for d in at.dataframe]
    assert shown.to_numpy().tolist() == [["Medicaid", 80, 90, 10], ["Aetna", 60, 50, -10]]


def test_who_paid_keeps_to_the_filters() -> None:
    at = page("payers", TWO_PAYERS)
    at.segmented_control(key="payer_named_by").set_value("paying").run()
    options = at.sidebar.multiselect(key="filter_payer").options
    at.sidebar.multiselect(key="filter_payer").set_value([options.index("Aetna")]).run()
    shown = at.dataframe[0].value
    assert shown.to_numpy().tolist() == [["Aetna", 60, 50, -10], ["Medicaid", 0, 10, 10]]


def test_a_file_that_cannot_tell_who_paid_says_so() -> None:
    at = page("payers", WIDE)
    at.segmented_control(key="payer_named_by").set_value("paying").run()
    assert '"Secondary Payer" has no rows of its own' in words(at)
