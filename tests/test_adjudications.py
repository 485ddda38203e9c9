"""Several payers on one claim: the rules' cases as remittances, exports beside them, and a referee.

Expected figures are worked out by hand from the posting rules. The properties at the end lay the
engine beside ``referee_835``, a second and plain working of the same rules.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import permutations
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judged import by_claim, disagreements, figures, provider_adjustments, read_remits
from random_835 import books, files
from remits import Claim, Line, Payment, remit
from support import differences, kinds_of, tidy

from writeoffs import summary as contract
from writeoffs.ledger import Ledger
from writeoffs.reading import read

NONE: Final[Mapping[str, Any]] = MappingProxyType({})


def read_all(*texts: str) -> Ledger:
    """Exports and remittances, each given as text, read as one practice."""
    sources = []
    for i, text in enumerate(texts, start=1):
        if text.startswith("ISA"):
            sources.append((f"remit{i}.835", text.encode()))
        else:
            sources.append((f"export{i}.csv", tidy(text)))
    return read(sources)


def totals(*texts: str) -> dict[str, str | None]:
    return dict(contract.summary(read_all(*texts))["totals"])


def pay(
    day: str,
    *lines: Line,
    payer: str = "AETNA",
    status: str = "1",
    number: str = "C1",
    plb: tuple[tuple[str, str, str | int], ...] = (),
    **claim: Any,
) -> str:
    """A file of one payment with one claim."""
    return remit(Payment([Claim(number, lines, status, **claim)], payer, day, plb=plb))


class Case(NamedTuple):
    """Remittances in files; what they come to. ``taken``: provider adjustments in cents."""

    name: str
    files: Sequence[str]
    totals: Mapping[str, str | None]
    write_offs: Mapping[str, str] = NONE
    rates: Mapping[str, float | None] = NONE
    taken: int = 0
    claims: int | None = 1
    kinds: frozenset[str] = frozenset()


FIRST = pay("20260201", Line("99214", "500", "300", "CO-45 125, PR-1 75"))
PAID = pay("20260201", Line("99213", "200", "96", "CO-45 80, PR-2 24"))
UNPAID = Line("99213", "-200", "-96", "CO-45 -80, PR-2 -24")

CASES = [
    Case(
        "second payer, right",
        [
            FIRST,
            pay("20260301", Line("99214", "500", "65", "OA-23 425, CO-45 10"), payer="STATE MEDICAID", status="2"),
        ],
        {"billed": "500.00", "insurer_paid": "365.00", "written_off": "135.00", "open": "0.00",
         "patient_responsibility": "0.00", "unexplained": "0.00"},
        {"contractual": "135.00"},
    ),
    Case(
        "second payer repeats CO-45 435",
        [
            FIRST,
            pay("20260301", Line("99214", "500", "65", "CO-45 435"), payer="STATE MEDICAID", status="2"),
        ],
        {"billed": "500.00", "insurer_paid": "365.00", "written_off": "135.00", "open": "0.00"},
        {"contractual": "135.00"},
        kinds=frozenset({"second_payer_repeats"}),
    ),
    Case(
        "second payer repeats, and leaves a share",
        [
            FIRST,
            pay("20260301", Line("99214", "500", "40", "CO-45 435, PR-2 25"), payer="STATE MEDICAID", status="2"),
        ],
        {"insurer_paid": "340.00", "written_off": "135.00", "open": "25.00", "patient_open": "25.00",
         "patient_responsibility": "25.00", "deductible": "0.00", "coinsurance": "25.00"},
        {"contractual": "135.00"},
        kinds=frozenset({"second_payer_repeats"}),
    ),
    Case(
        "reversal and correction",
        [
            PAID,
            remit(Payment([Claim("C1", [UNPAID], "22"), Claim("C1", [Line("99213", "200", "0", "CO-97 200")])],
                          day="20260301", plb=(("WO", "C1", "-96"),))),
        ],
        {"billed": "200.00", "insurer_paid": "0.00", "written_off": "200.00", "open": "0.00",
         "patient_responsibility": "0.00"},
        {"bundling": "200.00"},
        taken=9600,
    ),
    Case(
        "reversal whose original is not loaded",
        [pay("20260301", UNPAID, status="22"), pay("20260302", Line("99213", "100", "100"), number="C2")],
        {"billed": "-100.00", "insurer_paid": "4.00", "written_off": "-80.00"},
        {"contractual": "-80.00"},
        {"write_off_rate": 0.0},
        kinds=frozenset({"reversal_without_original"}),
        claims=2,
    ),
    Case(
        "takeback deferred, then taken",
        [
            pay("20260201", Line("99213", "100", "80", "CO-45 20")),
            pay("20260301", Line("99213", "-100", "-80", "CO-45 -20"), status="22", plb=(("WO", "C1", "-80"),)),
            pay("20260401", Line("99213", "100", "100"), number="C2", plb=(("WO", "C1", "80"),)),
        ],
        {"billed": "100.00", "insurer_paid": "100.00", "written_off": "0.00", "open": "0.00"},
    ),
    Case(
        "takeback for which no reversal is loaded",
        [
            pay("20260201", Line("99213", "100", "80", "CO-45 20"), plb=(("WO", "C9", "80"),)),
        ],
        {"billed": "100.00", "insurer_paid": "80.00", "written_off": "20.00", "open": "0.00"},
        taken=-8000,
        kinds=frozenset({"takeback_unmatched"}),
    ),
    Case(
        "interest inside CLP04, as an adjustment",
        [pay("20260201", Line("99213", "130", "80", "CO-45 50"), cas="OA-225 -5")],
        {"billed": "130.00", "insurer_paid": "80.00", "written_off": "50.00", "open": "0.00"},
        taken=500,
    ),
    Case(
        "interest inside CLP04, as an amount beside it",
        [pay("20260201", Line("99213", "130", "80", "CO-45 50"), paid="85", amounts=(("I", "5"),))],
        {"billed": "130.00", "insurer_paid": "80.00", "written_off": "50.00", "open": "0.00"},
        taken=500,
        kinds=frozenset({"835_unbalanced"}),
    ),
    Case(
        "interest beside the claim",
        [pay("20260201", Line("99213", "130", "80", "CO-45 50"), plb=(("L6", "", "-5"),))],
        {"insurer_paid": "80.00", "written_off": "50.00", "open": "0.00"},
        taken=500,
    ),
    Case(
        "capitation with its cheque",
        [pay("20260201", Line("99213", "150", "0", "CO-24 130, PR-3 20"), plb=(("CT", "FEB", "-4000"),))],
        {"billed": "150.00", "insurer_paid": "0.00", "written_off": "130.00", "open": "20.00",
         "patient_open": "20.00", "copay": "20.00"},
        {"capitation": "130.00"},
        {"write_off_rate": 0.0, "contractual_rate": 0.0},
        taken=400_000,
    ),
    Case(
        "denied, appealed, paid",
        [
            pay("20260201", Line("99213", "200", "0", "CO-50 200"), status="4"),
            pay("20260401", Line("99213", "200", "120", "CO-45 80")),
        ],
        {"billed": "200.00", "insurer_paid": "120.00", "written_off": "80.00", "open": "0.00"},
        {"contractual": "80.00"},
        {"write_off_rate": 0.4, "contractual_rate": 0.4, "avoidable_rate": 0.0},
    ),
    Case(
        "QMB, forwarded",
        [pay("20260201", Line("99213", "150", "78.40", "CO-45 50, CO-253 1.60, OA-209 20"), status="19")],
        {"insurer_paid": "78.40", "written_off": "51.60", "open": "20.00", "patient_open": "0.00",
         "patient_responsibility": "0.00", "unexplained": "0.00"},
        {"contractual": "50.00", "sequestration": "1.60"},
    ),
    Case(
        "QMB, then the next payer writes it off",
        [
            pay("20260201", Line("99213", "150", "78.40", "CO-45 50, CO-253 1.60, OA-209 20"), status="19"),
            pay("20260301", Line("99213", "150", "0", "OA-23 130, CO-45 20"), payer="STATE MEDICAID", status="2"),
        ],
        {"written_off": "71.60", "open": "0.00", "patient_responsibility": "0.00", "unexplained": "0.00"},
    ),
    Case(
        "non-participating, unassigned",
        [pay("20260201", Line("99215", "650", "0", "CO-45 158.37, PR-2 85.50, PR-45 64.13, OA-100 342"))],
        {"written_off": "158.37", "insurer_paid": "0.00", "open": "491.63", "patient_open": "491.63",
         "patient_responsibility": "149.63", "coinsurance": "85.50", "patient_other": "64.13"},
    ),
    Case(
        "OA-18 of a claim that stands",
        [
            pay("20260201", Line("99213", "200", "120", "CO-45 80")),
            pay("20260301", Line("99213", "200", "0", "OA-18 200"), status="4"),
        ],
        {"billed": "200.00", "insurer_paid": "120.00", "written_off": "80.00", "open": "0.00"},
        {"contractual": "80.00"},
    ),
    Case(
        "OA-18 of one line, beside a line that is new",
        [
            pay("20260201", Line("99213", "100", "60", "CO-45 20, PR-1 20")),
            pay("20260301", Line("99213", "100", "0", "OA-18 100"), Line("99214", "50", "40", "CO-45 10")),
        ],
        {"billed": "150.00", "insurer_paid": "100.00", "written_off": "30.00", "open": "20.00",
         "deductible": "20.00", "unexplained": "0.00"},
        {"contractual": "30.00"},
    ),
    Case(
        "OA-18 booked twice under another number",
        [
            pay("20260201", Line("99213", "200", "120", "CO-45 80")),
            pay("20260301", Line("99213", "200", "0", "OA-18 200"), status="4", number="C2"),
        ],
        {"billed": "400.00", "insurer_paid": "120.00", "written_off": "280.00", "open": "0.00"},
        {"contractual": "80.00", "duplicate": "200.00"},
        {"write_off_rate": 0.4},
        claims=2,
    ),
    Case(
        "allowed above billed",
        [pay("20260201", Line("99213", "100", "120", "CO-94 -20"))],
        {"billed": "100.00", "insurer_paid": "120.00", "written_off": "0.00",
         "other_adjustments": "-20.00", "open": "0.00"},
        {},
        {"contractual_rate": -0.2},
    ),
    Case(
        "pending stays open and is the payer's",
        [pay("20260201", Line("99213", "150", "0", "OA-133 150"))],
        {"written_off": "0.00", "open": "150.00", "patient_open": "0.00", "unexplained": "0.00"},
    ),
    Case(
        "predetermination is nothing billed",
        [
            pay("20260201", Line("99213", "90", "0", "CO-45 20, PR-1 70"), status="25"),
            pay("20260201", Line("99213", "50", "50"), number="C2"),
        ],
        {"billed": "50.00", "written_off": "0.00", "open": "0.00", "patient_responsibility": "0.00"},
    ),
    Case(
        "OA-23 without the earlier remittance",
        [
            pay("20260201", Line("99213", "100", "20", "OA-23 80"), payer="BLUE CROSS", status="2"),
            pay("20260201", Line("99213", "50", "40", "CO-45 10"), number="C2"),
        ],
        {"billed": "150.00", "insurer_paid": "60.00", "written_off": "10.00",
         "other_adjustments": "80.00", "open": "0.00"},
        rates={"write_off_rate": 0.2},
        claims=2,
        kinds=frozenset({"prior_payer_offset"}),
    ),
    Case(
        "the first payer refused, the second pays its part: the rest of the refusal stands",
        [
            pay("20260201", Line("99213", "200", "0", "CO-50 200"), status="4"),
            pay("20260301", Line("99213", "200", "60", "OA-23 140"), payer="BLUE CROSS", status="2"),
        ],
        {"insurer_paid": "60.00", "written_off": "140.00", "other_adjustments": "0.00", "open": "0.00"},
        {"medical_necessity": "140.00"},
        {"avoidable_rate": 0.7},
    ),
    Case(
        "the first payer refused, the second only repeats that",
        [
            pay("20260201", Line("99213", "200", "0", "CO-50 200"), status="4"),
            pay("20260301", Line("99213", "200", "0", "OA-23 200"), payer="BLUE CROSS", status="2"),
        ],
        {"insurer_paid": "0.00", "written_off": "200.00", "other_adjustments": "0.00", "open": "0.00"},
        {"medical_necessity": "200.00"},
    ),
    Case(
        "two first payers, the first refused",
        [
            pay("20260201", Line("99213", "200", "0", "CO-27 200"), status="4"),
            pay("20260301", Line("99213", "200", "120", "CO-45 60, PR-1 20"), payer="BLUE CROSS"),
        ],
        {"billed": "200.00", "insurer_paid": "120.00", "written_off": "60.00", "open": "20.00"},
        {"contractual": "60.00"},
    ),
    Case(
        "one payer first and second",
        [
            pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10")),
            pay("20260301", Line("99213", "130", "10", "OA-23 120"), status="2"),
        ],
        {"billed": "130.00", "insurer_paid": "90.00", "written_off": "40.00", "open": "0.00",
         "patient_responsibility": "0.00"},
    ),
    Case(
        "paid again without a reversal: both payments, the last words",
        [
            pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10")),
            pay("20260301", Line("99213", "130", "90", "CO-45 35, PR-2 5")),
        ],
        {"billed": "130.00", "insurer_paid": "170.00", "written_off": "35.00", "open": "-75.00",
         "patient_responsibility": "5.00"},
        kinds=frozenset({"adjudicated_again"}),
    ),
    Case(
        "the second speaks of the claim, the first of its lines",
        [
            pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10"),
                Line("99214", "70", "50", "CO-45 10, PR-2 10")),
            pay("20260301", payer="BLUE CROSS", status="2", charge="200", paid="15", cas="OA-23 180, PR-2 5"),
        ],
        {"billed": "200.00", "insurer_paid": "145.00", "written_off": "50.00", "open": "5.00",
         "patient_open": "5.00", "patient_responsibility": "5.00", "unexplained": "0.00"},
    ),
    Case(
        "the first takes a share from the whole claim, the second speaks of lines",
        [
            pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10"), Line("99214", "70", "60", "CO-45 10"),
                cas="PR-2 10"),
            pay("20260301", Line("99213", "130", "10", "OA-23 120"), Line("99214", "70", "10", "OA-23 60"),
                payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "150.00", "written_off": "50.00", "open": "0.00",
         "other_adjustments": "0.00", "patient_responsibility": "0.00", "unexplained": "0.00"},
    ),
    Case(
        "the second speaks of one line only: the share of the other stays",
        [
            pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10"),
                Line("99214", "70", "50", "CO-45 10, PR-2 10")),
            pay("20260301", Line("99214", "70", "10", "OA-23 60"), payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "140.00", "written_off": "50.00", "open": "10.00",
         "patient_responsibility": "10.00", "unexplained": "0.00"},
    ),
    Case(
        "a claim of several days, the second speaks of the last",
        [
            pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10"),
                Line("99213", "70", "50", "CO-45 10, PR-2 10", day="20260107")),
            pay("20260301", Line("99213", "70", "10", "OA-23 60", day="20260107"), payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "140.00", "written_off": "50.00", "open": "10.00",
         "patient_responsibility": "10.00", "unexplained": "0.00"},
    ),
    Case(
        "one payer numbers the lines, the other does not",
        [
            pay("20260201", Line("99213", "100", "80", "CO-45 20", ref="1"),
                Line("99214", "100", "70", "CO-45 20, PR-1 10", ref="2")),
            pay("20260301", Line("99213", "100", "0", "OA-23 100"), Line("99214", "100", "10", "OA-23 90"),
                payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "160.00", "written_off": "40.00", "open": "0.00",
         "patient_responsibility": "0.00", "other_adjustments": "0.00"},
    ),
    Case(
        "two lines alike",
        [
            pay("20260201", Line("99213", "100", "80", "CO-45 20"), Line("99213", "100", "70", "CO-45 20, PR-1 10")),
            pay("20260301", Line("99213", "100", "0", "OA-23 100"), Line("99213", "100", "10", "OA-23 90"),
                payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "160.00", "written_off": "40.00", "open": "0.00"},
    ),
    Case(
        "two lines alike, one refused and then paid by the second",
        [
            pay("20260201", Line("99213", "100", "80", "CO-45 20"), Line("99213", "100", "0", "CO-50 100")),
            pay("20260301", Line("99213", "100", "0", "OA-23 100"), Line("99213", "100", "70", "CO-45 30"),
                payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "150.00", "written_off": "50.00", "open": "0.00"},
        {"contractual": "50.00"},
    ),
    Case(
        "lines split over two claims as sent",
        [
            remit(Payment([Claim("C1", [Line("99213", "130", "80", "CO-45 40, PR-2 10")]),
                           Claim("C1", [Line("99214", "70", "50", "CO-45 10, PR-2 10")])])),
            pay("20260301", Line("99213", "130", "10", "OA-23 120"), Line("99214", "70", "10", "OA-23 60"),
                payer="BLUE CROSS", status="2"),
        ],
        {"billed": "200.00", "insurer_paid": "150.00", "written_off": "50.00", "open": "0.00"},
    ),
    Case(
        "a second payer whose claim waits on: what is pending is no other payer's",
        [
            pay("20260201", Line("99213", "100", "60", "CO-45 20, PR-1 20")),
            pay("20260301", Line("99213", "100", "0", "OA-23 80, OA-133 20"), payer="BLUE CROSS", status="2"),
        ],
        {"insurer_paid": "60.00", "written_off": "20.00", "open": "20.00", "patient_open": "0.00",
         "other_adjustments": "0.00", "patient_responsibility": "0.00"},
    ),
    Case(
        "the payer decided on another procedure than was sent",
        [
            pay("20260201", Line("99214", "100", "60", "CO-45 20, PR-1 20")),
            pay("20260301", Line("99213", "100", "15", "OA-23 80, PR-1 5", submitted="99214"),
                payer="BLUE CROSS", status="2"),
        ],
        {"billed": "100.00", "insurer_paid": "75.00", "open": "5.00", "patient_responsibility": "5.00"},
    ),
    Case(
        "no service lines",
        [pay("20260201", charge="100", paid="60", cas="CO-45 30, PR-2 10")],
        {"billed": "100.00", "insurer_paid": "60.00", "written_off": "30.00", "open": "10.00",
         "patient_open": "10.00"},
    ),
    Case(
        "cost share waived, and a cut without a contract",
        [pay("20260201", Line("99213", "100", "60", "CO-3 15, PI-45 25"))],
        {"written_off": "40.00", "open": "0.00", "patient_responsibility": "0.00"},
        {"cost_share_waived": "15.00", "unclassified": "25.00"},
        kinds=frozenset({"unclassified_write_off"}),
    ),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_of_the_rules(case: Case) -> None:
    ledger = read_all(*case.files)
    found = contract.summary(ledger)
    wrong = differences(dict(case.totals), found["totals"])
    assert not wrong, wrong
    if case.write_offs:
        assert found["write_offs"] == dict(case.write_offs)
    assert differences(dict(case.rates), found["rates"]) == {}
    assert found["counts"]["claims"] == case.claims
    assert provider_adjustments(ledger) == case.taken
    assert kinds_of(ledger) - {"already_loaded", "incomplete_claim"} == set(case.kinds)
    # Remittances cannot hold what patients paid: null, not 0 (rules.md 16).
    assert found["totals"]["patient_paid"] is None
    assert found["rates"]["gross_collection_rate"] is None
    assert found["rates"]["net_collection_rate"] is None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_case_in_any_order_of_files_and_as_the_referee_has_it(case: Case) -> None:
    expected = contract.summary(read_all(*case.files))["totals"]
    for order in permutations(case.files):
        assert contract.summary(read_all(*order))["totals"] == expected
    if "one payer numbers" not in case.name:  # the referee does not match lines it cannot name
        assert disagreements(case.files) == {}


def test_the_payment_is_all_that_insurers_paid_and_gave() -> None:
    for case in CASES:
        ledger = read_all(*case.files)
        if "835_unbalanced" in kinds_of(ledger):
            continue
        stated = sum(float(str(file.control["BPR"])) for file in ledger.files)
        paid = contract.summary(ledger)["totals"]["insurer_paid"]
        assert round(stated * 100) == round(float(paid) * 100) + provider_adjustments(ledger)


# --- the same again -------------------------------------------------------------------------------


def test_the_same_file_twice_counts_once() -> None:
    assert totals(FIRST, FIRST) == totals(FIRST)


def test_a_file_sent_again_under_another_number_counts_once() -> None:
    payment = Payment(
        [Claim("C1", [Line("99214", "500", "300", "CO-45 125, PR-1 75")])], plb=(("L6", "", "-5"),)
    )
    once, again = remit(payment), remit(payment, control=77)
    assert once != again
    assert totals(once, again) == totals(once)
    assert provider_adjustments(read_all(once, again)) == 500


def test_two_files_that_overlap_count_the_common_payment_once() -> None:
    one = Payment([Claim("C1", [Line("99213", "100", "80", "CO-45 20")])], day="20260201")
    two = Payment([Claim("C2", [Line("99213", "50", "50")])], day="20260202")
    three = Payment([Claim("C3", [Line("99213", "70", "70")])], day="20260203")
    assert totals(remit(one, two), remit(two, three)) == totals(remit(one, two, three))


def test_a_practice_in_three_files_in_any_order() -> None:
    first = remit(
        Payment(
            [Claim(f"C{i}", [Line("99213", "200", "96", "CO-45 80, PR-2 24")]) for i in range(4)]
        )
    )
    second = remit(
        Payment([Claim("C0", [UNPAID], "22"), Claim("C0", [Line("99213", "200", "0", "CO-97 200")]),
                 Claim("C1", [UNPAID], "22"), Claim("C1", [Line("99213", "200", "100", "CO-45 100")])],
                day="20260301")
    )  # fmt: skip
    third = remit(
        Payment(
            [Claim("C2", [Line("99213", "200", "24", "OA-23 176")], "2")], "BLUE CROSS", "20260315"
        )
    )
    found = {
        tuple(sorted(totals(*order).items())) for order in permutations((first, second, third))
    }
    assert len(found) == 1
    figures_ = dict(found.pop())
    assert figures_["billed"] == "800.00"
    assert figures_["insurer_paid"] == "316.00"  # 0 + 100 + 96 + 24 + 96
    assert figures_["written_off"] == "460.00"  # 200 + 100 + 80 + 80
    assert figures_["open"] == "24.00"


# --- the practice's export beside remittances -----------------------------------------------------

CHARGES = """
Claim,Line,MRN,DOS,Payer,CPT,Charge,Patient Paid
C1,1,M1,2026-01-05,Aetna PPO,99213,130.00,10.00
C1,2,M1,2026-01-05,Aetna PPO,99214,70.00,0.00
C2,1,M2,2026-01-06,Aetna PPO,99213,130.00,0.00
"""
ANSWER = remit(
    Payment(
        [
            Claim(
                "C1",
                [
                    Line("99213", "130", "80", "CO-45 40, PR-2 10", ref="1"),
                    Line("99214", "70", "50", "CO-45 20", ref="2"),
                ],
            )
        ]
    )
)


def test_the_charge_is_the_exports_and_the_adjudication_the_remittances() -> None:
    found = contract.summary(read_all(CHARGES, ANSWER), by=["payer"])
    expected = {
        "billed": "330.00",
        "insurer_paid": "130.00",
        "patient_paid": "10.00",
        "written_off": "60.00",
        "open": "130.00",
        "patient_open": "0.00",
        "patient_responsibility": "10.00",
        "coinsurance": "10.00",
    }
    assert differences(expected, found["totals"]) == {}
    assert found["counts"]["claims"] == 2
    assert found["counts"]["lines"] == 3
    assert [g["payer"] for g in found["groups"]] == ["Aetna PPO"]  # as the export says
    assert found["groups"][0]["totals"]["insurer_paid"] == "130.00"
    assert found["rates"]["net_collection_rate"] is not None
    assert contract.summary(read_all(ANSWER, CHARGES))["totals"] == found["totals"]


def test_lines_meet_by_number_else_by_procedure() -> None:
    unnumbered = ANSWER.replace("REF*6R*1~\n", "").replace("REF*6R*2~\n", "")
    assert unnumbered != ANSWER
    for answer in (ANSWER, unnumbered):
        found = contract.summary(read_all(CHARGES, answer), by=["procedure"])
        by_code = {g["procedure"]: g["totals"] for g in found["groups"]}
        assert by_code["99214"]["written_off"] == "20.00"
        assert by_code["99214"]["insurer_paid"] == "50.00"
        assert by_code["99213"]["insurer_paid"] == "80.00"
        assert by_code["99213"]["billed"] == "260.00"


def test_days_that_an_export_holds_as_claims_of_their_own_each_get_their_answer() -> None:
    export = """
    Claim,MRN,DOS,Payer,Practice,Provider,CPT,Charge,Patient Paid
    C1,M1,2026-01-05,Aetna PPO,Main,Dr A,99213,130.00,10.00
    C1,M1,2026-01-07,Aetna PPO,Main,Dr B,99213,70.00,0.00
    """
    answer = pay(
        "20260201",
        Line("99213", "130", "80", "CO-45 40, PR-2 10"),
        Line("99213", "70", "50", "CO-45 20", day="20260107"),
        provider="OTHER SPELLING",
    )
    for by, names in (("provider", ["Dr A", "Dr B"]), ("practice", ["Main"])):
        found = contract.summary(read_all(export, answer), by=[by])
        groups = {g[by]: g["totals"] for g in found["groups"]}
        assert list(groups) == names
        assert {g["open"] for g in groups.values()} == {"0.00"}
        assert found["counts"]["lines"] == 2


def test_files_with_other_columns_join() -> None:
    with_provider = "Claim,DOS,Provider,Charge,Insurance Paid\nC1,2026-01-05,Dr A,100.00,100.00"
    without = "Claim,DOS,Charge,Insurance Paid\nC2,2026-01-05,100.00,100.00"
    assert totals(with_provider, without)["billed"] == "200.00"


def test_the_second_payers_answer_settles_beside_an_export_too() -> None:
    second = pay(
        "20260301",
        Line("99213", "130", "8", "OA-23 120, CO-45 2", ref="1"),
        payer="BLUE CROSS",
        status="2",
    )
    found = totals(CHARGES, ANSWER, second)
    expected = {"billed": "330.00", "insurer_paid": "138.00", "written_off": "62.00",
                "patient_responsibility": "0.00", "patient_paid": "10.00", "open": "120.00"}  # fmt: skip
    assert differences(expected, found) == {}


def test_a_copay_before_the_adjudication_is_prepaid_then_a_credit() -> None:
    head = "Claim,MRN,DOS,Post Date,Payer,CPT,Type,Amount"
    charge = "C1,M1,2026-01-05,2026-01-05,Aetna,99213,Charge,150.00"
    copay = "C1,M1,2026-01-05,2026-01-05,Aetna,99213,Patient Payment,25.00"
    refund = "C1,M1,2026-01-05,2026-03-05,Aetna,99213,Patient Refund,-5.00"
    answer = pay("20260201", Line("99213", "150", "80", "CO-45 50, PR-3 20"))
    before = totals("\n".join([head, charge, copay]))
    assert before["open"] == "125.00"
    after = totals("\n".join([head, charge, copay]), answer)
    assert (after["open"], after["patient_open"]) == ("-5.00", "-5.00")
    refunded = totals("\n".join([head, charge, copay, refund]), answer)
    assert (refunded["open"], refunded["patient_open"]) == ("0.00", "0.00")


def test_an_export_that_holds_the_insurers_money_posts_and_the_remittance_explains() -> None:
    export = """
    Claim,MRN,DOS,Payer,CPT,Charge,Insurance Paid,Adjustment,Patient Paid
    C1,M1,2026-01-05,Aetna,99213,130.00,80.00,40.00,0.00
    C2,M2,2026-01-06,Aetna,99213,130.00,75.00,40.00,5.00
    """
    same = pay("20260201", Line("99213", "130", "80", "CO-45 40, PR-2 10"))
    other = pay(
        "20260201", Line("99213", "130", "85", "CO-45 40, PR-2 5", day="20260106"), number="C2"
    )
    ledger = read_all(export, same, other)
    found = contract.summary(ledger)["totals"]
    expected = {
        "billed": "260.00",
        "insurer_paid": "155.00",
        "written_off": "80.00",
        "open": "20.00",
    }
    assert differences(expected, found) == {}
    differ = [p for p in ledger.problems if p.kind == "remittance_differs"]
    assert [p.cents for p in differ] == [(1000,)]


def test_another_charge_than_the_exports_is_said_and_the_export_counts() -> None:
    other = pay("20260201", Line("99213", "140", "80", "CO-45 50, PR-2 10", ref="1"))
    ledger = read_all(CHARGES, other)
    assert contract.summary(ledger)["totals"]["billed"] == "330.00"
    assert [p.cents for p in ledger.problems if p.kind == "remittance_differs"] == [(1000,)]
    assert kinds_of(read_all(CHARGES, ANSWER)) == set()


def test_a_takeback_that_was_advanced_before_is_no_loss() -> None:
    corrected = Payment(
        [
            Claim("C1", [UNPAID], "22"),
            Claim("C1", [Line("99213", "200", "90", "CO-45 80, PR-2 30")]),
        ],
        day="20260301",
        plb=(("WO", "C1", "-6"),),
    )
    taken = Payment(
        [Claim("C2", [Line("99213", "10", "10")])], day="20260401", plb=(("WO", "C1", "6"),)
    )
    ledger = read_all(PAID, remit(corrected), remit(taken))
    assert kinds_of(ledger) == set()
    assert provider_adjustments(ledger) == 0
    again = Payment([Claim("C3", charge="10", paid="10")], day="20260501", plb=(("WO", "C1", "6"),))
    assert kinds_of(read_all(PAID, remit(corrected), remit(taken), remit(again))) == {
        "takeback_unmatched"
    }


def test_oa_18_beside_the_practices_own_charge_posts_nothing() -> None:
    charge = """
    Claim,MRN,DOS,Payer,CPT,Charge,Patient Paid
    C1,M1,2026-01-05,Aetna,99213,200.00,0.00
    """
    paid = pay("20260201", Line("99213", "200", "120", "CO-45 80"))
    twice = pay("20260301", Line("99213", "200", "0", "OA-18 200"), status="4")
    found = contract.summary(read_all(charge, paid, twice))
    expected = {
        "billed": "200.00",
        "insurer_paid": "120.00",
        "written_off": "80.00",
        "open": "0.00",
    }
    assert differences(expected, found["totals"]) == {}
    assert found["rates"]["net_collection_rate"] == 1.0


def test_a_refiled_claim_charts_under_the_payer_that_did_not_refuse() -> None:
    refused = pay("20260201", Line("99213", "200", "0", "CO-27 200"), status="4")
    refiled = pay("20260301", Line("99213", "200", "120", "CO-45 80"), payer="BLUE CROSS")
    found = contract.summary(read_all(refused, refiled), by=["payer"])
    by_payer = {g["payer"]: g["totals"] for g in found["groups"]}
    assert by_payer["BLUE CROSS"]["billed"] == "200.00"


# --- the referee ----------------------------------------------------------------------------------


@given(books(), st.integers(1, 3), st.randoms(use_true_random=False))
def test_the_engine_and_a_plain_working_of_the_rules_agree(
    payments: list[Payment], cuts: int, chance: Any
) -> None:
    """To the cent, claim by claim, however the payments lie in files."""
    texts = files(payments, cuts)
    assert disagreements(texts) == {}
    expected = {key: figures(verdict) for key, verdict in by_claim(read_remits(*texts)).items()}
    chance.shuffle(payments)
    mixed = files(payments, cuts)
    chance.shuffle(mixed)
    ledger = read_remits(*mixed)
    assert {key: figures(verdict) for key, verdict in by_claim(ledger).items()} == expected
    assert not kinds_of(ledger) & {"835_unbalanced", "835_line_unbalanced", "835_share_differs"}
    settled = ledger.settled
    assert int(settled.book.effect().sum()) == int((settled.open + settled.unexplained).sum())
