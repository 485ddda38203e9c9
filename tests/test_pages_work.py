"""The work list: goals that are set, kept, beside the figures, and taken back."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest
from test_pages import _fresh_caches, open_script, words

from writeoffs import goals, keeping

__all__ = ("_fresh_caches",)


def plain(at: AppTest) -> str:
    """What the page says, without the marks that keep text from being read as markdown."""
    return words(at).replace("\\", "")


def press(at: AppTest, label: str) -> None:
    next(b for b in at.button if b.label == label).click().run()


def test_the_list_says_what_could_come_back_and_hands_over_its_claims() -> None:
    at = open_script("work")
    said = plain(at)
    assert "to work on could bring back $" in said
    assert "Claims sent too late" in " ".join(at.dataframe[0].value["What happened"])
    at.button(key="work_claims").click().run()
    handed = at.session_state["claims_given"]
    listed = at.dataframe[0].value["Could come back"].fillna(0).sum()
    assert round(handed.cents.sum() / 100, 2) == round(listed, 2) > 0


def test_a_loss_among_the_three_things_opens_on_its_own_dollars() -> None:
    at = open_script("work")
    next(b for b in at.button if str(b.key).startswith("thing_")).click().run()
    handed = at.session_state["claims_given"]
    assert f"cost ${round(handed.cents.sum() / 100):,}" in handed.title


def test_a_goal_is_set_kept_and_taken_back() -> None:
    at = open_script("work")
    assert "No goal is set" in plain(at)
    at.number_input(key="goal_net_collection_rate").set_value(95.0)
    press(at, "Set these goals")
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


def test_a_goal_for_days_stands_beside_what_is_counted() -> None:
    goals.keep(goals.Goals({"days_in_ar": 30.0, "initial_denial_dollars": 0.5}))
    said = plain(open_script("work"))
    assert "Days in A/R: 35.2 days, goal 30.0 days" in said
    assert "reached (goal 50.0%)" in said
