"""The data of this browser tab: the sample practice, or what was uploaded. Nothing is shared.

The sample is made up, so every visitor may share one copy. An upload lives in this session only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import streamlit as st

from writeoffs.ledger import Ledger
from writeoffs.reading import read

SAMPLE = Path(__file__).parents[2] / "sample_data" / "practice_ledger.csv"
_KEY = "data"
_BEFORE = "data_before"


@dataclass(frozen=True)
class Data:
    """A ledger with its name on screen; ``sample`` when it is the made-up practice.

    ``ledger`` is what the pages show; ``raw`` the files as read, before anybody's choices.
    """

    ledger: Ledger
    label: str
    sample: bool
    raw: Ledger

    @property
    def fingerprint(self) -> str:
        """Eight letters that stand for these files in a link."""
        files = self.raw.files
        if len(files) == 1:
            return files[0].sha256[:8]
        return hashlib.sha256("".join(f.sha256 for f in files).encode()).hexdigest()[:8]


@st.cache_resource(max_entries=1, show_spinner="Opening the sample practice …")
def _sample(stamp: float) -> Ledger:
    del stamp  # part of the key: a remade sample is read again
    ledger = read(SAMPLE)
    _ = ledger.cube
    return ledger


def sample() -> Data:
    """The sample practice."""
    ledger = _sample(SAMPLE.stat().st_mtime)
    return Data(ledger, "Sample practice (made up)", True, ledger)


def current() -> Data:
    """What this session looks at, as of the date it chose."""
    data: Data = st.session_state.get(_KEY) or sample()
    chosen: date | None = st.session_state.get("as_of")
    if chosen is None or chosen == data.ledger.as_of:
        return data
    key = (data.fingerprint, chosen.isoformat())
    kept = st.session_state.get("as_of_ledger")
    if kept is None or kept[0] != key:
        kept = (key, data.ledger.at(chosen))
        st.session_state["as_of_ledger"] = kept
    return replace(data, ledger=kept[1])


def keep(ledger: Ledger, label: str) -> None:
    """Make an upload the data of this session; what was there can be had back once."""
    clear_choices()
    st.session_state[_BEFORE] = st.session_state.get(_KEY)
    st.session_state[_KEY] = Data(ledger, label, False, ledger)


def before() -> Data | None:
    """What this session showed before its last upload, if that was an upload too."""
    found: Data | None = st.session_state.get(_BEFORE)
    return found


def undo() -> None:
    """Back to what was shown before the last upload."""
    clear_choices()
    st.session_state[_KEY] = st.session_state.pop(_BEFORE)


def forget() -> None:
    """Back to the sample; the uploads are dropped from this session."""
    clear_choices()
    st.session_state.pop(_KEY, None)
    st.session_state.pop(_BEFORE, None)


def clear_choices() -> None:
    """Filters speak of one practice's payers; other data starts without them."""
    st.query_params.clear()
    for key in list(st.session_state):
        if str(key).startswith("filter_") or key in ("as_of", "as_of_ledger"):
            del st.session_state[key]
