"""A band stands beside a figure of its own definition and months, or a reason stands there."""

from __future__ import annotations

import pytest

from writeoffs import api, benchmarks, catalogue, definitions, reference
from writeoffs.benchmarks import When

FULL = When(12, 0)
KNOWN = {*definitions.ALL, *catalogue.ALL}


def test_the_standard_has_its_band_over_twelve_complete_months() -> None:
    for name in ("aafp", "net_collection_rate"):
        found = benchmarks.beside(name, FULL)
        assert found.text == "AAFP: 95% or more (family medicine, undated page)."
        assert found.why == ""


@pytest.mark.parametrize(
    ("when", "why"),
    [
        (When(11, 0), "AAFP's 95% or more is for twelve months, this is 11 months"),
        (When(1, 0), "AAFP's 95% or more is for twelve months, this is 1 month"),
        (When(12, 1), "AAFP's 95% or more is for months that are complete, here 1 month is young"),
        (
            When(24, 3),
            "AAFP's 95% or more is for months that are complete, here 3 months are young",
        ),
    ],
)
def test_other_months_get_the_reason_and_no_band(when: When, why: str) -> None:
    found = benchmarks.beside("net_collection_rate", when)
    assert (found.bands, found.why) == ((), why)
    assert found.text == f"No benchmark: {why}."


@pytest.mark.parametrize("name", sorted(set(definitions.ALL) - {"aafp"}))
def test_no_other_definition_borrows_the_band_of_the_standard(name: str) -> None:
    shown = benchmarks.beside(name, FULL)
    assert "95%" not in shown.text
    assert bool(shown.bands) == (name == "patient_share_of_allowed")


def test_as_of_a_date_needs_no_twelve_months() -> None:
    assert benchmarks.beside("days_in_ar_365", When(3, 2)).bands[0].source == "AAFP"


@pytest.mark.parametrize("row", reference.benchmarks(), ids=lambda r: r["metric"])
def test_each_band_has_a_definition_and_a_basis_or_a_reason(row: dict[str, str]) -> None:
    if row["why_not"]:
        return
    assert row["definition"] in KNOWN
    assert row["basis"] in (benchmarks.TWELVE_MONTHS, benchmarks.AS_OF)
    assert row["short"] and row["trust"].startswith("good")


def test_bands_that_contradict_themselves_or_are_hospitals_are_shown_nowhere() -> None:
    for row in reference.benchmarks():
        words = f"{row['trust']} {row['population']}".lower()
        if "conflict" in words or "hospital" in words or "weak" in words or "anecdote" in words:
            assert row["why_not"], row


def test_the_whole_catalogue_is_listed_with_a_band_or_the_reason() -> None:
    listed = benchmarks.measures_listed(FULL).set_index("name")
    assert set(listed.index) == set(catalogue.ALL)
    assert (listed[["title", "words", "benchmark"]] != "").all().all()
    assert listed.loc["net_collection_rate", "benchmark"].startswith("AAFP: 95%")
    assert listed.loc["billed", "benchmark"].startswith("dollars of one practice")
    assert listed.loc["gross_collection_rate", "benchmark"].startswith("No benchmark:")


def test_every_measure_of_the_references_stands_somewhere_or_says_why_not() -> None:
    rows = reference.coverage()
    assert len({row["title"] for row in rows}) == len(rows)
    for row in rows:
        assert bool(row["where"]) != bool(row["why_not"]), row
        for name in row["where"].split():
            assert name in KNOWN or callable(getattr(api, name, None)), row
    shown = benchmarks.coverage_listed().set_index("title")
    assert shown.loc["Net collection rate, MGMA", "where"] == "MGMA: adjusted charges"
    assert "costs" in shown.loc["Cost to collect", "why_not"]


def test_nothing_of_the_catalogue_is_missing_from_the_table() -> None:
    """Rates of the catalogue and definitions of the lab are all named in the coverage table, but
    for the variants that only the lab sets side by side."""
    named = {name for row in reference.coverage() for name in row["where"].split()}
    rates = {m.name for m in catalogue.ALL.values() if m.unit == "rate"}
    assert rates <= named
    assert {m.name for m in definitions.DECLARED} <= named
