"""The proof as one HTML page: nothing is fetched, no script runs; it prints on A4 and Letter."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

import pandas as pd

from writeoffs import metrics, proof, wording
from writeoffs import pack as packs
from writeoffs.pack import Pack
from writeoffs.palette import NEUTRALS, end_of
from writeoffs.proof import Proof

HEADLINES: Final = (
    "billed",
    "paid",
    "contractual",
    "avoidable",
    "open",
    "patient_open",
    "net_collection_rate",
    "write_off_rate",
)
_MOST: Final = 40  # rows of a table on the page; the CSV has them all
_INK: Final = NEUTRALS["light"]
_STYLE: Final = f"""
:root {{ color-scheme: light; }}
body {{ font: 15px/1.45 system-ui, sans-serif; color: {_INK.text}; background: {_INK.base};
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }}
h1 {{ font-size: 1.7rem; margin: 0; }}
h2 {{ font-size: 1.2rem; margin: 2.2rem 0 .4rem; }}
p.lead {{ font-size: 1.15rem; margin: .6rem 0; }}
p.small, td.words, figcaption {{ color: {_INK.muted}; font-size: .85rem; }}
dl.tiles {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(11rem, 1fr));
  gap: .8rem; margin: 1rem 0; }}
dl.tiles div {{ border: 1px solid {_INK.quiet}; border-radius: .5rem; padding: .6rem .8rem; }}
dl.tiles dt {{ font-size: .85rem; color: {_INK.muted}; }}
dl.tiles dd {{ margin: 0; font-size: 1.5rem; }}
.scroll {{ overflow-x: auto; }}
table {{ border-collapse: collapse; width: 100%; font-size: .85rem; }}
th, td {{ text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0;
  border-bottom: 1px solid {_INK.grid}; overflow-wrap: break-word; }}
td:first-child {{ min-width: 9rem; }}
td.words {{ min-width: 16rem; }}
td.n, th.n {{ text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }}
figure {{ margin: .6rem 0; }}
svg {{ width: 100%; height: auto; }}
@page {{ margin: 16mm; }}
@media print {{
  body {{ font-size: 10pt; max-width: none; margin: 0; padding: 0; }}
  h2 {{ break-after: avoid; }}
  tr, figure, dl.tiles div {{ break-inside: avoid; }}
  thead {{ display: table-header-group; }}
  .scroll {{ overflow: visible; }}
  * {{ print-color-adjust: exact; -webkit-print-color-adjust: exact; }}
}}
"""


def page(pack: Pack) -> bytes:
    """The page of a pack; the same pack gives the same bytes."""
    tables = packs.tables(pack)
    body = [
        f"<h1>Where the money went</h1><p>{_text(pack.words)}</p>",
        f'<p class="lead">{_text(packs.headline(pack))}</p>',
        f'<p class="small">{_text(packs.state(pack))}</p>',
        _tiles(pack),
        _section("Where each dollar billed is now", _ends(pack)),
        _section("How each figure is worked out", _worked_out(pack)),
        _section("Net collection by month", _months(pack)),
        _section("By payer", _table(tables["by_payer"])),
        _section("By month", _table(tables["by_month"])),
        _section("Write-offs by reason", _table(tables["write_offs_by_reason"])),
        _section("What to doubt", _doubts(pack, tables["problems"])),
        _section("Files", _table(packs.files(pack.ledger))),
        _section("How the columns were read", _table(packs.mapping(pack.ledger), _NO_LIMIT)),
        _section("Names and reasons that the practice decided", _table(packs.maps(pack))),
        _section("Definitions", _table(packs.definitions(), _NO_LIMIT)),
    ]
    text = (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Where the money went</title><style>{_STYLE}</style></head>\n<body>\n"
        + "\n".join(filter(None, body))
        + "\n</body></html>\n"
    )
    return text.encode("utf-8")


_NO_LIMIT: Final = 10**6


def _text(text: object) -> str:
    """Text of a file as text of a page, control characters and turned directions left out."""
    shown = "".join(c for c in str(text) if c >= " " and c not in "\u202a\u202b\u202c\u202d\u202e")
    return html.escape(shown)


def _section(title: str, inner: str) -> str:
    return f"<section><h2>{_text(title)}</h2>\n{inner}</section>" if inner else ""


# --- figures --------------------------------------------------------------------------------------


def _tiles(pack: Pack) -> str:
    cells = []
    for told in pack.figures:
        if told.measure.name in HEADLINES:
            cells.append(f"<div><dt>{_text(told.measure.title)}</dt><dd>{_value(told)}</dd></div>")
    return f'<dl class="tiles">{"".join(cells)}</dl>'


def _value(told: Proof) -> str:
    return "cannot be said" if told.value is None else _text(proof.said(told.measure, told.value))


def _worked_out(pack: Pack) -> str:
    rows = []
    for told in packs.told(pack):
        words = told.why_not if told.value is None else proof.sentence(told)
        left = [] if told.value is None else proof.left_out(told, pack.ledger)[-1:]
        more = f" {left[0]}" if told.unrated_top or told.unrated_bottom else ""
        title = _text(packs.title(told.measure))
        exact = "" if told.value is None else f' data-value="{told.value}"'
        rows.append(
            f'<tr data-measure="{told.measure.name}"{exact}><td>{title}</td>'
            f'<td class="n">{_value(told)}</td><td class="words">{_text(words + more)}</td></tr>'
        )
    head = '<tr><th>Figure</th><th class="n">Value</th><th>From what</th></tr>'
    return _framed(head, rows)


def _doubts(pack: Pack, problems: pd.DataFrame) -> str:
    """Held rows and problems, or that there are none."""
    ledger = pack.ledger
    said = []
    if ledger.rows_held:
        rows = wording.count(ledger.rows_held, "row")
        cents = wording.dollars(ledger.held_cents, True)
        said.append(f"{rows}, {cents}, are held and in no figure; held_rows.csv names them.")
    loose = metrics.table(pack.view, ["unexplained"])["unexplained"].iloc[0]
    if not pd.isna(loose) and loose:
        said.append(f"{wording.dollars(int(loose), True)} does not tie to the balances stated.")
    if problems.empty and not said:
        return "<p>Every row was read, and nothing was flagged.</p>"
    return "".join(f"<p>{_text(one)}</p>" for one in said) + _table(problems)


# --- charts ---------------------------------------------------------------------------------------


def _ends(pack: Pack) -> str:
    """A bar an end of the dollar, with its dollars beside it."""
    ends = metrics.ends(pack.view)
    if ends.empty:
        return "<p>No dollars in this part.</p>"
    most = max(1, int(ends["cents"].abs().max()))
    bars, patterns = [], []
    for at, row in enumerate(ends.itertuples(index=False)):
        end, y = end_of(str(row.end)), at * 34
        fill = end.light
        if end.pattern:
            fill = f"url(#h{at})"
            patterns.append(
                f'<pattern id="h{at}" width="6" height="6" patternUnits="userSpaceOnUse" '
                f'patternTransform="rotate(45)"><rect width="3" height="6" fill="{end.light}"/>'
                "</pattern>"
            )
        share = "" if pd.isna(row.share) else f" · {wording.percent(row.share)}"
        words = f"{row.title}: {wording.dollars(int(row.cents), True)}{share}"
        width = 760 * abs(int(row.cents)) / most
        bars.append(
            f'<text x="0" y="{y + 12}" font-size="13" fill="{_INK.text}">{_text(words)}</text>'
            f'<rect x="0" y="{y + 17}" width="{width:.1f}" height="11" fill="{fill}"/>'
        )
    return _svg(bars, patterns, len(ends) * 34, "Dollars by where they are now")


def _months(pack: Pack) -> str:
    """Net collection by month as a line; a month without a figure is a gap."""
    name, key = "net_collection_rate", pack.scope.month
    table = metrics.table(pack.view, [name], [key])
    table = table[(table[key] > 0) & table[name].notna()]
    if len(table) < 3:
        return ""
    months = [int(m) for m in table[key]]
    values = [float(x) for x in table[name]]
    ticks, texts = wording.scale(values, "percent")
    low, high = ticks[0], ticks[-1]
    across = 700 / max(1, months[-1] - months[0])

    def place(month: int, value: float) -> tuple[float, float]:
        return 50 + (month - months[0]) * across, 190 - 180 * (value - low) / (high - low)

    young = pack.ledger.first_young_month()
    parts = _scale(ticks, texts, place, months[0])
    points = list(zip(months, values, strict=True))
    for (m0, v0), (m1, v1) in pairwise(points):
        if m1 == m0 + 1:
            parts.append(_stroke(place(m0, v0), place(m1, v1), _is_young(m1, young, pack)))
    for month, value in points:
        x, y = place(month, value)
        fill = _INK.base if _is_young(month, young, pack) else _INK.text
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{fill}" stroke="{_INK.text}">'
            f"<title>{wording.month(month)}: {wording.percent(value)}</title></circle>"
        )
    for month in wording.month_ticks(months[0], months[-1])[0]:
        x = place(month, low)[0]
        parts.append(
            f'<text x="{x:.1f}" y="208" font-size="12" text-anchor="middle" '
            f'fill="{_INK.muted}">{wording.month(month)}</text>'
        )
    said = "Net collection rate by month. Hollow points are still coming in."
    return _svg(parts, [], 214, said)


def _is_young(month: int, young: int | None, pack: Pack) -> bool:
    return young is not None and pack.scope.basis == "service" and month >= young


def _scale(
    ticks: Sequence[float], texts: Sequence[str], place: Callable[[int, float], Any], first: int
) -> list[str]:
    out = []
    for tick, text in zip(ticks, texts, strict=True):
        y = place(first, tick)[1]
        out.append(f'<line x1="50" x2="760" y1="{y:.1f}" y2="{y:.1f}" stroke="{_INK.grid}"/>')
        out.append(
            f'<text x="0" y="{y + 4:.1f}" font-size="12" fill="{_INK.muted}">{_text(text)}</text>'
        )
    return out


def _stroke(one: tuple[float, float], two: tuple[float, float], young: bool) -> str:
    dash = ' stroke-dasharray="4 3"' if young else ""
    return (
        f'<line x1="{one[0]:.1f}" y1="{one[1]:.1f}" x2="{two[0]:.1f}" y2="{two[1]:.1f}" '
        f'stroke="{_INK.text}" stroke-width="2"{dash}/>'
    )


def _svg(parts: Sequence[str], patterns: Sequence[str], height: float, said: str) -> str:
    defs = f"<defs>{''.join(patterns)}</defs>" if patterns else ""
    return (
        f'<figure><svg viewBox="0 0 780 {height}" role="img" aria-label="{_text(said)}">'
        f"{defs}{''.join(parts)}</svg><figcaption>{_text(said)}</figcaption></figure>"
    )


# --- tables ---------------------------------------------------------------------------------------

_RATE: Final = "_rate"


def _table(table: pd.DataFrame, most: int = _MOST) -> str:
    """A table; beyond ``most`` rows it says how many more the CSV has."""
    if table.empty:
        return "<p>None.</p>"
    numeric = {c: pd.api.types.is_numeric_dtype(table[c]) for c in table.columns}
    head = "".join(_cell(_heading(c), "th", numeric[c]) for c in table.columns)
    rows = [
        "<tr>" + "".join(_cell(_shown(c, x), "td", numeric[c]) for c, x in row.items()) + "</tr>"
        for row in table.head(most).to_dict("records")
    ]
    rest = len(table) - len(rows)
    more = f'<p class="small">{rest:,} more rows in the CSV.</p>' if rest > 0 else ""
    return _framed(f"<tr>{head}</tr>", rows) + more


def _framed(head: str, rows: Sequence[str]) -> str:
    body = "".join(rows)
    return f'<div class="scroll"><table><thead>{head}</thead><tbody>{body}</tbody></table></div>'


def _cell(text: str, tag: str, number: bool) -> str:
    return f"<{tag}{' class=n' if number else ''}>{_text(text)}</{tag}>"


def _heading(column: str) -> str:
    return column.replace("_", " ").capitalize()


_COUNTS: Final[Mapping[str, int]] = {"rows": 0, "held": 0, "row": 0}


def _shown(column: str, value: Any) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "n/a"
    if column in _COUNTS:
        return f"{int(value):,}"
    if column.endswith(_RATE):
        return wording.percent(float(value))
    return wording.dollars(round(float(value) * 100), True)
