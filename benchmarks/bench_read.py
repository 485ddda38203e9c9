"""Reading and summing an export: this program against the pandas script an analyst would write.

    python benchmarks/bench_read.py            # 200,000 lines, clean and messy; writes RESULTS.md
    python benchmarks/bench_read.py --check    # also fail when a target is missed

Both give the same answers: every money column by payer and month, write-offs by category, lines,
claims, patients, rows that cannot be read, and what the rows' own parts leave unexplained. They are
compared to the cent before anything is timed. Each run is a process of its own; imports are not
counted; runs alternate, and the ratio is the median over pairs.

They do not do the same work. The script trusts the file: types are guessed, a row of another width
shifts, what cannot be read becomes NaN and drops out, money is floating point. The program takes
every column as text, checks width and quotes, finds out which column is which, counts in integer
cents, and keeps every row that it could not use, with its reason.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

HERE: Final = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from make_data import CATEGORIES, MONEY, make  # noqa: E402  (this folder is no package)

TARGETS: Final = {"messy": 1.0, "clean": 2.5}  # times the script's time, at most
RESULTS: Final = HERE / "RESULTS.md"
LIBRARIES: Final = ("pandas", "numpy", "pyarrow")
Answer = dict[str, Any]


# --- the two contenders: load() imports, and returns what is timed and how to read its result -----


def load_pandas() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """The script an analyst would write for the same totals."""
    import pandas as pd

    def run(path: str) -> Any:
        d = pd.read_csv(path, dtype={"CPT": str})
        for c in MONEY:
            if not pd.api.types.is_numeric_dtype(d[c]):
                s = d[c].str.replace(r"[$,]", "", regex=True)
                s = s.str.replace(r"^\((.*)\)$", r"-\1", regex=True)
                d[c] = pd.to_numeric(s, errors="coerce")
        unreadable = d["Billed"].isna()
        d = d[~unreadable]
        d["Payer"] = d["Payer"].str.strip()
        d["Month"] = pd.to_datetime(d["Date of Service"]).dt.to_period("M")
        sums = d.groupby(["Payer", "Month"])[list(MONEY)].sum()
        write_offs = d.groupby(d["Write-off Reason"].map(CATEGORIES))["Write-off"].sum()
        claims, patients = d["Claim ID"].nunique(), d["Patient ID"].nunique()
        parts = d["Insurance Paid"] + d["Patient Paid"] + d["Contractual Adjustment"]
        off = d["Billed"] - parts - d["Write-off"] - d["Balance"]
        off = off[off.abs() > 0.005]
        return sums, write_offs, (len(d), claims, patients, int(unreadable.sum())), off

    def answer(result: Any) -> Answer:
        sums, write_offs, counts, off = result
        cents = (sums * 100).round().astype("int64")
        shares = ["Deductible", "Coinsurance", "Copay"]
        groups = {
            f"{payer} {month}": [
                int(row["Billed"]),
                int(row["Insurance Paid"]),
                int(row["Patient Paid"]),
                int(row["Contractual Adjustment"] + row["Write-off"]),
                int(row["Balance"]),
                int(sum(row[s] for s in shares)),
            ]
            for (payer, month), row in cents.iterrows()
        }
        lost = {k: round(v * 100) for k, v in write_offs.items()}
        lost["contractual"] = round(float(sums["Contractual Adjustment"].sum()) * 100)
        return {
            "groups": groups,
            "write_offs": lost,
            "counts": list(counts),
            "unexplained": round(float(off.sum()) * 100),
        }

    return run, answer


def load_writeoffs() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """This program."""
    import pandas as pd

    import writeoffs as wo
    from writeoffs import metrics

    def run(path: str) -> Any:
        ledger = wo.read(path)
        sums = wo.totals(ledger, by=["payer", "month"])
        write_offs = wo.measure(ledger, "written_off", by="category")
        return ledger, sums, write_offs, metrics.counts(ledger), ledger.problems

    def answer(result: Any) -> Answer:
        ledger, sums, write_offs, counts, _ = result
        names = ["billed", "insurer_paid", "patient_paid", "written_off", "open"]
        names += ["patient_responsibility"]
        groups = {
            f"{row['payer']} {row['month']}": [int(row[name]) for name in names]
            for _, row in sums.iterrows()
        }
        lost = {
            str(row["category"]): int(row["value"])
            for _, row in write_offs.iterrows()
            if not pd.isna(row["category"]) and row["value"]
        }
        held = [counts["lines"], counts["claims"], counts["patients"], ledger.rows_held]
        unexplained = int(sums["unexplained"].sum())
        return {
            "groups": groups,
            "write_offs": lost,
            "counts": held,
            "unexplained": unexplained,
        }

    return run, answer


CONTENDERS: Final = {"pandas": load_pandas, "writeoffs": load_writeoffs}


def run_once(name: str, path: str, with_answer: bool) -> dict[str, Any]:
    """One timed run in this process."""
    run, answer = CONTENDERS[name]()
    began = time.perf_counter()
    result = run(path)
    out: dict[str, Any] = {"seconds": time.perf_counter() - began}
    if with_answer:
        out["answer"] = answer(result)
    return out


# --- the comparison -------------------------------------------------------------------------------


def child(name: str, path: Path, with_answer: bool = False) -> dict[str, Any]:
    """One run in a process of its own."""
    command = [sys.executable, __file__, "--run", name, str(path)]
    command += ["--answer"] if with_answer else []
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def same_answers(path: Path) -> None:
    """Stop unless both give the same figures to the cent."""
    one, other = (child(name, path, True)["answer"] for name in CONTENDERS)
    for part in one:
        if one[part] != other[part]:
            if isinstance(one[part], dict):
                keys = sorted(set(one[part]) | set(other[part]))
                keys = [k for k in keys if one[part].get(k) != other[part].get(k)]
                shown = [(k, one[part].get(k), other[part].get(k)) for k in keys[:5]]
            else:
                shown = [(one[part], other[part])]
            sys.exit(f"{path.name}: {part} differ: {shown}")


def measure(path: Path, pairs: int) -> dict[str, float]:
    """Median seconds of each, and the median of the pairs' ratios."""
    seconds: dict[str, list[float]] = {name: [] for name in CONTENDERS}
    for pair in range(pairs):
        order = list(CONTENDERS) if pair % 2 else list(CONTENDERS)[::-1]
        for name in order:
            seconds[name].append(child(name, path)["seconds"])
    ratios = [a / b for a, b in zip(seconds["writeoffs"], seconds["pandas"], strict=True)]
    medians = {name: statistics.median(times) for name, times in seconds.items()}
    return {**medians, "ratio": statistics.median(ratios), "low": min(ratios), "high": max(ratios)}


def machine() -> str:
    """What it ran on: cores, memory, versions; no names."""
    import importlib.metadata

    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in LIBRARIES)
    memory = ""
    if hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        pages = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        memory = f", {pages / 2**30:.0f} GiB"
    return (
        f"{os.cpu_count()} cores ({platform.machine()}){memory}, {platform.system()};"
        f" Python {platform.python_version()}, {versions}."
    )


def report(found: dict[str, dict[str, float]], lines: int, pairs: int) -> str:
    """The table as Markdown."""
    rows = [
        f"| {name} | {f['pandas']:.2f} s | {f['writeoffs']:.2f} s | **{f['ratio']:.2f}**"
        f" ({f['low']:.2f} to {f['high']:.2f}) | {TARGETS[name]:.1f} |"
        for name, f in found.items()
    ]
    return "\n".join(
        [
            "| file | pandas script | writeoffs | ratio (lowest to highest pair) | at most |",
            "|---|---|---|---|---|",
            *rows,
            "",
            f"{lines:,} lines; medians of {pairs} alternating pairs, imports not counted, file in"
            " the system's cache.",
            machine(),
        ]
    )


PREFACE: Final = """# How fast it reads

Written by `python benchmarks/bench_read.py`; its head says what is compared. In short: the same
sums from the same file, equal to the cent, against the pandas script that an analyst would write.
The script trusts the file; the program checks every cell and finds out by itself what the columns
mean.

"""


def keep_section(path: Path, heading: str, text: str) -> None:
    """Write one section of the results, with its heading, and leave the others as they are."""
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    parts = [p.strip() for p in re.split(r"^(?=##? )", old, flags=re.MULTILINE) if p.strip()]
    if not any(p.startswith(heading) for p in parts):
        parts.append(heading)
    kept = [text.strip() if p.startswith(heading) else p for p in parts]
    path.write_text("\n\n".join(kept) + "\n", encoding="utf-8")


def main() -> int:
    """Make the files, compare, time, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=200_000)
    parser.add_argument("--pairs", type=int, default=7)
    parser.add_argument("--check", action="store_true", help="fail when a target is missed")
    parser.add_argument("--dry", action="store_true", help="print only, leave RESULTS.md alone")
    parser.add_argument("--run", nargs=2, metavar=("NAME", "PATH"), help=argparse.SUPPRESS)
    parser.add_argument("--answer", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        print(json.dumps(run_once(*given.run, given.answer)))
        return 0
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in TARGETS:
            path = make(Path(folder) / f"{name}.csv", given.lines, messy=name == "messy")
            same_answers(path)
            found[name] = measure(path, given.pairs)
    text = report(found, given.lines, given.pairs)
    print(text)
    if not given.dry:
        keep_section(RESULTS, "# How fast it reads", f"{PREFACE}{text}")
    missed = [name for name, f in found.items() if f["ratio"] > TARGETS[name]]
    if missed:
        print(f"over the target: {', '.join(missed)}")
    return 1 if missed and given.check else 0


if __name__ == "__main__":
    sys.exit(main())
