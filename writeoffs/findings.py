"""What a page says first: sentences computed from figures, never written by hand.

Each finding carries its dollars, how many claims stand behind it and where to look; where nothing
stands out the sentence falls back to the measure's own name.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import measures, metrics, taxonomy, wording
from writeoffs import vocabulary as v
from writeoffs.metrics import View
from writeoffs.periods import Period

_MATTERS: Final = 0.002  # of billed: less than this is not worth a headline
_JUMP: Final = 2.0  # a loss counts as new when it runs at twice its earlier monthly pace


class Finding(NamedTuple):
    """One thing to look at: ``title`` and ``detail`` in plain words, ``cents`` at stake at billed
    prices, and the claims behind it by ``payer``, ``category`` and ``since`` a month (None: any).
    ``worth``: what could come back, at expected allowed; None where nobody can say."""

    title: str
    detail: str
    cents: int
    end: str
    payer: str | None = None
    category: str | None = None
    since: int | None = None
    worth: int | None = None


_SAID: Final = (
    (("insurer", "patient", "paid"), "was paid"),
    (("contractual",), "was given up by contract or law"),
    (("avoidable",), "was lost to avoidable mistakes"),
    (("bad_debt", "discretionary", "other", "aside"), "was written off for other reasons"),
    (("open",), "is still owed"),
    (("unexplained",), "does not tie"),
)


def answer(ends: pd.DataFrame, view: View) -> str:
    """Where each $100 billed went, in one sentence whose parts add up to $100.

    Where what is still owed cannot be said, the sentence gives the dollars that are known instead.

    Args:
        ends: from ``metrics.ends`` without groups: ``end`` and ``cents``.
        view: the view it is of.
    """
    by_end = ends.set_index("end")["cents"]
    if "open" not in view.says:
        return _known_only(by_end, view)
    sums = [int(by_end.reindex(list(keys), fill_value=0).sum()) for keys, _ in _SAID]
    shares = wording.portions(sums)
    if shares is None:
        return "No charges in this selection, so no rate can be said."
    said = [
        f"{wording.dollars(part, True)} {words}"
        for part, (_, words), cents in zip(shares, _SAID, sums, strict=True)
        if cents
    ]
    listed = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]
    return f"Of each $100 billed, {listed}."


def _known_only(by_end: pd.Series, view: View) -> str:
    """The dollars that are known, where the whole is not."""
    billed = metrics.table(view, ["billed"])["billed"].iloc[0]
    said = [] if pd.isna(billed) else [f"{wording.dollars(int(billed))} was billed"]
    for keys, words in _SAID[:4]:
        cents = int(by_end.reindex(list(keys), fill_value=0).sum())
        if cents:
            said.append(f"{wording.dollars(cents)} {words}")
    if view.basis == "post":
        return "Posted in these months: " + ", ".join(said) + "."
    return ", ".join(said).capitalize() + ". The files do not say where the rest is."


def things_to_look_at(
    view: View,
    period: Period,
    most: int = 3,
    young_from: int | None = None,
    losses: pd.DataFrame | None = None,
) -> list[Finding]:
    """What somebody could act on, most recoverable dollars first.

    ``losses``: ``recoverable.rows`` under the same filters. Avoidable losses then count for what
    would have come in, at expected allowed (domain 1.3); one that cannot be valued counts at billed
    prices, and says so.

    Months from ``young_from`` on count in the dollars, but say nothing of when a loss began: what
    is still coming in would look like a loss that stopped.
    """
    found = [
        *_avoidable(view, period, young_from),
        *_patient(view, period),
        *_unknown(view, period),
    ]
    billed = _billed(view, period)
    found = [f for f in found if f.cents > 0 and f.cents >= _MATTERS * billed]
    if losses is not None:
        found = [_valued(f, behind(losses, f, _month(view), period)) for f in found]
    return sorted(found, key=lambda f: -(f.cents if f.worth is None else f.worth))[:most]


def behind(losses: pd.DataFrame, thing: Finding, month: str, period: Period) -> pd.DataFrame:
    """The rows of ``recoverable.rows`` that an avoidable finding speaks of."""
    mine = _in(losses, month, period)
    mine = mine[mine["category"].astype("str") == thing.category]
    if thing.payer is not None:
        mine = mine[mine["payer"].astype("str") == thing.payer]
    return mine if thing.since is None else mine[mine[month] >= thing.since]


def _valued(thing: Finding, mine: pd.DataFrame) -> Finding:
    """A loss at what would have come in, both prices said; any other finding as it is."""
    if thing.end != "avoidable" or not mine["at_expected"].notna().any():
        return thing
    worth = int(mine["at_expected"].sum())
    title = _loss_title(str(thing.category), thing.payer, worth, thing.since)
    said = f"{wording.dollars(thing.cents)} at billed prices; {wording.dollars(worth)} is what the "
    said += "payer would have allowed."
    rest = int(mine["not_valued"].sum())
    if rest:
        said += f" {wording.dollars(rest)} of the billed prices could not be valued."
    detail = f"{taxonomy.action(str(thing.category))} {said}"
    return thing._replace(title=title, detail=detail, worth=worth)


def _in(frame: pd.DataFrame, column: str, period: Period) -> pd.DataFrame:
    """Rows of a period; "all months" keeps the undated too."""
    if period.name == "all":
        return frame
    return frame[frame[column].between(period.first, period.last)]


def _month(view: View) -> str:
    return "post_month" if view.basis == "post" else "service_month"


def _billed(view: View, period: Period) -> int:
    cube = _in(view.cube, _month(view), period)
    mine = (cube["entry"] == v.CHARGE) & (cube["category"] == v.SERVICE)
    return int(cube.loc[mine, "cents"].sum())


def _avoidable(view: View, period: Period, young_from: int | None) -> list[Finding]:
    """Avoidable write-offs, one finding a category, named for the payer that stands out."""
    if "written_off" not in view.says:
        return []
    cube = view.cube
    losses = cube[(cube["entry"] == v.WRITE_OFF) & (cube["bucket"] == v.AVOIDABLE)]
    now = _in(losses, _month(view), period)
    out = []
    for category, mine in now.groupby("category", observed=True):
        cents = int(mine["cents"].sum())
        if cents <= 0:
            continue
        by_payer = mine.groupby("payer", dropna=False, observed=True)["cents"].sum()
        payer, most = by_payer.idxmax(), int(by_payer.max())
        whose = str(payer) if most >= 0.6 * cents and pd.notna(payer) else None
        mine_only = losses[losses["category"] == category]
        since = _since(mine_only, whose, view, period, young_from)
        if whose is not None:
            mine = mine[mine["payer"].astype("str") == whose]
        if since is not None:
            mine = mine[mine[_month(view)] >= since]
        lost = int(mine["cents"].sum())
        title = _loss_title(str(category), whose, lost, since)
        detail = f"{taxonomy.action(str(category))} Dollars at billed prices."
        out.append(Finding(title, detail, lost, "avoidable", whose, str(category), since))
    return out


def _loss_title(category: str, payer: str | None, cents: int, since: int | None) -> str:
    what = taxonomy.plain(category)
    who = f"{payer}: " if payer else ""
    said = (what[0].lower() + what[1:]) if payer else what
    when = f" since {wording.month(since)}" if since is not None else ""
    return f"{who}{said} cost {wording.dollars(cents)}{when}"


def _since(
    losses: pd.DataFrame, payer: str | None, view: View, period: Period, young_from: int | None
) -> int | None:
    """The month from which a loss runs at a new, clearly higher pace; None when it does not."""
    if payer is not None:
        losses = losses[losses["payer"].astype("str") == payer]
    months = losses.groupby(_month(view))["cents"].sum()
    known = view.cube[_month(view)]
    known = known[known > 0]
    if not len(known) or period.last < int(known.min()):
        return None
    last = period.last
    if young_from is not None and view.basis == "service":
        last = min(last, young_from - 1)
    every = np.arange(int(known.min()), last + 1)
    pace = months.reindex(every, fill_value=0).to_numpy(dtype=float)
    best, where = 0.0, None
    for cut in range(3, len(pace) - 2):
        before, after = pace[:cut].mean(), pace[cut:].mean()
        gain = (after - before) * np.sqrt(cut * (len(pace) - cut) / len(pace))
        if after > _JUMP * max(before, 1.0) and pace[cut] > before and gain > best:
            best, where = gain, int(every[cut])
    return where if where is not None and where >= period.first else None


def _patient(view: View, period: Period) -> list[Finding]:
    if "patient_open" not in view.says:
        return []
    cube = _in(view.cube, _month(view), period)
    mine = cube[(cube["entry"] == v.OPEN) & (cube["party"] == v.PATIENT)]
    cents = int(mine["cents"].sum())
    title = f"Patients still owe {wording.dollars(cents)}"
    detail = "Assigned to patients and not paid yet. Older balances are harder to collect."
    return [Finding(title, detail, cents, "open", None, "patient_open")]


def _unknown(view: View, period: Period) -> list[Finding]:
    if "written_off" not in view.says:
        return []
    cube = _in(view.cube, _month(view), period)
    mine = cube[(cube["entry"] == v.WRITE_OFF) & (cube["category"] == v.UNCLASSIFIED)]
    cents = int(mine["cents"].sum())
    title = f"{wording.dollars(cents)} written off without a known reason"
    detail = "Name the reasons on the Data page: until then nobody can tell contract from loss."
    return [Finding(title, detail, cents, "other", None, v.UNCLASSIFIED)]


def unnamed(view: View) -> str:
    """What has no known reason, with both ends of net collection; "" where every reason is known.

    Where net collection cannot be said at all, only the dollars are.
    """
    span = metrics.net_range(view).iloc[0]
    if "written_off" not in view.says or not span["unclassified"]:
        return ""
    said = f"{wording.dollars(int(span['unclassified']))} of write-offs have no known reason."
    if pd.isna(span["low"]) or pd.isna(span["high"]):
        return said
    return (
        f"{said} If all of it were contractual, the net collection rate would be "
        f"{wording.percent(span['high'])}; if all of it were avoidable, "
        f"{wording.percent(span['low'])}."
    )


def trend_title(name: str, months: pd.DataFrame) -> str:
    """The finding of a trend of one measure (columns month, value, young), else its title."""
    m = measures.measure(name)
    seen = months[~months["young"] & months["value"].notna()]
    if len(seen) < 6:
        return m.title
    half = min(6, len(seen) // 2)
    last, first = seen["value"].iloc[-half:].mean(), seen["value"].iloc[-2 * half : -half].mean()
    change = float(last - first)
    if m.denominator is None:
        if not first or abs(change / float(first)) < 0.05:
            return f"{m.title}: steady"
        way = "up" if change > 0 else "down"
        size = wording.percent(abs(change / float(first)), 0)
        return f"{m.title}: {way} {size} on the half-year before"
    if abs(change) < 0.005:
        return f"{m.title}: steady near {wording.percent(float(last))}"
    way = "up" if change > 0 else "down"
    size = wording.points(abs(change)).lstrip("+")
    return f"{m.title}: {way} {size} on the half-year before"


def payer_title(name: str, payers: pd.DataFrame, overall: float | None) -> str:
    """Which payer stands out on a rate (columns payer, value, claims), else the measure's title."""
    m = measures.measure(name)
    known = payers[payers["value"].notna() & (payers["claims"].fillna(0) >= 50)]
    if overall is None or len(known) < 2 or m.good == "neither":
        return f"{m.title} by payer"
    away = known["value"].astype(float) - overall
    away = away if m.good == "down" else -away
    worst = known.loc[away.idxmax()]
    gap = abs(float(worst["value"]) - overall)
    if gap < 0.01:
        return f"{m.title}: no payer stands out"
    way = "above" if m.good == "down" else "below"
    size = wording.points(gap).lstrip("+")
    return f"{worst['payer']}: {m.title.lower()} {size} {way} the practice"


def chance_title(name: str, payers: pd.DataFrame, centre: float | None) -> str:
    """Which payers differ from the practice by more than chance explains.

    Args:
        name: a rate.
        payers: from ``certainty.of_claims`` with ``label``.
        centre: the practice's own rate.
    """
    m = measures.measure(name)
    far = payers[payers["outside"] != ""]
    if centre is None or pd.isna(centre):
        return f"{m.title} by payer"
    if far.empty:
        return "No payer differs from the practice by more than chance explains"
    worse = far[far["outside"] == {"up": "below", "down": "above"}.get(m.good, "")]
    if worse.empty:
        names = ", ".join(far["label"].head(3))
        more = f" and {len(far) - 3} more" if len(far) > 3 else ""
        verb = "differs" if len(far) == 1 else "differ"
        return f"{names}{more} {verb} from the practice by more than chance explains"
    worst = worse.loc[worse["dollars"].abs().idxmax()]
    way = "less" if m.good == "up" else "more"
    size = wording.dollars(abs(int(worst["dollars"])))
    rest = worse.drop(index=worst.name)["label"]
    others = f"; {wording.count(len(rest), 'more payer')} likewise" if len(rest) else ""
    if len(rest) == 1:
        others = f"; {rest.iloc[0]} likewise"
    return (
        f"{worst['label']}: {m.title.lower()} {wording.percent(float(worst['value']))} against "
        f"{wording.percent(centre)}, {size} {way} than at the practice's own rate{others}"
    )


def who_paid_title(payers: pd.DataFrame, name: str) -> str:
    """Whose dollars stand under another payer's claims (from ``metrics.by_who_paid``)."""
    title = measures.measure(name).title
    more = payers[payers["payer"].notna() & (payers["difference"].fillna(0) > 0)]
    if more.empty:
        same = not payers["difference"].fillna(0).any()
        return f"{title}: the same by who paid as by charted payer" if same else f"{title} by payer"
    most = more.loc[more["difference"].astype("int64").idxmax()]
    size = wording.dollars(int(most["difference"]))
    return f"{most['payer']}: {size} more by who paid than on the claims charted under it"
