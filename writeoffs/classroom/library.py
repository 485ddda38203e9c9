"""The cases that come along, and those that a teacher keeps on this computer.

One text file a case; its name is the case's name in links. A teacher's own stand in the folder
``cases`` of the program's home; one that cannot be read is named with what is wrong, and left out.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from writeoffs.classroom.case import IDEAS, BadCase, Case, read_case
from writeoffs.keeping import folder

FOLDER: Final = Path(__file__).parent / "cases"
FIRST: Final = "five-hundred"  # the case on which the classroom opens


class Own(NamedTuple):
    """A teacher's own cases, and what is wrong with those that cannot be read."""

    cases: tuple[Case, ...]
    notes: tuple[str, ...]


@cache
def cases() -> tuple[Case, ...]:
    """The cases that come along, by idea and then in the order of their ``place``."""
    found = [
        read_case(path.read_text(encoding="utf-8"), path.stem) for path in FOLDER.glob("*.toml")
    ]
    ideas = list(IDEAS)
    return tuple(sorted(found, key=lambda c: (ideas.index(c.idea), c.place, c.id)))


def case(name: str) -> Case | None:
    """One of the cases that come along, by its name; None where there is none."""
    return next((one for one in cases() if one.id == name), None)


def own() -> Own:
    """The cases that the teacher keeps on this computer."""
    found, notes = [], []
    for path in sorted(folder("cases").glob("*.toml")):
        try:
            found.append(read_case(path.read_text(encoding="utf-8"), path.stem))
        except BadCase as error:
            notes.append(f"{path.name}: {error.in_words}")
        except (OSError, UnicodeDecodeError):
            notes.append(f"{path.name} cannot be read as text. Save it as UTF-8.")
    return Own(tuple(found), tuple(notes))
