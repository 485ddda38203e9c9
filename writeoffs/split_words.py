"""A split in plain words: the finding, three sentences, the steps to draw, the table."""

from __future__ import annotations

from typing import Final

import pandas as pd

from writeoffs import taxonomy, wording
from writeoffs import vocabulary as v
from writeoffs.pairs import Pair
from writeoffs.split import MIX, VOLUME, Split, label_of

MOST_STEPS: Final = 8
_SMALL: Final = "Everything else, together"
_WORK: Final = (VOLUME, MIX)
_NO_PAYER: Final = "(no payer)"


def said(split: Split, change: float, points: float | None = None) -> str:
    """A change as people write it, with its sign: dollars, or points of a rate."""
    if split.is_rate:
        shown = change if points is None else points / 10_000
        return wording.points(shown, 2)
    return f"{'+' if change > 0 else ''}{wording.dollars(int(change))}"


def value(split: Split, number: float | None) -> str:
    """Before or now as people write it."""
    if split.is_rate:
        return wording.percent(number, 2)
    return wording.dollars(None if number is None else int(number))


def title(split: Split) -> str:
    """The finding: how much it moved and the one thing that moved it most that way."""
    if split.change is None:
        return f"{figure_name(split)}: cannot be said, {split.why}"
    if not round(split.change, 4):
        return f"{figure_name(split)}: did not move"
    way = "up" if split.change > 0 else "down"
    size = said(split, abs(split.change)).lstrip("+")
    turn = 1 if split.change > 0 else -1
    mix, rest = split.cells["term"] == MIX, ~split.cells["term"].isin(_WORK)
    by_mix = turn * float(split.cells.loc[mix, "change"].sum())
    causes = turn * split.cells.loc[rest, "change"].astype("Float64")
    largest = float(causes.max()) if len(causes) else 0.0
    if max(by_mix, largest) <= 0:
        return f"{figure_name(split)} {way} {size}"
    if by_mix > largest:
        return f"{figure_name(split)} {way} {size}: most of all which payers the work went to"
    return (
        f"{figure_name(split)} {way} {size}: most of all {_cause(split.cells.loc[causes.idxmax()])}"
    )


def figure_name(split: Split) -> str:
    """What the figure is called in a sentence."""
    return "Payments" if split.measure.name == "paid" else split.measure.title


def sentences(split: Split, pair: Pair) -> list[str]:
    """Three sentences: what moved, what the work did, what was lost or won beside it."""
    if split.change is None:
        return [f"Cannot be said: {split.why}."]
    verb = "rose by" if split.change > 0 else "fell by" if split.change < 0 else "did not move:"
    size = "" if not split.change else f" {said(split, abs(split.change)).lstrip('+')}"
    first = (
        f"{figure_name(split)} {verb}{size}, from {value(split, split.before)} "
        f"({wording.span(pair.before.first, pair.before.last)}) to {value(split, split.now)} "
        f"({wording.span(pair.now.first, pair.now.last)})."
    )
    return [first, _work(split), _causes(split)]


def _work(split: Split) -> str:
    sums = split.terms.set_index("term")["change"]
    mix = float(sums.get(MIX, 0))
    where = "to payers that bring more" if mix > 0 else "to payers that bring less"
    if split.is_rate:
        if not mix:
            return "The mix of payers did not move it."
        worth = wording.dollars(abs(split.dollars(mix)))
        return f"Work that went to other payers moved it by {said(split, mix)}, about {worth}."
    volume = int(sums.get(VOLUME, 0))
    did = "added" if volume > 0 else "took"
    more = "Billing more" if volume > 0 else "Billing less"
    start = f"{more} {did} {wording.dollars(abs(volume))}" if volume else "As much was billed"
    if not mix:
        return f"{start}; the mix of payers changed nothing."
    did = "added" if mix > 0 else "took"
    if split.measure.name != "paid":
        where = "to other payers"
    return f"{start}; work that went {where} {did} {wording.dollars(abs(int(mix)))}."


def _causes(split: Split) -> str:
    """The two largest causes that somebody can act on or should know, and what to do."""
    cells = split.cells[~split.cells["term"].isin(_WORK)]
    good = split.measure.good if split.measure.good != "neither" else "up"
    if split.measure.name in ("write_off_rate", "avoidable"):
        good = "down"
    against = cells[(cells["change"] < 0) if good == "up" else (cells["change"] > 0)]
    if not len(against):
        return "Nothing beside it pulled the other way."
    order = against["change"].abs().astype("Float64").sort_values(ascending=False).index[:2]
    worst = [against.loc[at] for at in order]
    parts = [f"{_cause(one)}, {_worth(split, one)}" for one in worst]
    text = f"What hurt most: {'; '.join(parts)}."
    lost = next((one for one in worst if one["term"] == v.AVOIDABLE), None)
    return f"{text} {taxonomy.action(str(lost['reason']))}" if lost is not None else text


def _cause(cell: pd.Series) -> str:
    label = label_of(str(cell["term"]), str(cell["reason"]))
    label = label[:1].lower() + label[1:]
    return f"{label} at {cell['payer']}" if pd.notna(cell["payer"]) else label


def _worth(split: Split, cell: pd.Series) -> str:
    change = float(cell["change"])
    if not split.is_rate:
        return wording.dollars(abs(int(change)))
    return f"{said(split, change)} (about {wording.dollars(abs(split.dollars(change)))})"


def steps(split: Split, most: int = MOST_STEPS) -> pd.DataFrame:
    """What the waterfall draws: ``label``, ``end``, ``change``, ``said``; they add up.

    The smallest terms beyond ``most`` stand together as the last step.
    """
    terms = split.terms
    shown = terms["points" if split.is_rate else "change"]
    size = terms["change"].abs().astype("Float64").rank(ascending=False, method="first")
    drawn = (size <= most) & (shown != 0)
    out = terms[drawn]
    rest = terms[~drawn]
    if len(rest) and (rest["change"] != 0).any():
        sums = rest[[c for c in ("change", "points") if c in rest]].sum()
        last = pd.DataFrame([{"label": _SMALL, "end": "", **sums.to_dict()}])
        out = pd.concat([out, last], ignore_index=True)
    points = out["points"] if split.is_rate else out["change"]
    named = [said(split, float(c), float(p)) for c, p in zip(out["change"], points, strict=True)]
    return out.assign(said=named)[["label", "end", "change", "said"]].reset_index(drop=True)


def listed(split: Split) -> pd.DataFrame:
    """The cells as a table, the largest first.

    Returns:
        ``name`` (the payer), ``label``, ``term``, ``reason``, ``payer``, ``change`` and
        ``dollars`` (Int64 cents; of a rate, at its denominator now).
    """
    cells = split.cells
    name = cells["payer"].astype("str").where(cells["payer"].notna(), _NO_PAYER)
    labels = [label_of(t, r) for t, r in zip(cells["term"], cells["reason"], strict=True)]
    cents = pd.array([split.dollars(float(c)) for c in cells["change"]], dtype="Int64")
    out = cells.assign(name=name, label=labels, dollars=cents)
    out = out[out["change"] != 0]
    order = out["change"].abs().astype("Float64").sort_values(ascending=False).index
    return out.loc[order].reset_index(drop=True)
