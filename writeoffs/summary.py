"""The command line's JSON, exactly as the contract says (README, "Month end").

Money is a two-decimal string or null, a rate a fraction of six places or null, and every listed
key is always there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

import pandas as pd

from writeoffs import measures, metrics
from writeoffs import vocabulary as v
from writeoffs.compare import Comparison
from writeoffs.ledger import Ledger, SourceFile
from writeoffs.money import plain_dollars
from writeoffs.plan import Plan
from writeoffs.problems import Problem
from writeoffs.readers.remittance import Remittance

TOTALS: Final = (
    "billed",
    "other_debits",
    "paid",
    "insurer_paid",
    "patient_paid",
    "written_off",
    "other_adjustments",
    "open",
    "patient_open",
    "unexplained",
    "held",
    "patient_responsibility",
    "deductible",
    "coinsurance",
    "copay",
    "patient_other",
)
RATES: Final = (
    "write_off_rate",
    "contractual_rate",
    "non_contractual_rate",
    "avoidable_rate",
    "gross_collection_rate",
    "net_collection_rate",
)
_NOT_TIED: Final = ("total_row_differs", "835_unbalanced")
_MEASURED: Final = [t for t in TOTALS if t != "held"]


def summary(ledger: Ledger, by: Sequence[str] = (), basis: str = "service") -> dict[str, Any]:
    """The whole of ``summary --json`` as a dict."""
    row = metrics.grouped(ledger, [*_MEASURED, *RATES]).iloc[0]
    out: dict[str, Any] = {
        "files": [_file(f, _limits(ledger, f, by, basis)) for f in ledger.files],
        "counts": {
            **metrics.counts(ledger),
            "rows_read": ledger.rows_read,
            "rows_held": ledger.rows_held,
        },
        "period": _period(ledger),
        "totals": _totals(row, ledger.held_cents),
        "write_offs": _write_offs(ledger),
        "adjustment_groups": _groups_stated(ledger),
        "rates": {**_rates(row), **_range(ledger, row)},
        "balanced": balanced(ledger),
        "problems": problems(ledger),
        "groups": [],
    }
    if by:
        out["groups"] = groups(ledger, by, basis)
    return out


def _limits(ledger: Ledger, file: SourceFile, by: Sequence[str], basis: str) -> list[str]:
    """What a file cannot tell of the groups asked for."""
    out = [metrics.who_paid_is_by_row(file)] if "paying_payer" in by else []
    if basis == "post" and {"month", "year"} & set(by) and file.name in metrics.unentered(ledger):
        out.append(metrics.UNENTERED)
    return [said for said in out if said]


def _file(file: SourceFile, limits: list[str]) -> dict[str, Any]:
    return {
        "name": file.name,
        "sha256": file.sha256,
        "shape": file.shape,
        "rows": file.rows,
        "notes": [*file.notes, *limits],
        "control": file.control,
    }


def _period(ledger: Ledger) -> dict[str, str | None]:
    days: dict[str, date | None] = {**ledger.span, "as_of": ledger.as_of}
    return {name: day.isoformat() if day else None for name, day in days.items()}


def _money(cents: Any) -> str | None:
    return None if pd.isna(cents) else plain_dollars(int(cents))


def _totals(row: pd.Series, held: int | None) -> dict[str, str | None]:
    out = {name: _money(row[name]) for name in _MEASURED}
    if held is not None:
        out["held"] = plain_dollars(held)
    return {name: out[name] for name in TOTALS if name in out}


def _rates(row: pd.Series) -> dict[str, float | None]:
    return {name: None if pd.isna(row[name]) else float(row[name]) for name in RATES}


def _range(ledger: Ledger, row: pd.Series) -> dict[str, list[float | None]]:
    """Where kinds are unknown, the span of net collection instead of a figure."""
    view = metrics.view_of(ledger)
    if not pd.isna(row["net_collection_rate"]):
        return {}
    if not measures.can_say(measures.measure("net_collection_rate"), view.says):
        return {}
    found = metrics.net_range(view).iloc[0]
    return {"net_collection_rate_range": [found["low"], found["high"]]}


def _write_offs(ledger: Ledger) -> dict[str, str]:
    cube = ledger.cube
    mine = cube[(cube["entry"] == v.WRITE_OFF) & cube["bucket"].isin(v.WRITTEN_OFF_BUCKETS)]
    sums = mine.groupby(mine["category"].astype("str"))["cents"].sum()
    return {str(k): plain_dollars(int(c)) for k, c in sums.items() if c}


def _groups_stated(ledger: Ledger) -> dict[str, str | None]:
    """What the files post under each adjustment group; null where no file names groups."""
    book = ledger.book
    out: dict[str, str | None] = {}
    for group in ("CO", "PR", "OA", "PI"):
        mine = [i for i, k in enumerate(book.kinds) if k.group == group]
        cents = int(book.amount[pd.Series(book.kind).isin(mine).to_numpy()].sum())
        out[group] = plain_dollars(cents) if "groups" in ledger.says else None
    return out


def balanced(ledger: Ledger) -> bool:
    """Every line's balance explained, and every total the files state agreed with."""
    if bool((ledger.settled.unexplained != 0).any()):
        return False
    return not any(p.kind in _NOT_TIED for p in ledger.problems)


def problems(ledger: Ledger) -> list[dict[str, Any]]:
    """Problems by kind with the first as example."""
    by_kind: dict[str, list[Problem]] = {}
    for problem in ledger.problems:
        by_kind.setdefault(problem.kind, []).append(problem)
    return [_problem(kind, found) for kind, found in by_kind.items()]


def _problem(kind: str, found: list[Problem]) -> dict[str, Any]:
    first = found[0]
    return {
        "kind": kind,
        "rows": sum(len(p.rows) for p in found),
        "amount": plain_dollars(sum(p.amount for p in found)),
        "example": {
            "file": first.file or None,
            "row": first.rows[0] if first.rows else None,
            "column": first.column,
            "message": first.message,
        },
    }


def groups(ledger: Ledger, by: Sequence[str], basis: str) -> list[dict[str, Any]]:
    """One entry a group, ordered by key, missing values null and last."""
    frame = metrics.grouped(ledger, [*_MEASURED, *RATES], by, basis)
    out = []
    for _, row in frame.iterrows():
        keys = {name: _key(name, row[name]) for name in by}
        out.append({**keys, "totals": _totals(row, None), "rates": _rates(row)})
    return sorted(out, key=lambda g: [(g[n] is None, str(g[n])) for n in by])


def _key(name: str, value: Any) -> str | None:
    if pd.isna(value):
        return None
    return _month(int(value)) if name == "month" else str(value)


def _month(number: int) -> str | None:
    """year * 12 + month - 1 as YYYY-MM; None for the month of no date."""
    return None if number < 0 else f"{number // 12:04d}-{number % 12 + 1:02d}"


def compared(found: Comparison) -> dict[str, Any]:
    """The whole of ``compare --json`` as a dict."""
    return {
        "changed": [
            {
                "claim": None if pd.isna(claim) else claim,
                "month": _month(month),
                "entry": entry,
                "old": plain_dollars(old),
                "new": plain_dollars(new),
                "cause": cause,
            }
            for claim, month, entry, old, new, cause in found.changes.itertuples(index=False)
        ],
        "totals": {
            "old_as_of": found.old_as_of.isoformat() if found.old_as_of else None,
            "new_as_of": found.new_as_of.isoformat() if found.new_as_of else None,
            "closed_through": None if found.open_from is None else _month(found.open_from - 1),
            "claims": found.claims[""],
            "entries": {
                str(row.entry): {
                    n: plain_dollars(getattr(row, n)) for n in ("old", "new", "change")
                }
                for row in found.entries.itertuples()
            },
            "causes": _causes(found),
            "not_compared": list(found.not_compared),
        },
    }


def _causes(found: Comparison) -> dict[str, dict[str, Any]]:
    """By cause: how many claims, and the change of each entry."""
    changes = found.changes.assign(change=found.changes["new"] - found.changes["old"])
    sums = changes.groupby(["cause", "entry"])["change"].sum()
    out: dict[str, dict[str, Any]] = {}
    for (cause, entry), cents in sums.items():
        told = out.setdefault(cause, {"claims": found.claims.get(cause, 0), "change": {}})
        told["change"][entry] = plain_dollars(int(cents))
    return out


def mapping(plan: Plan) -> dict[str, Any]:
    """The whole of ``map --json`` as a dict."""
    return {"shape": plan.shape, "columns": plan.columns, "holds": plan.holds}


def remittance_mapping(remit: Remittance) -> dict[str, Any]:
    """``map --json`` of an 835, which needs no mapping; ``holds`` is its balancing claims."""
    return {"shape": "835", "columns": {}, "holds": remit.balancing}
