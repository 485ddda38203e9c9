"""What must hold for any practice: made-up books, rewritten in ways that change no dollar.

Amounts are small and dates lie within a year, so that nothing is held for being absurd. A plan is
made once over the whole table and applied to its parts, as the rules say.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as every
from hypothesis import strategies as st

from writeoffs import measures, metrics, summary
from writeoffs import vocabulary as v
from writeoffs.claims import MONEY, claims
from writeoffs.ledger import Ledger
from writeoffs.money import plain_dollars
from writeoffs.plan import Plan
from writeoffs.reading import read

# An example here reads whole exports, so that a tenth of what is usual has to do.
FEW = settings(
    max_examples=max(10, settings.default.max_examples // 10),
    suppress_health_check=[HealthCheck.too_slow],
)


def given(*parts: st.SearchStrategy[Any]) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """A property of a few made-up files."""
    return lambda test: FEW(every(*parts)(test))


Row = dict[str, str]
Rows = list[Row]

PAYERS = ("Aetna", "Cigna, Inc", "Medicare", "NA", "Blue Cross", "Self-pay", "")
REASONS = ("CO-29", "CO-97", "CO-197", "CO-24", "OA-18", "Bad debt", "Charity", "Zebra", "CO-253")
WHO = ("Claim", "Line", "MRN", "DOS", "Payer", "Provider", "Location", "CPT")
WIDE_MONEY = ("Charge", "Ins Paid", "Pt Paid", "Contractual", "Write-off", "Deductible", "Copay")
ADDITIVE = (
    "billed",
    "other_debits",
    "paid",
    "insurer_paid",
    "patient_paid",
    "written_off",
    "open",
    "other_adjustments",
    "unexplained",
    "patient_responsibility",
    "deductible",
    "copay",
)


# --- made-up practices ----------------------------------------------------------------------------

small = st.integers(1, 9_999)
day = st.dates(pd.Timestamp("2026-01-01").date(), pd.Timestamp("2026-09-30").date())


@st.composite
def lines_of_a_claim(draw: st.DrawFn, number: int) -> Rows:
    """Service lines of one claim; what is paid and written off fits the charge."""
    who = {
        "Claim": draw(
            st.sampled_from([f"{number:05d}", f"{number}E5", f"1234567890123456{number}"])
        ),
        "MRN": f"P{draw(st.integers(1, 4))}",
        "DOS": draw(day).isoformat(),
        "Payer": draw(st.sampled_from(PAYERS)),
        "Provider": draw(st.sampled_from(["Dr. Chen", "Dr. Okafor"])),
        "Location": draw(st.sampled_from(["Main", "Side"])),
    }
    later = (
        (pd.Timestamp(who["DOS"]) + pd.Timedelta(days=draw(st.integers(0, 60)))).date().isoformat()
    )
    out = []
    for line in range(1, draw(st.integers(1, 3)) + 1):
        money = {name: draw(small) for name in WIDE_MONEY[1:] if draw(st.booleans())}
        charge = sum(money.get(n, 0) for n in WIDE_MONEY[1:]) + draw(small)
        cells = {n: plain_dollars(money.get(n, 0)) for n in WIDE_MONEY[1:]} | {
            "Charge": plain_dollars(charge)
        }
        reason = draw(st.sampled_from(REASONS)) if "Write-off" in money else ""
        code = draw(st.sampled_from(["99213", "0001A", "90656"]))
        out.append(
            who | {"Line": str(line), "CPT": code, "Post Date": later, "Reason": reason} | cells
        )
    return out


@st.composite
def wide_practices(draw: st.DrawFn, most: int = 5) -> Rows:
    numbers = range(1, draw(st.integers(2, most)) + 1)
    return [row for number in numbers for row in draw(lines_of_a_claim(number))]


def as_ledger(wide: Rows) -> Rows:
    """The same practice, a row a movement."""
    kinds = {
        "Charge": ("Charge", ""),
        "Ins Paid": ("Insurance Payment", ""),
        "Pt Paid": ("Patient Payment", ""),
        "Contractual": ("Adjustment", "CO-45"),
        "Write-off": ("Adjustment", None),
        "Deductible": ("Patient Responsibility", "PR-1"),
        "Copay": ("Patient Responsibility", "PR-3"),
    }
    out = []
    for row in wide:
        for name, (kind, reason) in kinds.items():
            if row[name] != "0.00":
                posted = row["DOS"] if name == "Charge" else row["Post Date"]
                more = {"Post Date": posted, "Type": kind, "Amount": row[name]}
                said = row["Reason"] if reason is None else reason
                number = f"T{len(out):06d}"
                out.append({"Txn ID": number} | {n: row[n] for n in WHO} | more | {"Reason": said})
    return out


wide = wide_practices()
long = wide_practices().map(as_ledger)
either = st.one_of(wide, long)


# --- reading and comparing ------------------------------------------------------------------------


def text_of(
    rows: Rows, columns: Sequence[str] | None = None, mark: str = ",", end: str = "\n"
) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, columns or list(rows[0]), delimiter=mark, lineterminator=end)
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def book(rows: Rows, name: str = "practice.csv", plan: Plan | None = None) -> Ledger:
    return read((name, text_of(rows).encode()), mapping=plan)


def plan_of(ledger: Ledger) -> Plan:
    plan = ledger.files[0].plan
    assert plan is not None
    return plan


def figures(ledger: Ledger) -> dict[str, Any]:
    """Every figure of the command line that is no name."""
    out = summary.summary(ledger)
    counts = {n: out["counts"][n] for n in ("lines", "claims", "patients")}
    return {
        **out["totals"],
        **out["rates"],
        **out["write_offs"],
        **counts,
        "balanced": out["balanced"],
    }


def cents(ledger: Ledger, names: Sequence[str] = ADDITIVE) -> dict[str, int]:
    row = metrics.grouped(ledger, names).iloc[0]
    return {n: int(row[n]) for n in names if not pd.isna(row[n])}


def cube(ledger: Ledger) -> list[tuple[str, ...]]:
    return sorted(tuple(map(str, row)) for row in ledger.cube.itertuples(index=False))


def claim_table(ledger: Ledger) -> list[tuple[str, ...]]:
    names = [
        "claim",
        "patient",
        "payer",
        "provider",
        "service_date",
        "last_post",
        *MONEY,
        "lines",
        "counts",
    ]
    return sorted(
        tuple(map(str, row)) for row in claims(ledger.settled)[names].itertuples(index=False)
    )


def same(one: Ledger, other: Ledger) -> None:
    assert figures(one) == figures(other)
    assert cube(one) == cube(other)
    assert claim_table(one) == claim_table(other)


# --- the identity, and where each dollar of a file is ---------------------------------------------


@given(either)
def test_every_dollar_billed_ends_somewhere(rows: Rows) -> None:
    ledger = book(rows)
    c = cents(ledger)
    assert c["billed"] + c["other_debits"] == (
        c["paid"] + c["written_off"] + c["other_adjustments"] + c["open"]
    )
    assert ledger.rows_held == 0


@given(either)
def test_what_was_billed_is_what_an_addition_by_hand_gives(rows: Rows) -> None:
    charges = [r.get("Charge") or (r["Amount"] if r["Type"] == "Charge" else "0") for r in rows]
    assert cents(book(rows))["billed"] == int(sum(map(Decimal, charges)) * 100)


@given(wide, st.data())
def test_dollars_of_the_file_are_dollars_counted_and_dollars_held(
    rows: Rows, data: st.DataObject
) -> None:
    rows = [dict(r) for r in rows]
    for i in data.draw(st.sets(st.integers(0, len(rows) - 1), max_size=len(rows) // 3)):
        column, bad = data.draw(
            st.sampled_from([("Ins Paid", "1e3"), ("DOS", "2026-02-30"), ("Pt Paid", "#REF!")])
        )
        rows[i][column] = bad
    ledger = book(rows)
    total = int(sum(Decimal(r["Charge"]) for r in rows) * 100)
    assert ledger.rows_read == len(rows) == len(ledger.book.rows) + ledger.rows_held
    assert cents(ledger, ["billed"])["billed"] + ledger.held_cents == total
    held = [p for p in ledger.problems if p.held]
    assert sum(len(p.rows) for p in held) == ledger.rows_held
    assert all(p.message and p.rows for p in held)


@given(wide)
def test_both_shapes_of_a_practice_give_the_same_figures(rows: Rows) -> None:
    one, other = figures(book(rows)), figures(book(as_ledger(rows)))
    differs = {k for k in one if one[k] != other.get(k)}
    # A ledger row states every share; a wide file has no column for coinsurance and for the rest.
    assert differs <= {
        "coinsurance",
        "patient_other",
        "patient_responsibility",
        "patient_open",
        "deductible",
        "copay",
    }


# --- cutting, sorting, repeating ------------------------------------------------------------------


@given(either, st.data())
def test_a_table_cut_anywhere_is_the_same_ledger(rows: Rows, data: st.DataObject) -> None:
    whole = book(rows)
    cuts = data.draw(st.sets(st.integers(1, max(1, len(rows) - 1)), min_size=1, max_size=3))
    ends = [0, *sorted(c for c in cuts if c < len(rows)), len(rows)]
    parts = [book(rows[a:b], f"part{a}.csv", plan_of(whole)) for a, b in itertools.pairwise(ends)]
    added = parts[0]
    for part in parts[1:]:
        added = added + part
    same(added, whole)


@given(either, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_no_figure(rows: Rows, random: Any) -> None:
    shuffled = random.sample(rows, len(rows))
    same(book(shuffled), book(rows))


@given(either, st.randoms(use_true_random=False))
def test_the_order_of_columns_changes_no_figure(rows: Rows, random: Any) -> None:
    columns = random.sample(list(rows[0]), len(rows[0]))
    turned = read(("practice.csv", text_of(rows, columns).encode()))
    same(turned, book(rows))


@given(either)
def test_the_same_file_twice_is_counted_once(rows: Rows) -> None:
    again = book(rows) + book(rows, "copy.csv")
    assert figures(again) == figures(book(rows))
    reordered = book(rows) + book(rows[::-1], "reordered.csv")
    assert figures(reordered) == figures(book(rows))


@given(either, st.sampled_from(["Provider", "Location", "Claim"]))
def test_a_part_and_the_rest_add_up_to_the_whole(rows: Rows, column: str) -> None:
    first = rows[0][column]
    mine = [r for r in rows if r[column] == first]
    rest = [r for r in rows if r[column] != first]
    if not rest:
        return
    whole = book(rows)
    plan = plan_of(whole)
    # As sums of cents: a part that never names a figure holds none of it.
    sums = [measures.components(book(part, plan=plan).cube, []) for part in (mine, rest)]
    both = sums[0] + sums[1]
    full = measures.components(whole.cube, [])
    for name in set(measures.COMPONENTS) - {"insurer_open", "patient_open"}:
        assert both[name].tolist() == full[name].tolist(), name


# --- groups ---------------------------------------------------------------------------------------


@given(either, st.sampled_from(["service", "post"]))
def test_the_parts_of_every_grouping_sum_to_the_whole(rows: Rows, basis: str) -> None:
    ledger = book(rows)
    whole = cents(ledger)
    for by in v.BY:
        found = metrics.grouped(ledger, list(whole), [by], basis)
        for name, total in whole.items():
            assert found[name].sum() == total, (by, name)


PAIRS = list(itertools.combinations(v.BY, 2))


@given(either, st.lists(st.sampled_from(PAIRS), min_size=6, max_size=6, unique=True))
def test_the_parts_of_every_pair_of_groupings_sum_to_the_whole(
    rows: Rows, pairs: list[tuple[str, str]]
) -> None:
    ledger = book(rows)
    whole = cents(ledger)
    for by in pairs:
        found = metrics.grouped(ledger, list(whole), by)
        assert {n: int(found[n].sum()) for n in whole} == whole, by
        coarse = metrics.grouped(ledger, list(whole), by[:1])
        again = found.groupby(by[0], dropna=False, observed=True)["billed"].sum()
        assert sorted(again.tolist()) == sorted(coarse["billed"].tolist()), by


@given(either)
def test_a_filter_on_the_cube_and_its_complement_are_all(rows: Rows) -> None:
    ledger = book(rows)
    full = measures.components(ledger.cube, [])
    for column in ("payer", "provider", "location", "service_month"):
        for value in ledger.cube[column].unique():
            inside = (
                (ledger.cube[column] == value) if not pd.isna(value) else ledger.cube[column].isna()
            )
            parts = [measures.components(ledger.cube[m], []) for m in (inside, ~inside)]
            total = sum(p[list(measures.COMPONENTS)].sum() for p in parts)
            assert total.tolist() == full[list(measures.COMPONENTS)].iloc[0].tolist(), (
                column,
                value,
            )


@given(either)
def test_a_rate_lies_between_those_of_its_groups(rows: Rows) -> None:
    ledger = book(rows)
    for name in ("write_off_rate", "gross_collection_rate"):
        whole = metrics.grouped(ledger, [name])[name].iloc[0]
        parts = metrics.grouped(ledger, [name], ["payer"])[name].dropna()
        if pd.isna(whole) or len(parts) < ledger.book.rows["payer"].nunique(dropna=False):
            continue
        assert parts.min() - 1e-6 <= whole <= parts.max() + 1e-6


@given(either)
def test_renaming_payers_permutes_groups_and_merging_two_adds_them(rows: Rows) -> None:
    def by_payer(renamed: Rows) -> dict[str, int]:
        found = metrics.grouped(book(renamed), ["billed", "paid"], ["payer"])
        return {str(p): (int(b), int(c)) for p, b, c in found.itertuples(index=False)}

    names = {"Aetna": "Zorro", "Medicare": "Alpha", "Cigna, Inc": "NA", "NA": "Cigna, Inc"}
    before = by_payer(rows)
    after = by_payer([r | {"Payer": names.get(r["Payer"], r["Payer"])} for r in rows])
    assert after == {names.get(p, p): money for p, money in before.items()}
    merged = by_payer(
        [r | {"Payer": "Aetna" if r["Payer"] == "Medicare" else r["Payer"]} for r in rows]
    )
    pair = [before.get(n, (0, 0)) for n in ("Aetna", "Medicare")]
    assert merged.get("Aetna", (0, 0)) == tuple(a + b for a, b in zip(*pair, strict=True))


# --- what adds and what does not ------------------------------------------------------------------


def undone(rows: Rows) -> Rows:
    """Each row again with the opposite sign."""
    money = [n for n in (*WIDE_MONEY, "Amount") if n in rows[0]]
    return [
        r | {n: plain_dollars(-round(Decimal(r[n]) * 100)) for n in money}
        | ({"Txn ID": r["Txn ID"] + "R"} if "Txn ID" in r else {})
        for r in rows
    ]  # fmt: skip


@given(wide_practices(), lines_of_a_claim(9), st.booleans())
def test_a_claim_and_its_full_reversal_change_no_total(
    rows: Rows, claim: Rows, in_ledger: bool
) -> None:
    if in_ledger:
        more = [r | {"Txn ID": "X" + r["Txn ID"]} for r in as_ledger(claim)]
        rows = as_ledger(rows)
    else:
        more = claim
    before, after = book(rows), book(rows + more + undone(more))
    assert cents(after) == cents(after, list(cents(before))) | cents(before)
    one, other = figures(before), figures(after)
    for name in ("claims", *summary.RATES):
        assert one[name] == other[name], name


@given(wide_practices(), lines_of_a_claim(9))
def test_one_more_claim_raises_each_figure_by_its_own_amounts(rows: Rows, claim: Rows) -> None:
    before, after, alone = book(rows), book(rows + claim), book(claim, plan=plan_of(book(rows)))
    for name in ("billed", "insurer_paid", "patient_paid", "written_off", "open"):
        assert cents(after)[name] == cents(before)[name] + cents(alone)[name], name
    assert figures(after)["claims"] == figures(before)["claims"] + 1


@given(either)
def test_a_hundredfold_of_every_amount_is_a_hundredfold_of_totals_and_no_other_rate(
    rows: Rows,
) -> None:
    money = [n for n in (*WIDE_MONEY, "Amount") if n in rows[0]]
    scaled = [r | {n: plain_dollars(round(Decimal(r[n]) * 10_000)) for n in money} for r in rows]
    one, many = book(rows), book(scaled)
    assert {n: 100 * c for n, c in cents(one).items()} == cents(many)
    assert {n: figures(one)[n] for n in summary.RATES} == {
        n: figures(many)[n] for n in summary.RATES
    }


@given(either)
def test_an_extra_column_nobody_maps_an_empty_claim_and_a_note_change_no_number(rows: Rows) -> None:
    plain = figures(book(rows))
    more = [
        r | {"Favorite Color": "red", "Zebra": str(i), "ssn": "000-00-0000"}
        for i, r in enumerate(rows)
    ]
    assert figures(book(more)) == plain
    if "Charge" in rows[0]:
        empty = (
            rows[0]
            | dict.fromkeys(WIDE_MONEY, "0.00")
            | {"Claim": "none", "Reason": "", "MRN": rows[0]["MRN"]}
        )
        found = figures(book([*rows, empty]))
        assert found == plain | {"lines": found["lines"]}


# --- spelling, dialect, encoding ------------------------------------------------------------------


def spelled(amount: str, style: int) -> str:
    """The same amount as another system writes it."""
    value = Decimal(amount)
    size = f"{abs(value):,.2f}"
    if value < 0:
        return [f"({size})", f"-${size}", f"{size}-", f"$({size})", f"\u2212{size}"][style % 5]
    return [size, f"${size}", f" {size} ", size.replace(",", " "), f"$ {size}", size + "0"][
        style % 6
    ]


@given(either, st.randoms(use_true_random=False))
def test_the_spelling_of_amounts_changes_no_figure(rows: Rows, random: Any) -> None:
    money = [n for n in (*WIDE_MONEY, "Amount") if n in rows[0]]
    dressed = [r | {n: spelled(r[n], random.randrange(30)) for n in money} for r in rows]
    same(book(dressed), book(rows))


@given(either, st.sampled_from(",;\t|"), st.sampled_from(["\n", "\r\n"]),
       st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]))  # fmt: skip
def test_delimiter_line_ends_and_encoding_change_no_figure(
    rows: Rows, mark: str, end: str, codec: str
) -> None:
    rows = [r | {"Location": r["Location"].replace("Main", "Café")} for r in rows]
    dialect = read(("practice.txt", text_of(rows, mark=mark, end=end).encode(codec)))
    same(dialect, book(rows))


@given(either, st.booleans())
def test_a_workbook_changes_no_figure(rows: Rows, typed: bool) -> None:
    money = {*WIDE_MONEY, "Amount"}
    sheet_book = openpyxl.Workbook()
    sheet = sheet_book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append([float(c) if typed and n in money else c for n, c in row.items()])
    out = io.BytesIO()
    sheet_book.save(out)
    same(read(("practice.xlsx", out.getvalue())), book(rows))


@given(either)
def test_a_frame_of_the_same_cells_is_the_same_ledger(rows: Rows) -> None:
    same(read(pd.DataFrame(rows)), book(rows))


@given(wide)
def test_ids_keep_every_character(rows: Rows) -> None:
    assert set(claims(book(rows).settled)["claim"]) == {r["Claim"] for r in rows}


@given(either)
def test_the_same_bytes_give_the_same_answer_to_the_letter(rows: Rows) -> None:
    answers = {repr(summary.summary(book(rows), ["payer", "month"])) for _ in range(2)}
    assert len(answers) == 1


# --- out and in again -----------------------------------------------------------------------------


def exported(ledger: Ledger) -> Rows:
    """The journal as a long ledger: own numbers, own entry names, dollars."""
    out = []
    for i, p in enumerate(
        ledger.postings.astype(object).where(ledger.postings.notna(), "").to_dict("records")
    ):
        out.append(
            {
                "Txn ID": str(i),
                "Claim": p["claim"],
                "Line": p["line"],
                "MRN": p["patient"],
                "DOS": str(p["service_date"])[:10],
                "Post Date": str(p["post_date"])[:10],
                "Payer": p["payer"],
                "Provider": p["provider"],
                "Location": p["location"],
                "CPT": p["procedure"],
                "Type": p["entry"],
                "Reason": p["reason"] or p["category"].replace("_", " "),
                "Amount": plain_dollars(p["amount"]),
            }
        )
    return out


@given(either)
def test_the_journal_written_out_and_read_again_gives_the_same_totals(rows: Rows) -> None:
    ledger = book(rows)
    again = book(exported(ledger), "journal.csv")
    assert again.rows_held == 0
    one, other = cents(ledger), cents(again)  # a figure that only one of them can hold is 0 there
    assert {n: one.get(n, 0) for n in ADDITIVE} == {n: other.get(n, 0) for n in ADDITIVE}
    assert figures(again)["claims"] == figures(ledger)["claims"]


# --- the sample practice --------------------------------------------------------------------------

SAMPLE = Path(__file__).resolve().parents[1] / "sample_data"


@cache
def sample(name: str) -> Ledger:
    return read(SAMPLE / name)


def test_the_two_sample_files_tie_to_the_cent() -> None:
    ledger, lines = sample("practice_ledger.csv"), sample("practice_lines.csv")
    names = [
        "billed",
        "insurer_paid",
        "patient_paid",
        "written_off",
        "open",
        "patient_open",
        "patient_responsibility",
        "avoidable",
        "contractual",
        "bad_debt",
        "discretionary",
        "set_aside",
    ]
    assert cents(ledger, names) == cents(lines, names)
    assert cents(ledger, ["billed"])["billed"] == 975_449_00
    for by in ("payer", "provider", "month"):
        one, other = (
            metrics.grouped(x, names[:7], [by]).astype({by: str}) for x in (ledger, lines)
        )
        assert one.set_index(by).sort_index().equals(other.set_index(by).sort_index()), by


@pytest.mark.parametrize("name", ["practice_ledger.csv", "practice_lines.csv"])
def test_a_sample_file_is_read_whole_and_ties(name: str) -> None:
    out = summary.summary(sample(name))
    # 3,204 claims, of which eight were entered by mistake and voided whole
    assert out["counts"]["claims"] == 3196
    assert out["counts"]["rows_held"] == 0
    assert out["balanced"] is True
