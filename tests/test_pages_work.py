"""The work list: goals that are set, kept, beside the figures, and taken back."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from test_pages import _fresh_caches, open_script, words

from writeoffs import deadlines, goals, keeping

__all__ = ("_fresh_caches",)


def plain(at: AppTest) -> str:
    """What the page says, without the marks that keep text from being read as markdown."""
    return words(at).replace("\\", "")


def test_a_goal_is_set_kept_and_taken_back() -> None:
    at = open_script("work")
    assert "No goal is set" in plain(at)
    at.number_input(key="goal_net_collection_rate").set_value(95.0)
    next(b for b in at.button if b.label == "Set these goals").click().run()
    assert not at.exception
    assert goals.kept()[0].values == {"net_collection_rate": 0.95}
    assert "Net collection rate" in plain(at) and "goal 95.0%" in plain(at)
    at.button(key="goals_undo").click().run()
    assert goals.kept()[0].values == {}
    assert "No goal is set" in plain(at)


def test_goals_of_an_earlier_visit_are_there_again() -> None:
    goals.keep(goals.Goals({"avoidable": 100_00}))
    at = open_script("work")
    assert "Avoidable losses" in plain(at) and "goal $100" in plain(at)


def test_a_damaged_list_of_goals_is_set_aside_and_said() -> None:
    goals.keep(goals.Goals({"avoidable": 100_00}))
    (keeping.home() / "goals.json").write_text("{")
    at = open_script("work")
    assert "set aside" in plain(at)


def test_the_list_ranks_what_could_come_in_and_its_days_are_kept() -> None:
    at = open_script("work")
    assert not at.exception
    assert "1. UnitedHealthcare, claims sent too late: $4,013 could come in" in plain(at)
    shown = at.dataframe[0].value
    assert {"Claim", "Could come in", "Appeal until"} <= set(shown)
    payers = {box.label: box for box in at.number_input if box.key.startswith("appeal_")}
    assert payers["Medicare"].value == 125
    payers["UnitedHealthcare"].set_value(1)
    next(b for b in at.button if b.label == "Set these days").click().run()
    assert deadlines.kept()[0].of("unitedhealthcare") == 1
    late = at.dataframe[0].value.query("Payer == 'UnitedHealthcare'")["Appeal until"]
    assert late.str.startswith("passed").all()
    assert "UnitedHealthcare" not in plain(at).split("Every claim")[0]
    at.button(key="appeals_undo").click().run()
    assert deadlines.kept()[0].of("unitedhealthcare") is None
