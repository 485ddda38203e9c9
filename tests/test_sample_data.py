"""The sample practice: its two files agree to the cent, and the story told about it is true.

Everything is read from the CSV text with `csv` and `Decimal`; nothing of the package is used, so
that the package can be measured against these files.
"""

from __future__ import annotations

import ast
import csv
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from statistics import median
from typing import NamedTuple

import pytest

FOLDER = Path(__file__).resolve().parents[1] / "sample_data"
LEDGER, WIDE = FOLDER / "practice_ledger.csv", FOLDER / "practice_lines.csv"
AS_OF = "2026-11-15"
ZERO = Decimal("0.00")

LEDGER_COLUMNS = (
    "Transaction ID,Claim ID,Line,Patient ID,Service Date,Posting Date,Payer,Provider,Location,"
    "CPT,Modifier,Type,Reason,Amount"
)
WIDE_COLUMNS = (
    "Claim ID,Line,Patient ID,Date of Service,Posting Date,Payer,Provider,Location,CPT,Modifier,"
    "Billed,Allowed,Insurance Paid,Patient Paid,Contractual Adjustment,Write-off,Write-off Reason,"
    "Deductible,Coinsurance,Copay,Patient Responsibility,Insurance Balance,Patient Balance"
)
CONTRACTUAL = {"CO-45", "CO-253"}
AVOIDABLE = {"CO-29", "CO-197", "CO-50", "CO-27", "CO-11", "CO-4", "CO-16"}
BAD_DEBT = {"Bad debt", "Collection agency"}
PATIENT_SIDE = BAD_DEBT | {
    "Charity care - financial assistance",
    "Small balance write-off",
    "Self-pay adjustment",
}
ADJUSTMENTS = CONTRACTUAL | AVOIDABLE | PATIENT_SIDE | {"CO-97", "OA-18"}
SHARES = {"PR-1", "PR-2", "PR-3", "PR-27", "PR-96"}
REASONS = {
    "Charge": {""},
    "Insurance Payment": {""},
    "Patient Payment": {""},
    "Adjustment": ADJUSTMENTS,
    "Patient Responsibility": SHARES,
}
INSURERS = {
    "Medicare",
    "Blue Cross Blue Shield",
    "UnitedHealthcare",
    "Aetna",
    "Medicaid",
    "Cigna",
    "Summit Mutual",
}
COMMERCIAL = {"Blue Cross Blue Shield", "UnitedHealthcare", "Aetna", "Cigna"}

Row = dict[str, str]
Key = tuple[str, str]
Wanted = Callable[[Row], bool]


class Line(NamedTuple):
    """One service line of the ledger: its movements, and their sums by type and reason."""

    rows: list[Row]
    nets: dict[tuple[str, str], Decimal]

    def sum(self, kind: str, reasons: Iterable[str] | None = None) -> Decimal:
        """Add up one type, over all reasons or some."""
        chosen = None if reasons is None else set(reasons)
        return sum(
            (
                amount
                for (one, reason), amount in self.nets.items()
                if one == kind and (chosen is None or reason in chosen)
            ),
            ZERO,
        )


@cache
def ledger() -> list[Row]:
    """Read the long file as text."""
    with LEDGER.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def wide() -> list[Row]:
    """Read the wide file as text."""
    with WIDE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def lines() -> dict[Key, Line]:
    """Gather the ledger by service line."""
    found: dict[Key, Line] = {}
    for row in ledger():
        line = found.setdefault((row["Claim ID"], row["Line"]), Line([], defaultdict(Decimal)))
        line.rows.append(row)
        line.nets[row["Type"], row["Reason"]] += Decimal(row["Amount"])
    return found


def everything(_: Row) -> bool:
    """Choose every row."""
    return True


def dollars(kind: str, reasons: Iterable[str] | None = None, where: Wanted = everything) -> Decimal:
    """Add up ledger rows of one type, over all reasons or some, that pass a condition."""
    chosen = None if reasons is None else set(reasons)
    rows = (r for r in ledger() if r["Type"] == kind and (chosen is None or r["Reason"] in chosen))
    return sum((Decimal(row["Amount"]) for row in rows if where(row)), ZERO)


def column(name: str, where: Wanted = everything) -> Decimal:
    """Add up a money column of the wide file; a blank cell adds nothing."""
    return sum((Decimal(row[name] or "0") for row in wide() if where(row)), ZERO)


def month(row: Row) -> str:
    """Return the service month of a row of either file."""
    return (row.get("Service Date") or row["Date of Service"])[:7]


def of_payer(name: str, first: str = "0000", last: str = "9999") -> Wanted:
    """Choose the rows of a payer between two service months, both included."""
    return lambda row: row["Payer"] == name and first <= month(row) <= last


def in_month(chosen: str) -> Wanted:
    """Choose the rows of a service month."""
    return lambda row: month(row) == chosen


def having(name: str, value: str) -> Wanted:
    """Choose the rows with this value in a column."""
    return lambda row: row[name] == value


def net_collection(where: Wanted) -> Decimal:
    """(Insurer + patient) / (billed - duplicates - contractual)."""
    paid = dollars("Insurance Payment", where=where) + dollars("Patient Payment", where=where)
    kept_out = dollars("Adjustment", CONTRACTUAL | {"OA-18"}, where)
    return paid / (dollars("Charge", where=where) - kept_out)


def allowed_share(where: Wanted) -> Decimal:
    """Return allowed over billed on the lines that have an allowed amount."""
    known: Wanted = lambda row: bool(row["Allowed"]) and where(row)  # noqa: E731
    return column("Allowed", known) / column("Billed", known)


def patient_share(first: str, last: str) -> Decimal:
    """Return what commercial patients owe of the allowed amounts, between two service months."""
    known: Wanted = lambda row: (  # noqa: E731
        bool(row["Allowed"]) and row["Payer"] in COMMERCIAL and first <= month(row) <= last
    )
    owed = sum(column(name, known) for name in ("Deductible", "Coinsurance", "Copay"))
    return owed / column("Allowed", known)


def insurer_open(chosen: str) -> Decimal:
    """Return the part of a service month's charges that is open with the insurers."""
    where = in_month(chosen)
    return column("Insurance Balance", where) / column("Billed", where)


def months() -> list[str]:
    """List the service months in order."""
    return sorted({month(row) for row in ledger()})


# The files as files


def test_running_the_script_again_gives_the_same_bytes(tmp_path: Path) -> None:
    """A copy of the scripts, run elsewhere and with another hash seed, writes the same files."""
    for script in FOLDER.glob("*.py"):
        shutil.copy(script, tmp_path)
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    command = [sys.executable, "-B", str(tmp_path / "make_practice.py")]
    subprocess.run(command, check=True, env=environment, cwd="/")
    for made in (LEDGER, WIDE):
        assert (tmp_path / made.name).read_bytes() == made.read_bytes(), made.name


@pytest.mark.parametrize(
    ("path", "columns", "limit"),
    [(LEDGER, LEDGER_COLUMNS, 4_000_000), (WIDE, WIDE_COLUMNS, 1_500_000)],
)
def test_headings_and_size(path: Path, columns: str, limit: int) -> None:
    """The headings are the agreed ones, lines end the same everywhere, and the file is small."""
    data = path.read_bytes()
    assert data.split(b"\n", 1)[0].decode() == columns
    assert b"\r" not in data and data.isascii()
    assert len(data) < limit


def test_every_cell_is_of_its_kind() -> None:
    """Amounts have two decimals, dates are ISO, ids are text with their zeros, none is a name."""
    money, day = re.compile(r"-?\d+\.\d\d"), re.compile(r"20\d\d-[01]\d-[0-3]\d")
    for row in ledger():
        assert money.fullmatch(row["Amount"]) and Decimal(row["Amount"]) != 0, row
        assert re.fullmatch(r"T\d{6}", row["Transaction ID"]), row
    for row in wide():
        for name in WIDE_COLUMNS.split(",")[10:]:
            blank = name == "Allowed" and row[name] == ""
            assert name == "Write-off Reason" or blank or money.fullmatch(row[name]), row
    for row in [*ledger(), *wide()]:
        assert day.fullmatch(row["Posting Date"]), row
        assert day.fullmatch(row.get("Service Date") or row["Date of Service"]), row
        assert re.fullmatch(r"C\d{7}", row["Claim ID"]), row
        assert re.fullmatch(r"P\d{5}", row["Patient ID"]), row


def test_types_and_reasons_are_known() -> None:
    """Only the five types occur, each with its reasons, and every reason is used."""
    seen: dict[str, set[str]] = defaultdict(set)
    for row in ledger():
        seen[row["Type"]].add(row["Reason"])
    assert seen == REASONS


def test_transactions_are_numbered_in_posting_order() -> None:
    """Transaction ids run from 1 without a gap, and posting dates never go back."""
    rows = ledger()
    numbers = [int(row["Transaction ID"][1:]) for row in rows]
    assert numbers == list(range(1, len(rows) + 1))
    days = [row["Posting Date"] for row in rows]
    assert days == sorted(days)


def test_lines_of_a_claim_are_numbered_and_keep_their_attributes() -> None:
    """Lines count 1..n; patient, date, payer, clinician and site are one per claim."""
    numbers: dict[str, list[int]] = defaultdict(list)
    claims: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    names = ("Patient ID", "Service Date", "Payer", "Provider", "Location")
    for (claim, number), line in lines().items():
        numbers[claim].append(int(number))
        claims[claim] |= {tuple(row[name] for name in names) for row in line.rows}
        assert len({(row["CPT"], row["Modifier"]) for row in line.rows}) == 1, (claim, number)
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())
    assert all(len(found) == 1 for found in claims.values())


@pytest.mark.parametrize("read", [ledger, wide])
def test_nothing_is_posted_before_its_service_or_after_the_export(
    read: Callable[[], list[Row]],
) -> None:
    """Every posting lies between the service date and 2026-11-15."""
    for row in read():
        served = row.get("Service Date") or row["Date of Service"]
        assert "2024-11-01" <= served <= "2026-10-31", row
        assert served <= row["Posting Date"] <= AS_OF, row


# The money


def test_every_wide_line_adds_up() -> None:
    """Billed = insurer + patient + contractual + write-off + both balances, on every line."""
    given = {"Insurance Paid", "Patient Paid", "Contractual Adjustment", "Write-off"}
    parts = given | {"Insurance Balance", "Patient Balance"}
    for row in wide():
        assert Decimal(row["Billed"]) == sum(Decimal(row[name]) for name in parts), row


def rebuilt(line: Line) -> Row:
    """Make the wide row of a line from its ledger rows alone."""
    first = line.rows[0]
    insurer, patient = line.sum("Insurance Payment"), line.sum("Patient Payment")
    contractual = line.sum("Adjustment", CONTRACTUAL)
    adjusted = {reason: a for (kind, reason), a in line.nets.items() if kind == "Adjustment" and a}
    other = {reason: a for reason, a in adjusted.items() if reason not in CONTRACTUAL}
    billed, share = line.sum("Charge"), line.sum("Patient Responsibility")
    balance = billed - insurer - patient - line.sum("Adjustment")
    own = share - patient - line.sum("Adjustment", PATIENT_SIDE)
    own = own if share or insurer or adjusted else ZERO
    own = balance if first["Payer"] == "Self-pay" else own
    contract = line.sum("Adjustment", ["CO-45"])
    money = {
        "Billed": billed,
        "Insurance Paid": insurer,
        "Patient Paid": patient,
        "Contractual Adjustment": contractual,
        "Write-off": sum(other.values(), ZERO),
        "Deductible": line.sum("Patient Responsibility", ["PR-1"]),
        "Coinsurance": line.sum("Patient Responsibility", ["PR-2"]),
        "Copay": line.sum("Patient Responsibility", ["PR-3"]),
        "Patient Responsibility": share,
        "Insurance Balance": balance - own,
        "Patient Balance": own,
    }
    same = ("Claim ID", "Line", "Patient ID", "Payer", "Provider", "Location", "CPT", "Modifier")
    return {
        **{name: first[name] for name in same},
        "Date of Service": first["Service Date"],
        "Posting Date": max(row["Posting Date"] for row in line.rows),
        "Allowed": f"{billed - contract:.2f}" if contract else "",
        "Write-off Reason": "".join(other),
        **{name: f"{amount:.2f}" for name, amount in money.items()},
    }


def test_the_wide_file_is_the_ledger_line_by_line() -> None:
    """Every cell of the wide file follows from the ledger; voided lines are left out."""
    kept = {key: line for key, line in lines().items() if line.sum("Charge")}
    stated = {(row["Claim ID"], row["Line"]): row for row in wide()}
    assert len(stated) == len(wide())
    assert stated.keys() == kept.keys()
    for key, line in kept.items():
        assert rebuilt(line) == stated[key]


def test_voided_lines_net_to_zero() -> None:
    """A line whose charge is reversed keeps no payment, adjustment or patient share."""
    voided = [line for line in lines().values() if not line.sum("Charge")]
    assert 5 <= len(voided) <= 60
    assert all(amount == 0 for line in voided for amount in line.nets.values())


def test_both_files_give_the_same_totals() -> None:
    """Billed, paid, adjusted by class of reason, and patient shares tie to the cent."""
    assert column("Billed") == dollars("Charge")
    assert column("Insurance Paid") == dollars("Insurance Payment")
    assert column("Patient Paid") == dollars("Patient Payment")
    assert column("Contractual Adjustment") == dollars("Adjustment", CONTRACTUAL)
    for reason in ADJUSTMENTS - CONTRACTUAL:
        assert column("Write-off", having("Write-off Reason", reason)) == dollars(
            "Adjustment", [reason]
        ), reason
    for name, code in (("Deductible", "PR-1"), ("Coinsurance", "PR-2"), ("Copay", "PR-3")):
        assert column(name) == dollars("Patient Responsibility", [code]), name
    assert column("Patient Responsibility") == dollars("Patient Responsibility")
    paid = dollars("Insurance Payment") + dollars("Patient Payment") + dollars("Adjustment")
    balance = column("Insurance Balance") + column("Patient Balance")
    assert balance == dollars("Charge") - paid


def test_a_line_has_at_most_one_other_write_off() -> None:
    """Next to the contractual part one reason at most is left, and it is named."""
    for key, line in lines().items():
        left = [r for (k, r), a in line.nets.items() if k == "Adjustment" and a]
        assert len(set(left) - CONTRACTUAL) <= 1, key
    for row in wide():
        assert bool(row["Write-off Reason"]) == (Decimal(row["Write-off"]) != 0), row


def test_a_few_patients_have_a_credit() -> None:
    """Some lines owe the patient money back; no line owes an insurer any."""
    assert 1 <= sum(Decimal(row["Patient Balance"]) < 0 for row in wide()) <= 30
    assert all(Decimal(row["Insurance Balance"]) >= 0 for row in wide())


def test_self_pay_knows_no_insurer() -> None:
    """A self-pay line has no insurer money, no patient share, and only patient-side write-offs."""
    for line in lines().values():
        if line.rows[0]["Payer"] == "Self-pay":
            assert {row["Type"] for row in line.rows} <= {
                "Charge",
                "Patient Payment",
                "Adjustment",
            }
            assert {r for k, r in line.nets if k == "Adjustment"} <= PATIENT_SIDE


def test_sequestration_is_two_percent_of_the_payers_payment() -> None:
    """CO-253 occurs with Medicare alone, at 2 % of payment and cut together, to the cent."""
    cut_lines = 0
    for key, line in lines().items():
        cut = line.sum("Adjustment", ["CO-253"])
        if line.rows[0]["Payer"] != "Medicare":
            assert ("Adjustment", "CO-253") not in line.nets, key
        elif cut:
            cut_lines += 1
            before = line.sum("Insurance Payment") + cut
            assert abs(before * Decimal("0.02") - cut) <= Decimal("0.005"), key
    assert cut_lines > 1000


# Counts and rates


def test_counts_are_those_of_the_plan() -> None:
    """24 months, 5,000 to 8,000 lines, about two a claim, seven insurers, four clinicians."""
    found = lines()
    assert months() == [f"{2024 + n // 12}-{n % 12 + 1:02d}" for n in range(10, 34)]
    assert 5_000 <= len(found) <= 8_000
    assert 1.9 <= len(found) / len({claim for claim, _ in found}) <= 2.2
    assert 1_000 <= len({row["Patient ID"] for row in ledger()}) <= 1_150
    assert {row["Payer"] for row in ledger()} == INSURERS | {"Self-pay"}
    assert len({row["Provider"] for row in ledger()}) == 4
    assert {row["Location"] for row in ledger()} == {"Main Street", "Riverside"}
    assert len({row["CPT"] for row in ledger()}) == 25
    sizes = Counter(line.rows[0]["Payer"] for line in found.values())
    assert sizes["Medicare"] > sizes["Blue Cross Blue Shield"] > sizes["UnitedHealthcare"]
    assert min(sizes, key=lambda payer: sizes[payer]) == "Summit Mutual"


@pytest.mark.parametrize(
    ("what", "reasons", "low", "high"),
    [
        ("contractual", CONTRACTUAL, "0.35", "0.40"),
        ("avoidable", AVOIDABLE, "0.02", "0.04"),
        ("bad debt", BAD_DEBT, "0.01", "0.02"),
        ("duplicate", {"OA-18"}, "0.001", "0.005"),
    ],
)
def test_write_offs_are_of_a_believable_size(
    what: str, reasons: set[str], low: str, high: str
) -> None:
    """Each class of write-off takes a believable part of what is billed."""
    part = dollars("Adjustment", reasons) / dollars("Charge")
    assert Decimal(low) <= part <= Decimal(high), what


def test_collection_rates_are_believable() -> None:
    """Gross 50 to 58 % overall; net 90 to 95 % over the months before the story's losses."""
    paid = dollars("Insurance Payment") + dollars("Patient Payment")
    assert Decimal("0.50") <= paid / dollars("Charge") <= Decimal("0.58")
    assert Decimal("0.90") <= net_collection(lambda row: month(row) < "2026-03") <= Decimal("0.95")
    for one in months()[:16]:
        rate = net_collection(in_month(one))
        assert Decimal("0.88") <= rate <= Decimal("0.98"), one


def test_payers_behave_unlike_one_another() -> None:
    """Contracts differ: Medicaid allows least, then Medicare, and commercial payers most."""
    share = {payer: allowed_share(of_payer(payer)) for payer in INSURERS}
    assert share["Medicaid"] < Decimal("0.48") < share["Medicare"] < Decimal("0.60")
    assert all(share[payer] > Decimal("0.60") for payer in COMMERCIAL)


def first_payment_days(payer: str) -> list[int]:
    """Return the days from service to the first insurer payment, line by line."""
    found = []
    for line in lines().values():
        paid = [r["Posting Date"] for r in line.rows if r["Type"] == "Insurance Payment"]
        if paid and line.rows[0]["Payer"] == payer:
            served = date.fromisoformat(line.rows[0]["Service Date"])
            found.append((date.fromisoformat(min(paid)) - served).days)
    return found


def test_medicare_pays_fast_and_medicaid_slowly() -> None:
    """Median days to pay: 10 to 60, Medicare below every other insurer, Medicaid above."""
    days = {payer: median(first_payment_days(payer)) for payer in INSURERS - {"Summit Mutual"}}
    assert all(10 <= found <= 60 for found in days.values()), days
    assert min(days, key=lambda payer: days[payer]) == "Medicare"
    assert max(days, key=lambda payer: days[payer]) == "Medicaid"


def undone_rows(kind: str, reasons: set[str]) -> int:
    """Count the negative rows of a type on lines that are not voided."""
    return sum(
        row["Type"] == kind and row["Reason"] in reasons and row["Amount"].startswith("-")
        for line in lines().values()
        if line.sum("Charge")
        for row in line.rows
    )


@pytest.mark.parametrize(
    ("what", "kind", "reasons", "low", "high"),
    [
        ("charges put right", "Charge", {""}, 5, 60),
        ("insurer takebacks", "Insurance Payment", {""}, 5, 60),
        ("refunds to patients", "Patient Payment", {""}, 5, 60),
        ("denials reversed on appeal", "Adjustment", AVOIDABLE | {"CO-97"}, 20, 200),
        ("bad debt paid after all", "Adjustment", {"Bad debt"}, 1, 40),
    ],
)
def test_undone_movements_occur(
    what: str, kind: str, reasons: set[str], low: int, high: int
) -> None:
    """Every kind of reversal is there to be met, and stays an exception."""
    assert low <= undone_rows(kind, reasons) <= high, what


def test_appeals_reverse_the_denial_before_the_payment() -> None:
    """Where a posted denial was undone, it nets to zero and the insurer pays from that day on."""
    won = 0
    for line in lines().values():
        undone = [
            row
            for row in line.rows
            if row["Reason"] in AVOIDABLE and row["Amount"].startswith("-") and line.sum("Charge")
        ]
        for row in undone:
            won += 1
            paid = [r for r in line.rows if r["Type"] == "Insurance Payment"]
            owed = [r for r in line.rows if r["Type"] == "Patient Responsibility"]
            assert line.nets["Adjustment", row["Reason"]] == 0
            assert min(r["Posting Date"] for r in paid or owed) >= row["Posting Date"]
    assert won >= 20


# The story


def test_timely_filing_losses_start_in_march_2026() -> None:
    """UnitedHealthcare's CO-29: next to nothing before, thousands after, in every closed month."""
    payer = "UnitedHealthcare"
    before = dollars("Adjustment", ["CO-29"], of_payer(payer, last="2026-02"))
    since = dollars("Adjustment", ["CO-29"], of_payer(payer, "2026-03"))
    assert before < 500
    assert since > 4_000 and since > 10 * before
    for one in ("2026-03", "2026-04", "2026-05", "2026-06", "2026-07"):
        assert dollars("Adjustment", ["CO-29"], of_payer(payer, one, one)) > 500, one
    assert dollars("Adjustment", ["CO-29"], of_payer(payer, "2026-08")) == 0


def test_aetna_allows_nine_percent_less_from_october_2025() -> None:
    """Aetna's allowed amounts fall for every code, its contractual rate rises; Cigna's does not."""
    old = allowed_share(of_payer("Aetna", last="2025-09"))
    new = allowed_share(of_payer("Aetna", "2025-10"))
    assert Decimal("0.89") <= new / old <= Decimal("0.93")
    steady = allowed_share(of_payer("Cigna", "2025-10")) / allowed_share(
        of_payer("Cigna", last="2025-09")
    )
    assert Decimal("0.98") <= steady <= Decimal("1.02")
    usual: dict[tuple[str, bool], list[Decimal]] = defaultdict(list)
    for row in wide():
        if row["Payer"] == "Aetna" and row["Allowed"]:
            usual[row["CPT"], month(row) >= "2025-10"].append(Decimal(row["Allowed"]))
    both = [code for code, late in usual if late and (code, False) in usual]
    assert len(both) >= 20
    for code in both:
        ratio = median(usual[code, True]) / median(usual[code, False])
        assert abs(ratio - Decimal("0.91")) < Decimal("0.005"), code


def test_the_patients_share_grows() -> None:
    """Commercial patients' share of the allowed amount climbs by quarters, about 14 to 21 %."""
    order = months()
    quarters = [patient_share(order[n], order[n + 2]) for n in range(0, 24, 3)]
    assert abs(quarters[0] - Decimal("0.14")) < Decimal("0.015")
    assert abs(quarters[-1] - Decimal("0.21")) < Decimal("0.015")
    assert quarters == sorted(quarters)


def test_summit_mutual_is_small_and_erratic() -> None:
    """About a hundred lines; what it allows for one code goes up and down; others do not."""
    spread: dict[str, dict[str, set[Decimal]]] = defaultdict(lambda: defaultdict(set))
    for row in wide():
        if row["Allowed"] and row["CPT"] in ("99213", "99214"):
            rate = Decimal(row["Allowed"]) / Decimal(row["Billed"])
            spread[row["Payer"]][row["CPT"]].add(rate)
    size = sum(line.rows[0]["Payer"] == "Summit Mutual" for line in lines().values())
    assert 80 <= size <= 120
    erratic = spread["Summit Mutual"]["99213"]
    assert max(erratic) - min(erratic) > Decimal("0.25") and len(erratic) > 8
    assert all(len(spread["Medicare"][code]) <= 3 for code in ("99213", "99214"))


def test_the_last_months_are_still_in_flight() -> None:
    """Open with insurers: little up to June 2026, then more and more with every month."""
    assert all(insurer_open(one) < Decimal("0.03") for one in months()[:20])
    august, september, october = (insurer_open(f"2026-{n:02d}") for n in (8, 9, 10))
    assert Decimal("0.03") < august < september < october
    assert Decimal("0.30") < october < Decimal("0.60")


def no_authorization(provider: str | None = None) -> Decimal:
    """Add up Blue Cross's CO-197, of everybody or of one clinician."""
    return dollars(
        "Adjustment",
        ["CO-197"],
        lambda row: (
            row["Payer"] == "Blue Cross Blue Shield"
            and (provider is None or row["Provider"] == provider)
        ),
    )


def test_missing_authorizations_are_one_clinicians() -> None:
    """Dr. Okafor has at least four fifths of Blue Cross's CO-197 dollars."""
    assert no_authorization() > 2_000
    assert no_authorization("Dr. Okafor") > Decimal("0.8") * no_authorization()


@cache
def told() -> dict[str, str]:
    """Put the story's figures into the words in which the documents must give them."""
    summit = [
        Decimal(row["Allowed"]) / Decimal(row["Billed"])
        for row in wide()
        if row["Payer"] == "Summit Mutual" and row["Allowed"]
    ]
    late = [
        dollars("Adjustment", ["CO-29"], of_payer("UnitedHealthcare", first, last))
        for first, last in (("2024-11", "2026-02"), ("2026-03", "2026-10"))
    ]
    aetna = [
        allowed_share(of_payer("Aetna", first, last))
        for first, last in (("2024-11", "2025-09"), ("2025-10", "2026-10"))
    ]
    share = patient_share("2024-11", "2025-01"), patient_share("2026-08", "2026-10")
    young = [insurer_open(f"2026-{n:02d}") for n in (8, 9, 10)]
    claims = len({claim for claim, _ in lines()})
    people = len({row["Patient ID"] for row in ledger()})
    size = sum(line.rows[0]["Payer"] == "Summit Mutual" for line in lines().values())
    return {
        "size": f"{len(lines()):,} charge lines on {claims:,} claims of {people:,} patients",
        "billed": f"${dollars('Charge'):,.2f} billed",
        "timely filing": f"${late[0]:,.0f} before, ${late[1]:,.0f} since",
        "Aetna": f"from {aetna[0]:.1%} to {aetna[1]:.1%} of the fee",
        "share": f"from {share[0]:.1%} in the first three months to {share[1]:.1%} in the last",
        "Summit": f"{size} lines, allowed anywhere from {min(summit):.0%} to {max(summit):.0%}",
        "young": f"{young[0]:.1%} of August, {young[1]:.1%} of September and {young[2]:.1%} of",
        "authorization": f"${no_authorization('Dr. Okafor'):,.0f} of ${no_authorization():,.0f}",
    }


@pytest.mark.parametrize("document", ["README.md", "make_practice.py"])
@pytest.mark.parametrize(
    "point",
    ["size", "billed", "timely filing", "Aetna", "share", "Summit", "young", "authorization"],
)
def test_the_documents_tell_the_figures_of_the_data(document: str, point: str) -> None:
    """README and the script's docstring give every figure of the story as it is in the files."""
    text = (FOLDER / document).read_text(encoding="utf-8")
    if document.endswith(".py"):
        text = ast.get_docstring(ast.parse(text)) or ""
    assert told()[point] in " ".join(text.split())


def test_the_readme_gives_the_overall_rates() -> None:
    """README's gross and net collection rates are those of the data."""
    paid = dollars("Insurance Payment") + dollars("Patient Payment")
    text = " ".join((FOLDER / "README.md").read_text(encoding="utf-8").split())
    assert f"{paid / dollars('Charge'):.1%} of everything billed" in text
    assert f"{net_collection(lambda row: month(row) < '2026-03'):.1%} net" in text
