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
from writeoffs.measures import Measure
from writeoffs.metrics import View
from writeoffs.scope import Scope

if TYPE_CHECKING:
    from pages.frame.filters import Frame


# --- claims, handed to their page -----------------------------------------------------------------


def hand(frame: Frame, title: str, numbers: Any, cents: Any) -> None:
    """Open the Claims page on just these claims."""
    handed = Given(frame.ledger, title, np.asarray(numbers), np.asarray(cents))
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


def how(frame: Frame, name: str, key: str, value: Any = None) -> None:
    """How is this worked out? In the words and numbers of this very selection.

    ``value``: the figure as shown, of a measure that counts lines or claims.
    """
    m = catalogue.measure(name)
    if m.rows != "postings" and name not in proof.COUNTED:
        return
    with st.popover("How is this worked out?", type="tertiary", key=f"how_{key}"):
        st.markdown(f"**{wording.md(m.title)}**: {wording.md(m.meaning or m.words)}")
        units = None
        if m.rows == "postings":
            told = proof.of(frame.now, name)
        else:
            units = frame.part(frame.kept(f"units_{name}", proof.COUNTED[name]))
            told = proof.of_units(m, units, value)
        if told.value is None:
            st.markdown(wording.md(f"Cannot be said: {told.why_not}."))
            return
        _sums(told)
        st.caption(wording.md(_about(frame, told)))
        for one in proof.left_out(told, frame.ledger):
            st.caption(wording.md(f"Left out: {one}"))
        if units is None:
            _doors(frame, told, key)
        elif st.button("Show the claims", key=f"{key}_units", type="tertiary"):
            hand(frame, m.title, units["number"], units["numerator"])


def _sums(told: proof.Proof) -> None:
    """Numerator and denominator, a line a term."""
    m = told.measure
    st.markdown(_lines(m, told.top, told.numerator))
    if told.denominator is not None:
        st.markdown("**set against**")
        st.markdown(_lines(m, told.bottom, told.denominator))
    st.markdown(f"**= {wording.md(proof.said(m, told.value))}**")


def _lines(m: Any, parts: tuple[proof.Part, ...], total: int) -> str:
    """A sum as a list: what, how much, added or taken off."""
    shown = proof.terms(parts)
    lines = [
        f"- {'less ' if part.sign < 0 else ''}{wording.md(part.words)}: "
        f"{wording.md(proof.amount(m, part.amount))}"
        for part in shown
    ]
    if len(shown) > 1:
        lines.append(f"- that is **{wording.md(proof.amount(m, total))}**")
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


def _rows(frame: Frame, name: str) -> pd.DataFrame:
    """The rows of a figure in dollars."""
    rows = proof.rows(frame.ledger, name, frame.scope).drop(columns="number")
    money = {c: dollars(rows[c]) for c in ("amount", "numerator", "denominator")}
    return rows.assign(**money)
