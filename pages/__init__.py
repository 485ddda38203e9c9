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
    """One page of the menu: its script, title and section. Its address is the script's name.

    The very first request of a server is answered before ``navigation`` has run, by the names of
    the scripts alone: under another address that visitor would read "Page not found". No icon:
    the browser would fetch a named one from a font server, for the tab's own picture.
    """

    file: str
    title: str
    section: str = "The practice"


PAGES = (
    Entry("health", "Practice health"),
    Entry("work", "Work list"),
    Entry("payers", "Payers"),
    Entry("write_offs", "Write-offs"),
    Entry("patients", "Patients"),
    Entry("receivables", "Receivables"),
    Entry("denials", "Denials"),
    Entry("moved", "Why it moved"),
    Entry("changes", "What changed"),
    Entry("claims", "Claims"),
    Entry("data", "Data"),
    Entry("lab", "Definition lab"),
    Entry("definitions", "Definitions"),
)


def page(file: str) -> StreamlitPage:
    """One page by its script's name, to link to."""
    entry = next(e for e in PAGES if e.file == file)
    return st.Page(HERE / f"{file}.py", title=entry.title, url_path=file, default=entry is PAGES[0])


def navigation() -> StreamlitPage:
    """The menu, all of it in sight; the returned page is the one asked for."""
    sections: dict[str, list[StreamlitPage]] = {}
    for entry in PAGES:
        sections.setdefault(entry.section, []).append(page(entry.file))
    return st.navigation(sections, expanded=True)
