"""The command line: ``python -m writeoffs summary | map | report | compare | workspace``.

Exit 0: read, and everything balances. 1: read, but something was held, flagged or does not
balance; of ``compare``, that a closed month changed. 2: no file could be read; one line on
standard error says why and what to do.
"""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any, Final

from writeoffs import proof, report
from writeoffs import summary as contract
from writeoffs import vocabulary as v
from writeoffs.compare import compare
from writeoffs.judgements import Judgements
from writeoffs.ledger import Ledger
from writeoffs.mapping import complete, propose
from writeoffs.pack import build as pack_of
from writeoffs.pack import told as every_figure
from writeoffs.parsed import Parsed
from writeoffs.problems import BadRequest, WriteoffsError
from writeoffs.readers.remittance import Remittance
from writeoffs.reading import load, load_aliases, load_plan, load_write_offs, read
from writeoffs.workspace import Workspace, save
from writeoffs.workspace import load as load_workspace

GOOD, FLAGGED, FAILED = 0, 1, 2
PASS_PHRASE: Final = "WRITEOFFS_PASS_PHRASE"


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code."""
    args = _parser().parse_args(argv)
    try:
        out, code = args.run(args)
    except WriteoffsError as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return FAILED
    try:
        print(
            json.dumps(out, indent=2, ensure_ascii=False) if args.json else _text(out), flush=True
        )
    except BrokenPipeError:
        # Whoever read us has seen enough; the interpreter must not try to flush again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return int(code)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m writeoffs", description="Where did the money we billed go?"
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    one = commands.add_parser("summary", help="totals, write-offs, rates and problems of exports")
    one.add_argument("files", nargs="+", metavar="FILE")
    one.add_argument("--by", default="", help=f"comma-separated: {', '.join(v.BY)}")
    one.add_argument("--basis", choices=("service", "post"), default="service")
    one.add_argument("--as-of", type=_date, default=None, metavar="YYYY-MM-DD")
    one.add_argument("--mapping", default=None, metavar="FILE", help="a saved mapping")
    one.add_argument("--write-off-map", default=None, metavar="FILE", help="what reasons mean")
    one.add_argument("--payer-aliases", default=None, metavar="FILE", help="names to chart under")
    one.add_argument("--json", action="store_true")
    one.set_defaults(run=_summary)
    two = commands.add_parser("map", help="how the columns of an export would be read")
    two.add_argument("files", nargs=1, metavar="FILE")
    two.add_argument("--mapping", default=None, metavar="FILE", help="a saved mapping")
    two.add_argument("--json", action="store_true")
    two.set_defaults(run=_map)
    _report_parser(commands.add_parser("report", help="the proof pack: a workbook, a page, tables"))
    three = commands.add_parser("compare", help="what changed in closed months, by claim and cause")
    three.add_argument("old", metavar="OLD", help="the earlier export: a file or a folder")
    three.add_argument("new", metavar="NEW", help="the later export: a file or a folder")
    day = "the day OLD was made; months that had ended by then are closed (its latest posting date)"
    three.add_argument("--as-of", type=_date, default=None, metavar="YYYY-MM-DD", help=day)
    three.add_argument("--mapping", default=None, metavar="FILE", help="a saved mapping")
    three.add_argument("--json", action="store_true")
    three.set_defaults(run=_compare)
    four = commands.add_parser("workspace", help="keep exports in one encrypted file of your own")
    four.add_argument("workspace", metavar="WORKSPACE", help="the file; made when not there")
    four.add_argument("files", nargs="*", metavar="FILE", help="exports to add, in one step")
    four.add_argument("--mapping", default=None, metavar="FILE", help="a saved mapping")
    four.add_argument("--json", action="store_true")
    four.set_defaults(run=_workspace)
    return parser


def _report_parser(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE")
    parser.add_argument("-o", "--output", required=True, metavar="DIR", help="where it is written")
    parser.add_argument("--patients", action="store_true", help="with patient identifiers")
    parser.add_argument("--as-of", type=_date, default=None, metavar="YYYY-MM-DD")
    parser.add_argument("--mapping", default=None, metavar="FILE", help="a saved mapping")
    parser.add_argument("--write-off-map", default=None, metavar="FILE", help="what reasons mean")
    parser.add_argument(
        "--payer-aliases", default=None, metavar="FILE", help="names to chart under"
    )
    parser.add_argument("--json", action="store_true")
    parser.set_defaults(run=_report)


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a date like 2026-03-31") from None


def _summary(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    by = [b.strip() for b in args.by.split(",") if b.strip()]
    unknown = [b for b in by if b not in v.BY]
    if unknown:
        raise BadRequest(f"cannot group by {', '.join(unknown)}. Hint: {', '.join(v.BY)}")
    ledger = read(
        args.files,
        mapping=args.mapping,
        as_of=args.as_of,
        write_offs=args.write_off_map,
        aliases=args.payer_aliases,
    )
    return contract.summary(ledger, by, args.basis), exit_code(ledger)


def _report(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    mine = Judgements(load_write_offs(args.write_off_map), load_aliases(args.payer_aliases))
    ledger = read(
        args.files,
        mapping=args.mapping,
        as_of=args.as_of,
        write_offs=mine.write_offs,
        aliases=mine.aliases,
    )
    _tell("adding up")
    pack = pack_of(ledger, judgements=mine, patients=args.patients)
    made = report.write(pack, args.output, _tell)
    told = {
        "folder": args.output,
        "files": report.listed(made),
        "a_row_of_the_workbook_is": pack.grain,
        "figures": {
            p.measure.name: proof.sentence(p) for p in every_figure(pack) if p.value is not None
        },
        "not_said": {p.measure.name: p.why_not for p in every_figure(pack) if p.value is None},
        "balanced": contract.balanced(ledger),
        "problems": contract.problems(ledger),
    }
    return told, exit_code(ledger)


def _tell(step: str) -> None:
    """A line of progress for whoever waits; what is asked for goes to the standard output."""
    if sys.stderr.isatty():
        print(f"writeoffs: {step} ...", file=sys.stderr, flush=True)


def exit_code(ledger: Ledger) -> int:
    """0 when nothing was held or flagged and everything balances, else 1."""
    clean = contract.balanced(ledger) and not ledger.problems and not ledger.rows_held
    return GOOD if clean else FLAGGED


def _map(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    raw = load(args.files[0])
    if isinstance(raw, Remittance):
        return contract.remittance_mapping(raw), GOOD
    parsed = Parsed(raw)
    plan = load_plan(args.mapping)
    found = propose(parsed) if plan is None else complete(parsed, plan)
    return contract.mapping(found.plan), FLAGGED if found.questions else GOOD


def _compare(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    old = read(args.old, mapping=args.mapping, as_of=args.as_of)
    found = compare(old, read(args.new, mapping=args.mapping))
    return contract.compared(found), GOOD if found.same else FLAGGED


def _workspace(args: argparse.Namespace) -> tuple[dict[str, Any], int]:
    """Open and sum up; make; or add a month, and say what that changed in closed months."""
    made = Path(args.workspace).exists() or not args.files
    phrase = _pass_phrase(twice=not made)
    if not args.files:
        ledger = load_workspace(args.workspace, phrase).ledger
        return contract.summary(ledger), exit_code(ledger)
    if not made:
        ledger = read(args.files, mapping=args.mapping)
        save(args.workspace, Workspace(ledger), phrase)
        return contract.summary(ledger), exit_code(ledger)
    work = load_workspace(args.workspace, phrase)
    work, found = work.add(read(args.files, mapping=args.mapping))
    save(args.workspace, work, phrase)
    return contract.compared(found), GOOD if found.same else FLAGGED


def _pass_phrase(twice: bool) -> str:
    """From the environment, for schedulers; else asked for. Never an argument: those are seen."""
    given = os.environ.get(PASS_PHRASE)
    if given is not None:
        return given
    if not sys.stdin.isatty():
        raise BadRequest(f"no pass phrase. Hint: run this in a terminal, or set {PASS_PHRASE}")
    phrase = getpass.getpass("Pass phrase: ")
    if twice and getpass.getpass("The same again: ") != phrase:
        raise BadRequest("the two pass phrases differ; nothing was saved")
    return phrase


def summary_json(
    files: Sequence[str], by: Sequence[str] | None = None, basis: str = "service"
) -> dict[str, Any]:
    """What ``summary --json`` prints, as a dict."""
    return contract.summary(read(list(files)), by or (), basis)


def map_json(files: Sequence[str]) -> dict[str, Any]:
    """What ``map --json`` prints, as a dict."""
    raw = load(files[0])
    if isinstance(raw, Remittance):
        return contract.remittance_mapping(raw)
    return contract.mapping(propose(Parsed(raw)).plan)


def _text(out: dict[str, Any]) -> str:
    """A plain reading of the JSON for a terminal."""
    lines: list[str] = []
    for key, value in out.items():
        if isinstance(value, dict):
            lines.append(key)
            lines += [f"  {k:<28}{'-' if x is None else x}" for k, x in value.items()]
        elif isinstance(value, list):
            lines.append(key)
            lines += [f"  {json.dumps(x, ensure_ascii=False)}" for x in value]
        else:
            lines.append(f"{key}: {value}")
    return "\n".join(lines)
