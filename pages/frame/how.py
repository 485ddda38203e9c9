"""How a figure was worked out, on the page: words with numbers, what is left out, its claims, its
rows; and from a bar, a point or a table's row to the claims behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st

from pages import page
from pages.frame.state import GIVEN, Given
from writeoffs import catalogue, proof, wording
from writeoffs.exporting import as_csv, dollars
from writeoffs.fee_schedule import Schedule
from writeoffs.measures import Measure
from writeoffs.metrics import View
from writeoffs.scope import Scope
from writeoffs.tallies import NAMES, Sources, Tally, tally

if TYPE_CHECKING:
    from pages.frame.filters import Frame


# --- claims, handed to their page -----------------------------------------------------------------


def hand(frame: Frame, title: str, numbers: Any, cents: Any) -> None:
    """Open the Claims page on just these claims."""
    handed = Given(frame.ledger, title, np.asarray(numbers), np.asarray(cents, dtype=np.int64))
    st.session_state[GIVEN] = handed
    st.switch_page(page("claims"))


def claims_behind(
    frame: Frame,
    name: str | Measure,
    title: str,
    key: str,
    scope: Scope | None = None,
    *,
    below: bool = False,
    label: str = "Show the claims",
) -> None:
    """A button that opens the claims behind a figure; they are looked up when it is pressed.

    Args:
        name: the measure.
        title: what they are, in words, as the Claims page will say it.
        key: unique on the page.
        scope: the part of the ledger; the page's selection when None.
        below: the claims of the denominator instead of the numerator.
    """
    if st.button(label, key=key, type="tertiary", icon=":material/arrow_forward:"):
        part = frame.scope if scope is None else scope
        find = proof.claims_below if below else proof.by_claim
        hand(frame, title, *find(frame.ledger, name, part))


def chosen(frame: Frame, name: str | Measure, title: str, key: str, scope: Scope) -> None:
    """What was chosen in a chart or a table: its dollars, and the way to its claims.

    ``name``: the measure that the bar, point or row shows. Of a rate both sides have their claims.
    """
    ledger = frame.ledger
    view = View(scope.part(ledger.cube), scope.says(ledger), scope.basis)
    numbers, cents = proof.by_claim(ledger, name, scope)
    m = name if isinstance(name, Measure) else catalogue.measure(name)
    with st.container(border=True):
        found = wording.count(len(numbers), "claim")
        total = wording.dollars(int(cents.sum()), True)
        st.markdown(f"**{wording.md(f'{title}: {total} on {found}')}**")
        if m.denominator is not None:
            st.caption(wording.md(proof.sentence(proof.of(view, m))))
        with st.container(horizontal=True):
            if st.button(
                "Show the claims", key=key, type="tertiary", icon=":material/arrow_forward:"
            ):
                hand(frame, title, numbers, cents)
            if m.denominator is not None:
                against = "Claims it is set against"
                claims_behind(frame, m, f"{title}: {against.lower()}", f"{key}_below", scope,
                              below=True, label=against)  # fmt: skip


def payer_code(frame: Frame, name: Any) -> int:
    """The code of a payer's name; -1 for a charge without one."""
    names = list(frame.ledger.cube["payer"].cat.categories)
    return names.index(name) if name in names else -1


# --- a tile's own account -------------------------------------------------------------------------


def counted(
    frame: Frame, name: str, *, age: str = "service", schedule: Schedule | None = None
) -> Tally:
    """A measure that counts lines or claims under this selection, with its units.

    ``age``: what the age of a balance counts from. ``schedule``: the fee schedule in use.
    """
    return tally(Sources(frame.ledger, frame.kept, schedule), name, frame.scope, age)


def how(frame: Frame, name: str, key: str, found: Tally | None = None) -> None:
    """How is this worked out? In the words and numbers of this very selection.

    ``found``: the figure as ``counted`` gives it, where that is not to be done again.
    """
    m = catalogue.measure(name)
    if m.rows != "postings" and name not in NAMES:
        return
    with st.popover("How is this worked out?", type="tertiary", key=f"how_{key}"):
        st.markdown(f"**{wording.md(m.title)}**: {wording.md(m.meaning or m.words)}")
        if m.rows != "postings" and found is None:
            found = counted(frame, name)
        told = proof.of(frame.now, name) if found is None else proof.of_tally(m, found)
        if told.value is None:
            st.markdown(wording.md(f"Cannot be said: {told.why_not}."))
            return
        _sums(told)
        st.caption(wording.md(_about(frame, told)))
        for one in proof.left_out(told, frame.ledger):
            st.caption(wording.md(f"Left out: {one}"))
        if found is None:
            _doors(frame, told, key)
        else:
            _doors_of_units(frame, told, found, key)


def _sums(told: proof.Proof) -> None:
    """Numerator and denominator, a line a term; of a median how it is found."""
    if told.quantile:
        st.markdown(wording.md(f"{proof.said(told.measure, told.value)}: {proof.rule(told)}."))
        return
    st.markdown(_lines(told, told.top, told.numerator))
    if told.denominator is not None:
        days = f", over {told.days} days" if told.days else ""
        st.markdown(f"**set against**{days}")
        st.markdown(_lines(told, told.bottom, told.denominator))
    st.markdown(f"**= {wording.md(proof.said(told.measure, told.value))}**")


def _lines(told: proof.Proof, parts: tuple[proof.Part, ...], total: int) -> str:
    """A sum as a list: what, how much, added or taken off."""
    shown = proof.terms(parts)
    lines = [
        f"- {'less ' if part.sign < 0 else ''}{wording.md(part.words)}: "
        f"{wording.md(proof.amount(told, part.amount))}"
        for part in shown
    ]
    if len(shown) > 1:
        lines.append(f"- that is **{wording.md(proof.amount(told, total))}**")
    return "\n".join(lines)


def _about(frame: Frame, told: proof.Proof) -> str:
    """The definition, whose it is, and of which months, by which date."""
    m = told.measure
    source = f" Source: {m.source}." if m.source else ""
    return f"{m.title} = {m.words}.{source} {frame.selection.sentence}."


def _doors(frame: Frame, told: proof.Proof, key: str) -> None:
    """The claims above and below the line, and every row as a file."""
    m, name = told.measure, told.measure.name
    rate = told.denominator is not None
    title = f"{m.title}: what counts" if rate else m.title
    label = "Claims that count" if rate else "Show the claims"
    claims_behind(frame, name, title, f"{key}_above", label=label)
    if rate:
        against = f"{m.title}: what it is set against"
        claims_behind(
            frame, name, against, f"{key}_below", below=True, label="Claims it is set against"
        )
    st.download_button(
        "Download every row, with file and row",
        data=lambda: as_csv(_rows(frame, name)),
        file_name=f"{name}_rows.csv",
        mime="text/csv",
        key=f"{key}_rows",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _doors_of_units(frame: Frame, told: proof.Proof, found: Tally, key: str) -> None:
    """The claims above and below the line, and what is counted as a file, a line a unit."""
    m, units = told.measure, found.units
    rate = told.denominator is not None and not found.quantile
    doors = [("above", "Claims that count" if rate else "Show the claims")]
    doors += [("below", "Claims it is set against")] if rate else []
    for side, label in doors:
        mine = units[units[side] != 0]
        title = f"{m.title}: what it is set against" if side == "below" else m.title
        if len(mine) and st.button(
            label, key=f"{key}_{side}", type="tertiary", icon=":material/arrow_forward:"
        ):
            hand(frame, title, mine["number"], mine[side])
    st.download_button(
        "Download what is counted, with its claims",
        data=lambda: as_csv(proof.unit_rows(frame.ledger, found)),
        file_name=f"{m.name}_counted.csv",
        mime="text/csv",
        key=f"{key}_units",
        on_click="ignore",
        type="tertiary",
        icon=":material/download:",
    )


def _rows(frame: Frame, name: str) -> pd.DataFrame:
    """The rows of a figure in dollars."""
    rows = proof.rows(frame.ledger, name, frame.scope).drop(columns="number")
    money = {c: dollars(rows[c]) for c in ("amount", "numerator", "denominator")}
    return rows.assign(**money)
