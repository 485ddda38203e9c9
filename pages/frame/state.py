"""The data of this browser tab: the sample practice, or what was uploaded. Nothing is shared.

The sample is made up, so every visitor may share one copy. An upload lives in this session only.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st

from writeoffs.compare import Comparison, compare
from writeoffs.judgements import Judgements, apply
from writeoffs.judgements import keep as keep_judgement
from writeoffs.judgements import kept as kept_judgements
from writeoffs.keeping import NotKept
from writeoffs.ledger import Ledger
from writeoffs.reading import read
from writeoffs.workspace import Workspace

SAMPLE = Path(__file__).parents[2] / "sample_data" / "practice_ledger.csv"
TABLES = "tables"  # what pages worked out of the ledger
GIVEN = "claims_given"  # the claims that a page handed to the Claims page
_KEY = "data"
_BEFORE = "data_before"
_OLDER = "older_export"
_OPENED = "workspace"
_FOUND = "comparison"
_GROWN = "workspace_grown"
_JUDGED = "judgements"
_JUDGED_BEFORE = "judgements_before"
_JUDGED_NOTES = "judgement_notes"


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


class Given(NamedTuple):
    """Claims that a page handed over: what they are, and what each adds to it (cents)."""

    ledger: Ledger
    title: str
    numbers: np.ndarray
    cents: np.ndarray


@dataclass(frozen=True)
class Opened:
    """A workspace that is open: its ``name``, its file as it was ``sealed`` (of no use without the
    pass phrase, which is never kept), whether it stands in the folder (``stored``), and the one
    that the last addition changed, to go back to."""

    work: Workspace
    name: str
    sealed: bytes
    stored: bool
    earlier: Opened | None = None


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
    """What this session looks at: its files under the person's judgements, as of a chosen date."""
    data = judged()
    chosen: date | None = st.session_state.get("as_of")
    if chosen is None or chosen == data.ledger.as_of:
        return data
    key = (id(data.ledger), data.fingerprint, chosen.isoformat())
    kept = st.session_state.get("as_of_ledger")
    if kept is None or kept[0] != key:
        kept = (key, data.ledger.at(chosen))
        st.session_state["as_of_ledger"] = kept
    return replace(data, ledger=kept[1])


def judged() -> Data:
    """What this session looks at, under the person's judgements, with all that was posted."""
    return _judged(st.session_state.get(_KEY) or sample())


# --- judgements -----------------------------------------------------------------------------------


def judgements() -> Judgements:
    """The person's write-off map and payer names: those kept on this computer, read once."""
    if _JUDGED not in st.session_state:
        try:
            found, notes = kept_judgements()
        except NotKept as error:
            found, notes = Judgements(), (error.in_words,)
        st.session_state[_JUDGED], st.session_state[_JUDGED_NOTES] = found, notes
    mine: Judgements = st.session_state[_JUDGED]
    return mine


def judgement_notes() -> tuple[str, ...]:
    """What the person should know of the judgements that were kept, or could not be."""
    judgements()
    return tuple(st.session_state.get(_JUDGED_NOTES, ()))


def judge(new: Judgements) -> None:
    """Use and keep other judgements; the ones before can be had back.

    What cannot be kept on this computer is used for this session all the same, and said.
    """
    old = judgements()
    st.session_state.setdefault(_JUDGED_BEFORE, []).append(old)
    _use(new, old)


def unjudge() -> None:
    """Back to the judgements before the last change."""
    old = judgements()
    _use(st.session_state[_JUDGED_BEFORE].pop(), old)


def judged_before() -> bool:
    """Whether a change of judgements can be taken back."""
    return bool(st.session_state.get(_JUDGED_BEFORE))


def _use(new: Judgements, old: Judgements) -> None:
    notes = []
    for mine, before in ((new.write_offs, old.write_offs), (new.aliases, old.aliases)):
        if mine != before:
            try:
                notes.append(keep_judgement(mine))
            except NotKept as error:
                notes.append(error.in_words)
    st.session_state[_JUDGED] = new
    st.session_state[_JUDGED_NOTES] = tuple(note for note in notes if note)
    if new.aliases != old.aliases:
        clear_choices()  # other names, other places in the lists of the filters


def _judged(data: Data) -> Data:
    """An upload under the person's judgements; the sample practice is as it is."""
    mine = judgements()
    if data.sample or mine == Judgements():
        return data
    key = (id(data.raw), data.fingerprint, mine.write_offs.to_json(), mine.aliases.to_json())
    kept = st.session_state.get("judged_ledger")
    if kept is None or kept[0] != key:
        kept = (key, apply(data.raw, mine))
        st.session_state["judged_ledger"] = kept
    return replace(data, ledger=kept[1])


# --- uploads --------------------------------------------------------------------------------------


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
    """Back to the sample; the uploads and an open workspace are dropped from this session."""
    clear_choices()
    for key in (_KEY, _BEFORE, _OLDER, _OPENED, _FOUND, _GROWN):
        st.session_state.pop(key, None)


# --- what is compared, and what a workspace keeps -------------------------------------------------


def compared(old: Ledger, new: Ledger) -> Comparison:
    """Two ledgers compared, both under the person's judgements; the last answer is kept."""
    mine = judgements()
    kept = st.session_state.get(_FOUND)
    if kept is None or kept[0] is not old or kept[1] is not new or kept[2] != mine:
        kept = (old, new, mine, compare(apply(old, mine), apply(new, mine)))
        st.session_state[_FOUND] = kept
    found: Comparison = kept[3]
    return found


def older() -> Data | None:
    """An older export that was chosen to compare with, and is shown on no other page."""
    found: Data | None = st.session_state.get(_OLDER)
    return found


def set_older(data: Data | None) -> None:
    """Choose an older export to compare with, or drop it."""
    st.session_state[_OLDER] = data


def opened() -> Opened | None:
    """The workspace that is open in this session."""
    found: Opened | None = st.session_state.get(_OPENED)
    return found


def set_opened(workspace: Opened) -> None:
    """Hold a workspace open in this session."""
    st.session_state[_OPENED] = workspace


def grown(workspace: Opened, shown: Ledger) -> Workspace:
    """A workspace with what is shown, not yet sealed; worked out once for both."""
    kept = st.session_state.get(_GROWN)
    if kept is None or kept[0] is not workspace or kept[1] is not shown:
        kept = (workspace, shown, workspace.work.follow(shown))
        st.session_state[_GROWN] = kept
    found: Workspace = kept[2]
    return found


def clear_choices() -> None:
    """Filters speak of one practice's payers; other data starts without them."""
    st.query_params.clear()
    for key in list(st.session_state):
        own = ("as_of", "as_of_ledger", "judged_ledger", "judging_found", TABLES, GIVEN)
        if str(key).startswith("filter_") or key in own:
            del st.session_state[key]
