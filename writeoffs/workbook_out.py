"""The proof as an Excel workbook: every figure a formula over the rows that it is made of.

Figures -> Parts -> Rows: a figure divides two cells, a cell of those adds parts, a part is a SUMIFS
over the rows. The values stand beside the formulas, so that a viewer that does not calculate shows
them too. XlsxWriter writes them; nothing in the file is a link or a macro.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import pandas as pd
import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from writeoffs import counted, proof, wording
from writeoffs import pack as packs
from writeoffs.measures import COMPONENTS, Measure
from writeoffs.pack import Pack
from writeoffs.proof import Proof

# Text is text: nothing in a cell is ever taken for a formula, a link or a number.
_PLAIN: Final = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers")
_HEADS: Final[Mapping[str, str]] = {
    "claim": "Claim",
    "line": "Line",
    "patient": "Patient",
    "procedure": "Procedure",
    "payer": "Payer",
    "provider": "Provider",
    "month": "Service month",
    "service_date": "Service date",
    "posted": "Posted",
    "entry": "Entry",
    "category": "Category",
    "party": "Party",
    "reason": "Reason",
    "counts": "Counts as",
    "rated": "In rates",
    "derived": "Derived",
    "amount": "Amount",
    "file": "File",
    "row": "Row",
}
_WIDTHS: Final[Mapping[str, int]] = {"reason": 28, "payer": 26, "file": 26, "provider": 20}
_ROWS: Final = "Rows"
_PARTS: Final = "Parts"
_COUNTED: Final = "Counted"
_DAYS: Final = "Days"


def workbook(pack: Pack) -> bytes:
    """The workbook of a pack; the same pack gives the same bytes.

    It is put together in memory: nothing of an export is written to a temporary file.
    """
    out = io.BytesIO()
    options: dict[str, Any] = {"in_memory": True, **dict.fromkeys(_PLAIN, False)}
    with xlsxwriter.Workbook(out, options) as book:
        day = pack.ledger.as_of
        made = datetime(day.year, day.month, day.day) if day else datetime(2000, 1, 1)
        book.set_properties({"title": "Proof of figures", "author": "writeoffs", "created": made})
        looks = _looks(book)
        _figures(book.add_worksheet("Figures"), pack, looks)
        _parts(book.add_worksheet(_PARTS), pack, looks)
        _rows(book.add_worksheet(_ROWS), pack, looks)
        for name, table in (
            (_COUNTED, _sparse(counted.table(pack.counted))),
            (_DAYS, pack.counted.days if pack.counted.days_fit else pack.counted.days.iloc[:0]),
            ("Definitions", packs.definitions()),
            ("Files", packs.files(pack.ledger)),
            ("Mapping", packs.mapping(pack.ledger)),
            ("Maps", packs.maps(pack)),
            ("Problems", packs.problems(pack.ledger)),
        ):
            _table(book.add_worksheet(name), table, looks)
    return out.getvalue()


def _looks(book: Any) -> dict[str, Any]:
    return {
        "title": book.add_format({"bold": True, "font_size": 14}),
        "head": book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}),
        "rate": book.add_format({"num_format": "0.00%"}),
        "dollars": book.add_format({"num_format": "#,##0.00;-#,##0.00"}),
        "number": book.add_format({"num_format": "#,##0"}),
        "days": book.add_format({"num_format": "0.0"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "words": book.add_format({"text_wrap": True, "valign": "top"}),
    }


# --- figures --------------------------------------------------------------------------------------

_FIRST: Final = 5  # the row of the first figure, counted from 0


def _figures(sheet: Any, pack: Pack, looks: Mapping[str, Any]) -> None:
    """One row a measure: its value from its numerator and denominator, those from the parts."""
    grain = (
        "Each row of the sheet Rows is one posting."
        if pack.grain == packs.GRAINS[0]
        else f"A worksheet cannot hold every posting: each row of the sheet Rows is a sum by "
        f"{pack.grain}. The postings themselves stand in postings.csv."
    )
    top = (f"Where the money went: {pack.words}", packs.headline(pack), packs.state(pack), grain)
    for at, text in enumerate(top):
        sheet.write_string(at, 0, wording.safe_cell(text), looks["title"] if not at else None)
    heads = ("Measure", "Value", "Numerator", "Denominator", "In words", "Definition", "Source")
    for column, text in enumerate(heads):
        sheet.write_string(_FIRST - 1, column, text, looks["head"])
    for at, told in enumerate(packs.told(pack), start=_FIRST):
        write_figure(sheet, at, told, pack, looks)
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 3, 18)
    sheet.set_column(4, 4, 90)
    sheet.set_column(5, 6, 50)
    sheet.freeze_panes(_FIRST, 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)


def write_figure(sheet: Any, at: int, told: Proof, pack: Pack, looks: Mapping[str, Any]) -> None:
    """One figure: its value from two cells beside it, those from other sheets."""
    m = told.measure
    sheet.write_string(at, 0, packs.title(m))
    if told.value is None:
        sheet.write_string(at, 1, "cannot be said")
        sheet.write_string(at, 4, wording.safe_cell(told.why_not))
    else:
        look = looks["dollars" if told.money else "number"]
        scale = 100 if told.money else 1
        top, bottom = formulas_of(told, pack)
        if top:
            sheet.write_formula(at, 2, top, look, told.numerator / scale)
        if bottom:
            sheet.write_formula(at, 3, bottom, look, (told.denominator or 0) / scale)
        value = told.value / 100 if m.unit == "dollars" else told.value
        of_days = told.quantile or told.days
        shown = looks["days"] if of_days else looks["rate" if m.unit == "rate" else "dollars"]
        if told.quantile and not pack.counted.days_fit:
            sheet.write_number(at, 1, value, shown)  # days.csv has the lines
        else:
            sheet.write_formula(at, 1, _value_of(told, pack, at), shown, value)
        sheet.write_string(at, 4, wording.safe_cell(proof.sentence(told)))
    sheet.write_string(at, 5, wording.safe_cell(_defined(m)))
    sheet.write_string(at, 6, wording.safe_cell(m.source or "rules of this program"))


def _value_of(told: Proof, pack: Pack, at: int) -> str:
    """The formula of a value, over the numerator and denominator beside it."""
    top, bottom = f"C{at + 1}", f"D{at + 1}"
    if told.quantile:
        return f"=PERCENTILE({_lag_cells(told, pack)},{told.quantile})"
    if told.denominator is None:
        return f"={top}"
    share = f"{top}*{told.days}/{bottom}" if told.days else f"{top}/{bottom}"
    return f'=IF({bottom}>0,ROUND({share},6),"")'


def formulas_of(told: Proof, pack: Pack) -> tuple[str, str]:
    """The formulas of numerator and denominator; "" for none."""
    m = told.measure
    if m.rows == "postings":
        rated = told.denominator is not None
        return sum_of(m.numerator, rated), sum_of(m.denominator or {}, rated) if rated else ""
    if told.quantile:
        return "", f"=COUNT({_lag_cells(told, pack)})" if pack.counted.days_fit else ""
    top, bottom = (_counted_cells(pack, at) for at in pack.counted.of[m.name])
    return top, bottom


def _counted_cells(pack: Pack, at: int) -> str:
    """The sum of one part over the sheet Counted."""
    if at < 0:
        return ""
    found = pack.counted
    who = len(found.rows.columns) - len(found.parts)
    letter, last = xl_col_to_name(who + at), max(2, len(found.rows) + 1)
    return f"=ROUND(SUM({_COUNTED}!${letter}$2:${letter}${last}),2)"


def _lag_cells(told: Proof, pack: Pack) -> str:
    days = pack.counted.days
    place = days.columns.get_loc(pack.counted.lag_of[told.measure.name])
    letter = xl_col_to_name(int(place))
    return f"{_DAYS}!${letter}$2:${letter}${max(2, len(days) + 1)}"


def _defined(m: Measure) -> str:
    return f"{packs.title(m)} = {m.words}. {m.meaning}"


def sum_of(weights: Mapping[str, int], rated: bool) -> str:
    """A formula that adds cells of the sheet Parts, as a measure weighs its components."""
    column = "D" if rated else "C"
    cells = [
        f"{'-' if sign < 0 else '+'}{_PARTS}!${column}${COMPONENTS.index(name) + 2}"
        for name, sign in weights.items()
    ]
    return f"=ROUND({''.join(cells).lstrip('+')},2)"


def _parts(sheet: Any, pack: Pack, looks: Mapping[str, Any]) -> None:
    """One row a component: what the rows that count in it add up to."""
    for column, text in enumerate(("Part", "In words", "All rows", "Rows that enter rates")):
        sheet.write_string(0, column, text, looks["head"])
    for at, part in enumerate(packs.parts(pack).itertuples(index=False), start=1):
        sheet.write_string(at, 0, part.name)
        sheet.write_string(at, 1, part.words)
        for column, rated, cents in ((2, False, part[2]), (3, True, part[3])):
            formula = sum_if(pack, part.name, rated)
            sheet.write_formula(at, column, formula, looks["dollars"], cents / 100)
    sheet.set_column(0, 1, 34)
    sheet.set_column(2, 3, 22)
    sheet.freeze_panes(1, 0)


def sum_if(pack: Pack, component: str, rated: bool) -> str:
    """The SUMIFS over the sheet Rows that a component is."""
    columns, last = columns_of(pack), max(2, len(pack.summed) + 1)

    def cells(name: str) -> str:
        letter = xl_col_to_name(columns.index(name))
        return f"{_ROWS}!${letter}$2:${letter}${last}"

    tests = "".join(f',{cells(name)},"{value}"' for name, value in packs.tells(component))
    tests += f",{cells('rated')},1" if rated else ""
    return f"=ROUND(SUMIFS({cells('amount')}{tests}),2)"


# --- rows and tables ------------------------------------------------------------------------------


def columns_of(pack: Pack) -> list[str]:
    """The columns of the sheet Rows."""
    return [name for name in _HEADS if name in pack.summed]


def _rows(sheet: Any, pack: Pack, looks: Mapping[str, Any]) -> None:
    columns = columns_of(pack)
    for at, name in enumerate(columns):
        sheet.write_string(0, at, _HEADS[name], looks["head"])
        sheet.set_column(at, at, _WIDTHS.get(name, 14))
        _column(sheet, at, pack.summed[name], name, looks)
    sheet.freeze_panes(1, 0)
    sheet.autofilter(0, 0, max(1, len(pack.summed)), len(columns) - 1)


def _column(sheet: Any, at: int, cells: pd.Series, name: str, looks: Mapping[str, Any]) -> None:
    """One column of the sheet Rows, below its heading; a cell that is missing stays blank."""
    if name == "amount":
        for row, cents in enumerate(cells.tolist(), start=1):
            sheet.write_number(row, at, cents / 100, looks["dollars"])
    elif name in ("rated", "derived", "row"):
        for row, number in enumerate(cells.astype("int64").tolist(), start=1):
            sheet.write_number(row, at, number)
    elif name in ("service_date", "posted"):
        days = (cells - pd.Timestamp("1899-12-30")).dt.days.astype("Int64")
        for row, day in enumerate(days.tolist(), start=1):
            if day is not pd.NA:
                sheet.write_number(row, at, day, looks["date"])
    else:
        names = [wording.safe_cell(str(one)) for one in cells.cat.categories]
        for row, code in enumerate(cells.cat.codes.tolist(), start=1):
            if code >= 0:
                sheet.write_string(row, at, names[code])


def _sparse(table: pd.DataFrame) -> pd.DataFrame:
    """Zeros left out: a blank adds nothing, and a sheet stays small."""
    numbers = table.select_dtypes("number").columns
    return table.assign(**{name: table[name].mask(table[name] == 0) for name in numbers})


def _table(sheet: Any, table: pd.DataFrame, looks: Mapping[str, Any]) -> None:
    """A small table: text made safe, numbers as numbers."""
    for at, name in enumerate(table.columns):
        sheet.write_string(0, at, str(name).replace("_", " ").capitalize(), looks["head"])
        cells: Sequence[Any] = table[name].tolist()
        texts = [c for c in cells if isinstance(c, str)]
        sheet.set_column(at, at, min(70, max([12, *map(len, texts)])))
        for row, cell in enumerate(cells, start=1):
            if isinstance(cell, str):
                sheet.write_string(row, at, wording.safe_cell(cell))
            elif not pd.isna(cell):
                sheet.write_number(row, at, cell)
    sheet.freeze_panes(1, 0)
