"""The proof pack as one download: made when asked for, kept for this session only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from pages.frame import state
from pages.frame.fees import sources
from writeoffs import pack as packs
from writeoffs import report, wording
from writeoffs.judgements import Judgements
from writeoffs.scope import Scope

if TYPE_CHECKING:
    from pages.frame.filters import Frame

# A browser waits for the workbook: beyond this many rows it holds sums, and a CSV has every row.
_MOST = 100_000


def proof_pack(frame: Frame, scope: Scope, words: str, key: str) -> None:
    """Make the proof pack of a part of the data, then offer it as one zip.

    Args:
        scope: the part.
        words: the part in words.
        key: unique on the page.
    """
    st.caption(
        "An Excel workbook in which every figure is a formula over the rows it is made of, a page "
        "that prints, the tables, and the fingerprints of your files. Nothing leaves this computer."
    )
    patients = st.toggle("With patient identifiers", key=f"pack_ids_{key}")
    wanted = (words, repr(scope), patients)
    if st.button("Make the proof pack", key=f"pack_{key}", icon=":material/inventory_2:"):
        _keep(frame, key, wanted, _made(frame, scope, words, patients))
    found = st.session_state.get(state.TABLES, {}).get(f"pack_{key}")
    if found is None or found[0] is not frame.ledger or found[1][0] != wanted:
        return
    made: bytes = found[1][1]
    st.download_button(
        f"Download the proof pack ({len(made) / 1e6:.1f} MB)",
        data=made,
        file_name="proof-pack.zip",
        mime="application/zip",
        key=f"pack_download_{key}",
        on_click="ignore",
        type="primary",
        icon=":material/download:",
    )


def _made(frame: Frame, scope: Scope, words: str, patients: bool) -> bytes:
    """The zip, with a line for each step while it is made."""
    mine = Judgements() if frame.data.sample else state.judgements()
    with st.status("Making the proof pack …") as status:
        pack = packs.build(
            frame.ledger,
            scope,
            words=words,
            judgements=mine,
            patients=patients,
            most=_MOST,
            sources=sources(frame),
        )
        files = report.files(pack, lambda step: status.update(label=f"Making {step} …"))
        said = wording.count(len(pack.rows), "row")
        label = f"Ready: {wording.count(len(files), 'file')}, {said} behind the figures"
        if pack.grain != packs.GRAINS[0]:
            label += f"; the workbook sums them by {pack.grain}, postings.csv has them all"
        status.update(label=label, state="complete")
    return report.zipped(files)


def _keep(frame: Frame, key: str, wanted: tuple[str, str, bool], made: bytes) -> None:
    """Keep a pack as long as this session shows these data."""
    tables = st.session_state.setdefault(state.TABLES, {})
    tables[f"pack_{key}"] = (frame.ledger, (wanted, made))
