"""Fair to patients? Three checks, each with its dollars, what to do, and a way to its claims."""

from __future__ import annotations

import streamlit as st

from pages.frame.filters import Frame
from pages.frame.how import how
from pages.frame.show import COUNT, DOLLARS, EXACT, TEXT, claims_link, table
from writeoffs import patient_words, wording
from writeoffs.fairness import CREDITS, aged, claims, findings
from writeoffs.patient_words import Section


def fair(frame: Frame) -> None:
    """Draw the section. It looks at all months: what is owed back does not lapse with a period."""
    every = frame.kept("fairness", claims)
    mine = frame.part(every, dated=False)
    says = frame.ledger.can_say
    found = patient_words.sections(mine, says)
    st.subheader("Fair to patients?", anchor=False)
    st.markdown(f"**{wording.md(patient_words.fair_title(found))}**")
    st.caption(
        "All service months, whatever the period; under the filters on payers and places. What is "
        "found is to be looked at: a reason may stand outside of these files."
    )
    for column, section in zip(st.columns(3), found, strict=True):
        with column:
            _tile(frame, section)
    if any(section.key == CREDITS and section.cents for section in found):
        table(
            aged(mine),
            {
                "age": ("Owed back to patients for", TEXT),
                "claims": ("Claims", COUNT),
                "cents": ("Dollars", EXACT),
            },
            "patient_credits_by_age",
        )
    with st.expander("What was checked, what is no finding, and who says so"):
        table(
            findings(mine, says),
            {
                "title": ("Check", TEXT),
                "claims": ("Claims", COUNT),
                "cents": ("Dollars", DOLLARS),
                "looked_at": ("Looked at", COUNT),
                "why": ("Cannot be said", TEXT),
                "meaning": ("What it is", TEXT),
                "todo": ("What to do", TEXT),
                "source": ("Source", TEXT),
            },
            "fairness",
        )
        st.markdown("No finding:\n" + "\n".join(f"- {one}" for one in patient_words.NO_FINDING))


def _tile(frame: Frame, section: Section) -> None:
    with st.container(border=True, height="stretch"):
        value = "n/a" if section.cents is None else wording.dollars(section.cents, short=True)
        st.metric(section.title, value)
        st.caption(wording.md(section.said))
        for todo in section.todo:
            st.caption(wording.md(todo))
        if section.cents:
            key = f"fair_{section.key}"
            claims_link(frame, section.title, section.numbers, section.each, key)
        for name in section.measures:
            how(frame, name, name)
