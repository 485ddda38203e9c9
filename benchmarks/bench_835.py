"""Reading and summing a remittance (X12 835): this program against two libraries and a loop.

    python benchmarks/bench_835.py             # 20,000 claims in one ST; writes into RESULTS.md

All give charges, payments, write-offs (CO) and patient shares (PR) by payer, and the number of
claims; compared to the cent before anything is timed. Each run is a process of its own; imports are
not counted; runs alternate, and the ratio is the median over pairs.

They do not do the same work. oxedi parses into tables that pandas sums; pyx12 gives segments that a
loop sums. Neither settles anything: several payers on one claim, reversals and repeats would all be
added up. The program checks that the file balances, posts it, settles every claim and then sums.
"""

from __future__ import annotations

import random
import sys
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).parent))

from race import Race, main

Answer = dict[str, list[int]]


def make(path: Path, claims: int, seed: int = 835) -> Path:
    """A remittance of one payer that balances: paid, shared and refused claims of 1 to 3 lines."""
    chance = random.Random(seed)
    body, paid_in_all = [], 0
    for number in range(claims):
        lines, charged, paid, share = [], 0, 0, 0
        for line in range(chance.randint(1, 3)):
            charge = chance.randint(2_000, 60_000)
            off, due = chance.randint(0, charge // 2), chance.randint(0, charge // 4)
            if chance.random() < 0.08:
                off, due = charge, 0
            given = charge - off - due
            code = "50" if off == charge else "45"
            service = chance.choice(("99213", "99214", "J1100"))
            lines.append(f"SVC*HC:{service}*{_text(charge)}*{_text(given)}")
            lines.append(f"DTM*472*202601{chance.randint(1, 28):02d}")
            lines += [f"CAS*CO*{code}*{_text(off)}"] if off else []
            lines += [f"CAS*PR*1*{_text(due // 2)}**2*{_text(due - due // 2)}"] if due > 1 else []
            lines += [f"CAS*PR*2*{_text(due)}"] if due == 1 else []
            lines.append(f"REF*6R*{line + 1}")
            charged, paid, share = charged + charge, paid + given, share + due
        head = f"CLP*C{number:07d}*1*{_text(charged)}*{_text(paid)}*{_text(share)}*12*P{number}*11"
        body += [head, f"NM1*QC*1*DOE*JANE****MI*M{number % 9_000:05d}", *lines]
        paid_in_all += paid
    start = [
        f"ISA*00*{'':10}*00*{'':10}*ZZ*{'PAYER':15}*ZZ*{'CLINIC':15}*260201*1200*^*00501*000000001*0*P*:",
        "GS*HP*PAYER*CLINIC*20260201*1200*1*X*005010X221A1",
        "ST*835*0001",
        f"BPR*I*{_text(paid_in_all)}*C*CHK{'*' * 12}20260201",
        "TRN*1*12345*1512345678",
        "DTM*405*20260201",
        "N1*PR*A PAYER",
        "N1*PE*CLINIC*XX*1999999984",
        "LX*1",
    ]
    end = [f"SE*{len(start) - 2 + len(body) + 1}*0001", "GE*1*1", "IEA*1*000000001"]
    path.write_text("".join(f"{s}~\n" for s in [*start, *body, *end]), encoding="ascii")
    return path


def _text(cents: int) -> str:
    return f"{cents // 100}.{cents % 100:02d}"


# --- the contenders: load() imports, and returns what is timed and how to read its result ---------


def load_writeoffs() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """This program."""
    import writeoffs as wo
    from writeoffs import metrics

    def run(path: str) -> Any:
        ledger = wo.read(path)
        names = ["billed", "insurer_paid", "written_off", "patient_responsibility"]
        sums = metrics.grouped(ledger, names, by=["payer"])
        return sums, metrics.counts(ledger), ledger.problems

    def answer(result: Any) -> Answer:
        sums, counts, problems = result
        assert not problems, problems
        names = ["billed", "insurer_paid", "written_off", "patient_responsibility"]
        out = {str(r["payer"]): [int(r[n]) for n in names] for _, r in sums.iterrows()}
        return {**out, "claims": [counts["claims"]]}

    return run, answer


def load_oxedi() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """oxedi's tables, summed in pandas."""
    import oxedi
    import pandas as pd

    def run(path: str) -> Any:
        tables = oxedi.parse_file(path).tables
        frames = {n: tables[n].to_pandas() for n in ("payments", "claims", "adjustments")}
        payer = frames["payments"]["payer_name"].str.decode("utf-8")
        claims = frames["claims"].assign(payer=frames["claims"]["payment"].map(payer))
        sums = claims.groupby("payer")[["charge_amount", "payment_amount"]].sum()
        taken = frames["adjustments"]
        taken = taken.assign(payer=taken["payment"].map(payer))
        groups = taken.groupby(["payer", "group_code"])["amount"].sum().unstack()
        return pd.concat([sums, groups], axis=1), claims["claim_id"].nunique()

    def answer(result: Any) -> Answer:
        sums, claims = result
        out = {str(payer): [int(v * 100) for v in row] for payer, row in sums.iterrows()}
        return {**out, "claims": [claims]}

    return run, answer


def load_pyx12() -> tuple[Callable[[str], Any], Callable[[Any], Answer]]:
    """pyx12's segments, summed in a loop."""
    import pyx12.x12file

    def run(path: str) -> Any:
        sums: dict[str, list[Decimal]] = defaultdict(lambda: [Decimal(0)] * 4)
        claims, payer = set(), ""
        place = {"CO": 2, "PR": 3}
        with pyx12.x12file.X12Reader(path) as reader:
            for segment in reader:
                name = segment.get_seg_id()
                if name == "N1" and segment.get_value("N101") == "PR":
                    payer = segment.get_value("N102")
                elif name == "CLP":
                    claims.add(segment.get_value("CLP01"))
                    sums[payer][0] += Decimal(segment.get_value("CLP03"))
                    sums[payer][1] += Decimal(segment.get_value("CLP04"))
                elif name == "CAS":
                    at = place[segment.get_value("CAS01")]
                    for i in range(3, 19, 3):
                        amount = segment.get_value(f"CAS{i:02d}")
                        if amount:
                            sums[payer][at] += Decimal(amount)
        return dict(sums), len(claims)

    def answer(result: Any) -> Answer:
        sums, claims = result
        return {**{p: [int(v * 100) for v in s] for p, s in sums.items()}, "claims": [claims]}

    return run, answer


RACE: Final = Race(
    __file__,
    {"writeoffs": load_writeoffs, "oxedi": load_oxedi, "pyx12": load_pyx12},
    lambda folder: make(folder / "remittance.835", 20_000),
    "## Remittances",
    "The same sums by payer\nfrom one 835, equal to the cent. The libraries parse; the program "
    "also checks, posts and settles.",
    "20,000 claims in one ST",
)

if __name__ == "__main__":
    sys.exit(main(RACE))
