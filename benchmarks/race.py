"""A race: contenders on the same file, answers equal first, each run a process of its own.

A benchmark names its contenders as functions that import what they need and return (what is timed,
how to read its result); ``main`` compares, times in alternating order and writes its section of
RESULTS.md. Imports are not counted; ratios are medians over runs side by side.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from bench_read import RESULTS, keep_section, machine  # noqa: E402  (this folder is no package)

Loader = Callable[[], tuple[Callable[[str], Any], Callable[[Any], Any]]]


class Race(NamedTuple):
    """One benchmark: its script, contenders (ours is "writeoffs"), how its file is made, words."""

    script: str
    loaders: Mapping[str, Loader]
    make: Callable[[Path], Path]
    heading: str
    about: str
    input: str


def run_once(race: Race, name: str, path: str, with_answer: bool) -> dict[str, Any]:
    """One timed run in this process."""
    run, answer = race.loaders[name]()
    began = time.perf_counter()
    result = run(path)
    out: dict[str, Any] = {"seconds": time.perf_counter() - began}
    if with_answer:
        out["answer"] = answer(result)
    return out


def child(race: Race, name: str, path: Path, with_answer: bool = False) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, race.script, "--run", name, str(path)]
    command += ["--answer"] if with_answer else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def measure(race: Race, path: Path, names: list[str], runs: int) -> dict[str, list[float]]:
    """Seconds of each contender, in alternating order."""
    seconds: dict[str, list[float]] = {name: [] for name in names}
    for turn in range(runs):
        for name in names if turn % 2 else names[::-1]:
            seconds[name].append(child(race, name, path)["seconds"])
    return seconds


def report(race: Race, seconds: dict[str, list[float]], runs: int) -> str:
    """The section of RESULTS.md."""
    ours = seconds["writeoffs"]
    rows = []
    for name, times in seconds.items():
        ratios = [a / b for a, b in zip(ours, times, strict=True)]
        shown = f"**{statistics.median(ratios):.2f}** ({min(ratios):.2f} to {max(ratios):.2f})"
        shown = "" if name == "writeoffs" else shown
        rows.append(f"| {name} | {statistics.median(times):.2f} s | {shown} |")
    script = Path(race.script).name
    return "\n".join(
        [
            race.heading,
            "",
            f"Written by `python benchmarks/{script}`; its head says what is compared."
            f" {race.about}",
            "",
            "| | median | writeoffs takes, times as long (lowest to highest pair) |",
            "|---|---|---|",
            *rows,
            "",
            f"{race.input}; medians of {runs} alternating runs, imports not counted, file in the"
            " system's cache.",
            machine(),
        ]
    )


def main(race: Race) -> int:
    """Make the file, compare, time, print, write."""
    parser = argparse.ArgumentParser(description=race.about)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md alone")
    parser.add_argument("--run", nargs=2, metavar=("NAME", "PATH"), help=argparse.SUPPRESS)
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(run_once(race, *given.run, given.answer)))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        path = race.make(Path(folder))
        needs = {name: name.split(" ", maxsplit=1)[0] for name in race.loaders}
        names = [name for name in race.loaders if importlib.util.find_spec(needs[name])]
        answers = {name: child(race, name, path, True)["answer"] for name in names}
        for name, found in answers.items():
            if found != answers["writeoffs"]:
                sys.exit(f"{name} differs: {found}, not {answers['writeoffs']}")
        text = report(race, measure(race, path, names, given.runs), given.runs)
    print(text)
    if not given.dry:
        keep_section(RESULTS, race.heading, text)
    return 0
