"""Until when a denial can be appealed: the practice's own days, Medicare's, and nobody's."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from writeoffs import deadlines
from writeoffs.deadlines import Deadlines
from writeoffs.problems import BadRequest


def test_a_day_counts_from_the_denial() -> None:
    mine = Deadlines({"Aetna": 180})
    payers = pd.Series(pd.Categorical(["Aetna", "Medicare", "Cigna", None, "Aetna"]))
    denied = np.array(["2026-01-01", "2026-01-01", "2026-01-01", "2026-01-01", "NaT"], "M8[s]")
    found = deadlines.due(mine, payers, denied)
    # 180 days after 1 January are 30 June; 125 are 6 May.
    assert [str(d) for d in found] == ["2026-06-30", "2026-05-06", "NaT", "NaT", "NaT"]


def test_what_the_practice_wrote_goes_before_what_everybody_knows() -> None:
    assert Deadlines().of("MEDICARE ") == 125
    assert Deadlines({"medicare": 100}).of("Medicare") == 100
    assert Deadlines().of("Medicare Advantage of Ohio") is None
    assert Deadlines({"Aetna": 90}).with_days("AETNA", 60).days == {"AETNA": 60}
    assert Deadlines({"Aetna": 90}).with_days("aetna", None) == Deadlines()


@pytest.mark.parametrize("days", [0, -1, 3651, 1.5, True, "90"])
def test_days_nobody_can_have(days: int) -> None:
    with pytest.raises(BadRequest, match="whole number"):
        Deadlines({"Aetna": days})


def test_one_name_with_two_deadlines() -> None:
    with pytest.raises(BadRequest, match="stands twice"):
        Deadlines({"Aetna": 90, "AETNA": 60})


def test_kept_and_read_again() -> None:
    mine = Deadlines({"Aetna": 180, "Blue Cross": 365})
    assert deadlines.kept() == (Deadlines(), "")
    deadlines.keep(mine)
    assert deadlines.kept() == (mine, "")


@pytest.mark.parametrize("text", ['{"version": 1}', '{"version": 9, "appeal_days": {}}', "[]"])
def test_a_file_that_is_no_such_list(text: str) -> None:
    with pytest.raises(BadRequest):
        Deadlines.from_json(text)
