"""What every page begins with: the menu, the data, the filters and the line that says its state."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages import navigation
from pages.frame.filters import Frame, sidebar
from pages.frame.show import status_line
from pages.frame.state import current
from writeoffs import wording

# The picture of the browser tab. A named icon would be fetched from a font server far away.
ICON = str(Path(__file__).with_name("icon.png"))

__all__ = ("Frame", "open_page")


def open_page(title: str, question: str, filtered: bool = True, compared: bool = False) -> Frame:
    """Draw the frame of a page and return the data under its filters.

    Args:
        title, question: what stands on top.
        filtered: whether the page is about the selection, and shows its filters.
        compared: whether its tiles show changes, so that it says against what.

    ``navigation`` runs again here so that a cold request to this very page has its menu.
    """
    st.set_page_config(page_title=f"{title} · writeoffs", page_icon=ICON, layout="wide")
    navigation()
    data = current()
    frame = sidebar(data, shown=filtered)
    st.title(title, anchor=False)
    st.caption(wording.md(question))
    status_line(data, frame)
    if filtered:
        said = frame.selection.sentence
        if frame.newer:
            said += f". {wording.count(frame.newer, 'newer month')} left out: still young"
        if frame.young:
            verb = "is" if frame.young == 1 else "are"
            months = wording.count(frame.young, "month")
            said += f". {months} in it {verb} young: payments are still coming in"
        if compared and frame.pair is not None:
            said += f". {frame.pair.sentence}"
            said += ", without what is still coming in." if frame.young else "."
        st.markdown(f"**{wording.md(said)}**")
        if not len(frame.now.cube) and frame.reach[1]:
            st.info(
                f"Nothing is in this selection. The files reach from {wording.span(*frame.reach)}: "
                "choose another period or fewer filters in the sidebar."
            )
    return frame
