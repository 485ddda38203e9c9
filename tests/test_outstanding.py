"""What the receivables page says: its sentences and tables, beside figures worked out by hand."""

from __future__ import annotations

import pandas as pd
import pytest
from support import ledger_of

from writeoffs import charts, outstanding, owed
from writeoffs.lags import charge_lag, lines, payment_lag
from writeoffs.overpaid import credit_balances, refunds
from writeoffs.receivables import BUCKETS, Receivables, aging, balances, receivables

HEAD = "Claim,Service Date,Posting Date,Payer,Type,Reason,Amount"
BOOK = f"""{HEAD}
A1,2026-01-05,2026-01-05,Aetna,Charge,,500.00
A1,2026-01-05,2026-05-20,Aetna,Insurance Payment,,300.00
A1,2026-01-05,2026-05-20,Aetna,Patient Responsibility,PR-1,200.00
A2,2026-05-01,2026-05-02,Cigna,Charge,,90.00
A3,2026-01-31,2026-02-01,Cigna,Charge,,60.00
A4,2026-02-01,2026-02-01,Medicare,Charge,,10.00
A4,2026-02-01,2026-02-20,Medicare,Insurance Payment,,40.00
A5,2026-06-01,2026-06-01,Cigna,Charge,,1.00
A5,2026-06-01,2026-06-01,Cigna,Insurance Payment,,-2.00
A5,2026-06-01,2026-06-01,Cigna,Insurance Payment,,3.00
"""


@pytest.fixture(scope="module")
def found() -> Receivables:
    return receivables(ledger_of(BOOK))


def test_the_answer_says_how_much_by_whom_and_how_old(found: Receivables) -> None:
    assert outstanding.answer(found, 35.2, 0.25) == (
        "As of Jun 1, 2026, $350 is still owed: $150 by insurers and $200 by patients. "
        "That is 35.2 days of charges; 25.0% of it is older than 90 days."
    )
    assert outstanding.answer(found, None, None).endswith("$200 by patients.")


def test_the_answer_where_nothing_is_owed_or_said() -> None:
    paid = ledger_of(f"{HEAD}\nA1,2026-01-05,2026-01-05,Aetna,Charge,,5.00\n"
                     "A1,2026-01-05,2026-01-06,Aetna,Insurance Payment,,5.00")  # fmt: skip
    assert "nothing is owed" in outstanding.answer(receivables(paid), None, None)
    charges = ledger_of("Claim ID,DOS,Payer,Billed\nA1,2026-01-05,Aetna,200.00")
    assert "do not say" in outstanding.answer(receivables(charges), None, None)


def test_the_answer_where_one_party_or_nobody_can_be_named() -> None:
    patient = ledger_of("Claim ID,DOS,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj,Deductible,"
                        "Balance\nA1,2026-01-05,Aetna,200.00,90.00,0.00,80.00,30.00,30.00")  # fmt: skip
    said = outstanding.answer(receivables(patient), None, None)
    assert said.endswith("$30 is still owed, all by patients.")
    unknown = ledger_of(f"{HEAD}\nA1,2026-01-05,2026-01-05,Aetna,Charge,,50.00\n"
                        "A1,2026-01-05,2026-01-06,Aetna,Insurance Payment,,20.00")  # fmt: skip
    assert set(balances(receivables(unknown), "party")["party"]) == {"unknown"}
    assert outstanding.answer(receivables(unknown), None, None).endswith("$30 is still owed.")


def test_where_to_look_first_moves_with_the_age_basis(found: Receivables) -> None:
    by_visit = outstanding.look_first(found, "service")
    assert by_visit is not None and (by_visit.payer, by_visit.party) == ("Aetna", "patient")
    assert "$200 older than 90 days on 1 claim" in by_visit.words
    by_owner = outstanding.look_first(found, "party")
    assert by_owner is not None and (by_owner.payer, by_owner.party) == ("Cigna", "insurer")
    assert "$60 older than 90 days" in by_owner.words


@pytest.mark.parametrize("basis", ["service", "party"])
def test_every_cell_leads_to_claims_that_sum_to_it(found: Receivables, basis: str) -> None:
    cells = aging(found, ["payer", "party"], basis)
    assert len(cells)
    for cell in cells.itertuples(index=False):
        mine = outstanding.behind(
            found, basis, [str(cell.bucket)], payer=str(cell.payer), party=str(cell.party)
        )
        assert (mine.total, mine.claims) == (cell.cents, cell.claims)
    assert outstanding.behind(found).total == cells["cents"].sum()
    assert outstanding.behind(found, state=owed.CREDIT).total == -3000


def test_the_tables_sum_to_each_other(found: Receivables) -> None:
    buckets, payers = outstanding.by_bucket(found, "service"), outstanding.by_payer(found, "party")
    assert buckets["bucket"].tolist() == list(BUCKETS[:5])
    assert buckets["cents"].tolist() == [0, 9000, 0, 0, 26000]
    assert payers["payer"].tolist() == ["Aetna", "Cigna"]
    assert payers["cents"].sum() == buckets["cents"].sum()
    assert (payers[list(BUCKETS)].sum(axis=1) == payers["cents"]).all()
    assert payers.loc[0, "0 to 30 days"] == 20000


def test_credits_say_what_to_do_and_the_age_of_medicares() -> None:
    listed = outstanding.credits_table(credit_balances(ledger_of(BOOK)))
    assert listed["rule"].tolist() == ["older than 60 days"]
    said = outstanding.credits_sentence(listed)
    assert said.startswith("$30 on 1 claim was paid too much.")
    assert "1 Medicare credit stood for more than 60 days" in said
    assert "101 days" in said
    assert "nothing is owed back" in outstanding.credits_sentence(listed.iloc[:0])


def test_refunds_are_summed_by_who_got_them() -> None:
    found = outstanding.returned(refunds(ledger_of(BOOK)))
    assert found[["how", "cents", "postings"]].to_numpy().tolist() == [["insurer", -200, 1]]


def test_the_lags_say_how_many_still_wait() -> None:
    table = lines(ledger_of(BOOK))
    said = outstanding.lag_sentence(charge_lag(table), payment_lag(table))
    assert "to enter a charge" in said and "2 lines not decided by any payer yet" in said
    wide = """Claim ID,DOS,Post Date,Payer,Billed,Ins Paid,Pt Paid,Contractual Adj
    A1,2026-01-05,2026-02-05,Aetna,200.00,100.00,0.00,50.00"""
    table = lines(ledger_of(wide))
    assert "cannot be said" in outstanding.lag_sentence(charge_lag(table), payment_lag(table))


def test_the_title_of_the_days_compares_whole_months_only() -> None:
    month = 2025 * 12
    ends = [20119 + 31, 20484 + 31]  # 31 January 2025 + a month's days is no month's end
    trend = pd.DataFrame(
        {
            "month": pd.array([month, month + 12, month + 13], dtype="Int32"),
            "day": [20119, 20484, ends[1] - 10],
            "days_in_ar": pd.array([40.0, 50.0, 10.0], dtype="Float64"),
        }
    )
    assert outstanding.days_title(trend) == (
        "Days in A/R: 50.0 days at the end of Jan 2026, up from 40.0 days a year before"
    )
    same = trend.assign(days_in_ar=pd.array([50.0, 50.0, 10.0], dtype="Float64"))
    assert outstanding.days_title(same).endswith("as a year before")
    assert outstanding.days_title(trend.iloc[:1]) == "Days in A/R"


def test_the_chart_of_ages_says_every_bucket_and_hatches_what_is_not_decided(
    found: Receivables,
) -> None:
    fig = charts.aged(outstanding.long_by_bucket(found, "service"))
    assert [trace.name for trace in fig.data] == ["insurer", "patient"]
    assert sum(sum(trace.x) for trace in fig.data) == 35000
    assert all(shape for trace in fig.data for shape in trace.marker.pattern.shape)
    said = charts.alt_text(fig)
    assert "Over 120 days: $260 · 74.3% (insurers $60, patients $200)" in said
    assert said.endswith("Hatched: insurers. Dotted: patients")
    nothing = charts.aged(pd.DataFrame({"bucket": [], "party": [], "cents": []}))
    assert not nothing.data
