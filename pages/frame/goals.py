"""A practice's own goals: set in one form, shown with what is missing and what that is worth."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Final

import pandas as pd
import streamlit as st

from pages.frame.filters import Frame
from pages.frame.how import counted
from pages.frame.owned import Owned
from pages.frame.show import DOLLARS, TEXT, say, table
from writeoffs import catalogue, goals, wording
from writeoffs.goals import Distance, Goals
from writeoffs.measures import can_say

OFFERED: Final = (
    "net_collection_rate",
    "avoidable_rate",
    "non_contractual_rate",
    "avoidable",
    "bad_debt",
    "patient_open",
    "initial_denial_dollars",
    "final_denial_dollars",
    "days_in_ar",
    "over_90_share",
    "patient_collection_12",
)
_GOALS: Final = Owned("goals", goals.kept, goals.keep, Goals())
_SHOWN: Final = MappingProxyType({"rate": 100.0, "dollars": 0.01})  # a goal as a person types it


def section(frame: Frame) -> None:
    """The goals, how far away they are, and the form to set them."""
    st.subheader("Your goals", anchor=False)
    mine = _GOALS.now()
    if not mine.values:
        st.markdown("No goal is set. Set one below, and every look here says how far it is.")
    else:
        months = goals.mature(frame.whole, frame.selection.month, frame.young_from)
        names = [n for n in mine.values if catalogue.measure(n).rows != "postings"]
        values = {name: counted(frame, name).value for name in names}
        _list(goals.distances(frame.now, mine.values, months, values))
    if _GOALS.note():
        st.warning(wording.md(_GOALS.note()))
    with st.expander("Set goals"):
        _form(frame, mine)
    if _GOALS.changed() and st.button("Undo the last change of goals", key="goals_undo"):
        _GOALS.undo()
        st.rerun()


def _list(found: list[Distance]) -> None:
    for one in found:
        name = one.measure.name
        if one.gap is None:
            said = "cannot be said in this selection"
        elif one.met:
            said = f"{say(name, one.value)}: reached (goal {say(name, one.goal)})"
        else:
            said = f"{say(name, one.value)}, goal {say(name, one.goal)}"
            if one.cents:
                said += f": {wording.dollars(one.cents)} away"
        st.markdown(wording.md(f"{one.measure.title}: {said}. {_way(one)}".strip()))
    rows = [
        {
            "title": d.measure.title,
            "value": say(d.measure.name, d.value),
            "goal": say(d.measure.name, d.goal),
            "cents": d.cents,
            "way": _way(d),
        }
        for d in found
    ]
    columns = {
        "title": ("Measure", TEXT),
        "value": ("Now", TEXT),
        "goal": ("Goal", TEXT),
        "cents": ("What the distance is worth", DOLLARS),
        "way": ("Last half-year", TEXT),
    }
    table(pd.DataFrame(rows).astype({"cents": "Int64"}), columns, "goals")


def _way(one: Distance) -> str:
    if one.measure.rows != "postings":
        return ""  # its trend stands on its own page
    if one.moved is None:
        return "Not enough mature months for a trend."
    if one.better is None:
        return "Steady over the last half-year."
    return "Better than the half-year before." if one.better else "Worse than the half-year before."


def _form(frame: Frame, mine: Goals) -> None:
    offered = [n for n in OFFERED if _offered(frame, n)]
    with st.form("goals_form", border=False):
        columns = st.columns(2)
        typed: dict[str, float | None] = {}
        for place, name in enumerate(offered):
            with columns[place % 2]:
                typed[name] = _ask(name, mine.values.get(name))
        if st.form_submit_button("Set these goals", type="primary"):
            new = mine
            for name, value in typed.items():
                new = new.with_goal(name, value)
            _GOALS.change(new)
            st.rerun()


def _offered(frame: Frame, name: str) -> bool:
    """What the files can say. Of what counts lines or claims that is known once it is counted."""
    m = catalogue.measure(name)
    return m.rows != "postings" or can_say(m, frame.now.says)


def _ask(name: str, goal: float | None) -> float | None:
    """One goal as a person types it: percent, or whole dollars; blank for none."""
    m = catalogue.measure(name)
    times = _SHOWN.get(m.unit, 1.0)
    unit = {"rate": "percent", "dollars": "dollars in the period"}.get(m.unit, m.unit)
    way = "at least" if m.good == "up" else "at most"
    more: dict[str, Any] = {"max_value": 200.0} if m.unit == "rate" else {}
    shown = None if goal is None else round(goal * times, 4)
    found = st.number_input(
        f"{m.title}, {way} ({unit})", 0.0, value=shown, key=f"goal_{name}", placeholder="none",
        help=f"{m.title} = {m.words}.", **more,
    )  # fmt: skip
    return None if found is None else round(found / times, 8)
