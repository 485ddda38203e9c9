"""Names that look like one payer, decided one by one; what was joined can be taken apart again."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import pandas as pd
import streamlit as st

from pages.frame import decide, state
from pages.frame.show import COUNT, EXACT, TEXT, table
from writeoffs import effects, wording
from writeoffs.effects import Proposal
from writeoffs.judgements import ALIASES, Judgements, PayerAliases

_PUT_OFF: Final = "judging_put_off"


def panel(data: state.Data) -> None:
    """The payer names of the files shown: those to decide on, those that were joined."""
    st.markdown("#### Payer names")
    if data.sample:
        st.markdown("The sample practice spells every payer one way: nothing to join.")
        return
    mine = state.judgements()
    called = "your payer names"
    if decide.waiting(
        decide.NAMES, called, lambda text: replace(mine, aliases=PayerAliases.from_json(text))
    ):
        return
    ledger = data.ledger
    proposals = decide.worked_out(
        "proposals",
        ledger,
        mine.aliases.to_json(),
        lambda: effects.propose_aliases(ledger, mine.aliases.refused),
    )
    if proposals:
        _ask(proposals, mine)
    else:
        st.markdown("No two names look like one payer that you have not decided on.")
    _by_hand(data, mine)
    _joined(mine)
    _refused(mine)
    saved = mine.aliases.to_json() if mine.aliases != PayerAliases() else ""
    decide.files(decide.NAMES, called, ALIASES, saved, PayerAliases.from_json)


def _ask(proposals: tuple[Proposal, ...], mine: Judgements) -> None:
    """One proposal at a time; nothing is joined without a yes to that very one."""
    at = st.session_state.get(_PUT_OFF, 0) % len(proposals)
    names = [name.name for name in proposals[at].names]
    key = f"payer_{decide.turn(decide.NAMES)}"
    with st.container(border=True):
        st.markdown(f"**Do these names mean one payer? ({at + 1} of {len(proposals)})**")
        listed = pd.DataFrame(proposals[at].names, columns=["name", "billed", "claims"])
        table(
            listed,
            {
                "name": ("Name as exported", TEXT),
                "billed": ("Billed", EXACT),
                "claims": ("Claims", COUNT),
            },
            "names_alike",
        )
        chosen = names
        if len(names) > 2:
            chosen = st.multiselect("Names of this payer", names, default=names, key=f"{key}_which")
        into = st.selectbox("Chart them under", names, key=f"{key}_into")
        new = replace(mine, aliases=mine.aliases.accept(chosen, into))
        if new != mine:
            decide.show(decide.effect_of(new, mine), "names_alike")
        buttons = st.container(horizontal=True)
        if buttons.button("Yes, one payer", type="primary", key="payer_yes", disabled=new == mine):
            state.judge(new)
            decide.again(decide.NAMES)
        if buttons.button("No, keep them apart", key="payer_no"):
            state.judge(replace(mine, aliases=mine.aliases.refuse(names)))
            decide.again(decide.NAMES)
        if len(proposals) > 1 and buttons.button(
            "Ask me later", type="tertiary", key="payer_later"
        ):
            st.session_state[_PUT_OFF] = at + 1
            decide.again(decide.NAMES)


def _by_hand(data: state.Data, mine: Judgements) -> None:
    """Two names that the program would never join."""
    names = sorted(map(str, data.ledger.cube["payer"].cat.categories))
    if len(names) < 2:
        return
    with st.expander("Join two names yourself"):
        key = f"payer_hand_{decide.turn(decide.NAMES)}"
        name = st.selectbox("This name", names, index=None, key=f"{key}_name")
        others = [other for other in names if other != name]
        into = st.selectbox("is charted under", others, index=None, key=f"{key}_into")
        if name is not None and into is not None:
            new = replace(mine, aliases=mine.aliases.accept([name], into))
            decide.change(new, decide.NAMES, "payer_hand", "Join them")


def _joined(mine: Judgements) -> None:
    """The names that are charted under another, each to be taken apart again."""
    if not mine.aliases.names:
        return
    found = decide.effect_of(mine, Judgements(mine.write_offs)).payers
    st.markdown("**Joined by you**")
    if len(found):
        table(
            found,
            {
                "name": ("Name as exported", TEXT),
                "charted": ("Charted under", TEXT),
                "billed": ("Billed", EXACT),
                "rows": ("Rows", COUNT),
            },
            "names_joined",
        )
    elsewhere = sum(name not in set(found["name"]) for name in mine.aliases.names)
    if elsewhere:
        names = wording.count(elsewhere, "name")
        st.caption(
            f"{names} more in your list {'does' if elsewhere == 1 else 'do'} not occur here."
        )
    apart = st.selectbox(
        "Take a name apart again",
        list(mine.aliases.names),
        index=None,
        placeholder="Choose a name",
        key=f"payer_apart_{decide.turn(decide.NAMES)}",
    )
    if apart is not None:
        new = replace(mine, aliases=mine.aliases.forget(apart))
        decide.change(new, decide.NAMES, "payer_apart", "Take it apart")


def _refused(mine: Judgements) -> None:
    if not mine.aliases.refused:
        return
    pairs = wording.count(len(mine.aliases.refused), "pair")
    st.caption(f"You keep {pairs} of names apart; they are not proposed again.")
    if st.button("Ask me about them again", type="tertiary", key="payer_ask_again"):
        state.judge(replace(mine, aliases=replace(mine.aliases, refused=frozenset())))
        decide.again(decide.NAMES)
