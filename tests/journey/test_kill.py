"""The short form of ``make kill-test``: power cuts in the middle of the work lose nothing and repeat nothing."""

from pathlib import Path

from tests.journey.judging import judge
from tests.journey.kill import run


def test_what_was_shown_as_saved_is_accepted_once_although_both_sides_are_killed(tmp_path: Path) -> None:
    found = run(tmp_path, kills=(7, 2), decisions=20)
    assert found["kills_service"] == 2
    assert found["kills_station"] >= 7
    assert found["saved"] - found["undone"] >= 20
    assert found["accepted"] >= found["owed"] > 0  # one killed in the middle of its undo is not owed
    assert (found["lost"], found["applied_twice"], found["left_running"]) == (0, 0, 0)

    # And the judge is no yes-man: one that was saved and never came, one that was taken back and counts nevertheless.
    assert judge(tmp_path, [("saved", "never-sent")])["lost"] == 1
    noted = [tuple(line.split()) for line in (tmp_path / "ledger").read_text().splitlines() if " " in line.strip()]
    undone = {entry_id for word, entry_id in noted if word in {"undoing", "undone"}}
    counts = next(entry_id for word, entry_id in noted if word == "saved" and entry_id not in undone)
    assert judge(tmp_path, [("undone", counts)])["applied_twice"] == 1
