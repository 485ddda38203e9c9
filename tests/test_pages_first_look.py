"""What a person meets who knows nothing of the program: ways out, plain words, no false alarm."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).parent.parent
HEAD = "Claim ID,Date of Service,Payer,Type,Reason,Posting Date,Amount\n"
ERA = (
    "ISA*00*          *00*          *ZZ*A              *ZZ*B              *260105*1200*^*00501*"
    "000000001*0*P*:~GS*HP*A*B*20260105*1200*1*X*005010X221A1~ST*835*0001~"
    "BPR*I*1200*C*ACH************20260201~TRN*1*1*1~N1*PR*AETNA~N1*PE*DEMO*XX*1234567893~LX*1~"
    "CLP*C1*1*1500*1200*100*12*ICN1~NM1*QC*1*DOE*J****MI*M1~DTM*232*20260105~SVC*HC:99213*1500*1200~"
    "DTM*472*20260105~CAS*CO*45*200~CAS*PR*1*100~SE*14*0001~GE*1*1~IEA*1*000000001~"
)


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    st.cache_resource.clear()
    st.cache_data.clear()


def page(name: str) -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60).run()


def review(name: str, text: str) -> AppTest:
    """The Data page after a file was chosen."""
    at = page("data")
    at.get("file_uploader")[0].set_value([(name, text.encode(), "text/plain")])
    at.run()
    assert not at.exception
    return at


def shown(name: str, text: str) -> AppTest:
    """A page of the file after it was used."""
    data = review("practice.csv", text)
    data.button(key="use").click().run()
    at = AppTest.from_file(str(ROOT / "pages" / f"{name}.py"), default_timeout=60)
    at.session_state["data"] = data.session_state["data"]
    at.run()
    assert not at.exception
    return at


def words(at: AppTest) -> str:
    parts = [*at.markdown, *at.caption, *at.subheader, *at.info, *at.error]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def table(at: AppTest, *columns: str):
    """The table of the page that has these columns."""
    return next(d.value for d in at.dataframe if set(columns) <= set(d.value.columns))


def test_a_file_without_money_says_what_is_missing_and_can_be_left() -> None:
    at = review("contacts.csv", "Name,Phone\nAnn,555\nBob,556\n")
    assert "Name the columns" in at.error[0].value
    at.button(key="leave").click().run()
    assert not at.exception and not at.error
    assert "contacts.csv" not in words(at)


def test_a_remittance_states_dollars_as_people_write_them() -> None:
    said = words(review("era.835", ERA))
    assert "Charged $1,500.00" in said and "Money moved (BPR) $1,200.00" in said
    assert "(OA)" not in said  # nothing was adjusted there


def test_what_is_owed_on_newer_months_is_no_alarm() -> None:
    at = page("health")
    tiles = {metric.label: metric for metric in at.metric}
    for name in ("Still owed", "Patients owe"):
        assert tiles[name].delta and tiles[name].proto.color == tiles["Billed"].proto.color
    assert tiles["Avoidable"].proto.color != tiles["Billed"].proto.color


def test_the_months_of_write_offs_hold_what_is_set_aside() -> None:
    at = page("write_offs")
    at.sidebar.selectbox(key="filter_period").set_value("all").run()
    at.segmented_control(key="scope").set_value("Everything").run()
    months = table(at, "Month", "Set aside")
    reasons = table(at, "What happened", "Dollars")
    aside = reasons.loc[reasons["Counts as"] == "Set aside, other adjustments", "Dollars"].sum()
    assert aside and months["Set aside"].sum() == aside


def test_the_table_of_reasons_shows_what_the_bars_show() -> None:
    at = page("write_offs")
    assert "Contract or law" not in set(table(at, "What happened")["Counts as"])
    at.segmented_control(key="scope").set_value("Everything").run()
    assert "Contract or law" in set(table(at, "What happened")["Counts as"])


def test_a_file_of_a_few_months_says_that_they_are_young_and_names_no_month_before_it() -> None:
    rows = [f"C{m},2026-0{m}-10,Aetna,Charge,,2026-0{m}-10,100.00\n" for m in range(1, 6)]
    said = words(shown("health", HEAD + "".join(rows)))
    assert "Jan 2026 to May 2026, by date of service" in said
    assert "months in it are young: payments are still coming in" in said


def test_a_gap_of_years_is_no_empty_practice() -> None:
    rows = ["C1,2019-03-10,Aetna,Charge,,2019-03-10,100.00\n"]
    rows += [f"D{m},2026-0{m}-10,Aetna,Charge,,2026-0{m}-10,70.00\n" for m in (5, 6)]
    at = shown("health", HEAD + "".join(rows))
    assert "Of each $100 billed" in words(at)
    assert "Nothing is in this selection" not in words(at)
    at.sidebar.selectbox(key="filter_last").set_value(12 * 2022).run()
    assert "The files reach from Mar 2019 to Jun 2026" in words(at)


def test_a_reason_named_between_two_groups_shows_both_totals() -> None:
    """Needs review and Chosen by the practice are tiles of their own: a move between is no calm."""
    text = (
        HEAD
        + "C1,2026-01-10,Aetna,Charge,,2026-01-10,100.00\n"
        + "C1,2026-01-10,Aetna,Adjustment,Mgr approved,2026-02-10,40.00\n"
    )
    from writeoffs.effects import effect
    from writeoffs.judgements import Judgements, WriteOffMap

    at = shown("write_offs", text)
    ledger = at.session_state["data"].raw
    mine = Judgements(write_offs=WriteOffMap().assign("Mgr approved", "small_balance"))
    found = effect(ledger, mine)
    assert found.moves_money
    moved = found.dollars.set_index("measure")
    assert moved.loc["discretionary", ["before", "after"]].tolist() == [0, 4000]
    assert moved.loc["review", ["before", "after"]].tolist() == [4000, 0]
