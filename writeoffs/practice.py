"""Several tables as one practice: which of them post, which only name things, which repeat others.

Charges in one file, payments in another, payers in a third. Each table is read under its own plan;
tables without countable money become lookups; posting tables take the names they lack from them;
and dollars that two tables tell are counted once. A lone table is left exactly as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np

from writeoffs import vocabulary as v
from writeoffs.joins import (
    Joined,
    Link,
    Table,
    find_names,
    joined_heading,
    links,
    stacked,
    with_column,
)
from writeoffs.mapping import Proposal, complete, propose
from writeoffs.money import plain_dollars
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.postings import Batch, any_money, post
from writeoffs.problems import Problem
from writeoffs.readers.raw import RawTable
from writeoffs.same_dollars import Posted, once

POSTS: Final = "posts"
LOOKUP: Final = "lookup"
EXPLAINS: Final = "explains"
UNUSED: Final = "unused"
_FIELD_WORDS: Final = {"payer": "payer", "provider": "provider", "location": "location",
                       "practice": "practice"}  # fmt: skip


@dataclass(frozen=True)
class Member:
    """One table of a practice.

    ``place``: its place among the tables given. ``role``: POSTS (its money is counted), LOOKUP
    (other tables take names from it), EXPLAINS (others hold its dollars in more detail) or UNUSED.
    ``proposal``: how it is read, joined columns included. ``batch``: what it posts, None unless
    several tables were given and this one posts. ``notes`` and ``problems`` are those of the
    practice, beside the table's own.
    """

    place: int
    role: str
    parsed: Parsed
    proposal: Proposal
    batch: Batch | None = None
    notes: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def raw(self) -> RawTable:
        """The table with its joined columns."""
        return self.parsed.raw


@dataclass(frozen=True)
class Assembled:
    """A practice: its tables with their roles, and the files that came twice."""

    parts: tuple[Member, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def posting(self) -> tuple[Member, ...]:
        """The tables whose money is counted, in the order given."""
        return tuple(p for p in self.parts if p.role == POSTS)

    @property
    def others(self) -> tuple[Member, ...]:
        """The tables that only name or explain, in the order given."""
        return tuple(p for p in self.parts if p.role != POSTS)


def assemble(
    tables: Sequence[RawTable], plans: Plan | Mapping[int, Plan] | None = None
) -> Assembled:
    """Decide what each table of a practice is for, and bring in the names that others hold.

    Args:
        tables: the tables as read, at least one. Their order decides nothing but the order of the
            parts.
        plans: by place, the plans that a person has settled; the others are proposed. One plan
            alone is that of every table with most of its headings (of a lone table in any case).

    Returns:
        An ``Assembled``. Of a lone table it is that table, posting under its plan; it is not
        posted here. A table without countable money among others is a lookup or unused; where no
        table has any, all post, so that reading them says what is missing.
    """
    chosen = _plans(tables, plans)
    first, again = _repeats(tables)
    named = _told_apart([tables[i] for i in first])
    proposals = {i: _proposal(t, chosen.get(i)) for i, t in zip(first, named, strict=True)}
    parts = [Member(i, POSTS, *proposals[i]) for i in first]
    money = [any_money(p.parsed, p.proposal.plan) for p in parts]
    if len(parts) > 1 and any(money):
        parts = _practice(parts, money, chosen)
    return Assembled(tuple(parts), again)


def _plans(tables: Sequence[RawTable], plans: Plan | Mapping[int, Plan] | None) -> dict[int, Plan]:
    if plans is None:
        return {}
    if isinstance(plans, Plan):
        whole = len(tables) == 1
        return {i: plans for i, t in enumerate(tables) if whole or _meant_for(plans, t)}
    return dict(plans)


def _meant_for(plan: Plan, table: RawTable) -> bool:
    """Whether a plan names most of a table's headings."""
    return sum(h in plan.columns for h in table.headings) >= 0.5 * len(table.headings)


def _repeats(tables: Sequence[RawTable]) -> tuple[list[int], tuple[Problem, ...]]:
    """The tables without those that came before with the same bytes and headings."""
    seen: set[tuple[str, str]] = set()
    first: list[int] = []
    again = []
    for place, table in enumerate(tables):
        key = (table.sha256, fingerprint(table.headings))
        if key in seen:
            words = "this very file is already counted; nothing added"
            again.append(Problem("already_loaded", words, table.name))
        else:
            first.append(place)
        seen.add(key)
    return first, tuple(again)


def _told_apart(tables: Sequence[RawTable]) -> list[RawTable]:
    """Tables under names of their own: sheets of one workbook, files of one name."""
    names = [t.name for t in tables]
    out = []
    for i, table in enumerate(tables):
        name, sheets = table.name, ", ".join(table.sheets)
        if names.count(name) > 1:
            alike = [t.sheets for t in tables if t.name == name]
            own = sheets and alike.count(table.sheets) == 1
            number = names[: i + 1].count(name)
            name = f"{name}, {sheets}" if own else f"{name} [{number}]" if number > 1 else name
        found = tuple(p.in_file(name) for p in table.problems)
        out.append(table if name == table.name else replace(table, name=name, problems=found))
    return out


def _proposal(table: RawTable, plan: Plan | None) -> tuple[Parsed, Proposal]:
    if plan is None:
        parsed = Parsed(table)
        return parsed, propose(parsed)
    parsed = Parsed(table, plan.decimal, dict(plan.orders))
    return parsed, complete(parsed, plan)


# --- several tables -------------------------------------------------------------------------------


def _practice(parts: list[Member], money: list[bool], chosen: Mapping[int, Plan]) -> list[Member]:
    tables = [Table(p.parsed, p.proposal.plan) for p in parts]
    web = _web(tables, money)
    uses = _Uses()
    posted: dict[int, Posted] = {}
    for i, part in enumerate(parts):
        if money[i]:
            posted[i] = _named(tables[i], web, web.own[i], chosen.get(part.place), uses)
    named = {i for node in uses.named for i in web.members[node]}
    agreed = {i for node in uses.agreed for i in web.members[node]}
    counted = dict(
        zip(posted, once(list(posted.values()), _within(web, tables, posted)), strict=True)
    )
    out = []
    for i, part in enumerate(parts):
        if i in counted:
            out.append(_counted(part, counted[i], i in named))
        else:
            lone = not part.raw.sheets
            out.append(_without_money(part, i in named, i in agreed, lone))
    return out


@dataclass(frozen=True)
class _Web:
    """Tables as joins see them: exports of the same headings stacked as one.

    ``nodes``: the stacks, then single exports of a stack that post, which only look outwards.
    ``members``: the tables of each stack, in the order of its rows. ``own``: for each posting
    table the node that stands for it. ``steps``: the links between nodes.
    """

    nodes: list[Table]
    members: list[list[int]]
    own: dict[int, int]
    steps: list[Link]


def _web(tables: Sequence[Table], money: Sequence[bool]) -> _Web:
    families: dict[tuple[str, ...], list[int]] = {}
    for i, table in enumerate(tables):
        families.setdefault(tuple(table.parsed.raw.headings), []).append(i)
    members = [
        sorted(group, key=lambda i: tables[i].name, reverse=True) for group in families.values()
    ]
    nodes = [tables[g[0]] if len(g) == 1 else stacked([tables[i] for i in g]) for g in members]
    own: dict[int, int] = {}
    for node, group in enumerate(members):
        for i in group:
            if money[i]:
                own[i] = node if len(group) == 1 else len(nodes)
                nodes += [] if len(group) == 1 else [tables[i]]
    return _Web(nodes, members, own, links(nodes, len(members)))


def _within(web: _Web, tables: Sequence[Table], posted: Mapping[int, Posted]) -> list[Link]:
    """The links between tables with money, by their places among them."""
    place = {i: k for k, i in enumerate(posted)}
    source = {web.own[i]: k for i, k in place.items()}
    out = []
    for step in web.steps:
        start = 0
        for i in web.members[step.target]:
            end = start + len(tables[i])
            if step.source in source and i in place:
                rows = np.where((step.rows >= start) & (step.rows < end), step.rows - start, -1)
                out.append(Link(source[step.source], step.column, place[i], rows))
            start = end
    return out


@dataclass
class _Uses:
    """Which tables others took names from, and which lead to the same names."""

    named: set[int] = field(default_factory=set)
    agreed: set[int] = field(default_factory=set)


def _named(table: Table, web: _Web, node: int, plan: Plan | None, uses: _Uses) -> Posted:
    """A table with the names that others hold for it, posted; ``uses`` takes their nodes."""
    notes: list[str] = []
    taken: list[Joined] = []
    problems: list[Problem] = []
    for joined in find_names(web.nodes, node, web.steps, len(web.members)):
        if joined.rival:
            problems.append(_ambiguous(table, joined))
            uses.agreed.update(joined.tables)
        elif plan is None or plan.columns.get(joined_heading(joined), joined.field) == joined.field:
            table = with_column(table, joined)
            taken.append(joined)
            uses.named.update(joined.tables)
            uses.agreed.update(joined.agree)
            notes.append(_where_from(joined))
    batch = post(table.parsed, table.plan)
    out = Posted(table, batch, tuple(notes), tuple(problems))
    missing = [p for joined in taken for p in _not_found(out, joined)]
    return replace(out, problems=(*out.problems, *missing))


def _where_from(joined: Joined) -> str:
    word = _FIELD_WORDS[joined.field]
    what = f"{word} names come" if joined.named else f"{word}s are shown by number: they come"
    through = f" through {' and '.join(joined.through[:-1])}" if joined.through[:-1] else ""
    return f"{what} from {joined.through[-1]}{through}"


def _ambiguous(table: Table, joined: Joined) -> Problem:
    message = (
        f'the {joined.field} could come from "{joined.heading}" of {joined.through[-1]} or from '
        f"{joined.rival}, and they disagree; neither is used until one is left out"
    )
    return Problem("names_disagree", message, table.name)


def _not_found(posted: Posted, joined: Joined) -> list[Problem]:
    """Rows whose number no other file names, with what they billed (or paid)."""
    lost = joined.codes < 0
    lost &= np.isin(np.arange(len(lost)), posted.rows)
    if not lost.any():
        return []
    cents = posted.cents(v.CHARGE)
    if not cents.any():
        cents = posted.cents(*v.PAYMENTS)
    where = joined.through[-1]
    message = (
        f"{int(lost.sum()):,} rows have a {joined.field} that {where} does not name; left blank"
    )
    numbers = tuple(int(n) for n in posted.table.parsed.raw.numbers[lost])
    at_stake = tuple(int(c) for c in cents[lost])
    return [Problem("name_not_found", message, posted.name, joined.heading, numbers, at_stake)]


def _counted(part: Member, posted: Posted, used: bool) -> Member:
    """A table with money, after what is told twice was left out."""
    role = (LOOKUP if used else EXPLAINS) if posted.aside else POSTS
    proposal = replace(part.proposal, plan=posted.table.plan)
    batch = None if posted.aside else posted.batch
    notes = (*posted.notes, "other files take names from it") if used else posted.notes
    return Member(part.place, role, posted.table.parsed, proposal, batch, notes, posted.problems)


def _without_money(part: Member, used: bool, agrees: bool, lone: bool) -> Member:
    """A table without countable money: it names things for others, or nothing needs it.

    A sheet of a workbook that nothing needs is noted; a file (``lone``) is a problem.
    """
    own = ", ".join(
        f"{q.column} ${plain_dollars(q.amount)}"
        for q in part.proposal.questions
        if q.kind == "unmapped_money" and q.amount
    )
    if used or agrees:
        notes = ["used for the names in it, not for money"]
        if not used:
            notes = ["not needed for names, nor for money: another way leads to them"]
        if own:
            notes.append(f"its own sums are not counted: {own}")
        return replace(part, role=LOOKUP, notes=tuple(notes))
    message = "no column of it is money that can be counted, and no other file needs its names"
    asked = tuple(q for q in part.proposal.questions if q.kind == "unmapped_money")
    if lone:
        asked = (Problem("not_used", message, part.raw.name), *asked)
    return replace(part, role=UNUSED, notes=(message,), problems=asked)
