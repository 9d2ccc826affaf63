"""An exchange that is cut anywhere costs nothing but the repetition."""

from pathlib import Path

from tests.network.sweep import sweep


def test_a_decision_survives_a_cut_anywhere_in_its_exchange(tmp_path: Path) -> None:
    swept = sweep(tmp_path, stride=97)
    assert swept.cuts_up > 5
    assert swept.cuts_down > 5
    assert (swept.decisions, swept.accepted, swept.lost, swept.twice) == (2, 2, 0, 0)
