"""The pages: one script each, top to bottom: ask, compute, show.

``navigation`` is called by app.py and again by every page (through ``frame.open_page``), because a
first request to a page's own address does not run app.py. Paths are absolute for the same reason.
"""

from pathlib import Path
from typing import NamedTuple

import streamlit as st
from streamlit.navigation.page import StreamlitPage

HERE = Path(__file__).parent


class Entry(NamedTuple):
    """One page of the menu: its script, title and address.

    No icon: the browser would fetch a named one from a font server, for the tab's own picture.
    """

    file: str
    title: str
    path: str


PAGES = (
    Entry("health", "Practice health", ""),
    Entry("work", "Work list", "work"),
    Entry("payers", "Payers", "payers"),
    Entry("write_offs", "Write-offs", "write-offs"),
    Entry("patients", "Patients", "patients"),
    Entry("receivables", "Receivables", "receivables"),
    Entry("denials", "Denials", "denials"),
    Entry("moved", "Why it moved", "moved"),
    Entry("changes", "What changed", "changes"),
    Entry("claims", "Claims", "claims"),
    Entry("data", "Data", "data"),
    Entry("lab", "Definition lab", "definition-lab"),
    Entry("definitions", "Definitions", "definitions"),
)


def page(file: str) -> StreamlitPage:
    """One page by its script's name, to link to."""
    entry = next(e for e in PAGES if e.file == file)
    return st.Page(
        HERE / f"{file}.py",
        title=entry.title,
        url_path=entry.path or None,
        default=not entry.path,
    )


def navigation() -> StreamlitPage:
    """The menu; the returned page is the one asked for."""
    return st.navigation([page(entry.file) for entry in PAGES], expanded=True)
