"""Reading a practice: files, folders, bytes or frames -> one Ledger."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from writeoffs import remit_rows
from writeoffs.judgements import Judgements, PayerAliases, WriteOffMap, recall
from writeoffs.judgements import apply as judge
from writeoffs.ledger import Ledger, SourceFile, from_batch
from writeoffs.mapping import Proposal
from writeoffs.money import plain_dollars
from writeoffs.parsed import Parsed
from writeoffs.plan import Plan, fingerprint
from writeoffs.postings import any_money, post
from writeoffs.practice import Assembled, Member, assemble
from writeoffs.problems import BadRequest, Unreadable
from writeoffs.readers import RawTable, archive, read_all, read_bytes, remittance
from writeoffs.readers.raw import Column, tidy_headings
from writeoffs.readers.remittance import Remittance
from writeoffs.readers.workbook import as_text
from writeoffs.readers.x12 import looks_like

Source: TypeAlias = str | Path | pd.DataFrame | tuple[str, bytes]
Table: TypeAlias = RawTable | Remittance
SUFFIXES = (
    ".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".parquet", ".pq",
    ".zip", ".gz", ".835", ".edi", ".era",
)  # fmt: skip


class Part(NamedTuple):
    """One file to read, out of an archive or on its own; ``notes`` on what its archive left out."""

    name: str
    data: bytes
    notes: tuple[str, ...] = ()


def read(
    source: Source | Iterable[Source],
    *,
    mapping: Plan | str | Path | None = None,
    as_of: date | None = None,
    write_offs: WriteOffMap | str | Path | None = None,
    aliases: PayerAliases | str | Path | None = None,
) -> Ledger:
    """Read billing exports as one ledger.

    Args:
        source: a file, a folder (the exports in it), a pandas DataFrame, a (name, bytes) pair, or
            several of these. A zip or gzip stands for the files inside.
        mapping: a saved mapping (a Plan, or the path of its file) instead of the proposal.
        as_of: the date for open balances and aging; the latest posting date when None.
        write_offs: what this practice's own reasons mean (a WriteOffMap, or the path of its file).
        aliases: the names to chart payers under (a PayerAliases, or the path of its file).

    Returns:
        A ``Ledger``. Rows that could not be used are in ``ledger.problems``, with their dollars;
        what the two maps moved is in the notes of ``ledger.files``. Nothing is used that is not
        named here: the same call gives the same ledger on every computer.

    Raises:
        Unreadable: no file of which anything can be used; one among others is a problem.
        BadRequest: the mapping, the write-off map or the list of payer names is not one.
    """
    judged = Judgements(load_write_offs(write_offs), load_aliases(aliases))
    plan = load_plan(mapping)
    found, refused = _all_that_reads(_sources(source))
    if not found:
        raise refused[0] if refused else BadRequest("nothing to read: no file found")
    ledger = judge(posted(found, plan), judged)
    if refused:
        told = (*ledger.reading_problems, *(error.problem for error in refused))
        ledger = replace(ledger, reading_problems=told)
    return ledger.at(as_of) if as_of is not None else ledger


def _all_that_reads(sources: Iterable[Source]) -> tuple[list[Table], list[Unreadable]]:
    """The tables and remittances of all sources, and why some files are not among them."""
    found: list[Table] = []
    refused: list[Unreadable] = []
    for source in sources:
        if isinstance(source, pd.DataFrame):
            found.append(frame_table(source))
            continue
        try:
            parts = parts_of(source)
        except Unreadable as error:
            refused.append(error)
            continue
        for part in parts:
            try:
                found += open_part(part)
            except Unreadable as error:
                refused.append(error)
    return found, refused


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
    return Plan.from_json(_saved(mapping, "the mapping file"))


def load_write_offs(write_offs: WriteOffMap | str | Path | None) -> WriteOffMap:
    """A write-off map from a map, a path or nothing (an empty one)."""
    if isinstance(write_offs, (str, Path)):
        return WriteOffMap.from_json(_saved(write_offs, "the write-off map"))
    return write_offs or WriteOffMap()


def load_aliases(aliases: PayerAliases | str | Path | None) -> PayerAliases:
    """A list of payer names from a list, a path or nothing (an empty one)."""
    if isinstance(aliases, (str, Path)):
        return PayerAliases.from_json(_saved(aliases, "the list of payer names"))
    return aliases or PayerAliases()


def _saved(path: str | Path, called: str) -> str:
    """The text of a file that a person saved, perhaps in an editor that marks its encoding."""
    try:
        return Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise BadRequest(f"{called} {Path(path).name} cannot be read") from None


def _sources(source: Source | Iterable[Source]) -> list[Source]:
    if isinstance(source, (pd.DataFrame, tuple)):
        return [source]
    if isinstance(source, (str, Path)):
        path = Path(source)
        if path.is_dir():
            return [p for p in sorted(path.iterdir()) if p.suffix.lower() in SUFFIXES]
        return [path]
    return [one for many in source for one in _sources(many)]


def load(source: Source, sheet: str | None = None) -> Table:
    """One source as a raw table, or as the remittance it is; of a workbook its fullest sheet.

    Raises:
        Unreadable: nothing of it can be used.
        BadRequest: it is an archive of several files.
    """
    if isinstance(source, pd.DataFrame):
        return frame_table(source)
    parts = parts_of(source)
    if len(parts) > 1:
        names = ", ".join(part.name for part in parts[:6])
        raise BadRequest(f"one file is wanted, and this holds {len(parts)}: {names}")
    return _remittance(parts[0]) or read_bytes(parts[0].data, parts[0].name, sheet)


def load_all(source: Source) -> list[Table]:
    """Every table and remittance that a source holds: several in an archive or a workbook.

    Raises:
        Unreadable: nothing of it can be used.
    """
    if isinstance(source, pd.DataFrame):
        return [frame_table(source)]
    return [one for part in parts_of(source) for one in open_part(part)]


def open_part(part: Part) -> list[Table]:
    """One file's tables, or the remittance it is.

    Raises:
        Unreadable: nothing of it can be used.
    """
    remit = _remittance(part)
    found: list[Table] = [remit] if remit else [*read_all(part.data, part.name)]
    found[0] = replace(found[0], notes=(*part.notes, *found[0].notes))
    return found


def _remittance(part: Part) -> Remittance | None:
    return remittance.read(part.data, part.name) if looks_like(part.data) else None


def parts_of(source: str | Path | tuple[str, bytes]) -> Sequence[Part]:
    """The files that a source stands for: those inside a zip or gzip, else the file itself.

    Notes on what an archive left out go with its first file.

    Raises:
        Unreadable: the file cannot be opened, or the archive cannot be used.
    """
    name, data = source if isinstance(source, tuple) else _bytes_of(Path(source))
    files, notes = archive.unpack(name, data)
    return [Part(*file, notes if not place else ()) for place, file in enumerate(files)]


def _bytes_of(path: Path) -> tuple[str, bytes]:
    try:
        return path.name, path.read_bytes()
    except OSError as error:
        why = error.strerror or "it cannot be opened"
        raise Unreadable("empty_file", why, "Check the name and the folder.", path.name) from None


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


def posted(found: Sequence[Table], plans: Plan | Mapping[int, Plan] | None = None) -> Ledger:
    """Tables and remittances of one practice as one ledger.

    Args:
        found: what was read, in any order.
        plans: by place, the plans that a person has settled; the others are proposed.

    Raises:
        Unreadable: no money that can be counted in any of them.
    """
    tables = [i for i, one in enumerate(found) if isinstance(one, RawTable)]
    if isinstance(plans, Mapping):
        plans = {tables.index(i): plan for i, plan in plans.items()}
    raws = [one for one in found if isinstance(one, RawTable)]
    parts = [together(assemble(raws, plans))] if raws else []
    parts += [remittance_ledger(one) for one in found if isinstance(one, Remittance)]
    ledger = parts[0]
    for part in parts[1:]:
        ledger = ledger + part
    return ledger


def posted_like(found: Sequence[Table], like: Ledger) -> Ledger:
    """Tables of one practice, read the way that another ledger's files were read.

    A table with the headings of one of ``like``'s files takes that file's plan, which a person may
    have corrected; else the plan that was kept for its headings; else the program's proposal.

    Raises:
        Unreadable: no money that can be counted in any of them.
    """
    known = {file.table: file.plan for file in like.files if file.plan is not None}
    plans = {}
    for place, raw in enumerate(found):
        if isinstance(raw, RawTable):
            plan = known.get(fingerprint(list(raw.headings))) or recall(raw.headings).plan
            # A plan may name columns that came from another file, which is not among these.
            if plan is not None and set(plan.columns) <= set(raw.headings):
                plans[place] = plan
    return posted(found, plans)


def ledger_of(raw: Table, plan: Plan | None = None) -> Ledger:
    """One table under a plan, or under the program's own proposal; a remittance as it is."""
    return posted([raw], plan)


def remittance_ledger(remit: Remittance) -> Ledger:
    """A remittance's postings, with what it states about itself."""
    batch = remit_rows.post(remit)
    file = SourceFile(
        remit.name,
        remit.sha256,
        "835",
        remit.rows_read,
        remit.notes,
        None,
        batch.held,
        remit.control,
    )
    return from_batch(batch, file, remit.problems)


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


def _control(parsed: Parsed, plan: Plan) -> dict[str, str | int]:
    """What the file's last total row states, by field."""
    if not parsed.raw.totals:
        return {}
    out: dict[str, str | int] = {}
    for heading, text in parsed.raw.totals[-1].cells.items():
        field_name, cents = plan.columns.get(heading), parsed.amount(text)
        if field_name and cents is not None and field_name not in ("claim_id", "line_number"):
            out[field_name] = plain_dollars(cents)
    return out
