"""Figures hold the data that they were given, say it in words, and never as markup."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import pytest

from writeoffs import charts
from writeoffs.palette import ENDS, NEUTRALS, Theme

ROOT = Path(__file__).resolve().parents[1]
JAN = 2024 * 12
NASTY = '<a href="http://evil.example">Pay & go</a>'
Builder = Callable[..., go.Figure]


def parts() -> pd.DataFrame:
    """Every end, out of order, one of them in two rows."""
    cents = {
        "open": 8_120_000,
        "insurer": 41_231_000,
        "patient": 5_120_450,
        "contractual": 17_400_000,
        "avoidable": 821_000,
        "bad_debt": 312_000,
        "discretionary": 45_000,
        "other": 61_000,
        "unexplained": 1_250,
    }
    rows = [*cents.items(), ("insurer", 1_000)]
    return pd.DataFrame(rows, columns=["end", "cents"])


def months() -> pd.DataFrame:
    """Eight months: the fourth is missing, the last two are young."""
    value = [0.04, 0.041, 0.043, None, 0.045, 0.05, 0.052, 0.03]
    frame = pd.DataFrame({"month": range(JAN, JAN + 8), "value": value})
    frame["young"] = frame["month"] >= JAN + 6
    frame["why"] = ["", "", "", "no file for April", "", "", "", ""]
    return frame


def payers(*names: str) -> pd.DataFrame:
    frames = [months().assign(payer=name, n=14) for name in names]
    return pd.concat(frames, ignore_index=True)


def reasons() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "label": ["Charity care", "Claims sent too late", "No authorization"],
            "cents": [45_000, 821_035, 640_000],
            "end": ["discretionary", "avoidable", "avoidable"],
            "note": ["4 accounts", "CO-29 · 14 claims", None],
        }
    )


def stack() -> pd.DataFrame:
    rows = [(JAN + at, end, 100 * (at + 1)) for at in range(4) for end in ("open", "insurer")]
    frame = pd.DataFrame(rows, columns=["month", "end", "cents"])
    return frame.assign(young=frame["month"] == JAN + 3)


def mix() -> pd.DataFrame:
    return pd.DataFrame(
        {"label": ["Aetna", "Medicare"], "share": [0.421, 0.2], "cents": [41_231_000, 19_000_000]}
    )


def nasty(frame: pd.DataFrame) -> pd.DataFrame:
    """The same frame with markup wherever it holds text from the data."""
    held = [name for name in ("payer", "label", "note", "why") if name in frame]
    return frame.assign(**{name: frame[name].fillna("") + NASTY for name in held})


DRAW: dict[str, tuple[Builder, Callable[[], pd.DataFrame]]] = {
    "dollar": (charts.dollar, parts),
    "trend": (charts.trend, months),
    "payer_multiples": (charts.payer_multiples, lambda: payers("Aetna", "Medicare")),
    "ranked": (charts.ranked, reasons),
    "stacked_months": (charts.stacked_months, stack),
    "shares": (charts.shares, mix),
}
every = pytest.mark.parametrize("name", list(DRAW))
both = pytest.mark.parametrize("theme", ["light", "dark"])


def draw(name: str, **options: Any) -> go.Figure:
    builder, frame = DRAW[name]
    return builder(frame(), **options)


def named(fig: go.Figure, name: str) -> list[Any]:
    return [trace for trace in fig.data if trace.name == name]


def texts(fig: go.Figure) -> list[str]:
    return [note.text for note in fig.layout.annotations]


def hovers(fig: go.Figure) -> list[str]:
    return [text for trace in fig.data for text in trace.hovertext or ()]


# --- what every figure keeps --------------------------------------------------------------------
@every
@both
def test_words_are_written_and_the_frame_is_ours(name: str, theme: Theme):
    said = {"title": "Late filing cost $8,210", "subtitle": "Share of billed", "footer": "n = 14"}
    fig = draw(name, theme=theme, **said)
    for text in said.values():
        assert any(text in written for written in texts(fig))
    ink, layout = NEUTRALS[theme], fig.layout.template.layout
    assert layout.paper_bgcolor == layout.plot_bgcolor == ink.base
    assert layout.font.family == "Source Sans, sans-serif"
    assert layout.font.color == ink.text
    assert layout.yaxis.gridcolor == ink.grid
    assert not layout.xaxis.showgrid
    assert fig.layout.showlegend is False
    assert fig.layout.meta["theme"] == theme
    assert fig.layout.height > 100


@every
def test_payer_text_is_never_markup(name: str):
    builder, frame = DRAW[name]
    fig = builder(nasty(frame()), title=NASTY, subtitle=NASTY, footer=NASTY, empty=NASTY)
    found = fig.to_json().replace("\\u003c", "<").replace("\\u003e", ">").replace("\\u0026", "&")
    assert "&lt;a href" in found
    assert "<a" not in found and "</a" not in found
    assert "Pay & go" not in found
    assert NASTY in charts.alt_text(fig)


@every
def test_an_empty_frame_says_why(name: str):
    builder, frame = DRAW[name]
    for nothing in (frame().iloc[:0], pd.DataFrame()):
        fig = builder(nothing, title="A title", empty="No claims in this period.")
        assert not fig.data
        assert "No claims in this period." in texts(fig)
        assert charts.alt_text(fig) == "A title. No claims in this period"


@every
def test_hovering_is_given_and_templates_are_not_read(name: str):
    for trace in draw(name).data:
        assert trace.hoverinfo in ("text", "skip")
        assert trace.hovertemplate is None and trace.texttemplate is None
    assert all(text for text in hovers(draw(name)) if text)


@every
def test_numbers_stay_readable_in_the_json(name: str):
    assert "bdata" not in draw(name).to_json()


@every
@both
def test_lines_of_words_fit_a_phone(name: str, theme: Theme):
    long = "UnitedHealthcare: claims sent too late cost the practice $8,210 since March last year"
    fig = draw(name, title=long, footer=long * 3, theme=theme)
    for note in fig.layout.annotations:
        for line in re.sub(r"<(?!br)[^>]*>", "", note.text).split("<br>"):
            assert charts.wording.width(line.replace("&nbsp;", " "), note.font.size or 14) <= 345


@every
def test_alt_text_tells_the_numbers(name: str):
    expected = {
        "dollar": "Avoidable losses: $1.12 of each $100, $8,210",
        "trend": "From 4.0% in Jan 2024 to 3.0% in Aug 2024; lowest 3.0% in Aug 2024, "
        "highest 5.2% in Jul 2024. 2 months still coming in",
        "payer_multiples": "Aetna: 3.0% in Aug 2024. Medicare: 3.0% in Aug 2024",
        "ranked": "Claims sent too late: $8,210, CO-29 · 14 claims. No authorization: $6,400",
        "stacked_months": "Insurers: $10 in all",
        "shares": "Aetna: 42.1% · $412,310. Medicare: 20.0% · $190,000",
    }
    said = charts.alt_text(draw(name, title="Finding", subtitle="Measure"))
    assert said.startswith("Finding. Measure. ")
    assert expected[name].replace("Insurers", "Paid by insurers") in said


def test_alt_text_of_any_other_figure_is_empty():
    assert charts.alt_text(go.Figure()) == ""


def test_streamlits_placeholder_colours_never_get_in():
    """Importing streamlit changes plotly's default template; ours is our own."""
    script = (
        "import streamlit, plotly.io as pio, sys\n"
        "sys.path.insert(0, 'tests')\n"
        "import test_charts as t\n"
        "assert 'streamlit' in pio.templates.default, pio.templates.default\n"
        "figures = [t.draw(name) for name in t.DRAW]\n"
        "figures += [b(f().iloc[:0]) for b, f in t.DRAW.values()]\n"
        "sys.stdout.write('\\n'.join(figure.to_json() for figure in figures))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2 * len(DRAW)
    for line in lines:
        assert not re.search(r"#0000(0[1-9]|[1-9]\d)", line)
        assert json.loads(line)["layout"]["template"]["layout"]["font"]["family"] == charts.FONT


def test_charts_do_not_need_streamlit():
    script = "import sys, writeoffs.charts; assert 'streamlit' not in sys.modules"
    assert subprocess.run([sys.executable, "-c", script], cwd=ROOT).returncode == 0


# --- dollar ---------------------------------------------------------------------------------------
def test_dollar_holds_every_cent_in_the_order_of_the_ends():
    fig = draw("dollar")
    whole, rows = named(fig, "whole")[0], named(fig, "rows")[0]
    assert sum(whole.x) == sum(rows.x) == parts()["cents"].sum()
    assert list(whole.x) == list(rows.x)
    assert rows.x[0] == 41_232_000
    assert list(rows.marker.color) == [
        ENDS[key].light for key in ENDS if key not in ("paid", "aside")
    ]
    assert list(rows.marker.pattern.shape) == ["", "", "", "", "", "", ".", "/", "x"]
    assert list(whole.base) == [sum(whole.x[:at]) for at in range(len(whole.x))]


def test_dollar_labels_add_up_to_100_and_give_dollars():
    fig = draw("dollar")
    assert "Paid by insurers&nbsp;&nbsp;<b>$56.40 of each $100 · $412,320</b>" in texts(fig)
    assert "Does not tie&nbsp;&nbsp;<b>under $0.01 of each $100 · $13</b>" in texts(fig)
    said = re.findall(r"<b>\$([\d.]+) of each", " ".join(texts(fig)))
    assert sum(round(float(part) * 100) for part in said) == 10_000
    assert "Avoidable losses: $1.12 of each $100<br>$8,210.00" in hovers(fig)


def test_dollar_writes_in_wide_solid_slices_only():
    whole = named(draw("dollar"), "whole")[0]
    assert [text for text in whole.text if text] == ["$56.40", "$23.80"]
    assert list(whole.textfont.color)[:3] == ["#FFFFFF", "#000000", "#000000"]


def test_dollar_takes_negative_slices_to_the_left_of_zero():
    frame = pd.DataFrame(
        [("insurer", 8_000), ("avoidable", -1_000), ("bad_debt", -500), ("patient", 3_500)],
        columns=["end", "cents"],
    )
    fig = charts.dollar(frame)
    whole = named(fig, "whole")[0]
    assert list(whole.x) == [8_000, 3_500, -1_000, -500]
    assert list(whole.base) == [0, 8_000, 0, -1_000]
    assert list(fig.layout.xaxis.range) == [-1_500, 11_500]
    assert "Avoidable losses&nbsp;&nbsp;<b>-$10.00 of each $100 · -$10</b>" in texts(fig)
    assert len(fig.layout.shapes) == 5


def test_dollar_without_a_whole_gives_dollars_only():
    frame = pd.DataFrame({"end": ["insurer", "patient"], "cents": [-5_000, 2_000]})
    fig = charts.dollar(frame)
    assert "Paid by insurers&nbsp;&nbsp;<b>-$50</b>" in texts(fig)
    assert "each $100" not in fig.to_json()


def test_dollar_shortens_every_row_where_one_has_no_room():
    frame = pd.DataFrame({"end": ["insurer", "paid"], "cents": [123_456_789_00, 900_000_00]})
    fig = charts.dollar(frame)
    assert "Paid by insurers&nbsp;&nbsp;<b>$99.28 · $123,456,789</b>" in texts(fig)


def test_an_unknown_end_is_refused():
    with pytest.raises(ValueError, match="Hint"):
        charts.dollar(pd.DataFrame({"end": ["charity"], "cents": [1]}))


# --- ranked and shares --------------------------------------------------------------------------
def test_ranked_is_sorted_and_notes_stand_in_small_type():
    fig = draw("ranked")
    rows = named(fig, "rows")[0]
    assert list(rows.x) == [821_035, 640_000, 45_000]
    assert list(rows.marker.color) == [ENDS["avoidable"].light] * 2 + [ENDS["discretionary"].light]
    assert "Claims sent too late<br>$8,210.35<br>CO-29 · 14 claims<br>Avoidable losses" in hovers(
        fig
    )
    note = next(note for note in fig.layout.annotations if note.text == "CO-29 · 14 claims")
    assert note.font.size == 12
    assert list(rows.y) == sorted(rows.y) and list(fig.layout.yaxis.range)[1] == 0


def test_ranked_says_an_amount_that_is_missing():
    frame = reasons().astype({"cents": "Int64"})
    frame.loc[0, "cents"] = pd.NA
    fig = charts.ranked(frame)
    assert list(named(fig, "rows")[0].x) == [821_035, 640_000, 0]
    assert "Charity care&nbsp;&nbsp;<b>not stated</b>" in texts(fig)


def test_ranked_wraps_a_long_label_and_cuts_nothing():
    label = "No authorization on file before the visit took place in the hospital"
    fig = charts.ranked(reasons().assign(label=label))
    assert any(text.replace("<br>", " ").startswith(label) for text in texts(fig))


def test_shares_keep_the_order_and_light_one():
    frame = mix().iloc[::-1]
    fig = charts.shares(frame, highlight="Aetna")
    rows = named(fig, "rows")[0]
    assert list(rows.x) == [0.2, 0.421]
    assert list(rows.marker.color) == [NEUTRALS["light"].quiet, NEUTRALS["light"].text]
    assert "Aetna&nbsp;&nbsp;<b>42.1% · $412,310</b>" in texts(fig)
    assert set(named(fig, "track")[0].x) == {1.0}


def test_shares_say_what_is_missing():
    frame = mix()
    frame.loc[1, "share"] = None
    fig = charts.shares(frame)
    assert "Medicare&nbsp;&nbsp;<b>not stated · $190,000</b>" in texts(fig)


# --- trend --------------------------------------------------------------------------------------
def test_trend_holds_its_values_and_a_missing_month_is_a_gap():
    fig = draw("trend")
    final, young = named(fig, "final")[-1], named(fig, "young")[0]
    assert list(final.x) == list(range(JAN, JAN + 8))
    assert list(final.y) == [0.04, 0.041, 0.043, None, 0.045, 0.05, None, None]
    assert list(young.y) == [None] * 5 + [0.05, 0.052, 0.03]
    assert (final.line.dash, young.line.dash) == ("solid", "4px,3px")
    assert final.connectgaps is False and young.connectgaps is False
    assert any("No figure for Apr 2024 (no file for April)." in text for text in texts(fig))


def test_trend_marks_young_months_hollow():
    marks = named(draw("trend"), "months")[0]
    assert list(marks.marker.symbol) == ["circle"] * 5 + ["circle-open"] * 2
    assert list(marks.hovertext)[-1] == "Aug 2024: 3.0%<br>still coming in"
    assert list(marks.y) == [0.04, 0.041, 0.043, 0.045, 0.05, 0.052, 0.03]


def test_a_month_without_a_row_is_a_gap_too():
    fig = charts.trend(months().drop(index=[1, 2, 3]))
    assert list(named(fig, "final")[-1].y)[:5] == [0.04, None, None, None, 0.045]
    assert any("No figure for Feb 2024 to Apr 2024." in text for text in texts(fig))


def test_many_gaps_are_counted():
    frame = pd.DataFrame({"month": range(JAN, JAN + 20, 2), "value": 0.1, "young": False})
    said = " ".join(texts(charts.trend(frame))).replace("<br>", " ")
    assert "No figure for Feb 2024, Apr 2024, Jun 2024, 6 more." in said


def test_trend_labels_the_last_value_and_the_last_final_one():
    fig = draw("trend")
    assert "<b>3.0%</b><br>so far" in texts(fig)
    final = next(note for note in fig.layout.annotations if note.text == "5.0%")
    assert (final.x, final.y, final.xanchor, final.yanchor) == (JAN + 5, 0.05, "right", "bottom")
    falling = months().assign(value=[0.05, 0.04, 0.03, 0.03, 0.02, 0.01, 0.01, 0.01])
    final = next(n for n in charts.trend(falling).layout.annotations if n.text == "1.0%")
    assert final.yanchor == "top"


def test_trend_shows_the_year_before_its_interval_and_n():
    frame = months().assign(prior=0.031, low=0.01, high=0.08, n=14)
    fig = charts.trend(frame, end="avoidable")
    before, line = named(fig, "final")
    assert (before.line.color, line.line.color) == (
        NEUTRALS["light"].quiet,
        ENDS["avoidable"].light,
    )
    assert set(before.y) == {0.031}
    assert any("3.1%</span><br>" in text and "a year before" in text for text in texts(fig))
    marks = named(fig, "months")[0]
    assert next(iter(marks.error_y.array)) == pytest.approx(0.04)
    assert next(iter(marks.error_y.arrayminus)) == pytest.approx(0.03)
    assert marks.hovertext[0] == (
        "Jan 2024: 4.0%<br>between 1.0% and 8.0%<br>a year before: 3.1%<br>n = 14 claims"
    )


def test_labels_beside_a_line_do_not_touch():
    fig = charts.trend(months().assign(prior=0.0301))
    low, high = fig.layout.yaxis.range
    places = [
        (note.y - low) / (high - low) * 230 + note.yshift
        for note in fig.layout.annotations
        if note.xshift == 10
    ]
    assert len(places) == 2 and abs(places[0] - places[1]) >= 34


def test_trend_of_dollars_keeps_cents_and_writes_dollars():
    frame = pd.DataFrame({"month": [JAN, JAN + 1], "value": [12_000_000, 150_000_000]})
    fig = charts.trend(frame, unit="dollars")
    assert list(named(fig, "final")[0].y) == [12_000_000, 150_000_000]
    assert "<b>$1.5 M</b>" in texts(fig)
    assert next(iter(fig.layout.yaxis.ticktext)) == "$0"


def test_a_line_need_not_start_at_zero():
    fig = charts.trend(months().assign(value=0.9, young=False))
    assert list(fig.layout.yaxis.ticktext) == ["89%", "90%", "91%"]


def test_values_that_are_all_zero_are_values():
    fig = charts.trend(months().assign(value=0.0, young=False))
    assert "<b>0.0%</b>" in texts(fig)
    assert charts.payer_multiples(payers("Aetna").assign(value=0.0)).data


def test_a_trend_without_values_says_so():
    assert not charts.trend(months().assign(value=None)).data
    assert not charts.payer_multiples(payers("Aetna").assign(value=None)).data


def test_one_month_twice_is_refused():
    twice = pd.concat([months(), months()])
    with pytest.raises(ValueError, match=r"two rows.*\n\nHint"):
        charts.trend(twice)
    with pytest.raises(ValueError, match=r"two rows.*\n\nHint"):
        charts.payer_multiples(twice.assign(payer="Aetna"))


# --- payer multiples ----------------------------------------------------------------------------
def test_panels_keep_the_order_given_and_share_one_scale():
    fig = charts.payer_multiples(payers("Medicare", "Aetna", "Cigna"), months())
    heads = [text for text in texts(fig) if "<b>3.0%</b>" in text]
    assert [head.split("<br>")[0] for head in heads] == ["Medicare", "Aetna", "Cigna"]
    assert all("n = 14, so far" in head for head in heads)
    axes = [fig.layout[name] for name in ("yaxis", "yaxis2", "yaxis3")]
    assert len({tuple(axis.range) for axis in axes}) == 1
    assert [axis.showticklabels for axis in axes] == [True, False, True]
    below = [fig.layout[name].showticklabels for name in ("xaxis", "xaxis2", "xaxis3")]
    assert below == [False, True, True]
    assert {(trace.xaxis, trace.yaxis) for trace in fig.data} == {
        ("x", "y"),
        ("x2", "y2"),
        ("x3", "y3"),
    }


def test_the_practice_stands_behind_every_panel_in_grey():
    fig = charts.payer_multiples(payers("Aetna", "Cigna"), months().assign(value=0.02))
    behind = [t for t in named(fig, "final") if t.line.color == NEUTRALS["light"].quiet]
    assert [trace.yaxis for trace in behind] == ["y", "y2"]
    assert set(behind[0].y) - {None} == {0.02}
    assert "Grey line: the whole practice." in texts(fig)
    assert "Grey line" not in draw("payer_multiples").to_json()


def test_one_payer_is_lit_and_the_others_are_muted():
    fig = charts.payer_multiples(payers("Aetna", "Cigna"), highlight="Cigna", end="avoidable")
    colours = [trace.line.color for trace in named(fig, "final")]
    assert colours == [NEUTRALS["light"].muted, ENDS["avoidable"].light]


def test_after_eight_panels_the_table_has_the_rest():
    fig = charts.payer_multiples(payers(*[f"Payer {at}" for at in range(11)]))
    assert len(named(fig, "months")) == 8
    assert any("3 more payers in the table." in text for text in texts(fig))


@pytest.mark.parametrize("columns", [1, 2, 3, 4])
def test_panels_stay_apart_on_the_paper(columns: int):
    fig = charts.payer_multiples(payers(*"ABCDE"), columns=columns)
    boxes = []
    for at in range(5):
        name = str(at + 1) if at else ""
        x, y = fig.layout[f"xaxis{name}"].domain, fig.layout[f"yaxis{name}"].domain
        assert 0 <= x[0] < x[1] <= 1 and 0 <= y[0] < y[1] <= 1
        boxes.append((x, y))
    for at, (x, y) in enumerate(boxes):
        for other_x, other_y in boxes[at + 1 :]:
            assert x[1] <= other_x[0] or other_x[1] <= x[0] or other_y[1] <= y[0]


def test_a_payer_without_a_name_or_a_figure_is_still_there():
    frame = payers("Aetna", "Cigna")
    frame.loc[frame["payer"] == "Cigna", "value"] = None
    frame.loc[frame["payer"] == "Aetna", "payer"] = None
    fig = charts.payer_multiples(frame)
    assert any(text.startswith("not stated<br><b>3.0%") for text in texts(fig))
    assert "Cigna<br>no figure" in texts(fig)
    assert "Cigna: no figure" in charts.alt_text(fig)


def test_a_long_payer_takes_two_lines_at_most():
    fig = charts.payer_multiples(
        payers("Blue Cross Blue Shield of Illinois Preferred Provider Plan")
    )
    head = next(text for text in texts(fig) if text.startswith("Blue Cross"))
    assert head.count("<br>") <= 2


# --- stacked months -----------------------------------------------------------------------------
def test_stacked_months_hold_every_cent():
    fig = draw("stacked_months")
    assert sum(sum(trace.y) for trace in fig.data) == stack()["cents"].sum()
    assert [trace.name for trace in fig.data] == ["Paid by insurers", "Still owed"]
    assert list(fig.data[0].x) == list(range(JAN, JAN + 4))
    assert fig.layout.barmode == "relative"
    assert fig.layout.yaxis.range[0] <= 0


def test_stacked_months_hatch_the_young_and_the_open():
    fig = draw("stacked_months")
    assert list(fig.data[0].marker.pattern.shape) == ["", "", "", "\\"]
    assert list(fig.data[1].marker.pattern.shape) == ["/"] * 4
    assert any(text.startswith("Hatched months are still coming in.") for text in texts(fig))
    assert fig.data[0].hovertext[3] == "Paid by insurers<br>Apr 2024: $4.00<br>still coming in"
    assert "Hatched" not in charts.stacked_months(stack().drop(columns="young")).to_json()


def test_stacked_months_label_each_end_beside_the_last_bar():
    fig = draw("stacked_months")
    labels = [note for note in fig.layout.annotations if note.xshift == 10]
    assert [re.sub("<[^>]*>", "", label.text) for label in labels] == ["■ Insurers", "▨ Still owed"]
    assert [label.y for label in labels] == [200, 600]


def test_stacked_months_go_below_zero_and_leave_gaps():
    frame = pd.DataFrame(
        [(JAN, "insurer", 500), (JAN, "avoidable", -200), (JAN + 2, "insurer", 300)],
        columns=["month", "end", "cents"],
    )
    fig = charts.stacked_months(frame)
    assert list(fig.data[0].x) == [JAN, JAN + 2] and list(fig.data[1].y) == [-200]
    assert fig.layout.yaxis.range[0] < -200


def test_stacked_months_say_what_has_no_month():
    frame = stack().astype({"month": "Int64"})
    frame.loc[0, "month"] = pd.NA
    fig = charts.stacked_months(frame)
    said = " ".join(texts(fig)).replace("<br>", " ")
    assert "$1 without a month is not drawn." in said


# --- the page of its own ------------------------------------------------------------------------
def test_a_page_asks_nothing_of_the_network():
    fig = draw("shares", title="A < B", theme="dark")
    page = charts.to_html(fig)
    assert page == charts.to_html(draw("shares", title="A < B", theme="dark"))
    assert not re.search(r"<(script|link|img|iframe)[^>]*\s(src|href)=", page)
    assert '"showSendToCloud": false' in page and '"displaylogo": false' in page
    assert "<title>A &lt; B</title>" in page
    assert f"background:{NEUTRALS['dark'].base}" in page
    assert len(page) > 1_000_000


def test_a_chart_for_a_page_that_has_the_script_is_small():
    chart = charts.to_html(draw("shares"), plotlyjs=False)
    assert len(chart) < 50_000 and "<html" not in chart


def test_a_page_of_a_figure_from_elsewhere_has_a_title():
    assert "<title>Chart</title>" in charts.to_html(go.Figure())


# --- dots -----------------------------------------------------------------------------------------


def rates() -> pd.DataFrame:
    return pd.DataFrame(
        {"label": ["high", NASTY, "standard", "unsaid"], "value": [1.0, 0.633, 0.742, None]}
    )


def test_dots_stand_in_order_with_their_distance_from_the_standard():
    fig = charts.dots(rates(), standard="standard", title="T")
    marks = next(trace for trace in fig.data if trace.name == "dots")
    assert list(marks.x) == [0.633, 0.742, 1.0]
    assert list(marks.y) == sorted(marks.y)
    said = charts.alt_text(fig)
    assert "high: 100.0% · +25.8 points" in said
    assert "standard: 74.2%." in said + "."
    assert "unsaid" not in said
    bars = [s for s in fig.layout.shapes if s.x0 == 0.742 and s.y0 == s.y1]
    assert sorted(bar.x1 for bar in bars) == [0.633, 0.742, 1.0]
    assert "<a href" not in fig.to_json()


def test_dots_without_a_standard_or_a_value_draw_what_there_is():
    assert "points" not in charts.alt_text(charts.dots(rates()))
    assert "Nothing to draw" in charts.alt_text(charts.dots(rates().iloc[3:]))
