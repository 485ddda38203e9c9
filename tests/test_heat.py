"""The grid of cohorts: a cell says its share, or how far it is from being said."""

from __future__ import annotations

import pandas as pd
import pytest

from writeoffs import charts, heat
from writeoffs.palette import NEUTRALS, contrast, end_of, text_on

AGES = (("rate_1", "1 mo", 1), ("rate_3", "3 mo", 3))
FRAME = pd.DataFrame(
    {
        "label": ["Jan 2026", "<b>Feb</b>", "Mar 2026"],
        "months": pd.array([3, 2, None], dtype="Int64"),
        "rate_1": pd.array([0.5, 1.25, None], dtype="Float64"),
        "rate_3": pd.array([0.755, None, None], dtype="Float64"),
    }
)


def texts(fig) -> list[str]:
    return [a.text for a in fig.layout.annotations]


def test_each_cell_says_its_share_or_how_far_it_is() -> None:
    fig = charts.cohort_grid(FRAME, AGES, title="A finding")
    for text in ("50%", "76%", "125%", "2 of 3 mo", "–", "1 mo", "3 mo", "A finding"):
        assert text in texts(fig)
    dashed = [s for s in fig.layout.shapes if s.line.dash == "dot"]
    assert (len(fig.layout.shapes), len(dashed)) == (6, 3)


def test_what_is_drawn_is_said_and_no_text_of_a_file_is_markup() -> None:
    fig = charts.cohort_grid(FRAME, AGES)
    assert "Jan 2026: 1 mo 50.0%, 3 mo 75.5%" in charts.alt_text(fig)
    assert "<b>Feb" not in " ".join(texts(fig)) + " ".join(fig.data[0].hovertext)
    assert "Feb" in charts.alt_text(fig)


def test_nothing_to_draw_is_said() -> None:
    assert "Nothing to draw" in charts.alt_text(charts.cohort_grid(FRAME.iloc[:0], AGES))


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_on_every_shade_can_be_read(theme) -> None:
    """4.5 to 1 is what WCAG asks of text this small."""
    base, full = NEUTRALS[theme].base, end_of("patient").colour(theme)
    shades = [heat._mixed(base, full, share / 20) for share in range(21)]
    assert (shades[0].upper(), shades[-1].upper()) == (base.upper(), full.upper())
    assert min(contrast(shade, text_on(shade)) for shade in shades) >= 4.5
    assert heat._mixed(base, full, 1.25) == shades[-1]
    assert heat._mixed(base, full, -0.5) == shades[0]
