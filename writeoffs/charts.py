"""Plotly figures from tidy frames: the pictures, and nothing but the pictures.

Money is integer cents, a rate is a fraction, a month is ``year * 12 + month - 1``. Every argument
is plain text as typed: escaping is done here. A frame without rows gives a figure that says why.
Every figure carries its own template, for importing streamlit changes plotly's default to one
with placeholder colours; show it with ``st.plotly_chart(fig, theme=None, config=CONFIG)``.
Sizes are pixels, chosen to read on a phone 390 wide; a wide screen stretches the marks only.
"""

from __future__ import annotations

import hashlib
import html
from typing import Any, Final

import plotly.graph_objects as go

from writeoffs import palette, wording
from writeoffs.ages import aged
from writeoffs.bars import dollar, ranked, shares, stacked_months
from writeoffs.dots import dots
from writeoffs.drawing import FONT
from writeoffs.heat import cohort_grid
from writeoffs.palette import NEUTRALS
from writeoffs.ranges import chance
from writeoffs.trends import MOST_PANELS, payer_multiples, trend
from writeoffs.waterfall import waterfall
from writeoffs.whiskers import ranges

__all__ = [
    "CONFIG",
    "FONT",
    "MOST_PANELS",
    "aged",
    "alt_text",
    "chance",
    "cohort_grid",
    "dollar",
    "dots",
    "palette",
    "payer_multiples",
    "ranges",
    "ranked",
    "shares",
    "stacked_months",
    "to_html",
    "trend",
    "waterfall",
    "wording",
]

CONFIG: Final[dict[str, Any]] = {
    "displaylogo": False,
    "showSendToCloud": False,
    "displayModeBar": False,
    "responsive": True,
    "scrollZoom": False,
    "doubleClick": False,
    "typesetMath": False,
}


def alt_text(fig: go.Figure) -> str:
    """What a figure shows, in words, for ``st.plotly_chart(alt=...)``."""
    return html.unescape(str((fig.layout.meta or {}).get("alt", "")))


def to_html(fig: go.Figure, *, plotlyjs: bool = True) -> str:
    """A page of its own that asks nothing of the network; the same figure gives the same bytes.

    ``plotlyjs=False`` gives the chart alone, for a page that already carries plotly's script.
    """
    name = "chart-" + hashlib.sha256(str(fig.to_json()).encode()).hexdigest()[:12]
    chart = str(fig.to_html(CONFIG, include_plotlyjs=plotlyjs, full_html=False, div_id=name))
    if not plotlyjs:
        return chart
    meta = fig.layout.meta or {}
    base = NEUTRALS[meta.get("theme", "light")].base
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{meta.get('title') or 'Chart'}</title></head>"
        f'<body style="background:{base}">{chart}</body></html>'
    )
