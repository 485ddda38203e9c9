"""What a proof pack holds, before it is a workbook, a page or a table: figures, rows, sources.

Everything is worked out once here, so that the workbook, the page, the tables and the manifest
cannot say different things.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pandas as pd

from writeoffs import catalogue, counted, findings, metrics, proof, taxonomy, wording
from writeoffs import vocabulary as v
from writeoffs.book import sum_by
from writeoffs.counted import Counted
from writeoffs.exporting import dollars
from writeoffs.judgements import Judgements
from writeoffs.keys import groups
from writeoffs.ledger import Ledger
from writeoffs.measures import COMPONENTS, GIVEN_UP, Measure, components, components_of
from writeoffs.metrics import View
from writeoffs.problems import KINDS
from writeoffs.proof import Proof
from writeoffs.scope import Scope, movements, within
from writeoffs.tallies import Sources

SHEET_ROWS: Final = 1_048_575  # of a worksheet, without its heading
MEMO: Final = "memo"  # moves no figure: transfers, cash outside the claims
GRAINS: Final = ("posting", "claim", "month and payer")
_PER_CLAIM: Final = ["number", "claim", "payer", "entry", "category", "party", "counts", "rated"]
_PER_MONTH: Final = ["month", "payer", "entry", "category", "party", "counts", "rated"]


@dataclass(frozen=True)
class Pack:
    """A part of a ledger with everything that proves its figures.

    ``rows``: one row a posting with ``counts`` (the component it counts in) and ``amount`` (int64
    cents); ``summed``: the same as sums, where a worksheet cannot hold all rows; ``grain``: what a
    row of ``summed`` is, one of GRAINS. ``figures`` sum postings, ``counted`` holds those
    that count lines or claims.
    """

    ledger: Ledger
    scope: Scope
    words: str
    judgements: Judgements
    patients: bool
    view: View
    figures: tuple[Proof, ...]
    counted: Counted
    rows: pd.DataFrame = field(repr=False)
    summed: pd.DataFrame = field(repr=False)
    grain: str


def build(
    ledger: Ledger,
    scope: Scope | None = None,
    *,
    words: str = "",
    judgements: Judgements | None = None,
    patients: bool = False,
    most: int = SHEET_ROWS,
    sources: Sources | None = None,
) -> Pack:
    """Everything that proves the figures of a part of a ledger.

    Args:
        ledger: the ledger.
        scope: the part; None for all of it.
        words: the part in words, for headings.
        judgements: the maps that the ledger was judged by, to be listed.
        patients: whether patient identifiers may be given.
        most: how many rows a worksheet may hold; with more, the workbook sums them.
        sources: what lines and claims are counted from, with a fee schedule if there is one.
    """
    scope = scope or Scope()
    view = scope.view(ledger)
    figures = tuple(proof.of(view, m.name) for m in catalogue.ALL.values() if m.rows == "postings")
    found = movements(ledger)
    rows = proof.spelled(ledger, found, within(ledger, found, replace(scope, what={})), patients)
    rows["counts"] = _counts(rows)
    grain, summed = GRAINS[0], rows
    if len(rows) > most:
        grain, summed = GRAINS[1], _summed(rows, _PER_CLAIM)
    if len(summed) > most:
        month = rows["service_date"].dt.strftime("%Y-%m").astype("category")
        grain, summed = GRAINS[2], _summed(rows.assign(month=month), _PER_MONTH)
    said = words or "all of the files"
    judged = judgements or Judgements()
    mine = counted.build(sources or Sources.of(ledger), scope, most)
    return Pack(ledger, scope, said, judged, patients, view, figures, mine, rows, summed, grain)


def told(pack: Pack) -> tuple[Proof, ...]:
    """Every figure of a pack: those that sum postings, then those that count lines or claims."""
    return (*pack.figures, *pack.counted.figures)


def title(m: Measure) -> str:
    """A measure's title; a rate whose dollars have the same says that it is one."""
    alike = [o for o in catalogue.ALL.values() if o.title == m.title and o.unit != m.unit]
    return f"{m.title}, rate" if alike and m.unit == "rate" else m.title


def _counts(rows: pd.DataFrame) -> pd.Categorical:
    """The first component that each row counts in; those counted beside it have rules of their own
    (``BESIDE_OTHERS``)."""
    names = (*COMPONENTS, MEMO)
    spread, kinds = groups(rows, ["entry", "category", "bucket", "party"])
    first = [
        next(iter(components_of(*map(str, kind))), MEMO) for kind in kinds.itertuples(index=False)
    ]
    codes = np.array([names.index(name) for name in first], dtype=np.int64)
    return pd.Categorical.from_codes(codes[spread] if len(codes) else [], list(names))


# Components that count dollars which another component counts as well: what tells their rows.
BESIDE_OTHERS: Final = (
    (v.UNCLASSIFIED, (("entry", v.WRITE_OFF), ("category", v.UNCLASSIFIED))),
    ("self_pay_charges", (("counts", "billed"), ("party", v.SELF))),
    (
        "self_pay_discounts",
        (
            ("entry", v.WRITE_OFF),
            ("party", v.SELF),
            ("counts", f"<>{v.BAD_DEBT}"),
            *(("category", f"<>{name}") for name in GIVEN_UP),
        ),
    ),
)


def tells(component: str) -> tuple[tuple[str, str], ...]:
    """The columns of ``Pack.rows``, and their values ("<>" before one it may not have), that mark
    the rows of a component."""
    return dict(BESIDE_OTHERS).get(component, (("counts", component),))


def _summed(rows: pd.DataFrame, by: Sequence[str]) -> pd.DataFrame:
    spread, names = groups(rows, by)
    return names.assign(amount=sum_by(spread, rows["amount"].to_numpy(), len(names)))


def parts(pack: Pack) -> pd.DataFrame:
    """The components: ``name``, ``words``, ``all`` and ``rated`` in int64 cents."""
    everything = components(pack.view.cube, []).iloc[0]
    rated = components(pack.view.cube, [], rated=True).iloc[0]
    cells = [(n, proof.PART[n], int(everything[n]), int(rated[n])) for n in COMPONENTS]
    return pd.DataFrame(cells, columns=["name", "words", "all", "rated"])


def headline(pack: Pack) -> str:
    """Where each $100 went, in a sentence."""
    return findings.answer(metrics.ends(pack.view), pack.view)


# --- tables ---------------------------------------------------------------------------------------

_SHOWN: Final = (
    "billed",
    "paid",
    "insurer_paid",
    "patient_paid",
    "written_off",
    "contractual",
    "avoidable",
    "open",
    "net_collection_rate",
    "write_off_rate",
    "avoidable_rate",
)


def tables(pack: Pack) -> dict[str, pd.DataFrame]:
    """The tables of a pack by file name without its ending: dollars, fractions and text.

    Money is in dollars, rates in fractions; what cannot be said is NA.
    """
    return {
        "totals": totals(pack),
        "by_payer": _by(pack, "payer"),
        "by_month": _by(pack, pack.scope.month),
        "write_offs_by_reason": by_reason(pack),
        "claims": _claims(pack),
        "counted": counted.table(pack.counted),
        "days": pack.counted.days,
        "problems": problems(pack.ledger),
        "held_rows": _held(pack.ledger),
    }


def totals(pack: Pack) -> pd.DataFrame:
    """Every figure with its parts: dollars, or numbers of claims or lines."""
    cells = []
    for one in told(pack):
        value, top, bottom = one.value, one.numerator, one.denominator
        if value is not None and one.measure.unit == "dollars":
            value = value / 100
        scale = 100 if one.money else 1
        unsaid = one.value is None
        cells.append(
            (one.measure.name, title(one.measure), one.measure.unit, value,
             None if unsaid or one.quantile else top / scale,
             None if unsaid or bottom is None else bottom / scale,
             one.days or None, one.why_not or proof.sentence(one))
        )  # fmt: skip
    columns = ["measure", "title", "unit", "value", "numerator", "denominator", "days", "in_words"]
    numbers = dict.fromkeys(("value", "numerator", "denominator"), "Float64") | {"days": "Int64"}
    return pd.DataFrame(cells, columns=columns).astype(numbers)


def _by(pack: Pack, key: str) -> pd.DataFrame:
    """Money and rates by one column of the cube."""
    out = metrics.table(pack.view, _SHOWN, [key])
    for name in _SHOWN:
        if catalogue.measure(name).unit == "dollars":
            out[name] = dollars(out[name])
    if key == "payer":
        out["payer"] = out["payer"].astype("str").where(out["payer"].notna(), "(no payer)")
        return out.sort_values("billed", ascending=False, ignore_index=True)
    return out.assign(**{key: _month_texts(out[key])}).rename(columns={key: "month"})


def _month_texts(months: pd.Series) -> pd.Series:
    return months.map(lambda m: f"{m // 12:04d}-{m % 12 + 1:02d}" if m >= 0 else "(no date)")


def by_reason(pack: Pack) -> pd.DataFrame:
    """Write-offs by what they are and the reason as exported."""
    found = metrics.by_reason(pack.scope.part(pack.ledger.reasons), ["reason"])
    return pd.DataFrame(
        {
            "what_happened": found["category"].astype("str").map(taxonomy.plain),
            "category": found["category"],
            "counts_as": found["bucket"].astype("str").map(proof.PART),
            "reason": found["reason"],
            "dollars": dollars(found["cents"]),
        }
    )


def _claims(pack: Pack) -> pd.DataFrame:
    claims = pack.view.claims
    ids = ["claim", *(["patient"] if pack.patients else [])]
    money = ["billed", "insurer_paid", "patient_paid", "other_paid", "written_off", "avoidable",
             "patient_share", "open", "patient_open"]  # fmt: skip
    texts = claims[[*ids, "payer", "provider", "location", "service_date", "last_post"]]
    return texts.assign(**{name: dollars(claims[name]) for name in money}, file=claims["file"])


def problems(ledger: Ledger) -> pd.DataFrame:
    """What was found while reading and settling, largest first."""
    cells = [
        (p.file, "held" if p.held else "counted, flagged", p.kind, KINDS[p.kind][1], p.message,
         p.column or "", len(p.rows), p.amount / 100)
        for p in ledger.problems
    ]  # fmt: skip
    columns = ["file", "state", "kind", "what", "first_case", "column", "rows", "dollars"]
    return pd.DataFrame(cells, columns=columns).sort_values(
        "dollars", ascending=False, kind="stable", ignore_index=True
    )


def _held(ledger: Ledger) -> pd.DataFrame:
    """Every held row with its dollars: what the cells say stays in the file."""
    cells = [(f.name, row, cents / 100) for f in ledger.files for row, cents in f.held.items()]
    return pd.DataFrame(cells, columns=["file", "row", "dollars"])


def files(ledger: Ledger) -> pd.DataFrame:
    """The files read, with their fingerprints and what they state of themselves."""
    cells = [
        (f.name, f.sha256, f.shape, f.rows, len(f.held), sum(f.held.values()) / 100,
         "; ".join(f"{k} {c}" for k, c in f.control.items()), "; ".join(f.notes))
        for f in ledger.files
    ]  # fmt: skip
    columns = ["file", "sha256", "shape", "rows", "held", "held_dollars", "states", "notes"]
    return pd.DataFrame(cells, columns=columns)


def mapping(ledger: Ledger) -> pd.DataFrame:
    """How each column of each file was read."""
    cells = [
        (f.name, heading, read_as or "left to the person",
         "turned round" if f.plan.signs.get(heading, 1) < 0 else "",
         f.plan.orders.get(heading, ""), "" if heading not in f.plan.uncounted else "not counted")
        for f in ledger.files
        if f.plan is not None
        for heading, read_as in f.plan.columns.items()
    ]  # fmt: skip
    columns = ["file", "heading", "read_as", "signs", "date_order", "counted"]
    return pd.DataFrame(cells, columns=columns)


def maps(pack: Pack) -> pd.DataFrame:
    """The person's write-off map and payer names, as used."""
    mine = pack.judgements
    cells = [("write-off", label, to) for label, to in mine.write_offs.categories.items()]
    cells += [("payer name", name, charted) for name, charted in mine.aliases.names.items()]
    cells += [("two payers", one, other) for one, other in sorted(mine.aliases.refused)]
    return pd.DataFrame(cells, columns=["map", "as_exported", "read_as"])


def definitions() -> pd.DataFrame:
    """Every measure of the catalogue in words."""
    cells = [
        (m.name, title(m), m.words, m.meaning, m.unit, m.source or "rules of this program")
        for m in catalogue.ALL.values()
    ]
    return pd.DataFrame(cells, columns=["measure", "title", "formula", "meaning", "unit", "source"])


def state(pack: Pack) -> str:
    """The state of the data in one line: rows counted and held, balance, day."""
    ledger = pack.ledger
    counted = ledger.rows_read - ledger.rows_held
    said = [f"{counted:,} of {ledger.rows_read:,} rows counted"]
    if ledger.rows_held:
        rows = wording.count(ledger.rows_held, "row")
        said.append(f"{rows}, {wording.dollars(ledger.held_cents, True)} held")
    if ledger.as_of:
        said.append(f"as of {ledger.as_of.isoformat()}")
    return " · ".join(said)
