"""The 835 reader: what a file states, whatever it is written with, and that nothing makes it crash."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from remits import Claim, Line, Payment, Style, remit, wrapped
from support import kinds_of

from writeoffs import summary as contract
from writeoffs.problems import Unreadable
from writeoffs.readers import remittance
from writeoffs.readers.remittance import Remittance
from writeoffs.readers.x12 import looks_like
from writeoffs.reading import read as read_ledger

PAYMENTS = (
    Payment(
        [
            Claim(
                "C1",
                [
                    Line("99213", "150", "80", "CO-45 50, PR-1 12.34, PR-2 7.66", ref="1"),
                    Line("J1100", "20.50", "0", "CO-97 20.50", ref="2", modifiers=("RT", "59")),
                ],
                patient="P1",
            ),
            Claim("C2", charge="100", cas="CO-45 30, PR-3 10", day="20260107", patient="P2"),
        ],
        "AETNA",
        plb=(("WO", "OLD1", "15"), ("L6", "", "-0.75")),
    ),
    Payment(
        [Claim("C3", [Line("99214", "-60", "-40", "CO-45 -20")], "22")],
        "BLUE CROSS",
        sign="D",
        amount="40",
    ),
)
STATED = {
    "claims": 3,
    "charge": "210.50",
    "paid": "100.00",
    "CO": "80.50",
    "PR": "30.00",
    "OA": "0.00",
    "PI": "0.00",
    "PLB": "14.25",
    "BPR": "85.75",
}


def read(text: str | bytes) -> Remittance:
    return remittance.read(text.encode() if isinstance(text, str) else text, "a.835")


def cents(frame: pd.DataFrame, column: str) -> int:
    return int(frame[column].sum())


# --- however it is written ------------------------------------------------------------------------

SHAPES: dict[str, Any] = {
    "as the standard has it": remit(*PAYMENTS),
    "one line": remit(*PAYMENTS, style=Style(end="~")),
    "line ends CRLF": remit(*PAYMENTS, style=Style(end="~\r\n")),
    "newline ends a segment": remit(*PAYMENTS, style=Style(end="\n")),
    "CRLF ends a segment": remit(*PAYMENTS, style=Style(end="\r\n")),
    "pipes and carets": remit(*PAYMENTS, style=Style(element="|", component="^")),
    "plus signs": remit(*PAYMENTS, style=Style(element="+", component=">")),
    "component is a pipe": remit(*PAYMENTS, style=Style(component="|")),
    "caret ends a segment": remit(*PAYMENTS, style=Style(end="^\n")),
    "a quote ends a segment": remit(*PAYMENTS, style=Style(end="'")),
    "no SE": remit(*PAYMENTS, style=Style(se=False)),
    "no SE, GE, IEA": remit(*PAYMENTS, style=Style(se=False, trailer=False)),
    "prose before ISA": remit(*PAYMENTS, style=Style(before="Your remittance of May, ISA below.\n\n")),
    "no ISA": remit(*PAYMENTS, style=Style(isa=False)),
    "no ISA, newline ends a segment": remit(*PAYMENTS, style=Style(isa=False, end="\n")),
    "two interchanges": remit(*PAYMENTS, style=Style(per_interchange=1)),
    "one triplet a segment": remit(*PAYMENTS, style=Style(triplets=1)),
    "wrapped at 80": wrapped(remit(*PAYMENTS)),
    "wrapped at 80, CRLF": wrapped(remit(*PAYMENTS)).replace("\n", "\r\n"),
    "byte-order mark": b"\xef\xbb\xbf" + remit(*PAYMENTS).encode(),
    "UTF-16": remit(*PAYMENTS).encode("utf-16"),
    "Windows-1252": remit(*PAYMENTS).replace("MAIN STREET", "CAFÉ – STRASSE").encode("cp1252"),
    "short heading": remit(*PAYMENTS).replace("PAYER          ", "PAYER").replace(" " * 10, ""),
    "two kinds of separators": remit(PAYMENTS[0])
    + remit(PAYMENTS[1], style=Style(element="|", component="^", end="!\n")),
    "control characters as separators": remit(
        *PAYMENTS, style=Style(element="\x1d", component="\x1f", end="\x1e")
    ),
    "control characters and line breaks": remit(
        *PAYMENTS, style=Style(element="\x1d", component="\x1f", end="\x1e\r\n")
    ),
    "other transactions between": remit(PAYMENTS[0])
    + remit(Payment([Claim("X", charge="9")])).replace("*835*", "*277*").replace("~BPR", "~BHT")
    + remit(PAYMENTS[1]),
    "blank lines": remit(*PAYMENTS).replace("~\n", "~\n\n \n"),
    "small letters": remit(*PAYMENTS).replace("CAS*CO", "cas*CO"),
}  # fmt: skip


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_the_same_remittance_however_it_is_written(text: str | bytes) -> None:
    found = read(text)
    assert found.control == STATED
    assert found.payments["payer"].tolist() == ["AETNA", "BLUE CROSS"]
    assert found.lines["procedure"].tolist() == ["99213", "J1100", "99214"]
    assert found.lines["modifier"].tolist() == ["", "RT,59", ""]
    assert found.lines["number"].tolist() == ["1", "2", ""]
    assert found.claims["number"].tolist() == ["C1", "C2", "C3"]


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES.keys())
def test_a_file_is_known_as_a_remittance_by_its_bytes(text: str | bytes) -> None:
    data = text.encode() if isinstance(text, str) else text
    ledger = read_ledger(("statement.txt", data))
    assert ledger.files[0].shape == "835"
    assert ledger.files[0].control == STATED


# --- each rule of reading -------------------------------------------------------------------------


def test_every_triplet_of_a_cas_counts() -> None:
    reasons = ", ".join(f"CO-{code} 1.01" for code in (45, 253, 97, 50, 29, 16))
    found = read(remit(Payment([Claim("C1", [Line("99213", "10", cas=reasons)])])))
    assert found.adjustments["code"].tolist() == ["45", "253", "97", "50", "29", "16"]
    assert cents(found.adjustments, "amount") == 606


def test_a_triplet_with_a_quantity_keeps_its_neighbours() -> None:
    text = remit(Payment([Claim("C1", [Line("99213", "10", "0", "CO-45 4, CO-97 6")])]))
    found = read(text.replace("CAS*CO*45*4**97*6", "CAS*CO*45*4*2*97*6*1"))
    assert found.adjustments["amount"].tolist() == [400, 600]


def test_a_cas_belongs_to_the_open_line_else_to_the_claim() -> None:
    found = read(remit(Payment([Claim("C1", [Line("99213", "10", "5", "CO-45 5")], cas="PR-3 2"),
                                Claim("C2", charge="9", cas="CO-45 9")])))  # fmt: skip
    assert found.adjustments[["claim", "line", "amount"]].to_numpy().tolist() == [
        [0, -1, 200],
        [0, 0, 500],
        [1, -1, 900],
    ]


def test_plb_pairs_up_to_six_stand_on_the_payment_and_on_no_claim() -> None:
    text = remit(Payment([Claim("C1", charge="100", paid="100")], amount="79"))
    pairs = "*".join(f"WO:R{i}*{i}" for i in range(1, 7))
    found = read(text.replace("SE*", f"PLB*1999999984*20261231*{pairs}~\nSE*"))
    assert found.provider["amount"].tolist() == [100, 200, 300, 400, 500, 600]
    assert found.provider["reference"].tolist() == [f"R{i}" for i in range(1, 7)]
    assert found.problems == ()


def test_lx_and_plb_close_the_claim_before_them() -> None:
    first = remit(Payment([Claim("C1", [Line("99213", "10", "10")])]))
    stray = first.replace("SE*", "LX*2~\nCLP*C2*1*7*5*2*12*~\nCAS*PR*1*2~\nSE*").replace(
        "BPR*I*10", "BPR*I*15"
    )
    found = read(stray)
    assert found.adjustments[["claim", "line"]].to_numpy().tolist() == [[1, -1]]


def test_each_st_has_its_payer_its_day_and_its_money() -> None:
    found = read(remit(
        Payment([Claim("C1", charge="10", paid="10")], "AETNA", "20260201"),
        Payment([Claim("C2", charge="20", paid="20")], "CIGNA", "20260301"),
    ))  # fmt: skip
    assert found.payments["payer"].tolist() == ["AETNA", "CIGNA"]
    assert found.payments["day"].astype(str).tolist() == ["2026-02-01", "2026-03-01"]
    assert found.payments["stated"].tolist() == [1000, 2000]
    assert found.claims["payment"].tolist() == [0, 1]


def test_a_debit_is_negative() -> None:
    found = read(
        remit(Payment([Claim("C1", charge="-10", paid="-10", status="22")], sign="D", amount="10"))
    )
    assert found.control["BPR"] == "-10.00"
    assert found.problems == ()


def test_one_claim_number_for_many_patients_is_many_claims() -> None:
    several = [
        Claim("1", [Line("99213", "10", "10")], patient=f"P{i}", payer_number="77")
        for i in range(7)
    ]
    ledger = read_ledger(("a.835", remit(Payment(several)).encode()))
    assert contract.summary(ledger)["counts"]["claims"] == 7


def test_member_numbers_of_two_payers_do_not_split_a_claim() -> None:
    first = Payment(
        [Claim("C1", [Line("99213", "100", "60", "CO-45 20, PR-2 20")], patient="AET1")]
    )
    second = Payment([Claim("C1", [Line("99213", "100", "20", "OA-23 80")], "2", patient="BC9")],
                     "BLUE CROSS", "20260301")  # fmt: skip
    summary = contract.summary(read_ledger(("a.835", remit(first, second).encode())))
    assert summary["counts"]["claims"] == 1
    assert summary["totals"]["billed"] == "100.00"
    assert summary["totals"]["open"] == "0.00"


def test_the_procedure_sent_stands_before_the_one_the_payer_decided_on() -> None:
    found = read(
        remit(Payment([Claim("C1", [Line("99212", "100", "60", "CO-45 40", submitted="99214")])]))
    )
    assert found.lines["procedure"].tolist() == ["99214"]


def test_a_day_or_a_span_of_a_line_else_of_the_claim() -> None:
    line = Line("99213", "10", "10", day=None)
    text = remit(Payment([Claim("C1", [line], day="20260107"), Claim("C2", [line])]))
    text = text.replace(
        "SVC*HC:99213*10*10~\nSE", "SVC*HC:99213*10*10~\nDTM*150*20260109~\nDTM*151*20260111~\nSE"
    )
    days = read_ledger(("a.835", text.encode())).book.rows["service_date"].astype(str).tolist()
    assert days == ["2026-01-07", "2026-01-09"]


def test_names_of_patients_are_never_read() -> None:
    text = remit(Payment([Claim("C1", charge="10", paid="10")])).replace("DOEP1", "ZZSECRET")
    found = read(text)
    frames = (found.payments, found.claims, found.lines, found.adjustments, found.provider)
    assert "ZZSECRET" not in "".join(frame.to_csv() for frame in frames)


# --- what does not add up is said, and read -------------------------------------------------------

OFF = {
    "payment": (remit(Payment([Claim("C1", charge="10", paid="10")], amount="12")), "835_unbalanced", 200),
    "claim": (remit(Payment([Claim("C1", charge="10", paid="8", cas="CO-45 1")])), "835_unbalanced", 100),
    "line": (
        remit(Payment([Claim("C1", [Line("99213", "10", "8", "CO-45 1")], cas="CO-97 1", paid="8")])),
        "835_line_unbalanced",
        100,
    ),
    "share": (
        remit(Payment([Claim("C1", charge="10", cas="PR-1 4", responsibility="5")])),
        "835_share_differs",
        100,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "off"), OFF.values(), ids=OFF.keys())
def test_what_does_not_add_up_is_a_problem_with_its_cents(text: str, kind: str, off: int) -> None:
    found = read(text)
    assert len(found.claims) == 1
    problem = next(p for p in found.problems if p.kind == kind)
    assert sum(abs(c) for c in problem.cents) == off


def test_a_wrong_segment_count_is_a_note() -> None:
    text = remit(*PAYMENTS).replace("SE*", "SE*9")
    found = read(text)
    assert found.problems == ()
    assert any("SE01" in note for note in found.notes)


def test_an_amount_that_cannot_be_read_holds_its_claim_alone() -> None:
    text = remit(
        Payment([Claim("C1", charge="10", paid="10"), Claim("C2", charge="20", paid="20")])
    )
    ledger = read_ledger(("a.835", text.replace("CLP*C1*1*10*", "CLP*C1*1*1O,O*").encode()))
    assert ledger.files[0].held == {1: 0}
    assert "amount_unreadable" in kinds_of(ledger)
    assert contract.summary(ledger)["totals"]["billed"] == "20.00"


def test_the_payment_that_does_not_balance_is_named_with_both_sums(corpus: Path) -> None:
    path = corpus / "messy" / "own40" / "24_out_of_balance_no_IEA.835"
    problems = read(path.read_bytes()).problems
    words = " ".join(p.message for p in problems if p.kind == "835_unbalanced")
    assert "100.00" in words and "90.00" in words


# --- nothing makes it crash -----------------------------------------------------------------------


def outcome(data: bytes) -> Remittance | Unreadable:
    try:
        found = remittance.read(data, "a.835")
    except Unreadable as why:
        assert str(why)
        return why
    assert set(found.control) == set(STATED)
    return found


def test_a_file_cut_anywhere_is_read_as_far_as_it_goes() -> None:
    text = remit(*PAYMENTS, style=Style(end="~"))
    for end in range(0, len(text), 7):
        found = outcome(text[:end].encode())
        if isinstance(found, Remittance):
            assert int(str(found.control["claims"])) <= 3
    assert isinstance(outcome(text[: text.index("SE*")].encode()), Remittance)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x00" * 300,
        b"ISA",
        b"ISA*" * 50,
        b"ISA" + b"*" * 200,
        b"ST*835*1~",
        b"ST*835~BPR~CLP~SVC~CAS~PLB~SE~",
        b"ISA*00*~*ST*835*1~CLP*1",
        b"ST*835*1~SVC*HC:1*1*1~CAS*CO*45*1~PLB*1*2*WO*3~SE*1*1~",
        b"ST*835*1~CLP*A*X*1e99*--*NaN~CAS*CO*45*inf~SE*1*1~",
        "ST*835*1~CLP*É*1*١٢*1*1~SE*1*1~".encode(),
        b"ST*835*1~CLP*A*1*99999999999999999999*1*1~SE*1*1~",
        remit(*PAYMENTS).encode()[:200] + b"\xff\xfe\x00" + remit(*PAYMENTS).encode()[200:],
    ],
)
def test_rubbish_is_a_remittance_or_a_sentence(data: bytes) -> None:
    outcome(data)


@given(st.lists(st.tuples(st.integers(0, 2000), st.binary(max_size=3)), min_size=1, max_size=6))
def test_damage_is_a_remittance_or_a_sentence(damage: list[tuple[int, bytes]]) -> None:
    data = remit(*PAYMENTS).encode()
    for place, what in damage:
        data = data[:place] + what + data[place + len(what) // 2 :]
    found = outcome(data)
    if isinstance(found, Remittance) and looks_like(data):
        contract.summary(read_ledger(("a.835", data)))


# --- other people's files -------------------------------------------------------------------------


def expected(corpus: Path) -> list[dict[str, str]]:
    with (corpus / "835" / "expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_file_of_the_corpus_states_what_was_worked_out_apart(corpus: Path) -> None:
    rows = expected(corpus)
    assert len(rows) == 36
    for row in rows:
        path = corpus / row["file"]
        ledger = read_ledger(path)
        found = remittance.read(path.read_bytes(), path.name)
        assert {k: str(w) for k, w in ledger.files[0].control.items()} == {
            k: row[k] for k in STATED
        }, row["file"]
        sizes = (
            len(found.payments),
            len(found.lines),
            cents(found.lines, "charge"),
            cents(found.lines, "paid"),
        )
        assert sizes == (
            int(row["transactions"]),
            int(row["services"]),
            round(float(row["service_charge"]) * 100),
            round(float(row["service_paid"]) * 100),
        ), row["file"]
        assert found.payments["payer"].nunique() == int(row["payers"]), row["file"]
        # A line that does not add up in a claim that does is said, and does not unbalance the file.
        unbalanced = "835_unbalanced" in {p.kind for p in found.problems}
        assert unbalanced == (row["balances"] == "no"), row["file"]


def test_every_file_of_the_corpus_settles_and_says_whether_it_balances(corpus: Path) -> None:
    for row in expected(corpus):
        summary = contract.summary(read_ledger(corpus / row["file"]))
        totals = {k: round(float(w) * 100) for k, w in summary["totals"].items() if w is not None}
        left = totals["billed"] + totals["other_debits"] - totals["insurer_paid"]
        left -= totals["written_off"] + totals["other_adjustments"]
        assert left == totals["open"] + totals["unexplained"], row["file"]
        assert summary["balanced"] == (row["balances"] == "yes"), row["file"]


def test_oxedi_finds_the_same_money_in_well_formed_files(corpus: Path) -> None:
    oxedi = pytest.importorskip("oxedi")
    seen = 0
    for row in expected(corpus):
        if row["shape"] != "good":
            continue
        seen += 1
        data = (corpus / row["file"]).read_bytes()
        found = remittance.read(data, row["file"])
        other = oxedi_sums(oxedi, data)
        assert other == {
            "claims": len(found.claims),
            "charge": cents(found.claims, "charge"),
            "paid": cents(found.claims, "paid"),
            "CAS": cents(found.adjustments, "amount"),
        }, row["file"]
    assert seen > 15


def oxedi_sums(oxedi: Any, data: bytes) -> dict[str, int]:
    tables = oxedi.parse(data).tables
    claims = tables["claims"].to_pandas()
    return {
        "claims": len(claims),
        "charge": in_cents(claims["charge_amount"]),
        "paid": in_cents(claims["payment_amount"]),
        "CAS": in_cents(tables["adjustments"].to_pandas()["amount"]),
    }


def in_cents(amounts: pd.Series) -> int:
    """Decimals as whole cents."""
    return sum(int(amount * 100) for amount in amounts.dropna())


def test_x12_cut_short_in_its_heading_is_refused_as_what_it_is() -> None:
    with pytest.raises(Unreadable) as why:
        read_ledger(("a.txt", b"ISA*00*          *00*"))
    assert why.value.problem.kind == "not_supported"
    assert why.value.hint
