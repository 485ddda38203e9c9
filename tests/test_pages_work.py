"""The work list: goals that are set, kept, beside the figures, and taken back."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from test_pages import _fresh_caches, open_script, words

from writeoffs import goals, keeping

__all__ = ("_fresh_caches",)


def plain(at: AppTest) -> str:
    """What the page says, without the marks that keep text from being read as markdown."""
    return words(at).replace("\\", "")


def test_a_goal_is_set_kept_and_taken_back() -> None:
    at = open_script("work")
    assert "No goal is set" in plain(at)
    at.number_input(key="goal_net_collection_rate").set_value(95.0)
    at.button[0].click().run()
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
