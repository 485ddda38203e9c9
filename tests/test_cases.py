"""Teaching cases: their text, their amounts, and what the engine says of them step by step."""

from __future__ import annotations

import pytest

from writeoffs.classroom import library
from writeoffs.classroom.case import BadCase, Case, event, read_case
from writeoffs.classroom.played import adds_up, play


def told(*events: str, more: str = "") -> Case:
    """A case with these events."""
    listed = ", ".join(f'"{one}"' for one in events)
    return read_case(f'title = "Told"\nevents = [{listed}]\n{more}')


def cents(*events: str) -> list[int]:
    """The amounts of a case's events, those of 0 left out."""
    return [step.cents for step in play(told(*events)).steps]


@pytest.mark.parametrize("case", library.cases(), ids=lambda case: case.id)
def test_every_case_that_comes_along_adds_up(case: Case) -> None:
    assert adds_up(case) == ()
    assert all(way.expect for way in case.ways), "a case says what its author worked out by hand"


def test_the_opening_case_splits_five_hundred_dollars() -> None:
    opening = library.case(library.FIRST)
    assert opening is not None
    played = play(opening)
    assert [(s.event.what, s.cents) for s in played.steps] == [
        ("charge", 50000),
        ("allowed", 30000),
        ("contractual", 20000),
        ("insurer payment", 30000),
    ]
    open_after = [played.after(n).figure("open") for n in range(1, 5)]
    assert open_after == [50000, 50000, 30000, 0]


def test_cost_sharing_goes_in_its_order() -> None:
    """$300 allowed: deductible 50, then 20 % of the other 250, then a copay, the insurer the rest."""
    visit = ("charge 500", "allowed 300", "deductible 50", "coinsurance 20%", "copay 25")
    assert cents(*visit, "insurer payment rest")[2:] == [5000, 5000, 2500, 17500]


def test_a_deductible_takes_no_more_than_is_allowed() -> None:
    assert cents("charge 500", "allowed 300", "deductible 400", "coinsurance 20%")[2:] == [30000]


def test_half_a_cent_is_rounded_up() -> None:
    assert cents("charge 100", "allowed 10.05", "coinsurance 50%")[2] == 503


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("chrge 500", "is no event"),
        ("charge", 'after "charge" comes an amount'),
        ("charge 5.005", "no amount in dollars and cents"),
        ("charge 500 on 2026-02-31", "is no day"),
        ("written off 500", "does not say why"),
        ("coinsurance 20%", "nothing is allowed yet"),
        ("insurer payment rest", "nothing is allowed yet"),
    ],
)
def test_an_event_that_cannot_be_read_says_what_to_do(text: str, said: str) -> None:
    with pytest.raises(BadCase, match=said):
        play(told(text))


def test_an_event_reads_and_writes_itself() -> None:
    text = "insurer payment 65.00 by State Medicaid on 2026-03-01: The second payer pays."
    assert event(text).text() == text
    assert event("written off 250 CO-29 by Blue Plan").reason == "CO-29"


def test_what_does_not_add_up_is_said() -> None:
    visit = ("charge 500", "allowed 300", "contractual rest", "insurer payment 280")
    (said,) = adds_up(told(*visit))
    assert said.startswith("The payer allows $300.00, but what it pays")
    (said,) = adds_up(told(*visit[:3], "insurer payment rest", more='[expect]\nopen = "5.00"'))
    assert said == "open should be 5.00, and comes to $0.00."


def test_a_rest_below_zero_is_refused() -> None:
    with pytest.raises(BadCase, match=r"come to \$20.00 more"):
        play(told("charge 280", "allowed 300", "contractual rest"))
