"""The proof pack: every formula of the workbook and every figure of the page equal the engine's."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from support import ledger_of, tidy

from writeoffs import catalogue, metrics, pack, report, tallies, workbook_out
from writeoffs.cli import main
from writeoffs.judgements import Judgements, PayerAliases, WriteOffMap
from writeoffs.ledger import Ledger
from writeoffs.measures import COMPONENTS
from writeoffs.reading import read
from writeoffs.report_page import page
from writeoffs.scope import Scope

SAMPLE = Path(__file__).parents[1] / "sample_data" / "practice_ledger.csv"
EVIL = """
    Claim,MRN,DOS,Post Date,Payer,Provider,Charge,Ins Paid,Pt Paid,Contractual,Write-off,Reason,Ded
    =1+1,SECRET1,2026-01-05,2026-01-20,=HYPERLINK("http://x"),@SUM(1),100.00,60.00,10.00,20.00,10.00,CO-29,0.00
    -2,SECRET2,2026-01-06,2026-02-20,<script>alert(1)</script>,+1,200.00,80.00,0.00,60.00,0.00,,60.00
    3,SECRET3,2026-02-06,2026-02-28,Self-Pay,Dr. A,50.00,0.00,20.00,0.00,5.00,=cmd|' /C calc'!A0,0.00
    4,SECRET4,2026-02-06,2026-02-28,Aetna,Dr. A,7x.00,0.00,20.00,0.00,5.00,CO-29,0.00
"""


@pytest.fixture(scope="module")
def evil() -> Ledger:
    return ledger_of(EVIL)


@pytest.fixture(scope="module")
def sample_pack() -> pack.Pack:
    # A part as Practice health shows it: one year, two payers, so that the filter counts.
    scope = Scope({"payer": (0, 1)}, "service", (2025 * 12 + 6, 2025 * 12 + 11))
    return pack.build(read(SAMPLE), scope, words="Jul to Dec 2025")


def figures_of(one: pack.Pack) -> list[tuple[str, float | None]]:
    """Title and the engine's figure in dollars or as a fraction, worked out apart from the pack."""
    row = metrics.table(one.scope.view(one.ledger), list(metrics.MEASURES)).iloc[0]
    found = {name: row[name] for name in metrics.MEASURES}
    sources = tallies.Sources.of(one.ledger)
    found |= {name: tallies.tally(sources, name, one.scope).value for name in tallies.NAMES}
    out: list[tuple[str, float | None]] = []
    for name, value in found.items():
        m = catalogue.measure(name)
        scale = 100 if m.unit == "dollars" else 1
        title = f"{m.title}, rate" if name == "contractual_rate" else m.title
        said = value is not None and not pd.isna(value)
        out.append((title, float(value) / scale if said else None))
    return out


def values_of(content: bytes) -> list[tuple[str, Any]]:
    """Title and value as a viewer shows them, from the sixth row on."""
    sheet = openpyxl.load_workbook(io.BytesIO(content), data_only=True)["Figures"]
    return [(row[0].value, row[1].value) for row in sheet.iter_rows(min_row=6) if row[0].value]


def agrees(shown: list[tuple[str, Any]], told: list[tuple[str, float | None]]) -> None:
    assert [title for title, _ in shown] == [title for title, _ in told]
    for (title, value), (_, figure) in zip(shown, told, strict=True):
        if figure is None:
            assert value == "cannot be said", title
        else:
            assert value == pytest.approx(figure, abs=5e-7), title


# --- the workbook ---------------------------------------------------------------------------------


def test_a_viewer_that_does_not_calculate_shows_the_figures(sample_pack: pack.Pack) -> None:
    shown = values_of(workbook_out.workbook(sample_pack))
    assert len(shown) >= 25
    agrees(shown, figures_of(sample_pack))


def by_hand(content: bytes) -> dict[str, tuple[int, int]]:
    """The parts from the sheet Rows with pandas: component -> cents of all and of rated rows."""
    rows = pd.read_excel(
        io.BytesIO(content), sheet_name="Rows", keep_default_na=False, engine="openpyxl"
    )
    cents = (rows["Amount"] * 100).round().astype("int64")
    out = {}
    for name in COMPONENTS:
        keep = rows["Counts as"] == name
        if name == "unclassified":
            keep = (rows["Entry"] == "write_off") & (rows["Category"] == "unclassified")
        if name == "self_pay_charges":
            keep = (rows["Counts as"] == "billed") & (rows["Party"] == "self_pay")
        if name == "self_pay_discounts":
            keep = (rows["Entry"] == "write_off") & (rows["Party"] == "self_pay")
            keep &= ~rows["Category"].isin(["bad_debt", "charity", "small_balance"])
        out[name] = (int(cents[keep].sum()), int(cents[keep & (rows["In rates"] == 1)].sum()))
    return out


@pytest.mark.parametrize("most", [10**6, 3000, 200])
def test_the_sums_of_the_rows_are_the_parts(sample_pack: pack.Pack, most: int) -> None:
    one = pack.build(sample_pack.ledger, sample_pack.scope, most=most)
    assert one.grain == {10**6: "posting", 3000: "claim", 200: "month and payer"}[most]
    told = {p.name: (p[3], p[4]) for p in pack.parts(one).itertuples()}
    assert by_hand(workbook_out.workbook(one)) == told
    assert told["billed"][0] > 0 and told["deductible"][0] > 0


def test_the_parts_of_self_pay_and_unnamed_write_offs_are_told(evil: Ledger) -> None:
    one = pack.build(evil)
    told = {p.name: (p[3], p[4]) for p in pack.parts(one).itertuples()}
    assert told["self_pay_charges"] == (5_000, 5_000)
    assert told["unclassified"] == (500, 500)
    assert by_hand(workbook_out.workbook(one)) == told


def test_what_self_pay_gave_up_is_no_discount_in_the_workbook_either() -> None:
    one = pack.build(
        ledger_of(
            """
            Claim,Patient,DOS,Post Date,Payer,CPT,Type,Reason,Amount
            C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Charge,,200.00
            C2,P2,2026-01-05,2026-01-06,Self-pay,99213,Adjustment,Self-pay discount,80.00
            C2,P2,2026-01-05,2026-09-01,Self-pay,99213,Adjustment,Bad debt,40.00
            C2,P2,2026-01-05,2026-09-01,Self-pay,99213,Adjustment,Charity,20.00
            C2,P2,2026-01-05,2026-09-01,Self-pay,99213,Adjustment,Small balance,5.00
            """
        )
    )
    told = {p.name: (p[3], p[4]) for p in pack.parts(one).itertuples()}
    assert told["self_pay_discounts"] == (8_000, 8_000)
    assert by_hand(workbook_out.workbook(one)) == told
    formula = workbook_out.sum_if(one, "self_pay_discounts", rated=False)
    assert all(f'"<>{name}"' in formula for name in ("bad_debt", "charity", "small_balance"))


def without_values(content: bytes) -> bytes:
    """The workbook with the stored values of its formulas taken out: what shows is calculated."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            body = old.read(name)
            if name.startswith("xl/worksheets/"):
                body = re.sub(rb"</f><v>[^<]*</v>", b"</f>", body)
            new.writestr(name, body)
    return out.getvalue()


@pytest.mark.slow
def test_libreoffice_recalculates_every_formula_to_the_engines_figure(
    sample_pack: pack.Pack, tmp_path: Path
) -> None:
    soffice = shutil.which("soffice") or shutil.which("libreoffice")
    if soffice is None:
        pytest.skip("no LibreOffice on this machine")
    content = workbook_out.workbook(sample_pack)
    source = tmp_path / "proof.xlsx"
    source.write_bytes(without_values(content))
    stripped = openpyxl.load_workbook(source, data_only=True)["Figures"]
    assert stripped["B6"].value is None
    profile = f"-env:UserInstallation=file://{tmp_path / 'profile'}"
    subprocess.run(
        [soffice, profile, "--headless", "--convert-to", "xlsx:Calc MS Excel 2007 XML",
         "--outdir", str(tmp_path / "out"), str(source)],
        check=True, capture_output=True, timeout=300,
    )  # fmt: skip
    calculated = tmp_path / "out" / "proof.xlsx"
    agrees(values_of(calculated.read_bytes()), figures_of(sample_pack))
    formulas = openpyxl.load_workbook(io.BytesIO(content))
    stored = openpyxl.load_workbook(io.BytesIO(content), data_only=True)
    again = openpyxl.load_workbook(calculated, data_only=True)
    seen = 0
    assert len({title for title, _ in values_of(content)}) == len(values_of(content))
    for name in ("Figures", "Parts"):
        for row in formulas[name].iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    place, seen = cell.coordinate, seen + 1
                    assert again[name][place].value == pytest.approx(
                        stored[name][place].value, abs=5e-7
                    ), f"{name}!{place} {cell.value}"
    assert seen >= 2 * len(COMPONENTS) + 40 + 2 * 30


def test_no_text_of_a_file_is_a_formula_or_a_link(evil: Ledger) -> None:
    content = workbook_out.workbook(pack.build(evil))
    book = openpyxl.load_workbook(io.BytesIO(content))
    formulas = [
        (sheet.title, cell.value)
        for sheet in book
        for row in sheet.iter_rows()
        for cell in row
        if cell.data_type == "f" or str(cell.value).startswith(("=", "+", "-", "@"))
    ]
    ours = [
        f
        for f in formulas
        if re.fullmatch(
            r"=(ROUND\(.*,2\)|C\d+|IF\(D\d+>0.*|(PERCENTILE|COUNT)\(Days!.*)", str(f[1])
        )
    ]
    numbers = [f for f in formulas if isinstance(f[1], (int, float))]
    assert set(formulas) == {*ours, *numbers}
    assert {title for title, _ in ours} == {"Figures", "Parts"}
    texts = {str(c.value) for row in book["Rows"].iter_rows() for c in row}
    assert {"'=1+1", "'-2", "'@SUM(1)", "'=cmd|' /C calc'!A0"} <= texts
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert not [n for n in archive.namelist() if "vba" in n.lower() or "external" in n.lower()]
        sheets = b"".join(
            archive.read(n) for n in archive.namelist() if n.endswith((".xml", ".rels"))
        )
    assert b"<hyperlink" not in sheets and b"TargetMode" not in sheets


def test_a_claim_has_a_row_and_a_part_a_column(sample_pack: pack.Pack) -> None:
    made = report.files(sample_pack)
    rows = pd.read_csv(io.BytesIO(made["counted.csv"]))
    totals = pd.read_csv(io.BytesIO(made["totals.csv"])).set_index("measure")
    denied = totals.loc["initial_denial_dollars"]
    assert rows["dollars submitted to a payer"].sum() == pytest.approx(denied["denominator"])
    assert denied["value"] == pytest.approx(denied["numerator"] / denied["denominator"], abs=1e-6)
    assert rows["claim"].dropna().is_unique and rows["claim"].isna().sum() <= 1
    days = pd.read_csv(io.BytesIO(made["days.csv"]))
    assert days["payment_lag"].median() == totals.loc["payment_lag", "value"]
    assert days["payment_lag"].count() == totals.loc["payment_lag", "denominator"]
    assert totals["title"].is_unique


@pytest.mark.parametrize("most", [10**6, 200])
def test_the_sheet_counted_adds_up_whatever_a_row_is(sample_pack: pack.Pack, most: int) -> None:
    one = pack.build(sample_pack.ledger, sample_pack.scope, most=most)
    found = one.counted
    assert ("claim" in found.rows) == (most > 200) and found.days_fit == (most > 200)
    for told in found.figures:
        if told.value is not None and not told.quantile:
            top, bottom = found.of[told.measure.name]
            assert found.rows[top].sum() == told.numerator
            assert bottom < 0 or found.rows[bottom].sum() == told.denominator
    assert workbook_out.workbook(one)


# --- the page -------------------------------------------------------------------------------------


class Read(HTMLParser):
    """The figures of a page, its tags, and everything that would be fetched."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.figures: dict[str, tuple[str | None, str]] = {}
        self.tags: set[str] = set()
        self.fetched: list[str] = []
        self.text = ""
        self._row, self._cells = "", []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = dict(attrs)
        self.tags.add(tag)
        self.fetched += [str(v) for k, v in attrs if k in ("src", "href", "srcset", "action")]
        self.fetched += [k for k, _ in attrs if k.startswith("on")]
        if "data-measure" in told:
            self._row = str(told["data-measure"])
            self.figures[self._row] = (told.get("data-value"), "")

    def handle_data(self, data: str) -> None:
        self.text += data


def test_every_figure_of_the_page_is_the_engines(sample_pack: pack.Pack) -> None:
    found = Read(page(sample_pack).decode())
    row = metrics.table(sample_pack.scope.view(sample_pack.ledger), list(metrics.MEASURES)).iloc[0]
    sources = tallies.Sources.of(sample_pack.ledger)
    told = {name: row[name] for name in metrics.MEASURES}
    told |= {n: tallies.tally(sources, n, sample_pack.scope).value for n in tallies.NAMES}
    assert set(found.figures) == set(told)
    for name, (shown, _) in found.figures.items():
        assert (shown is None) == (told[name] is None), name
        assert shown is None or float(shown) == float(told[name]), name


def test_the_page_fetches_nothing_runs_nothing_and_shows_text_as_typed(evil: Ledger) -> None:
    content = page(pack.build(evil))
    found = Read(content.decode())
    assert found.fetched == [] and not {"script", "link", "iframe", "img", "form"} & found.tags
    assert "<script>alert(1)</script>" in found.text
    assert b"@media print" in content and b"url(http" not in content
    assert "1 row, $7" not in found.text and "held" in found.text


# --- the whole pack -------------------------------------------------------------------------------


def test_patients_are_left_out_unless_asked_for(evil: Ledger) -> None:
    def has(patients: bool) -> bool:
        made = report.files(pack.build(evil, patients=patients))
        with zipfile.ZipFile(io.BytesIO(made["proof.xlsx"])) as archive:
            inside = b"".join(archive.read(n) for n in archive.namelist())
        return b"SECRET1" in b"".join([inside, *made.values()])

    assert (has(False), has(True)) == (False, True)


def test_two_runs_make_the_same_bytes_and_the_manifest_has_their_fingerprints() -> None:
    mine = Judgements(WriteOffMap({"Whim": "charity"}), PayerAliases({"AETNA INC": "Aetna"}))
    packs = [pack.build(ledger_of(EVIL), judgements=mine, most=4) for _ in range(2)]
    one, two = (report.files(p) for p in packs)
    assert one == two and report.zipped(one) == report.zipped(two)
    told = json.loads(one["manifest.json"])
    for output in told["outputs"]:
        assert output["sha256"] == hashlib.sha256(one[output["name"]]).hexdigest()
    assert {o["name"] for o in told["outputs"]} == set(one) - {"manifest.json"}
    assert told["inputs"][0]["sha256"] == hashlib.sha256(tidy(EVIL)).hexdigest()
    assert told["inputs"][0]["held"] == 1
    assert told["write_off_map"] == {"Whim": "charity"}
    assert told["payer_names"] == {"AETNA INC": "Aetna"}
    assert "postings.csv" in one and told["a_row_of_the_workbook_is"] != "posting"


def test_the_tables_tie_to_the_totals(sample_pack: pack.Pack) -> None:
    tables = pack.tables(sample_pack)
    billed = dict(figures_of(sample_pack))["Total billed"]
    assert tables["by_payer"]["billed"].sum() == pytest.approx(billed)
    assert tables["by_month"]["billed"].sum() == pytest.approx(billed)
    assert tables["claims"]["billed"].sum() == pytest.approx(billed)
    assert tables["by_month"]["month"].tolist() == [f"2025-{m:02d}" for m in range(7, 13)]
    written = dict(figures_of(sample_pack))["Written off"]
    assert tables["write_offs_by_reason"]["dollars"].sum() == pytest.approx(written)


def test_the_tables_are_safe_in_a_spreadsheet(evil: Ledger) -> None:
    made = report.files(pack.build(evil, most=4))
    for name in (n for n in made if n.endswith(".csv")):
        for row in csv.reader(io.StringIO(made[name].decode("utf-8-sig"))):
            for cell in row:
                if cell[:1] in ("=", "+", "@", "\t", "\r", "-"):
                    float(cell)  # only a number may begin so
    assert "'=1+1" in made["claims.csv"].decode()


# --- the command line -----------------------------------------------------------------------------


def test_report_writes_the_pack_and_keeps_the_exit_codes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = tmp_path / "good.csv"
    good.write_bytes(
        tidy(
            """
            Claim,MRN,DOS,Post Date,Payer,Charge,Ins Pd,Pt Pd,Ins Adj,Copay,Bal
            1,P1,2025-12-05,2026-01-20,Aetna,100.00,60.00,10.00,30.00,10.00,0.00
            2,P2,2026-01-06,2026-02-20,Cigna,200.00,120.00,0.00,60.00,20.00,20.00
            """
        )
    )
    out = tmp_path / "deep" / "pack"
    assert main(["report", str(good), "-o", str(out), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert {f["name"] for f in told["files"]} == {p.name for p in out.iterdir()}
    assert "$300.00" in told["figures"]["billed"]
    held = tmp_path / "held.csv"
    held.write_bytes(tidy(EVIL))
    assert main(["report", str(held), "-o", str(out)]) == 1
    assert main(["report", str(tmp_path / "none.csv"), "-o", str(out)]) == 2
    capsys.readouterr()
    assert main(["report", str(good), "-o", str(good)]) == 2
    said = capsys.readouterr().err
    assert "cannot be written" in said and len(said.splitlines()) == 1
