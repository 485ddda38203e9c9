"""The command line: exit codes, one line for what went wrong, and every key of its contract."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from support import proposal_of, tidy

from writeoffs import vocabulary as v
from writeoffs.cli import main, map_json, summary_json

ROOT = Path(__file__).resolve().parents[1]
CLEAN = """
    Claim,MRN,DOS,Post Date,Practice,Provider,Office,CPT,Payer,Charge,Ins Pd,Pt Pd,Ins Adj,Copay,Bal
    1,P1,2025-12-05,2026-01-20,North,Dr. A,Main,99213,Aetna,100.00,60.00,10.00,30.00,10.00,0.00
    2,P2,2026-01-06,2026-02-20,North,Dr. B,Side,99214,Cigna,200.00,120.00,0.00,60.00,20.00,20.00
    3,P2,2026-02-06,2026-02-28,South,Dr. B,Side,99214,,50.00,0.00,0.00,0.00,0.00,50.00
"""
HELD = CLEAN.replace("100.00,60.00", "100.00,6x.00")
FLAGGED = CLEAN.replace("50.00\n", "49.00\n")
TOTALS = {
    "billed",
    "other_debits",
    "paid",
    "insurer_paid",
    "patient_paid",
    "written_off",
    "other_adjustments",
    "open",
    "patient_open",
    "unexplained",
    "held",
    "patient_responsibility",
    "deductible",
    "coinsurance",
    "copay",
    "patient_other",
}
RATES = {
    "write_off_rate",
    "contractual_rate",
    "avoidable_rate",
    "gross_collection_rate",
    "net_collection_rate",
}


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "june.csv"
    path.write_bytes(tidy(CLEAN))
    return path


def run(capsys: pytest.CaptureFixture[str], *args: str | Path) -> tuple[int, Any, str]:
    """Exit code, parsed JSON (or text) and standard error."""
    code = main([str(a) for a in args])
    out, err = capsys.readouterr()
    return code, json.loads(out) if out.startswith("{") else out, err


def written(path: Path, text: str) -> Path:
    path.write_bytes(tidy(text))
    return path


def test_one_file_that_cannot_be_used_does_not_keep_the_others_from_being_read(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bad = tmp_path / "report.pdf"
    bad.write_bytes(b"%PDF-1.7\n1 0 obj\n")
    packed = tmp_path / "july.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("readme.txt", "Hi, here are the charges.\nBest, Kim\n")
        archive.writestr("june.csv", export.read_bytes())
    alone = run(capsys, "summary", "--json", export)[1]
    for files, kind in (((bad, export), "not_supported"), ((packed,), "no_header")):
        code, out, _ = run(capsys, "summary", "--json", *files)
        assert (code, out["totals"]) == (1, alone["totals"])
        assert kind in [p["kind"] for p in out["problems"]]
    assert run(capsys, "summary", "--json", bad)[0] == 2


# --- exit codes -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"), [(CLEAN, 0), (HELD, 1), (FLAGGED, 1)], ids=["clean", "held", "does not tie"]
)
def test_exit_says_whether_all_was_read_and_balances(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, code: int
) -> None:
    found, out, err = run(capsys, "summary", written(tmp_path / "x.csv", text), "--json")
    assert (found, err) == (code, "")
    assert (out["counts"]["rows_held"] > 0) is (text is HELD)
    assert out["balanced"] is (text is not FLAGGED)


REFUSED = {
    "no such file": (["summary", "nowhere.csv"], "nowhere.csv"),
    "an empty file": (["summary", "{empty}"], "empty"),
    "no money": (["summary", "{plain}"], "no column"),
    "two bad": (["summary", "{empty}", "{empty}"], "empty"),
    "an unknown dimension": (["summary", "{good}", "--by", "zebra"], "zebra"),
    "a mapping that is none": (["summary", "{good}", "--mapping", "{plain}"], "mapping"),
    "a mapping that is not there": (["map", "{good}", "--mapping", "nowhere.json"], "nowhere.json"),
    "an empty file to map": (["map", "{empty}"], "empty"),
}


@pytest.mark.parametrize(("args", "names"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_is_one_line_on_standard_error_and_exit_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], args: list[str], names: str
) -> None:
    files = {
        "good": written(tmp_path / "good.csv", CLEAN),
        "empty": written(tmp_path / "empty.csv", ""),
        "plain": written(tmp_path / "plain.csv", "Claim,Payer,DOS\n1,Aetna,2026-01-05"),
    }
    code, out, err = run(capsys, *[a.format(**files) for a in args], "--json")
    assert (code, out) == (2, "")
    assert err.count("\n") == 1 and err.endswith("\n")
    assert names in err


@pytest.mark.parametrize(
    "args",
    [
        [],
        ["zebra"],
        ["summary"],
        ["summary", "x.csv", "--basis", "moon"],
        ["summary", "x.csv", "--as-of", "soon"],
    ],
)
def test_a_command_nobody_knows_exits_2_as_well(
    capsys: pytest.CaptureFixture[str], args: list[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(args)
    assert caught.value.code == 2
    assert "usage" in capsys.readouterr().err


def test_no_error_shows_a_traceback_or_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, err = run(capsys, "summary", tmp_path / "secret-folder" / "x.csv")
    assert "Traceback" not in err and "secret-folder" not in err


# --- what it prints -------------------------------------------------------------------------------


def test_every_key_of_the_contract_is_always_there(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _, out, _ = run(capsys, "summary", export, "--json")
    assert list(out) == [
        "files",
        "counts",
        "period",
        "totals",
        "write_offs",
        "adjustment_groups",
        "rates",
        "balanced",
        "problems",
        "groups",
    ]
    [file] = out["files"]
    assert set(file) == {"name", "sha256", "shape", "rows", "notes", "control"}
    assert (file["name"], file["shape"], file["rows"], len(file["sha256"])) == (
        "june.csv",
        "line",
        3,
        64,
    )
    assert out["counts"] == {"lines": 3, "claims": 3, "patients": 2, "rows_read": 3, "rows_held": 0}
    assert out["period"] == {
        "service_from": "2025-12-05",
        "service_to": "2026-02-06",
        "post_from": "2026-01-20",
        "post_to": "2026-02-28",
        "as_of": "2026-02-28",
    }
    assert set(out["totals"]) == TOTALS
    assert set(out["rates"]) >= RATES
    assert out["write_offs"] == {"contractual": "90.00"}
    assert out["adjustment_groups"] == {"CO": None, "PR": None, "OA": None, "PI": None}
    assert out["groups"] == []


def test_keys_are_there_though_the_file_can_say_little(tmp_path: Path) -> None:
    path = written(tmp_path / "x.csv", "Payment Date,Insurance Paid\n2026-01-05,60.00")
    out = summary_json([str(path)])
    assert set(out["totals"]) == TOTALS
    assert set(out["rates"]) >= RATES and set(out["rates"].values()) == {None}
    assert {n for n, a in out["totals"].items() if a is not None} == {
        "paid",
        "insurer_paid",
        "unexplained",
        "held",
    }
    assert out["counts"] == {
        "lines": None,
        "claims": None,
        "patients": None,
        "rows_read": 1,
        "rows_held": 0,
    }


def test_money_is_a_two_decimal_string_and_a_rate_a_fraction(export: Path) -> None:
    out = summary_json([str(export)], by=["payer"])
    for totals in (out["totals"], *[g["totals"] for g in out["groups"]]):
        assert all(a is None or re.fullmatch(r"-?\d+\.\d\d", a) for a in totals.values())
    for rates in (out["rates"], *[g["rates"] for g in out["groups"]]):
        assert all(r is None or (isinstance(r, float) and round(r, 6) == r) for r in rates.values())
    assert out["totals"]["billed"] == "350.00"
    assert out["rates"]["write_off_rate"] == 0.257143


def test_problems_come_by_kind_with_rows_dollars_and_one_example(tmp_path: Path) -> None:
    out = summary_json([str(written(tmp_path / "x.csv", HELD))])
    [problem] = [p for p in out["problems"] if p["kind"] == "amount_unreadable"]
    example = problem.pop("example")
    assert problem == {"kind": "amount_unreadable", "rows": 1, "amount": "100.00"}
    assert {k: example[k] for k in ("file", "row", "column")} == {
        "file": "x.csv",
        "row": 1,
        "column": "Ins Pd",
    }
    assert "line 2" in example["message"] and '"6x.00"' in example["message"]
    assert out["totals"]["held"] == "100.00"


KEYS = {
    "payer": ["Aetna", "Cigna", None],
    "paying_payer": ["Aetna", "Cigna", None],
    "practice": ["North", "South"],
    "provider": ["Dr. A", "Dr. B"],
    "location": ["Main", "Side"],
    "procedure": ["99213", "99214"],
    "month": ["2025-12", "2026-01", "2026-02"],
    "year": ["2025", "2026"],
    "patient": ["P1", "P2"],
    "category": ["contractual", "copay", None],
}


@pytest.mark.parametrize(("by", "keys"), KEYS.items(), ids=KEYS)
def test_every_dimension_is_ordered_by_its_key_with_the_missing_one_last(
    export: Path, capsys: pytest.CaptureFixture[str], by: str, keys: list[str | None]
) -> None:
    code, out, _ = run(capsys, "summary", export, "--by", by, "--json")
    assert code == 0
    assert [g[by] for g in out["groups"]] == keys
    for name in ("billed", "paid", "written_off", "open", "copay"):
        assert sum(Decimal(g["totals"][name]) for g in out["groups"]) == Decimal(
            out["totals"][name]
        ), name


def test_the_dimensions_tested_are_all_there_are() -> None:
    assert set(KEYS) == set(v.BY)


def test_two_dimensions_go_together(export: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "summary", export, "--by", "payer, month", "--json")
    assert [(g["payer"], g["month"], g["totals"]["billed"]) for g in out["groups"]] == [
        ("Aetna", "2025-12", "100.00"),
        ("Cigna", "2026-01", "200.00"),
        (None, "2026-02", "50.00"),
    ]


LEDGER = """
    Claim,DOS,Post Date,Payer,Type,Reason,Amount
    1,2026-01-05,2026-01-06,Aetna,Charge,,100.00
    1,2026-01-05,2026-02-05,Aetna,Insurance Payment,,60.00
    1,2026-01-05,2026-03-05,Aetna,Adjustment,CO-45,30.00
"""


def test_months_go_by_service_or_by_posting(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "x.csv", LEDGER)
    _, service, _ = run(capsys, "summary", path, "--by", "month", "--json")
    _, post, _ = run(capsys, "summary", path, "--by", "month", "--basis", "post", "--json")
    assert [(g["month"], g["totals"]["paid"]) for g in service["groups"]] == [("2026-01", "60.00")]
    assert [(g["month"], g["totals"]["paid"]) for g in post["groups"]] == [
        ("2026-01", "0.00"),
        ("2026-02", "60.00"),
        ("2026-03", "0.00"),
    ]


def test_the_books_can_be_read_as_of_an_earlier_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "x.csv", LEDGER)
    _, out, _ = run(capsys, "summary", path, "--as-of", "2026-02-28", "--json")
    assert out["period"]["as_of"] == "2026-02-28"
    assert (out["totals"]["open"], out["totals"]["written_off"]) == ("40.00", "0.00")


def test_a_saved_mapping_is_used(
    tmp_path: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = proposal_of(CLEAN).plan.to_json().replace('"patient_paid"', '"ignore"')
    mapping = tmp_path / "mapping.json"
    mapping.write_text(saved, encoding="utf-8")
    _, out, _ = run(capsys, "summary", export, "--mapping", mapping, "--json")
    assert out["totals"]["patient_paid"] is None
    _, found, _ = run(capsys, "map", export, "--mapping", mapping, "--json")
    assert found["columns"]["Pt Pd"] == "ignore"


def test_map_shows_shape_columns_and_how_often_the_sum_comes_out(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "map", export, "--json")
    assert code == 0
    assert list(out) == ["shape", "columns", "holds"]
    assert (out["shape"], out["holds"]) == ("line", 1.0)
    assert out["columns"]["Ins Pd"] == "insurance_paid"
    assert out == map_json([str(export)])


def test_map_exits_1_where_a_person_would_be_asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = written(tmp_path / "x.csv", CLEAN.replace("Bal\n", "Zebra\n"))
    code, out, _ = run(capsys, "map", path, "--json")
    assert (code, out["columns"]["Zebra"]) == (1, None)


def test_without_json_the_same_is_read_as_text(
    export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = run(capsys, "summary", export)
    assert code == 0
    assert re.search(r"billed\s+350\.00", out)
    assert re.search(r"deductible\s+-", out)


def test_several_files_are_one_practice(
    tmp_path: Path, export: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = written(tmp_path / "again.csv", CLEAN)
    other = written(
        tmp_path / "other.csv", CLEAN.replace("\n    ", "\n    9").replace("9Claim", "Claim")
    )
    code, out, _ = run(capsys, "summary", export, again, other, "--json")
    assert code == 1  # the same file twice is said
    assert out["totals"]["billed"] == "700.00"
    assert "already_loaded" in {p["kind"] for p in out["problems"]}


def test_the_module_runs_as_a_command(export: Path) -> None:
    command = [sys.executable, "-W", "error", "-m", "writeoffs", "summary", str(export), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["totals"]["billed"] == "350.00"


def test_a_write_off_map_and_payer_names_are_used_when_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "june.csv"
    path.write_bytes(tidy(CLEAN.replace("Ins Adj", "Adjustment")))
    (tmp_path / "w.json").write_text('{"version": 1, "write_offs": {"": "timely_filing"}}')
    (tmp_path / "a.json").write_text('{"version": 1, "aliases": {"cigna": "Aetna"}}')
    code, before, _ = run(capsys, "summary", path, "--json")
    assert (code, before["write_offs"]) == (1, {"unclassified": "90.00"})
    maps = ("--write-off-map", tmp_path / "w.json", "--payer-aliases", tmp_path / "a.json")
    code, out, _ = run(capsys, "summary", path, *maps, "--by", "payer", "--json")
    assert (code, out["problems"]) == (0, [])
    assert out["write_offs"] == {"timely_filing": "90.00"}
    assert out["totals"] == before["totals"]
    assert [(g["payer"], g["totals"]["billed"]) for g in out["groups"]] == [
        ("Aetna", "300.00"),
        (None, "50.00"),
    ]
    assert out["files"][0]["notes"] == [
        "write-off map: $90.00 on 2 rows counted differently",
        "payer names: 1 row charted under another name, $200.00 billed",
    ]


def test_a_map_that_is_none_is_refused_in_one_line(
    export: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "w.json").write_text('{"version": 1, "write_offs": {"x": "nonsense"}}')
    for option in ("--write-off-map", "--payer-aliases"):
        code, _, error = run(capsys, "summary", export, option, tmp_path / "w.json")
        assert code == 2
        assert len(error.strip().splitlines()) == 1
