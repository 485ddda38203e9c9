"""Fair to patients: asked beyond the share, where none may be asked, money owed back, by hand.

Every figure is worked out from the posting rules (rules.md 11 and 12, its table of cases), in cents.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from remits import Claim, Line, Payment, remit
from support import kinds_of, ledger_of, tidy

import writeoffs as wo
from writeoffs import catalogue
from writeoffs.fairness import CHECKS, aged, claims, fairness, findings
from writeoffs.ledger import Ledger
from writeoffs.readers.remittance import read as read_835
from writeoffs.reading import read

HEAD: Final = "Claim,MRN,DOS,Post Date,Payer,CPT,Modifier,Type,Reason,Amount"
KEYS: Final = tuple(c.key for c in CHECKS)
# What every long ledger below says, so that its files speak of shares and of both payments.
OTHER: Final = """
X,M9,2026-01-02,2026-01-02,Aetna,99213,,Charge,,100.00
X,M9,2026-01-02,2026-02-02,Aetna,99213,,Insurance Payment,,60.00
X,M9,2026-01-02,2026-02-02,Aetna,99213,,Adjustment,CO-45,20.00
X,M9,2026-01-02,2026-02-02,Aetna,99213,,Patient Responsibility,PR-2,20.00
X,M9,2026-01-02,2026-03-02,Aetna,99213,,Patient Payment,,20.00
"""


def ledger(rows: str, payer: str = "Aetna") -> Ledger:
    """Claim C, one movement a row ("day | type | reason | amount"), beside a claim in order."""
    out = [HEAD, *OTHER.strip().splitlines()]
    for row in filter(str.strip, rows.splitlines()):
        day, kind, reason, amount = (cell.strip() for cell in row.split("|"))
        out.append(f"C,M1,2026-01-05,{day},{payer},99213,,{kind},{reason},{amount}")
    return ledger_of("\n".join(out))


def found(one: Ledger, claim: str = "C") -> dict[str, int]:
    """What the checks find on a claim: check -> cents, zeros left out."""
    table = claims(one)
    names = one.settled.book.rows["claim"].astype("str")
    number = int(one.settled.claim[(names == claim).to_numpy()][0])
    row = table.set_index("number").loc[number]
    return {key: int(row[key]) for key in KEYS if row[key]}


def row_of(one: Ledger, key: str) -> pd.Series:
    """The one claim that a check finds."""
    table = claims(one)
    (at,) = table.index[table[key] > 0]
    return table.loc[at]


DECIDED = """
2026-01-05 | Charge                 |       | 150.00
2026-02-01 | Insurance Payment      |       | 80.00
2026-02-01 | Adjustment             | CO-45 | 50.00
2026-02-01 | Patient Responsibility | PR-2  | 20.00
"""


# --- beyond the share -----------------------------------------------------------------------------


def test_a_transfer_above_the_share_is_beyond_it_and_is_the_problem_of_settling() -> None:
    one = ledger(DECIDED + "2026-02-03 | Transfer to patient | | 50.00")
    assert found(one) == {"moved": 3000}
    (problem,) = [p for p in one.problems if p.kind == "balance_billed"]
    assert problem.amount == 3000
    assert found(one, "X") == {}


def test_what_the_patient_paid_of_it_is_a_credit_and_is_not_asked_once_more() -> None:
    """50 asked for a share of 20, 45 paid: 25 are owed back, 5 are still asked."""
    one = ledger(
        DECIDED
        + """
        2026-02-03 | Transfer to patient |  | 50.00
        2026-03-01 | Patient Payment     |  | 45.00
        """
    )
    assert found(one) == {"moved": 500, "credit": 2500}


def test_a_transfer_of_the_share_itself_is_no_finding() -> None:
    one = ledger(DECIDED + "2026-02-03 | Transfer to patient | | 20.00")
    assert found(one) == {}
    assert "balance_billed" not in kinds_of(one)


def test_a_contractual_write_off_taken_back_and_asked_of_the_patient() -> None:
    """Of 50 by contract 40 are taken back, and 60 moved for a share of 20: 40 are the contract's."""
    one = ledger(
        DECIDED
        + """
        2026-02-10 | Adjustment          | CO-45 | -40.00
        2026-02-10 | Transfer to patient |       | 60.00
        """
    )
    assert found(one) == {"contract": 4000}


def test_a_contractual_write_off_corrected_is_not_taken_back() -> None:
    one = ledger(
        DECIDED
        + """
        2026-02-10 | Adjustment          | CO-45 | -50.00
        2026-02-20 | Adjustment          | CO-45 | 50.00
        2026-02-20 | Transfer to patient |       | 60.00
        """
    )
    assert found(one) == {"moved": 4000}


WIDE = (
    "Claim,DOS,Post Date,Payer,CPT,Charge,Ins Paid,Contractual,Coinsurance,Pt Paid,Patient Balance"
)


def test_a_stated_patient_balance_above_what_is_left_of_the_share() -> None:
    """Share 20, paid 5: 15 are left; the file asks for 45. The second claim asks for what is left."""
    one = ledger_of(
        f"""
        {WIDE}
        C,2026-01-05,2026-02-01,Aetna,99213,150.00,80.00,50.00,20.00,5.00,45.00
        D,2026-01-06,2026-02-01,Aetna,99213,150.00,80.00,50.00,20.00,5.00,15.00
        """
    )
    assert found(one) == {"stated": 3000}
    assert found(one, "D") == {}


def test_before_a_payer_decides_nothing_can_be_beyond() -> None:
    one = ledger(
        """
        2026-01-05 | Charge          | | 150.00
        2026-01-05 | Patient Payment | | 25.00
        """
    )
    assert found(one) == {}
    assert claims(one)["looked_at"].tolist() == [True, False]


def test_self_pay_and_services_left_to_the_patient_are_no_finding() -> None:
    """A self-pay visit is the patient's whole; PR-96 and PR-204 are shares that the payer states."""
    visit = """
    2026-01-05 | Charge          |                   | 200.00
    2026-01-05 | Adjustment      | Self-pay discount | 80.00
    2026-01-20 | Patient Payment |                   | 120.00
    """
    assert found(ledger(visit, payer="Self-pay")) == {}
    left = """
    2026-01-05 | Charge                 |        | 150.00
    2026-02-01 | Patient Responsibility | PR-96  | 100.00
    2026-02-01 | Patient Responsibility | PR-204 | 50.00
    2026-02-03 | Transfer to patient    |        | 150.00
    """
    assert found(ledger(left)) == {}


# --- remittances ----------------------------------------------------------------------------------


def pay(*lines: Line, payer: str = "MEDICARE", status: str = "1", **more: Any) -> str:
    return remit(Payment([Claim("C", lines, status, **more)], payer, "20260201"))


def together(*texts: str) -> Ledger:
    """Exports and remittances as one practice."""
    return read(
        [
            (f"r{i}.835", t.encode()) if t.startswith("ISA") else (f"e{i}.csv", tidy(t))
            for i, t in enumerate(texts)
        ]
    )


PATIENTS = """
Claim,DOS,Post Date,Payer,CPT,Type,Amount
C,2026-01-05,2026-01-05,MEDICARE,99215,Charge,{charge}
C,2026-01-05,{day},MEDICARE,99215,Patient Payment,{paid}
"""
QMB_209 = Line("99215", "150", "78.40", "CO-45 50, CO-253 1.60, OA-209 20")
QMB_PR = Line("99215", "150", "78.40", "CO-45 50, CO-253 1.60, PR-2 20")
MOA = "MOA***MA01*N782"


def test_non_participating_unassigned_the_patient_owes_what_the_plan_paid_them() -> None:
    """650: written off 158.37; share 85.50 + 64.13, paid to the patient 342; 491.63 collected."""
    line = Line("99215", "650", "0", "CO-45 158.37, PR-2 85.50, PR-45 64.13, OA-100 342")
    books = PATIENTS.format(charge="650.00", day="2026-03-01", paid="491.63")
    assert found(together(books, pay(line))) == {}


def test_a_qmb_share_sent_on_is_asked_of_nobody_and_what_was_paid_is_owed_back() -> None:
    assert found(together(pay(QMB_209, status="19"))) == {}
    books = PATIENTS.format(charge="150.00", day="2026-03-01", paid="20.00")
    one = together(books, pay(QMB_209, status="19"))
    assert found(one) == {"credit": 2000}
    assert claims(one)["qmb_patient"].all()


@pytest.mark.parametrize("said", ["remark", "name", "none"])
def test_a_share_of_a_qmb_patient_is_asked_where_none_may_be(said: str) -> None:
    """PR-2 of 20 with N782, or under a payer called QMB; 8 of it were paid, 12 are open."""
    payer = "MEDICARE QMB" if said == "name" else "MEDICARE"
    more = {"extra": (MOA,)} if said == "remark" else {}
    books = PATIENTS.format(charge="150.00", day="2026-03-01", paid="8.00")
    one = together(books.replace("MEDICARE", payer), pay(QMB_PR, payer=payer, **more))
    assert found(one) == ({} if said == "none" else {"qmb": 2000})


def test_a_remark_names_its_own_share_and_a_line_its_own() -> None:
    """N782 bars the coinsurance; the deductible beside it is another remark's."""
    line = Line("99215", "150", "58.40", "CO-45 50, CO-253 1.60, PR-1 20, PR-2 20")
    memos = together(pay(line, extra=(MOA,))).postings
    memos = memos[memos["category"] == "not_collectible"]
    assert memos[["reason", "amount"]].to_numpy().tolist() == [["N782", 2000]]


def test_remark_codes_are_read_where_a_remittance_says_them() -> None:
    text = pay(QMB_PR, QMB_PR, extra=("MIA*0***5*N781", "MOA***MA01**n783"))
    text = text.replace("SE*", "LQ*HE*N782~\nLQ*RX*75~\nSE*")
    remarks = read_835(text.encode(), "r").remarks
    assert remarks.to_numpy().tolist() == [
        [0, -1, "N781"],
        [0, -1, "MA01"],
        [0, -1, "N783"],
        [0, 1, "N782"],
    ]


def test_a_remark_on_a_line_bars_that_line_alone() -> None:
    text = pay(QMB_PR, Line("99213", "50", "40", "PR-2 10", ref="2"))
    text = text.replace("SE*", "LQ*HE*N782~\nSE*")
    memos = together(text).postings
    memos = memos[memos["category"] == "not_collectible"]
    assert memos[["procedure", "amount"]].to_numpy().tolist() == [["99213", 1000]]


def test_a_remark_that_was_reversed_tells_nothing() -> None:
    first = Claim("C", (QMB_PR,), extra=(MOA,))
    undone = Line("99215", "-150", "-78.40", "CO-45 -50, CO-253 -1.60, PR-2 -20")
    back = Claim("C", (undone,), "22", extra=(MOA,))
    text = remit(Payment([first], "MEDICARE", "20260201"))
    again = remit(Payment([back, Claim("C", (QMB_PR,))], "MEDICARE", "20260301"))
    assert not claims(together(text, again))["qmb_patient"].any()


def test_a_remittance_that_only_explains_the_books_still_tells_a_qmb_patient() -> None:
    books = """
    Claim,DOS,Post Date,Payer,CPT,Charge,Ins Paid,Contractual,Coinsurance,Pt Paid
    C,2026-01-05,2026-02-01,MEDICARE,99215,150.00,78.40,51.60,20.00,20.00
    """
    assert found(together(books)) == {}
    assert found(together(books, pay(QMB_209, status="19"))) == {"qmb": 2000}


# --- preventive services --------------------------------------------------------------------------


def visit(code: str, modifier: str, shares: str) -> dict[str, int]:
    """What is found on a paid line with these shares ("PR-1 10 PR-2 15")."""
    words = shares.split()
    rows = [HEAD, f'C,M1,2026-01-05,2026-01-05,Aetna,{code},"{modifier}",Charge,,150.00']
    line = f'C,M1,2026-01-05,2026-02-01,Aetna,{code},"{modifier}"'
    rows += [
        f"{line},Patient Responsibility,{r},{a}"
        for r, a in zip(words[::2], words[1::2], strict=True)
    ]
    rows += [f"{line},Insurance Payment,,80.00", *OTHER.strip().splitlines()]
    return found(ledger_of("\n".join(rows)))


@pytest.mark.parametrize(
    ("code", "modifier", "cents"),
    [
        ("G0438", "", 2500),  # both shares
        ("G0439", "25", 2500),
        ("99213", "33", 2500),
        ("99213", "25,33", 2500),
        ("45385", "PT", 1000),  # only the deductible is waived
        ("99213", "25", 0),
        ("G04380", "", 0),
        ("99213", "330", 0),
    ],
)
def test_a_share_on_a_preventive_service_is_to_be_looked_at(
    code: str, modifier: str, cents: int
) -> None:
    assert visit(code, modifier, "PR-1 10.00 PR-2 15.00") == (
        {"preventive": cents} if cents else {}
    )


def test_a_service_that_was_not_covered_is_no_cost_share() -> None:
    assert visit("G0438", "", "PR-96 70.00") == {}


def test_a_share_that_the_practice_gave_up_is_asked_of_nobody() -> None:
    one = ledger(DECIDED.replace("|  |", "||") + "2026-02-20 | Adjustment | Charity | 20.00")
    assert found(one) == {}


# --- credits --------------------------------------------------------------------------------------

COPAY = """
2026-01-05 | Charge          | | 150.00
2026-01-05 | Patient Payment | | 25.00
"""
ANSWER = """
2026-02-01 | Insurance Payment      |       | 80.00
2026-02-01 | Adjustment             | CO-45 | 50.00
2026-02-01 | Patient Responsibility | PR-3  | 20.00
"""


def test_a_copay_is_prepaid_then_a_credit_since_the_decision_and_gone_once_refunded() -> None:
    assert found(ledger(COPAY)) == {}
    one = ledger(COPAY + ANSWER)
    assert found(one) == {"credit": 500}
    row = row_of(one, "credit")
    assert (str(row["since"].date()), one.as_of) == ("2026-02-01", date(2026, 3, 2))
    assert row["days"] == 29
    assert found(ledger(COPAY + ANSWER + "2026-03-05 | Patient Refund | | -5.00")) == {}


def test_a_credit_counts_from_when_it_last_arose() -> None:
    """25 paid for 20, five refunded, and ten more paid on 1 April: ten since then."""
    one = ledger(
        COPAY
        + ANSWER
        + """
        2026-03-05 | Patient Refund  | | -5.00
        2026-04-01 | Patient Payment | | 4.00
        2026-04-11 | Patient Payment | | 6.00
        """
    )
    assert found(one) == {"credit": 1000}
    assert row_of(one, "credit")["days"] == 10


def test_a_bad_check_is_no_credit_and_its_fee_no_share() -> None:
    """25 paid and returned, fee 35: the patient owes 60."""
    one = ledger(
        """
        2026-01-05 | Charge                 |       | 155.00
        2026-01-05 | Patient Payment        |       | 25.00
        2026-02-01 | Insurance Payment      |       | 80.00
        2026-02-01 | Adjustment             | CO-45 | 50.00
        2026-02-01 | Patient Responsibility | PR-3  | 25.00
        2026-02-10 | NSF / Bad check        |       | -25.00
        2026-02-10 | NSF fee                |       | 35.00
        """
    )
    assert found(one) == {}
    assert int(one.settled.patient_open.sum()) == 6000


def test_a_self_pay_visit_overpaid_is_a_credit() -> None:
    visit = """
    2026-01-05 | Charge          |                   | 200.00
    2026-01-05 | Patient Payment |                   | 150.00
    2026-02-20 | Adjustment      | Self-pay discount | 80.00
    """
    one = ledger(visit, payer="Self-pay")
    assert found(one) == {"credit": 3000}
    assert str(row_of(one, "credit")["since"].date()) == "2026-02-20"


def test_a_credit_without_dates_has_no_age() -> None:
    one = ledger_of(
        """
        Claim,DOS,Payer,CPT,Charge,Ins Paid,Contractual,Coinsurance,Pt Paid
        C,2026-01-05,Aetna,99213,150.00,80.00,50.00,20.00,32.00
        """
    )
    assert found(one) == {"credit": 1200}
    assert pd.isna(row_of(one, "credit")["days"])
    assert aged(claims(one)).iloc[-1].tolist() == ["Not dated", 1, 1200]


def test_ages_and_their_boundaries() -> None:
    table = pd.DataFrame({"credit": [1, 2, 4, 8, 16, 32, 64, 0]})
    table["days"] = pd.array([0, 30, 31, 60, 61, 120, 121, 5], dtype="Int64")
    assert aged(table).to_numpy().tolist() == [
        ["0 to 30 days", 2, 3],
        ["31 to 60 days", 2, 12],
        ["61 to 120 days", 2, 48],
        ["Over 120 days", 1, 64],
    ]


# --- what was found -------------------------------------------------------------------------------


def test_the_summary_says_what_was_found_and_what_was_looked_at() -> None:
    one = ledger(DECIDED + "2026-02-03 | Transfer to patient | | 50.00")
    out = wo.fairness(one).set_index("check")
    assert out.loc["moved", ["claims", "cents", "looked_at", "why"]].tolist() == [1, 3000, 2, ""]
    assert out.loc["qmb", ["claims", "cents", "looked_at"]].tolist() == [0, 0, 2]
    assert out.index.tolist() == list(KEYS)


def test_without_shares_nothing_is_said_and_it_is_said_why() -> None:
    one = ledger_of(
        """
        Claim,DOS,Payer,CPT,Charge,Ins Paid,Pt Paid,Contractual
        C,2026-01-05,Aetna,99213,150.00,80.00,20.00,50.00
        """
    )
    out = fairness(one)
    assert out[["claims", "cents"]].isna().all(axis=None)
    assert set(out["why"]) == {
        "the files do not say what payers left to patients",
        "the files do not say what patients still owe",
    }


def test_a_remittance_alone_cannot_say_credits() -> None:
    out = fairness(together(pay(QMB_PR))).set_index("check")
    assert pd.isna(out.loc["credit", "cents"])
    assert out.loc["credit", "why"] == "the files do not say what patients paid"
    assert out.loc["moved", "cents"] == 0


def test_the_sample_practice_owes_four_patients_ninety_dollars(sample: Ledger) -> None:
    """Worked out from the rows with pandas alone, line by line, beside the engine."""
    rows = pd.read_csv("sample_data/practice_ledger.csv")
    cents = (rows["Amount"] * 100).round().astype(int)
    label = rows["Reason"].fillna("").str.lower()
    given_up = label.str.contains("bad debt|agency|charity|small balance")
    kind = rows["Type"]
    left = cents.where(kind == "Patient Responsibility", 0)
    left -= cents.where((kind == "Patient Payment") | given_up, 0)
    line = rows["Claim ID"] + "|" + rows["Line"].astype(str)
    answered = line[~kind.isin(["Charge", "Patient Payment"]) & ~given_up].unique()
    insured = line.isin(answered) & ~rows["Payer"].str.contains("Self", na=True)
    by_claim = left[insured].groupby(rows["Claim ID"][insured]).sum()
    out = fairness(sample).set_index("check")
    assert out.loc["credit", "cents"] == -by_claim[by_claim < 0].sum() == 9000
    assert out.loc["credit", "claims"] == (by_claim < 0).sum() == 4


@pytest.fixture(scope="module")
def sample() -> Ledger:
    return read("sample_data/practice_ledger.csv")


def test_the_measures_are_in_the_catalogue_with_their_source() -> None:
    for name in ("billed_beyond_share", "qmb_share", "preventive_share", "patient_credits"):
        one = catalogue.measure(name)
        assert (one.rows, one.unit) == ("claims", "dollars")
        assert one.source and one.top


# --- properties -----------------------------------------------------------------------------------

amounts = st.integers(0, 300)
KINDS = (
    ("Patient Responsibility", "PR-2"),
    ("Patient Responsibility", "PR-1"),
    ("Transfer to patient", ""),
    ("Patient Payment", ""),
    ("Patient Refund", ""),
    ("Adjustment", "CO-45"),
    ("Adjustment", "Charity"),
    ("Adjustment", "OA-209"),
    ("Insurance Payment", ""),
)
moves = st.tuples(st.sampled_from(KINDS), amounts, st.dates(date(2026, 1, 6), date(2026, 6, 30)))


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.sampled_from(["Aetna", "Self-pay"]), st.lists(moves, max_size=7)),
        min_size=1,
        max_size=4,
    )
)
def test_whatever_the_books_say_each_dollar_is_counted_once(book: list[Any]) -> None:
    """Credits are the patients' negative balances; what is asked and what was paid do not overlap;
    filtered findings add up to the whole."""
    rows = [HEAD, *OTHER.strip().splitlines()]
    for n, (payer, moved) in enumerate(book):
        who = f"C{n},M{n},2026-01-05"
        rows.append(f"{who},2026-01-05,{payer},G0438,,Charge,,500.00")
        for (kind, reason), cents, day in moved:
            signed = -cents if kind == "Patient Refund" else cents
            rows.append(f"{who},{day},{payer},G0438,,{kind},{reason},{signed / 100:.2f}")
    one = ledger_of("\n".join(rows))
    table = claims(one)
    assert (table[list(KEYS)] >= 0).all(axis=None)
    left = pd.Series(one.settled.patient_open).groupby(one.settled.claim).sum()
    owed_back = table["credit"].to_numpy()
    assert ((owed_back == 0) | (owed_back == -left.to_numpy())).all()
    beyond = table[["moved", "contract", "stated"]].sum(axis=1)
    flagged = sum(p.amount for p in one.problems if p.kind == "balance_billed")
    assert beyond.sum() <= flagged <= beyond.sum() + owed_back.sum()
    assert (table["qmb"] * table["preventive"] == 0).all()
    parts = [
        findings(part, one.can_say)["cents"] for _, part in table.groupby("payer", dropna=False)
    ]
    assert sum(parts).tolist() == findings(table, one.can_say)["cents"].tolist()
    assert aged(table)["cents"].sum() == owed_back.sum()
