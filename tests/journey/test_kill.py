"""The short form of ``make kill-test``: power cuts in the middle of the work lose nothing and repeat nothing."""

from pathlib import Path

from tests.journey.kill import run


def test_what_was_shown_as_saved_is_accepted_once_although_both_sides_are_killed(tmp_path: Path) -> None:
    found = run(tmp_path, kills=2, decisions=20)
    assert (found["kills_service"], found["kills_station"]) == (2, 2)
    assert found["accepted"] >= found["saved"] - found["undone"] >= 20
    assert (found["lost"], found["applied_twice"], found["left_running"]) == (0, 0, 0)
