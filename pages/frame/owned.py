"""What a person sets once and keeps on this computer: goals, deadlines. With a way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

import streamlit as st

from writeoffs.keeping import NotKept

T = TypeVar("T")


class Owned(Generic[T]):
    """One such list: read once a session, kept when changed, undone step by step.

    What cannot be kept on this computer is used for this session all the same, and said.
    """

    def __init__(
        self, key: str, kept: Callable[[], tuple[T, str]], keep: Callable[[T], str], empty: T
    ) -> None:
        self._key, self._kept, self._keep, self._empty = f"owned_{key}", kept, keep, empty

    def now(self) -> T:
        """The list as it is in this session."""
        if self._key not in st.session_state:
            try:
                found, note = self._kept()
            except NotKept as error:
                found, note = self._empty, error.in_words
            st.session_state[self._key] = ([found], note)
        steps: list[T] = st.session_state[self._key][0]
        return steps[-1]

    def note(self) -> str:
        """What the person should know of how it is kept; "" for nothing."""
        self.now()
        return str(st.session_state[self._key][1])

    def change(self, new: T) -> None:
        """Use and keep another list; the one before can be had back."""
        if new != self.now():
            self._set([*st.session_state[self._key][0], new])

    def changed(self) -> bool:
        """Whether there is a step to go back."""
        self.now()
        return len(st.session_state[self._key][0]) > 1

    def undo(self) -> None:
        """Back to the list before the last change."""
        if self.changed():
            self._set(st.session_state[self._key][0][:-1])

    def _set(self, steps: list[T]) -> None:
        try:
            note = self._keep(steps[-1])
        except NotKept as error:
            note = error.in_words
        st.session_state[self._key] = (steps, note)
