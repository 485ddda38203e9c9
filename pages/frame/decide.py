"""A change of judgements: its dollars first, then accepted or left. And its small file.

What was worked out is kept in this session by the judgements' text and the ledger itself, so that
a click elsewhere on the page works nothing out again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import pandas as pd
import streamlit as st

from pages.frame import state
from pages.frame.show import COUNT, EXACT, TEXT, help_of, say, table
from writeoffs import effects, wording
from writeoffs.effects import Effect
from writeoffs.judgements import Judgements
from writeoffs.ledger import Ledger
from writeoffs.problems import BadRequest

T = TypeVar("T")
_FOUND: Final = "judging_found"
_ROUND: Final = "judging_round_"
REASONS: Final = "reasons"
NAMES: Final = "names"
PARTS: Final = (REASONS, NAMES)
_LOADED: Final = "judging_loaded_"
_SAID: Final = "judging_said_"
_FILES: Final = "judging_files_"
_MOST_KEPT: Final = 8
_ALWAYS: Final = ("written_off", "avoidable", "net_collection_rate")


def turn(part: str) -> int:
    """Counts the decisions of a part: a widget whose key carries it starts anew after each."""
    return int(st.session_state.get(_ROUND + part, 0))


def again(*parts: str) -> None:
    """Draw the page anew, the lists and boxes of these parts as if untouched."""
    for part in parts or PARTS:
        st.session_state[_ROUND + part] = turn(part) + 1
    st.rerun()


def text_of(judgements: Judgements) -> str:
    """What two equal judgements have in common, and no others."""
    return judgements.write_offs.to_json() + judgements.aliases.to_json()


def worked_out(name: str, ledger: Ledger, key: str, work: Callable[[], T]) -> T:
    """What ``work`` gives for a ledger and a key, worked out once while the ledger is shown."""
    found: dict[tuple[str, str], tuple[Ledger, Any]] = st.session_state.setdefault(_FOUND, {})
    place = (name, key)
    if place not in found or found[place][0] is not ledger:
        while len(found) >= _MOST_KEPT:
            found.pop(next(iter(found)))
        found[place] = (ledger, work())
    result: T = found[place][1]
    return result


def effect_of(new: Judgements, old: Judgements) -> Effect:
    """What a change does to the files as read."""
    raw = state.judged().raw
    key = text_of(old) + text_of(new)
    return worked_out("effect", raw, key, lambda: effects.effect(raw, new, old))


def change(new: Judgements, part: str, key: str, accept: str = "Accept", title: str = "") -> None:
    """Show what judgements would do, and let the person accept them or leave them."""
    with st.container(border=True):
        st.markdown(f"**{wording.md(title or 'Before you accept: what this changes')}**")
        show(effect_of(new, state.judgements()), key)
        buttons = st.container(horizontal=True)
        if buttons.button(accept, type="primary", key=f"{key}_accept"):
            state.judge(new)
            again(part)
        if buttons.button("Leave it", key=f"{key}_leave"):
            again(part)


def show(effect: Effect, key: str) -> None:
    """The dollars and rates of the practice before and after, and what moved label by label."""
    if effect.moves_money:
        _tiles(pd.concat([effect.dollars, effect.rates]).set_index("measure"))
    else:
        st.markdown("No total and no rate of the whole practice changes.")
    _moved(effect.write_offs, key)
    for name, charted, before, billed in effect.payers[
        ["name", "charted", "charted_before", "billed"]
    ].itertuples(index=False):
        if charted != before:
            money = wording.dollars(int(billed), True)
            st.markdown(wording.md(f"{name}: {money} billed moves from {before} to {charted}."))


def _tiles(measures: pd.DataFrame) -> None:
    """The figures that people ask for first as tiles, any other that changes in a line."""
    for column, name in zip(st.columns(len(_ALWAYS)), _ALWAYS, strict=True):
        before, after = (say(name, measures.at[name, side]) for side in ("before", "after"))
        with column:
            st.metric(str(measures.at[name, "title"]), after, help=help_of(name), border=True)
            st.caption(wording.md("as now" if before == after else f"now {before}"))
    said = []
    for name in measures.index.difference(_ALWAYS, sort=False):
        before, after = (say(name, measures.at[name, side]) for side in ("before", "after"))
        if before != after:
            said.append(f"{measures.at[name, 'title']} goes from {before} to {after}")
    if said:
        st.caption(wording.md(". ".join(said) + "."))


def _moved(write_offs: pd.DataFrame, key: str) -> None:
    """Each reason that counts differently, with its dollars."""
    before, after = (
        [
            effects.said(*pair)
            for pair in zip(
                write_offs[f"category_{side}"], write_offs[f"bucket_{side}"], strict=True
            )
        ]
        for side in ("before", "after")
    )
    listed = write_offs.assign(before=before, after=after)
    listed = listed[listed["before"] != listed["after"]]
    if listed.empty:
        return
    table(
        listed.assign(reason=reason_names(listed["label"], listed["group"])),
        {
            "reason": ("Reason as exported", TEXT),
            "cents": ("Dollars", EXACT),
            "rows": ("Rows", COUNT),
            "before": ("Counts now as", TEXT),
            "after": ("Would count as", TEXT),
        },
        f"{key}_moved",
    )


def reason_names(reasons: pd.Series, groups: pd.Series) -> list[str]:
    """Reasons as the person knows them; the adjustment group in front where it stands apart."""
    return [
        (reason if reason.upper().startswith(group) else f"{group} {reason}") or "(no reason given)"
        for reason, group in zip(reasons, groups, strict=True)
    ]


# --- files ----------------------------------------------------------------------------------------


def waiting(part: str, called: str, use: Callable[[str], Judgements]) -> bool:
    """Show what a loaded file would change, to accept or leave; returns whether there is one.

    Args:
        part: which of PARTS it belongs to.
        called: what it takes the place of, in words.
        use: a file's text -> the judgements with it.
    """
    loaded = st.session_state.get(_LOADED + part)
    if loaded is None or loaded[0] != turn(part):
        return False
    _, source, body = loaded
    title = f"{source}, in place of {called}"
    change(use(body), part, f"{part}_file", "Use this file", title)
    return True


def files(part: str, called: str, name: str, text: str, read: Callable[[str], object]) -> None:
    """Download a judgement, or load another, which then waits for the person's yes.

    Args:
        part: which of PARTS it belongs to.
        called: what it is, in words.
        name: the file's name for the download.
        text: the judgement in use as a file; "" where there is nothing in it.
        read: a file's text -> the judgement; raises BadRequest with a sentence.
    """
    with st.expander(f"Download {called}, or load a file"):
        if text:
            st.download_button(
                f"Download {called}",
                data=text,
                file_name=name,
                mime="application/json",
                on_click="ignore",
                icon=":material/download:",
                key=f"{part}_keep",
            )
        else:
            st.caption("You have not decided anything here yet, so there is nothing to download.")
        _load(part, called, text, read)


def _load(part: str, called: str, text: str, read: Callable[[str], object]) -> None:
    said = st.session_state.pop(_SAID + part, "")
    if said:
        st.error(wording.md(said))
    number = st.session_state.get(_FILES + part, 0)
    found = st.file_uploader(
        f"Load {called}. You see what it changes before it is used",
        type=["json"],
        key=f"{part}_file_{number}",
        max_upload_size=1,
    )
    if found is None:
        return
    st.session_state[_FILES + part] = number + 1
    source = "".join(ch for ch in found.name if ch.isprintable())[:80]
    try:
        body = found.getvalue().decode("utf-8-sig")
        loaded = read(body)
    except UnicodeDecodeError:
        said = f"{source} was not used: it is no text. What you have is as it was."
    except BadRequest as error:
        said = f"{source} was not used. {error.in_words} What you have is as it was."
    else:
        if text and loaded == read(text):
            said = f"{source} says just what you have already."
        else:
            st.session_state[_LOADED + part] = (turn(part), source, body)
    st.session_state[_SAID + part] = said
    st.rerun()
