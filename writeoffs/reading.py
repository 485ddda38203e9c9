"""Reading a practice: files, folders, bytes or frames -> one Ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeAlias

import numpy as np
import pandas as pd

from writeoffs.ledger import Ledger, SourceFile, from_batch
from writeoffs.mapping import Proposal
from writeoffs.money import plain_dollars
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.postings import any_money, post
from writeoffs.practice import Assembled, Member, assemble
from writeoffs.problems import BadRequest, Unreadable
from writeoffs.readers import RawTable, read_bytes
from writeoffs.readers.raw import Column, tidy_headings
from writeoffs.readers.workbook import as_text

Source: TypeAlias = str | Path | pd.DataFrame | tuple[str, bytes]
SUFFIXES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")


def read(
    source: Source | Iterable[Source],
    *,
    mapping: Plan | str | Path | None = None,
    as_of: date | None = None,
) -> Ledger:
    """Read billing exports as one ledger.

    Args:
        source: a file, a folder (its delimited files and workbooks), a pandas DataFrame, a
            (name, bytes) pair, or several of these.
        mapping: a saved mapping (a Plan, or the path of its file) instead of the proposal.
        as_of: the date for open balances and aging; the latest posting date when None.

    Returns:
        A ``Ledger``. Rows that could not be used are in ``ledger.problems``, with their dollars.

    Raises:
        Unreadable: a file of which nothing can be used.
        BadRequest: the mapping is not one.
    """
    tables = [load(one) for one in _sources(source)]
    if not tables:
        raise BadRequest("nothing to read: no file found")
    ledger = together(assemble(tables, load_plan(mapping)))
    return ledger.at(as_of) if as_of is not None else ledger


def together(practice: Assembled) -> Ledger:
    """The tables of a practice as one ledger, with the files that only name or explain listed.

    Raises:
        Unreadable: a posting table without money that can be counted.
    """
    first, *rest = (apply(p.parsed, p.proposal, p) for p in practice.posting)
    ledger = first
    for other in rest:
        ledger = ledger + other
    files = tuple(
        _source_file(p.parsed, p.proposal, (*p.raw.notes, *p.notes), p.role)
        for p in practice.others
    )
    found = (*practice.problems, *(q for p in practice.others for q in p.problems))
    return replace(
        ledger,
        files=(*ledger.files, *files),
        reading_problems=(*ledger.reading_problems, *found),
    )


def load_plan(mapping: Plan | str | Path | None) -> Plan | None:
    """A plan from a plan, a path or nothing."""
    if mapping is None or isinstance(mapping, Plan):
        return mapping
    try:
        return Plan.from_json(Path(mapping).read_text(encoding="utf-8"))
    except OSError:
        raise BadRequest(f"the mapping file {Path(mapping).name} cannot be read") from None


def _sources(source: Source | Iterable[Source]) -> list[Source]:
    if isinstance(source, (pd.DataFrame, tuple)):
        return [source]
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.is_dir():
            return [p for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES]
        return [path]
    return [one for many in source for one in _sources(many)]


def load(source: Source, sheet: str | None = None) -> RawTable:
    """One source as a raw table."""
    if isinstance(source, pd.DataFrame):
        return frame_table(source)
    if isinstance(source, tuple):
        name, data = source
        return read_bytes(data, name, sheet)
    path = Path(source)
    try:
        data = path.read_bytes()
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise Unreadable("empty_file", why, "Check the name and the folder.", path.name) from None
    return read_bytes(data, path.name, sheet)


def frame_table(frame: pd.DataFrame, name: str = "DataFrame") -> RawTable:
    """A pandas DataFrame as a raw table: cells become the text a person would have typed."""
    columns = {
        heading: Column.of([_cell(c) for c in frame.iloc[:, i].tolist()])
        for i, heading in enumerate(tidy_headings([str(c) for c in frame.columns]))
    }
    digest = hashlib.sha256(repr(list(columns)).encode())
    for column in columns.values():
        digest.update(column.codes.tobytes())
        digest.update("\x1f".join(column.texts()).encode())
    numbers = np.arange(1, len(frame) + 1)
    return RawTable(name, digest.hexdigest(), columns, numbers, numbers, len(frame))


def _cell(cell: object) -> str:
    return "" if cell is None or cell is pd.NaT or cell is pd.NA or cell != cell else as_text(cell)


def ledger_of(raw: RawTable, plan: Plan | None = None) -> Ledger:
    """A raw table under a plan, or under the program's own proposal."""
    return together(assemble([raw], plan))


def apply(parsed: Parsed, proposal: Proposal, part: Member | None = None) -> Ledger:
    """Post a table under a proposal; as a part of a practice, what it counts there.

    Raises:
        Unreadable: no column carries money that can be counted.
    """
    raw, plan = parsed.raw, proposal.plan
    batch = part.batch if part is not None and part.batch is not None else post(parsed, plan)
    if not any_money(parsed, plan):
        raise Unreadable(
            "no_money",
            "no column could be recognised as charges or payments",
            "Name the columns on the Data page, or export charges, payments and adjustments.",
            raw.name,
        )
    notes = (*raw.notes, *batch.notes, *(part.notes if part is not None else ()))
    file = replace(
        _source_file(parsed, proposal, notes, plan.shape),
        held=batch.held,
        control=_control(parsed, plan),
    )
    asked = (*proposal.questions, *(part.problems if part is not None else ()))
    return from_batch(batch, file, asked)


def _source_file(
    parsed: Parsed, proposal: Proposal, notes: tuple[str, ...], shape: str
) -> SourceFile:
    raw = parsed.raw
    own = [h for h in raw.headings if h not in raw.joined]
    return SourceFile(
        raw.name, raw.sha256, shape, raw.rows_read, notes, proposal.plan, table=fingerprint(own)
    )


def _control(parsed: Parsed, plan: Plan) -> dict[str, str]:
    """What the file's last total row states, by field."""
    if not parsed.raw.totals:
        return {}
    out = {}
    for heading, text in parsed.raw.totals[-1].cells.items():
        field_name, cents = plan.columns.get(heading), parsed.amount(text)
        if field_name and cents is not None and field_name not in ("claim_id", "line_number"):
            out[field_name] = plain_dollars(cents)
    return out
