"""This practice's reasons for write-offs, named one by one: what is unnamed first."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from types import MappingProxyType
from typing import Final

import pandas as pd
import streamlit as st

from pages.frame import decide, state
from pages.frame.show import COUNT, EXACT, TEXT, cells, download, table
from writeoffs import effects, wording
from writeoffs import vocabulary as v
from writeoffs.judgements import WRITE_OFFS, Judgements, WriteOffMap

_YOURS: Final = "What it is"
_NAME: Final = MappingProxyType({"name": ("Reason as exported", TEXT), "cents": ("Dollars", EXACT)})
_COUNTS: Final = MappingProxyType({"counts": ("Counts now as", TEXT), "rows": ("Rows", COUNT)})
_COLUMNS: Final = MappingProxyType({**_NAME, **_COUNTS})
# The choice stands early, so that it is seen on a phone too.
_WITH_CHOICE: Final = MappingProxyType({**_NAME, "yours": (_YOURS, TEXT), **_COUNTS})
_TALLEST: Final = 520


def panel(data: state.Data) -> None:
    """The reasons of the files shown, to name; what a change does is shown before it is used."""
    st.markdown("#### Reasons for write-offs")
    mine = state.judgements()
    found = _listed(data, WriteOffMap() if data.sample else mine.write_offs)
    if found.empty:
        st.markdown("These files hold no write-offs that a reason could be given for.")
    else:
        st.markdown(wording.md(_first(found, data.sample)))
    if data.sample:
        if len(found):
            table(found, _COLUMNS, "reasons_of_the_sample")
        return
    called = "your reasons"
    if decide.waiting(
        decide.REASONS,
        called,
        lambda text: replace(mine, write_offs=WriteOffMap.from_json(text)),
    ):
        return
    if len(found):
        changed = _edited(found, mine)
        if changed != mine.write_offs:
            decide.change(replace(mine, write_offs=changed), decide.REASONS, "reasons")
    saved = mine.write_offs.to_json() if mine.write_offs.categories else ""
    decide.files(decide.REASONS, called, WRITE_OFFS, saved, WriteOffMap.from_json)


def _listed(data: state.Data, write_offs: WriteOffMap) -> pd.DataFrame:
    """Every reason with what it counts as, in words, and what the person has called it."""
    raw = data.raw
    found = decide.worked_out(
        "reasons", raw, write_offs.to_json(), lambda: effects.reasons(raw, write_offs)
    )
    counts = [effects.said(c, b) for c, b in zip(found["category"], found["bucket"], strict=True)]
    called = {category: words for words, category in effects.choices().items()}
    yours = [
        called.get(write_offs.category(reason, group) or "", "") if own else ""
        for reason, group, own in zip(found["reason"], found["group"], found["own"], strict=True)
    ]
    name = decide.reason_names(found["reason"], found["group"])
    return found.assign(name=name, counts=counts, yours=pd.Series(yours, dtype="object"))


def _first(found: pd.DataFrame, sample: bool) -> str:
    unnamed = int((found["category"] == v.UNCLASSIFIED).sum())
    if sample:
        return "What each of its reasons counts as:"
    if not unnamed:
        return "Every reason is known. Where the program has one wrong, say what it is."
    reasons = wording.count(unnamed, "reason")
    known = "is not known. Say what it is" if unnamed == 1 else "are not known. Say what they are"
    return f"{reasons} at the top {known}, in the column {_YOURS}."


def _edited(found: pd.DataFrame, mine: Judgements) -> WriteOffMap:
    """The table with a choice for each reason; returns the map as the person leaves it."""
    choices = effects.choices()
    shown, config = cells(found, _WITH_CHOICE)
    config[_YOURS] = st.column_config.SelectboxColumn(
        options=["", *choices],
        width="large",
        help="Choose what the reason means at your practice. Blank leaves it to the program.",
    )
    # Another table is another widget: what was chosen in one is never read into another's rows.
    stamp = mine.write_offs.to_json() + state.judged().fingerprint + str(len(found))
    stamp = hashlib.sha256(stamp.encode()).hexdigest()[:12]
    edited = st.data_editor(
        shown,
        hide_index=True,
        disabled=[heading for heading in shown.columns if heading != _YOURS],
        column_config=config,
        key=f"judging_reasons_{stamp}_{decide.turn(decide.REASONS)}",
        placeholder="Choose",
        alt=f"Table to fill in: {', '.join(shown.columns)}",
        height=min(_TALLEST, 38 + 35 * len(shown)),
    )
    download(found, _WITH_CHOICE, "reasons_for_write_offs")
    out = mine.write_offs
    for place, words in enumerate(edited[_YOURS].fillna("")):
        row = found.iloc[place]
        if words == row["yours"]:
            continue
        if words:
            out = out.assign(row["label"], choices[words])
        else:
            out = out.leave(row["reason"], row["group"])
    return out
