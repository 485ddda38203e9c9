"""What every page begins with: the menu, the data, the filters and the line that says its state."""

from __future__ import annotations

import streamlit as st

from pages import navigation
from pages.frame.filters import Frame, sidebar
from pages.frame.show import status_line
from pages.frame.state import current
from writeoffs import wording

__all__ = ["Frame", "open_page"]


def open_page(title: str, question: str, filtered: bool = True) -> Frame:
    """Draw the frame of a page and return the data under its filters.

    ``navigation`` runs again here so that a cold request to this very page has its menu.
    """
    navigation()
    st.set_page_config(page_title=f"{title} · writeoffs", layout="wide")
    data = current()
    frame = sidebar(data, shown=filtered)
    st.title(title, anchor=False)
    st.caption(wording.md(question))
    status_line(data, frame)
    if filtered:
        st.markdown(f"**{wording.md(frame.selection.sentence)}**")
    return frame
