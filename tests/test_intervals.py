"""The figure of medians with their intervals: what stands on it, and what it says in words."""

from __future__ import annotations

import pandas as pd
import pytest

from writeoffs import charts

ROWS = pd.DataFrame(
    {
        "label": ["Aetna", "<b>Cigna</b>"],
        "cents": pd.array([12000, 9000], dtype="Int64"),
        "low": pd.array([11000, pd.NA], dtype="Int64"),
        "high": pd.array([13000, pd.NA], dtype="Int64"),
        "note": ["n = 9 lines", "n = 2 lines, too few for an interval"],
    }
)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_row_has_its_dot_and_only_a_known_interval_its_whisker(theme: str):
    fig = charts.ranges(ROWS, highlight="Aetna", theme=theme)
    dots = [t for t in fig.data if t.mode == "markers"]
    assert [t.x[0] for t in dots] == [12000, 9000]
    whiskers = [t for t in fig.data if t.mode == "lines+markers"]
    assert [list(t.x) for t in whiskers] == [[11000, 13000]]
    assert dots[0].marker.color != dots[1].marker.color  # the second is hollow
    low, high = fig.layout.xaxis.range
    assert low <= 0 and high >= 13000


def test_it_says_the_same_in_words_and_names_are_escaped():
    fig = charts.ranges(ROWS, title="Who pays best")
    said = charts.alt_text(fig)
    assert "Aetna: $120.00, interval $110.00 to $130.00, n = 9 lines" in said
    assert "too few for an interval" in said
    assert not any("<b>Cigna</b>" in str(a.text) for a in fig.layout.annotations)


def test_no_rows_say_so():
    assert "Nothing to draw" in charts.alt_text(charts.ranges(ROWS[:0]))
