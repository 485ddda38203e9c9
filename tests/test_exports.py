"""Small exports of many systems, against answers worked out from the rules.

`exports/make_exports.py` holds the inputs as text and both computations of each answer; here the
engine reads the same files. Only what an answer names is compared: what the rules leave open is absent
from it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pytest

from writeoffs.cli import map_json, summary_json

EXPORTS = Path(__file__).parent / "exports"
ANSWERS = json.loads((EXPORTS / "expected.json").read_text(encoding="utf-8"))
ADDITIVE = ("billed", "other_debits", "paid", "insurer_paid", "patient_paid", "written_off")

every_export = pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer["file"])


@cache
def summary(file: str, by: tuple[str, ...] = (), basis: str = "service") -> dict:
    """The engine's summary of one export, read once."""
    return summary_json([str(EXPORTS / file)], by=list(by) or None, basis=basis)


def same(expected: object, actual: object) -> bool:
    """Equal, null only like null, and a rate to its six places."""
    if isinstance(expected, float) and isinstance(actual, int | float):
        return abs(expected - actual) < 5e-10
    return type(expected) is type(actual) and expected == actual


def differences(place: str, expected: dict, actual: dict) -> list[str]:
    """One line for each named figure that differs."""
    return [
        f"{place}.{name}: expected {value!r}, got {actual.get(name, 'no such key')!r}"
        for name, value in expected.items()
        if name not in actual or not same(value, actual[name])
    ]


def fail_with(answer: dict, found: list[str], result: dict | None = None) -> None:
    """Fail with what the case attacks, what differs, and what the engine complained of."""
    if not found:
        return
    said = [(p["kind"], p.get("rows"), p.get("amount")) for p in (result or {}).get("problems", [])]
    lines = [f"{answer['file']}: {answer['why']}", *found, f"problems listed: {said}"]
    pytest.fail("\n  ".join(lines), pytrace=False)


@every_export
def test_totals(answer: dict) -> None:
    result = summary(answer["file"])
    fail_with(answer, differences("totals", answer["totals"], result["totals"]), result)


@every_export
def test_write_offs(answer: dict) -> None:
    """The non-zero categories, all of them and no other."""
    if "write_offs" not in answer:
        pytest.skip("the rules leave the categories open")
    result = summary(answer["file"])
    found = differences("write_offs", answer["write_offs"], result["write_offs"])
    found += [
        f"write_offs.{category}: not expected, got {amount!r}"
        for category, amount in result["write_offs"].items()
        if category not in answer["write_offs"]
    ]
    fail_with(answer, found, result)


@every_export
def test_rates(answer: dict) -> None:
    if "rates" not in answer:
        pytest.skip("the rules leave the rates open")
    result = summary(answer["file"])
    fail_with(answer, differences("rates", answer["rates"], result["rates"]), result)


@every_export
def test_counts_and_period(answer: dict) -> None:
    result = summary(answer["file"])
    found = differences("counts", answer["counts"], result["counts"])
    found += differences("period", answer.get("period", {}), result["period"])
    fail_with(answer, found, result)


@every_export
def test_balanced_and_exit(answer: dict) -> None:
    """Exit 1 is what was held, flagged or does not balance; the dictionary says all three."""
    result = summary(answer["file"])
    found = differences("", {"balanced": answer["balanced"]}, result)
    exit_code = int(
        bool(result["counts"]["rows_held"] or result["problems"] or not result["balanced"])
    )
    if answer.get("exit", exit_code) != exit_code:
        found.append(f"exit: expected {answer['exit']}, got {exit_code}")
    fail_with(answer, found, result)


@every_export
def test_mapping(answer: dict) -> None:
    """Shapes joined by a bar are those the rules do not tell apart."""
    result = map_json([str(EXPORTS / answer["file"])])
    found = differences("columns", answer.get("columns", {}), result["columns"])
    if result["shape"] not in answer["shape"].split("|"):
        found.append(f"shape: expected {answer['shape']!r}, got {result['shape']!r}")
    fail_with(answer, found)


GROUPINGS = [(answer, grouping) for answer in ANSWERS for grouping in answer.get("by", [])]


@pytest.mark.parametrize(
    ("answer", "grouping"),
    GROUPINGS,
    ids=[f"{a['file']}-{g['by']}-{g.get('basis', 'service')}" for a, g in GROUPINGS],
)
def test_groups(answer: dict, grouping: dict) -> None:
    """Every group that the file has, no other, and each with its figures."""
    by = grouping["by"]
    result = summary(answer["file"], (by,), grouping.get("basis", "service"))
    actual = {group[by]: group for group in result["groups"]}
    expected = {group[by]: group for group in grouping["groups"]}
    found = [f"group {name!r}: not expected" for name in actual if name not in expected]
    for name, group in expected.items():
        if name not in actual:
            found.append(f"group {name!r}: missing")
            continue
        for part in ("totals", "rates"):
            found += differences(
                f"{by} {name}: {part}", group.get(part, {}), actual[name].get(part, {})
            )
    fail_with(answer, found, result)


@pytest.mark.parametrize(
    ("by", "basis"), [("payer", "service"), ("month", "service"), ("month", "post")]
)
@every_export
def test_groups_sum_to_the_totals(answer: dict, by: str, basis: str) -> None:
    if basis == "post" and answer["shape"] != "ledger":
        pytest.skip("a wide row has no movements")
    result = summary(answer["file"], (by,), basis)
    found = []
    for name in ADDITIVE:
        total = result["totals"][name]
        if total is None:
            continue
        parts = sum(
            (Decimal(group["totals"][name] or "0.00") for group in result["groups"]), Decimal()
        )
        if parts != Decimal(total):
            found.append(f"{name} by {by}: the groups sum to {parts}, the total is {total}")
    fail_with(answer, found, result)


@every_export
def test_every_dollar_billed_ends_somewhere(answer: dict) -> None:
    """billed + other debits = paid + written off + other adjustments + open + unexplained."""
    result = summary(answer["file"])
    money = {name: Decimal(amount or "0.00") for name, amount in result["totals"].items()}
    owed = money["billed"] + money["other_debits"]
    placed = sum(
        money[name] for name in ("paid", "written_off", "other_adjustments", "open", "unexplained")
    )
    if owed != placed:
        fail_with(answer, [f"{owed} was billed or debited and {placed} is accounted for"], result)


def test_the_answers_are_those_of_the_inputs() -> None:
    """The exports on disk and expected.json are what make_exports.py says, both computations agreeing."""
    spec = importlib.util.spec_from_file_location("make_exports", EXPORTS / "make_exports.py")
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    assert made.build() == ANSWERS
    for case in made.CASES:
        if case.workbook:
            sheet = openpyxl.load_workbook(EXPORTS / case.file).active
            read = [list(row) for row in sheet.iter_rows(values_only=True)]
            width = len(read[-1])
            assert read == [
                row + [None] * (width - len(row)) for row in made.workbook_rows(case)
            ], case.file
        else:
            assert (EXPORTS / case.file).read_bytes() == made.export_bytes(case), case.file
