"""The figure of rates and chance: bands, whiskers, and who is solid."""

from __future__ import annotations

import pandas as pd

from writeoffs import charts, findings

ROWS = pd.DataFrame(
    {
        "label": ["Aetna", "United <b>", "Tiny"],
        "value": [0.9, 0.7, 0.0],
        "low": [0.88, 0.66, None],
        "high": [0.92, 0.74, None],
        "floor": [0.85, 0.84, 0.2],
        "ceiling": [0.93, 0.94, 1.4],
        "n": [400, 300, 3],
        "outside": ["", "below", ""],
        "bad": [False, True, False],
        "dollars": pd.array([1200, -90000, -100], dtype="Int64"),
    }
)


def test_who_is_outside_is_solid_and_in_the_colour_of_the_leak():
    fig = charts.chance(ROWS, 0.89)
    marker = next(t for t in fig.data if t.name == "rates").marker
    assert list(marker.symbol) == ["circle-open", "circle", "circle-open"]
    assert marker.color[1] == charts.palette.end_of("avoidable").colour("light")
    assert marker.color[0] == marker.color[2] != marker.color[1]


def test_whiskers_are_the_interval_and_none_where_there_is_none():
    error = next(t for t in charts.chance(ROWS, 0.89).data if t.name == "rates").error_x
    assert [round(x, 6) for x in error.array] == [0.02, 0.04, 0.0]
    assert [round(x, 6) for x in error.arrayminus] == [0.02, 0.04, 0.0]


def test_bands_stay_on_the_scale_and_text_is_escaped():
    fig = charts.chance(ROWS, 0.89)
    bands = [s for s in fig.layout.shapes if s.type == "rect"]
    assert len(bands) == 3
    low, high = fig.layout.xaxis.range
    assert all(low <= s.x0 <= s.x1 <= high for s in bands)
    assert "United <b>" not in fig.to_json()
    assert "n = 3 claims" in charts.alt_text(fig)


def test_without_a_line_nothing_is_drawn():
    assert not charts.chance(ROWS, None).data
    assert not charts.chance(ROWS.iloc[:0], 0.9).data


def test_the_title_names_who_differs_with_dollars_or_that_nobody_does():
    title = findings.chance_title("net_collection_rate", ROWS, 0.89)
    assert title == (
        "United <b>: net collection rate 70.0% against 89.0%, $900 less than at the practice's own "
        "rate"
    )
    nobody = ROWS.assign(outside="")
    said = findings.chance_title("net_collection_rate", nobody, 0.89)
    assert said == "No payer differs from the practice by more than chance explains"
    better = findings.chance_title("avoidable_rate", ROWS, 0.89)
    assert better == "United <b> differs from the practice by more than chance explains"
    neutral = findings.chance_title("contractual_rate", ROWS.assign(outside="above"), 0.89)
    assert neutral.startswith("Aetna, United <b>, Tiny differ")


def test_a_projected_month_is_drawn_where_it_is_heading_with_what_it_is_so_far():
    months = pd.DataFrame(
        {
            "month": range(24300, 24306),
            "value": [0.9, 0.91, 0.9, 0.89, 0.9, 0.62],
            "young": [False] * 5 + [True],
            "projected": [None] * 5 + [0.91],
            "low": [None] * 5 + [0.88],
            "high": [None] * 5 + [0.94],
        }
    )
    fig = charts.trend(months)
    traces = {t.name: t for t in fig.data}
    assert traces["young"].y[-1] == 0.91 and traces["months"].y[-1] == 0.91
    assert list(traces["so far"].y) == [0.62]
    assert traces["months"].marker.symbol[-1] == "circle-open"
    assert round(traces["months"].error_y.array[-1], 6) == 0.03
    said = " ".join(a.text for a in fig.layout.annotations)
    assert "projected" in said and "88.0% to 94.0%" in said and "62.0% so far" in said
    assert "projected 91.0%, so far 62.0%" in traces["months"].hovertext[-1]
    panels = charts.payer_multiples(months.assign(payer="Aetna"))
    assert "projected" in " ".join(a.text for a in panels.layout.annotations)
