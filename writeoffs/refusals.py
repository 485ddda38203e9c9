"""Why claims came back refused, from whom, and which refusals are worth another letter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from writeoffs import denials, taxonomy, wording
from writeoffs.book import sum_by
from writeoffs.cube import SERVICE_MONTH
from writeoffs.denials import Counted, table
from writeoffs.keys import groups, number
from writeoffs.measures import END_OF_BUCKET

MINIMUM: Final = 20  # claims below which a payer's rate is mostly chance
RECENT_DAYS: Final = 120  # Medicare's time for a first appeal (42 CFR 405.942); others differ
_STEADY: Final = 0.003  # a change of less is no finding


def by_reason(found: Counted) -> pd.DataFrame:
    """What was refused at first, by reason; where first decisions are not known, what stands.

    Returns:
        ``category``, ``reason`` (as exported), ``label`` (plain words), ``action`` (what to do),
        ``end`` (of the palette), ``claims`` and ``lines`` (int64), ``cents`` (refused, at billed
        prices), ``won_back`` (of them, what lines paid or priced later were refused) and
        ``standing``, int64 cents; largest first.
    """
    side = "first" if "decisions" in found.says else "last"
    mine = found.lines[found.lines[f"refused_{side}"] > 0]
    frame = mine.assign(
        category=mine[f"{side}_category"],
        reason=mine[f"{side}_reason"],
        cents=mine[f"refused_{side}"],
        won_back=np.where(mine["overturned"], mine["refused_first"], 0),
        standing=mine["refused_last"],
        lines=1,
    )
    return _listed(frame, ["category", "reason"], ["cents", "won_back", "standing", "lines"])


def _listed(frame: pd.DataFrame, by: list[str], sums: list[str]) -> pd.DataFrame:
    """Sums by some columns with the distinct claims of each, in plain words, largest first."""
    spread, out = groups(frame, by)
    for name in sums:
        out[name] = sum_by(spread, frame[name].to_numpy(), len(out))
    _, names = number(frame["number"].to_numpy() * max(1, len(out)) + spread)
    out["claims"] = np.bincount(names % max(1, len(out)), minlength=len(out))[: len(out)]
    category = out["category"].astype("str")
    out["label"] = category.map(taxonomy.plain)
    out["action"] = category.map(taxonomy.action)
    out["end"] = category.map(_end)
    return out.sort_values("cents", ascending=False, kind="stable", ignore_index=True)


def _end(category: str) -> str:
    """Where dollars lost to a category end."""
    known = category in taxonomy.ASSIGNABLE
    return END_OF_BUCKET[taxonomy.assigned(category).bucket] if known else "other"


def by_payer(found: Counted, names: Sequence[str]) -> pd.DataFrame:
    """A row a payer: ``payer``, ``name``, ``claims`` decided, the measures, and ``enough``: whether
    MINIMUM claims stand behind them. Those with enough come first, then by ``claims``."""
    out = table(found, names, ["payer"])
    enough = (out["claims"] >= MINIMUM).astype(bool)
    name = out["payer"].astype("str").where(out["payer"].notna(), "(no payer)")
    out = out.assign(name=name, enough=enough)
    out = out[out["claims"] > 0]
    return out.sort_values(["enough", "claims"], ascending=False, kind="stable", ignore_index=True)


def by_month(found: Counted, name: str, month: str = SERVICE_MONTH) -> pd.DataFrame:
    """One measure by month: ``month`` (year * 12 + month - 1), ``value``, ``n`` (its claims)."""
    out = table(found, [name], [month])
    out = out.rename(columns={month: "month", name: "value", "claims": "n"})
    return out[out["month"] > 0].reset_index(drop=True)


def wait(found: Counted) -> tuple[float, float, int] | None:
    """Median and 90th percentile of days from service to a refusal at first, and how many lines.

    None where fewer than MINIMUM lines have both dates.
    """
    mine = found.lines[found.lines["refused_first"] > 0]
    days = ((mine["first_day"] - mine["service_date"]) / pd.Timedelta(days=1)).dropna()
    if len(days) < MINIMUM:
        return None
    return float(days.median()), float(days.quantile(0.9)), len(days)


def standing(found: Counted, worth: pd.Series, as_of: np.datetime64) -> pd.DataFrame:
    """Lines that stand refused, newest decision first: what could still be won back.

    Args:
        found: from ``counted``, whole or narrowed.
        worth: expected allowed of every line of the ledger, "expected" of ``expected.every``.
        as_of: the day that age refers to, never the clock.

    Returns:
        The columns of the lines and ``days`` since the refusal (Int64, NA without a date),
        ``recent`` (within RECENT_DAYS) and ``expected`` (Int64 cents: by the fee schedule, else
        what the payer usually allows; NA where it is not known; at most what was refused).
    """
    lines = found.lines
    mine = lines[lines["refused_last"] > 0]
    days = ((as_of - mine["last_day"]) / pd.Timedelta(days=1)).round().astype("Int64")
    cents = worth.reindex(mine["place"]).set_axis(mine.index)
    out = mine.assign(
        days=days,
        recent=(days <= RECENT_DAYS).fillna(False).astype(bool),
        expected=cents.where(cents <= mine["refused_last"], mine["refused_last"]).where(
            cents.notna()
        ),
    )
    return out.sort_values(["days", "refused_last"], ascending=[True, False], ignore_index=True)


def work(left: pd.DataFrame) -> pd.DataFrame:
    """Refused lines to work on, by reason and payer: most dollars refused lately first.

    Args:
        left: from ``standing``.

    Returns:
        ``category``, ``label``, ``action``, ``last_payer``, ``payer`` (its name), ``claims``,
        ``cents`` (stands refused), ``recent_cents`` (of it, decided within RECENT_DAYS),
        ``expected`` (Int64, what should be allowed for these codes, over lines where that is
        known), ``known`` (cents of those lines).
    """
    frame = left.assign(
        category=left["last_category"],
        cents=left["refused_last"],
        recent_cents=np.where(left["recent"], left["refused_last"], 0),
        expected=left["expected"].fillna(0).astype("int64"),
        known=np.where(left["expected"].notna(), left["refused_last"], 0),
    )
    out = _listed(frame, ["category", "last_payer"], ["cents", "recent_cents", "expected", "known"])
    out["expected"] = out["expected"].astype("Int64").where(out["known"] > 0)
    out["payer"] = out["last_payer"].astype("str").where(out["last_payer"].notna(), "(no payer)")
    return out.sort_values(["recent_cents", "cents"], ascending=False, ignore_index=True)


# --- in words -------------------------------------------------------------------------------------


class Course(NamedTuple):
    """What became of the dollars refused at first, in cents: ``first`` = ``back`` + ``still`` +
    ``between`` (opened again, or left to the patient). ``sent``: charged to payers."""

    sent: int
    first: int
    back: int
    still: int
    between: int


def course(found: Counted) -> Course:
    """What became of the dollars that were refused at first."""
    lines = found.lines
    first = lines["refused_first"].to_numpy()
    still = np.minimum(first, lines["refused_last"].to_numpy())
    back = np.where(lines["overturned"], first - still, 0)
    sent = int(lines["submitted"].sum())
    between = first - back - still
    return Course(sent, int(first.sum()), int(back.sum()), int(still.sum()), int(between.sum()))


def answer(found: Counted) -> str:
    """What came back refused and what became of it, in one or two sentences."""
    if "decisions" not in found.says:
        now = denials.figure(found, "denied_now")
        decided = int(found.lines["decided_now"].sum())
        if not now:
            return "Nothing that payers have answered stands refused."
        return (
            f"{wording.dollars(int(now))} of {wording.dollars(decided)} that payers have answered "
            "stands refused."
        )
    sent, first, back, still, between = course(found)
    if not first:
        return f"Nothing of {wording.dollars(sent)} sent to payers came back refused."
    said = [f"{wording.dollars(still)} still stands refused"]
    said += [f"{wording.dollars(back)} was won back"] if back else []
    said += [f"{wording.dollars(between)} is undecided or the patient's"] if between else []
    listed = said[0] if len(said) == 1 else ", ".join(said[:-1]) + " and " + said[-1]
    return (
        f"Payers first refused {wording.dollars(first)} of {wording.dollars(sent)} sent to them. "
        f"Of that, {listed}."
    )


def reason_title(reasons: pd.DataFrame) -> str:
    """The largest reason, in plain words; "" where nothing was refused."""
    if not len(reasons) or reasons["cents"].iloc[0] <= 0:
        return ""
    sums = reasons.groupby("label")["cents"].sum().sort_values(ascending=False, kind="stable")
    whole = int(sums.sum())
    share = wording.percent(int(sums.iloc[0]) / whole, 0)
    return f"{sums.index[0]}: {wording.dollars(int(sums.iloc[0]))}, {share} of what was refused"


def payer_title(payers: pd.DataFrame, name: str) -> str:
    """Which payer refuses most on a rate, among those with enough claims."""
    known = payers[payers["enough"] & payers[name].notna()]
    if len(known) < 2:
        return "By payer"
    most = known.loc[known[name].astype(float).idxmax()]
    return f"{most['name']} refuses most: {wording.percent(float(most[name]))} of its dollars"


def work_title(found: pd.DataFrame) -> str:
    """What to work on first."""
    if not len(found):
        return "Nothing stands refused in this selection."
    recent = int(found["recent_cents"].sum())
    if not recent:
        whole = int(found["cents"].sum())
        return (
            f"{wording.dollars(whole)} stands refused, none of it decided in the last "
            f"{RECENT_DAYS} days of the data"
        )
    first = found.iloc[0]
    return (
        f"{wording.dollars(recent)} was refused in the last {RECENT_DAYS} days of the data; begin "
        f"with {first['label'].lower()}, {first['payer']}: "
        f"{wording.dollars(int(first['recent_cents']))}"
    )


def task(row: pd.Series) -> str:
    """A row of ``work`` in a few words with its dollars."""
    what = row["label"][0].lower() + row["label"][1:]
    claims = wording.count(int(row["claims"]), "claim")
    return f"{row['payer']}: {what}, {wording.dollars(int(row['cents']))} on {claims}"


def task_detail(row: pd.Series) -> str:
    """What to do about a row of ``work``, how much of it is recent, and what it may bring."""
    said = [row["action"]]
    if row["recent_cents"]:
        recent = wording.dollars(int(row["recent_cents"]))
        said.append(f"{recent} of it was refused in the last {RECENT_DAYS} days.")
    if not pd.isna(row["expected"]):
        expected = wording.dollars(int(row["expected"]))
        part = "" if row["known"] == row["cents"] else " of the codes for which that is known"
        said.append(f"At what this payer should allow{part} it is {expected}.")
    return " ".join(said)


def basis(found: Counted) -> str:
    """What a denial is here, and how much the files can tell of it."""
    said = "A denial: nothing was allowed, for a reason that is neither contract nor law."
    if found.as_adjudicated:
        return (
            f"{said} As adjudicated: only remittances are loaded, so this is what payers said; "
            "what the practice did since is not known."
        )
    if "decisions" not in found.says:
        return (
            f"{said} The files show how each claim ended, not what its payer said first. Add the "
            "remittances (835 files), or a ledger of every posting, to see what was won back."
        )
    unknown = ~found.lines["known"]
    if unknown.any():
        some = wording.dollars(int(found.lines.loc[unknown, "charge"].sum()))
        return f"{said} First decisions are not known for {some}, which is left out of first rates."
    return f"{said} A ledger shows a denial from the day on which it was posted."


def wait_words(median: float, late: float, lines: int) -> str:
    """How long it takes to learn of a refusal."""
    return (
        f"Half of the refusals came within {wording.days(median, 0)} of the visit, nine in ten "
        f"within {wording.days(late, 0)} ({wording.count(lines, 'line')})."
    )


def trend_title(months: pd.DataFrame, name: str) -> str:
    """Whether the last half-year with all decisions differs from the one before.

    Args:
        months: ``month``, ``value`` and ``young``, by month.
        name: the measure.
    """
    title = denials.MEASURES[name].title
    seen = months[~months["young"] & months["value"].notna()].sort_values("month")
    half = min(6, len(seen) // 2)
    if half < 3:
        return title
    late, early = seen["value"].iloc[-half:].mean(), seen["value"].iloc[-2 * half : -half].mean()
    change = float(late - early)
    if abs(change) < _STEADY:
        return f"{title}: steady"
    size = wording.points(abs(change)).lstrip("+")
    return f"{title}: {'up' if change > 0 else 'down'} {size} on the months before"


def of_reason(found: Counted, row: pd.Series) -> tuple[str, np.ndarray, np.ndarray]:
    """The claims behind a row of ``by_reason``: words, numbers and int64 cents a line."""
    side = "first" if "decisions" in found.says else "last"
    lines = found.lines
    mine = (lines[f"{side}_category"] == row["category"]) & (lines[f"refused_{side}"] > 0)
    mine &= lines[f"{side}_reason"] == row["reason"]
    return _behind(lines[mine], f"{row['label']}, {row['reason']}", f"refused_{side}")


def of_work(left: pd.DataFrame, row: pd.Series) -> tuple[str, np.ndarray, np.ndarray]:
    """The claims behind a row of ``work``: words, numbers and int64 cents a line."""
    mine = (left["last_category"] == row["category"]) & (
        left["last_payer"].astype("str") == str(row["last_payer"])
    )
    return _behind(left[mine], f"Refused by {row['payer']}: {row['label']}", "refused_last")


def _behind(lines: pd.DataFrame, title: str, cents: str) -> tuple[str, np.ndarray, np.ndarray]:
    return title, lines["number"].to_numpy(), lines[cents].to_numpy()


def definitions(found: Counted) -> pd.DataFrame:
    """Every measure of denials beside the others, in words.

    Returns:
        ``name``, ``title``, ``said`` (its value as people write it, or why there is none), ``top``
        and ``bottom`` (what is set against what) and ``source``, text.
    """
    rows = []
    for name, m in denials.MEASURES.items():
        value = denials.figure(found, name)
        if value is None:
            said = f"n/a: {denials.why(found, name)}"
        elif m.unit == "dollars":
            said = wording.dollars(int(value))
        else:
            said = wording.percent(value) if m.unit == "rate" else wording.days(value)
        rows.append((name, m.title, said, m.top, m.bottom, m.source))
    return pd.DataFrame(rows, columns=["name", "title", "said", "top", "bottom", "source"])
