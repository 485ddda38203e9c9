"""Why it moved: the sample's story is said, the claims are a click away, sliders say a year."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

import writeoffs as wo
from writeoffs import charts, pairs, split_words
from writeoffs.periods import Period
from writeoffs.problems import BadRequest
from writeoffs.split import RECIPES

ROOT = Path(__file__).parent.parent
SAMPLE = ROOT / "sample_data" / "practice_ledger.csv"


@pytest.fixture(autouse=True)
def _fresh_caches() -> None:
    st.cache_resource.clear()


def opened() -> AppTest:
    return AppTest.from_file(str(ROOT / "pages" / "moved.py"), default_timeout=60).run()


def words(at: AppTest) -> str:
    parts = [*at.subheader, *at.markdown, *at.caption, *at.info, *at.warning]
    return "\n".join(str(p.value) for p in parts).replace("\\", "")


def test_the_story_of_the_sample_is_said_with_its_dollars() -> None:
    at = opened()
    assert not at.exception
    said = words(at)
    assert "Payments down $9,617: most of all claims sent too late at UnitedHealthcare" in said
    assert "Payments fell by $9,617, from $210,890 (Nov 2024 to Jul 2025) to $201,273" in said
    assert "claims sent too late at UnitedHealthcare, $4,241" in said
    assert "contracts and law at Aetna, $2,596" in said
    assert "Left out on both sides: Aug 2025 to Oct 2025" in said
    assert not at.warning


@pytest.mark.parametrize("name", list(RECIPES))
@pytest.mark.parametrize("against", ["year", "recent"])
def test_every_figure_and_comparison_is_shown(name: str, against: str) -> None:
    at = opened()
    at.selectbox(key="moved_measure").set_value(name)
    at.selectbox(key="moved_against").set_value(against).run()
    assert not at.exception
    assert "to Jul 2026" in words(at)


def test_young_months_come_with_a_warning() -> None:
    at = opened()
    at.toggle(key="moved_young").set_value(True).run()
    assert not at.exception and len(at.warning) == 1


def test_sliders_say_a_year_and_reset_takes_them_back() -> None:
    at = opened()
    assert [tile.value for tile in at.metric] == ["$0"] * 4
    at.slider(key="if_patients").set_value(50)
    at.slider(key="if_losses").set_value(100).run()
    assert not at.exception
    # Half of $3,765.29 + $3,765.94 on nine months is $5,020.82 a year, and a little of what
    # patients would owe of the losses that no longer happen.
    values = [int(t.value.replace("$", "").replace(",", "")) for t in at.metric]
    assert values[:2] == [0, 0] and values[2] > 0 and values[3] in range(5_000, 5_200)
    assert f"In all ${sum(values):,}" in words(at) or f"In all ${sum(values) + 1:,}" in words(at)
    at.button(key="if_reset").click().run()
    assert [tile.value for tile in at.metric] == ["$0"] * 4


def test_a_smaller_payer_takes_the_slider_down_with_it() -> None:
    at = opened()
    at.slider(key="if_mix").set_value(at.slider(key="if_mix").max).run()
    most = at.metric[0].value
    assert most != "$0"
    source = at.selectbox(key="if_from")
    source.select_index(len(source.options) - 1).run()
    assert not at.exception
    assert at.slider(key="if_mix").value == at.slider(key="if_mix").max < 20


def test_all_months_have_nothing_before_them() -> None:
    at = opened()
    at.sidebar.selectbox(key="filter_period").set_value("all").run()
    assert not at.exception and "nothing before them" in words(at)


# --- the same in a notebook, and the figure -------------------------------------------------------


def test_why_moved_and_what_if_say_what_the_page_says() -> None:
    ledger = wo.read(SAMPLE)
    found = wo.why_moved(ledger)
    assert found.change == -961_711
    named = wo.why_moved(ledger, "paid", ("2025-11", "2026-07"), ("2024-11", "2025-07"))
    assert named.cells.equals(found.cells)
    assert wo.what_if(ledger).yearly == 0
    late = wo.what_if(ledger, ("2025-11", "2026-07"), fewer_losses={"timely_filing": 1})
    # $6,860 lost at billed prices in nine months; paid at UnitedHealthcare's own rates, a year.
    assert 400_000 < late.yearly * 9 // 12 < 460_000
    with pytest.raises(BadRequest, match="no payer"):
        wo.what_if(ledger, contracts={"Nobody": 0.1})


def test_the_waterfall_draws_every_step_where_the_one_before_ends() -> None:
    ledger = wo.read(SAMPLE)
    found = wo.why_moved(ledger)
    steps = split_words.steps(found)
    assert steps["change"].sum() == found.change
    fig = charts.waterfall(steps, before="then", now="today", start=float(found.before or 0))
    bar = fig.data[0]
    ends = [base + length for base, length in zip(bar.base, bar.x, strict=True)]
    assert ends[0] == found.before and ends[-1] == found.now
    assert list(bar.base[1:-1]) == pytest.approx(ends[:-2])
    assert "Claims sent too late: -$4,241" in charts.alt_text(fig)
    nothing = charts.waterfall(steps.iloc[:0], before="", now="", start=0)
    assert "Nothing to draw" in charts.alt_text(nothing)


def test_rates_are_said_in_points_that_add_up() -> None:
    found = wo.why_moved(wo.read(SAMPLE), "net_collection_rate")
    steps = split_words.steps(found)
    points = sum(round(100 * float(t.split()[0])) for t in steps["said"])
    assert points == 8861 - 9221
    pair = pairs.Pair(Period("range", 24_298, 24_306), Period("range", 24_310, 24_318))
    first, second, third = split_words.sentences(found, pair)
    assert first.startswith("Net collection rate fell by 3.60 points, from 92.21% (Nov 2024")
    assert "about $" in second
    assert "claims sent too late at UnitedHealthcare" in third
