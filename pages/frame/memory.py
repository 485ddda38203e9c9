"""The workspace on the Data page: save what is shown, open it again, add to it, close it.

A pass phrase lives as long as the run that uses it. Its field gets a new key after each use, so
that the session drops what was typed; to seal again it is asked for again, and has to open what was
sealed before.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NoReturn

import streamlit as st

from pages import page
from pages.frame import state
from pages.frame.state import Data, Opened
from writeoffs import changes, shelf, wording
from writeoffs.keeping import NotKept
from writeoffs.problems import BadRequest
from writeoffs.workspace import SHORTEST, SUFFIX, Workspace, open_workspace, reseal, seal

_ROUND: Final = "memory_round"
_SAID: Final = "memory_said"
_CHOSEN_FILE: Final = ""


def panel() -> None:
    """The memory part of the Data page."""
    st.subheader("Keep a memory, if you want one", anchor=False)
    st.caption(
        "Without one nothing is kept: what you upload is gone when this tab is closed or reloaded. "
        "A memory is one encrypted file of yours, called a workspace, that only your pass phrase "
        "opens. What you decided (payer names, what a write-off means) is not inside it."
    )
    _say_last()
    data, opened = state.current(), state.opened()
    if opened is not None:
        _opened(opened, data)
        return
    with st.expander("Open one that you saved"):
        _open()
    with st.expander("Save what is shown now"):
        if data.sample:
            st.markdown("The sample practice is made up. Upload your own files first.")
        else:
            _save(data)


# --- what was said --------------------------------------------------------------------------------


def _say_last() -> None:
    """The outcome of the last step, said once, above what it changed."""
    good, words = st.session_state.pop(_SAID, (True, ""))
    if words:
        (st.success if good else st.error)(wording.md(words))


def _done(good: bool, words: str) -> NoReturn:
    """Say how a step ended in a fresh run, in which the fields with the pass phrase are gone."""
    st.session_state[_SAID] = (good, words)
    st.session_state[_ROUND] = st.session_state.get(_ROUND, 0) + 1
    st.rerun()


def _fresh(name: str) -> str:
    """A widget's key for this round: what was typed under the one before is dropped."""
    return f"memory_{name}_{st.session_state.get(_ROUND, 0)}"


def _try(step: Callable[[], str], waiting: str) -> NoReturn:
    """Take a step that may be refused, and say how it ended."""
    with st.spinner(waiting):
        try:
            good, words = True, step()
        except (BadRequest, NotKept) as error:
            good, words = False, error.in_words
    _done(good, words)


def _phrase(label: str, name: str, *, new: bool = False) -> str:
    return st.text_input(
        label,
        type="password",
        key=_fresh(name),
        autocomplete="new-password" if new else "current-password",
    )


# --- nothing is open ------------------------------------------------------------------------------


def _open() -> None:
    """Choose a workspace and open it."""
    try:
        stored = shelf.names()
    except NotKept:
        stored = []
    chosen = _CHOSEN_FILE
    if stored:
        chosen = st.selectbox(
            "Which one",
            [*stored, _CHOSEN_FILE],
            format_func=lambda name: name or "A file that I choose",
            key="memory_which",
        )
    with st.form("memory_open", border=False):
        found = None
        if chosen == _CHOSEN_FILE:
            found = st.file_uploader(
                f"Your workspace ({SUFFIX})", type=[SUFFIX.removeprefix(".")], key=_fresh("file")
            )
        phrase = _phrase("Pass phrase", "open_phrase")
        if not st.form_submit_button("Open it", key="memory_open_button"):
            return
    if chosen == _CHOSEN_FILE and found is None:
        _done(False, "Choose your workspace first.")
    if found is not None:
        name, sealed = _stem(found.name), found.getvalue()
        _try(lambda: _show(name, sealed, phrase, False), "Opening …")
    _try(lambda: _show(chosen, shelf.take(chosen), phrase, True), "Opening …")


def _stem(name: str) -> str:
    """What a chosen file is called, as the plain name that it could be saved under."""
    bare = name.replace("\\", "/").rsplit("/", 1)[-1].removesuffix(SUFFIX)
    return bare if shelf.is_name(bare) else "workspace"


def _show(name: str, sealed: bytes, phrase: str, stored: bool) -> str:
    work = open_workspace(sealed, phrase)
    state.keep(work.ledger, _label(name))
    state.set_opened(Opened(work, name, sealed, stored))
    return f"{name} is open and shown."


def _label(name: str) -> str:
    return f"workspace {name}"


def _save(data: Data) -> None:
    """Make a workspace of what is shown."""
    with st.form("memory_save", border=False):
        name = st.text_input(
            "Name", value="practice", max_chars=40, key="memory_name", help="Letters, digits, - _"
        )
        first = _phrase(f"Pass phrase, {SHORTEST} characters or more", "new_phrase", new=True)
        again = _phrase("The same once more", "new_again", new=True)
        st.caption(
            "Four words that do not belong together are a good one. It is kept nowhere: without it "
            "the file cannot be opened by anybody, us included."
        )
        stored = st.checkbox("Also keep the file on this computer", value=True, key="memory_store")
        st.caption(wording.md(_where()))
        if not st.form_submit_button("Save", key="memory_save_button"):
            return
    if first != again:
        _done(False, "The two pass phrases are not the same. Type both again.")
    if not shelf.is_name(name):
        _done(False, "A name is letters, digits, - and _, at most 40. Such as practice.")
    _try(lambda: _made(data, name, first, stored), "Encrypting …")


def _where() -> str:
    try:
        return f"In {shelf.folder()}. Or download it in the next step and keep it where you like."
    except NotKept:
        return "This computer has no folder for it: download it in the next step instead."


def _made(data: Data, name: str, phrase: str, stored: bool) -> str:
    work = Workspace(data.raw)
    sealed = seal(work, phrase)
    words = f"{name} is ready: download it below, or it is gone with this tab."
    if stored:
        shelf.put(name, sealed)
        words = f"{name} is saved on this computer. Download a copy below to keep elsewhere."
    state.set_opened(Opened(work, name, sealed, stored))
    return words


# --- one is open ----------------------------------------------------------------------------------


def _opened(opened: Opened, data: Data) -> None:
    """What is open, what can be added to it, and how to go back."""
    with st.container(border=True):
        ledger = opened.work.ledger
        files = wording.count(len(ledger.files), "file")
        st.markdown(f"**{wording.md(opened.name)} is open**")
        place = "on this computer" if opened.stored else "only as the file that you download"
        st.caption(wording.md(f"{files}, as of {ledger.as_of or 'no known date'}; saved {place}."))
        if data.raw is ledger:
            st.markdown("What is shown is what it keeps. Upload newer files above to add them.")
        else:
            _difference(opened, data)
        _ways_out(opened)


def _difference(opened: Opened, data: Data) -> None:
    """Files are shown that the workspace does not keep, or the other way round."""
    kept = {(file.sha256, file.table) for file in opened.work.ledger.files}
    new = [file.name for file in data.raw.files if (file.sha256, file.table) not in kept]
    if data.sample or not new:
        st.markdown("What is shown is not what it keeps.")
        if st.button("Show what it keeps", key="memory_show"):
            state.keep(opened.work.ledger, _label(opened.name))
            st.rerun()
        return
    more = f" and {len(new) - 1} more" if len(new) > 1 else ""
    st.markdown(wording.md(f"Shown and not in it yet: {new[0]}{more}. Adding this would say:"))
    with st.spinner("Comparing …"):
        work = state.grown(opened, data.raw)
    found = state.compared(opened.work.ledger, work.ledger)
    st.markdown(f"**{wording.md(changes.sentence(found))}**")
    with st.form("memory_add", border=False):
        phrase = _phrase("Its pass phrase", "add_phrase")
        st.caption("Asked for again, because it is not kept while the workspace is open.")
        pressed = st.form_submit_button(
            "Add to my workspace and compare", type="primary", key="memory_add_button"
        )
    if pressed:
        _try(lambda: _added(opened, work, phrase), "Encrypting …")


def _added(opened: Opened, work: Workspace, phrase: str) -> str:
    sealed = reseal(work, phrase, opened.sealed)
    if opened.stored:
        shelf.put(opened.name, sealed, over=opened.sealed)
    earlier = Opened(opened.work, opened.name, opened.sealed, opened.stored)
    state.set_opened(Opened(work, opened.name, sealed, opened.stored, earlier))
    state.keep(work.ledger, _label(opened.name))
    st.session_state["changes_pair"] = "workspace"  # what the other page compares first
    saved = "and saved" if opened.stored else "Download the new file below to keep it"
    return f"Added to {opened.name} {saved}. What it changed is on the page What changed."


def _taken_back(opened: Opened, earlier: Opened) -> str:
    if opened.stored:
        shelf.put(opened.name, earlier.sealed, over=opened.sealed)
    state.set_opened(earlier)
    state.keep(earlier.work.ledger, _label(earlier.name))
    return f"{opened.name} is as it was before the last addition."


def _ways_out(opened: Opened) -> None:
    """The comparison, the file, the step back, and the door."""
    if opened.work.before is not None:
        st.page_link(page("changes"), label="What the last addition changed")
    row = st.container(horizontal=True)
    row.download_button(
        "Download the encrypted file",
        data=opened.sealed,
        file_name=f"{opened.name}{SUFFIX}",
        mime="application/octet-stream",
        on_click="ignore",
        icon=":material/download:",
        key="memory_download",
    )
    earlier = opened.earlier
    if earlier is not None and row.button("Take back the last addition", key="memory_back"):
        _try(lambda: _taken_back(opened, earlier), "Going back …")
    if row.button("Close the workspace", key="memory_close"):
        state.forget()
        _done(True, f"{opened.name} is closed and forgotten here. Its file is as it was saved.")
