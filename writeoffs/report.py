"""The proof pack: a workbook, a page, tables and a manifest, as files, as bytes or as one zip."""

from __future__ import annotations

import hashlib
import io
import json
import platform
import zipfile
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from writeoffs import pack as packs
from writeoffs.exporting import as_csv, dollars
from writeoffs.pack import Pack
from writeoffs.problems import BadRequest
from writeoffs.report_page import page
from writeoffs.workbook_out import workbook

MANIFEST: Final = "manifest.json"
_ZIP_DAY: Final = (1980, 1, 1, 0, 0, 0)  # a fixed time: the same input gives the same bytes
_LIBRARIES: Final = ("numpy", "pandas", "pyarrow", "XlsxWriter")
Tell = Callable[[str], None]


def files(pack: Pack, tell: Tell | None = None) -> dict[str, bytes]:
    """Every file of a proof pack by name; the same pack gives the same bytes.

    ``proof.xlsx``, ``report.html``, a CSV a table (``postings.csv`` too where a worksheet cannot
    hold all rows) and ``manifest.json`` with the fingerprints of what went in and came out.

    Args:
        pack: from ``pack.build``.
        tell: called with what is being made, for a line of progress.
    """
    said: Tell = tell or (lambda _: None)
    out: dict[str, bytes] = {}
    said("the tables")
    for name, table in packs.tables(pack).items():
        out[f"{name}.csv"] = as_csv(table)
    if pack.grain != packs.GRAINS[0]:
        said("all postings")
        rows = pack.rows.drop(columns="number")
        out["postings.csv"] = as_csv(rows.assign(amount=dollars(rows["amount"])))
    said("the page")
    out["report.html"] = page(pack)
    said(f"the workbook, {len(pack.summed):,} rows")
    out["proof.xlsx"] = workbook(pack)
    out = dict(sorted(out.items()))
    out[MANIFEST] = _manifest(pack, out)
    return out


def write(pack: Pack, folder: str | Path, tell: Tell | None = None) -> dict[str, bytes]:
    """Write a proof pack into a folder, which is made where there is none.

    Returns:
        The files written.

    Raises:
        BadRequest: the folder cannot be written, or is a file.
    """
    place, made = Path(folder), files(pack, tell)
    try:
        place.mkdir(parents=True, exist_ok=True)
        for name, content in made.items():
            (place / name).write_bytes(content)
    except OSError as error:
        raise BadRequest(
            f"the report cannot be written to {place.name}: {error.strerror}\n\n"
            "Hint: name a folder that may be written"
        ) from None
    return made


def zipped(made: Mapping[str, bytes]) -> bytes:
    """A proof pack as one zip."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in made.items():
            archive.writestr(zipfile.ZipInfo(name, _ZIP_DAY), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def listed(made: Mapping[str, bytes]) -> list[dict[str, Any]]:
    """Names, sizes and fingerprints of files."""
    return [
        {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in made.items()
    ]


def _manifest(pack: Pack, made: Mapping[str, bytes]) -> bytes:
    """What went in, what came out, what made it, and what each figure means."""
    ledger = pack.ledger
    body = {
        "program": "writeoffs",
        "versions": {"python": platform.python_version()}
        | {name: metadata.version(name) for name in _LIBRARIES},
        "part": pack.words,
        "as_of": ledger.as_of.isoformat() if ledger.as_of else None,
        "patient_identifiers": pack.patients,
        "a_row_of_the_workbook_is": pack.grain,
        "inputs": [
            {"name": f.name, "sha256": f.sha256, "rows": f.rows, "held": len(f.held),
             "mapping": json.loads(f.plan.to_json()) if f.plan is not None else None}
            for f in ledger.files
        ],
        "write_off_map": pack.judgements.write_offs.categories,
        "payer_names": pack.judgements.aliases.names,
        "outputs": listed(made),
        "definitions": {
            told.measure.name: f"{packs.title(told.measure)} = {told.measure.words}"
            for told in packs.told(pack)
        },
    }  # fmt: skip
    return (json.dumps(body, indent=2, ensure_ascii=False) + "\n").encode("utf-8")
