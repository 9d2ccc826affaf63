"""A lease never lasts longer because a clock was moved; what can't be known is said to be unconfirmed."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from modstation.core.servicetime import DOUBT, Anchor, estimate
from tests.support.builders import NOW

ANCHOR = Anchor(NOW, NOW + timedelta(hours=3), 500.0, "a")  # this machine's wall clock is three hours ahead
seconds = st.integers(0, 10**7)
moves = st.integers(-(10**8), 10**8)


@given(seconds)
def test_honest_clocks_tell_the_services_time_whatever_their_own_error(passed: int) -> None:
    told = estimate(ANCHOR, ANCHOR.wall + timedelta(seconds=passed), ANCHOR.ticks + passed, "a")
    assert told.now == NOW + timedelta(seconds=passed)
    assert not told.unconfirmed


@given(seconds, moves)
def test_a_moved_wall_clock_never_gives_a_lease_more_time(passed: int, moved: int) -> None:
    told = estimate(ANCHOR, ANCHOR.wall + timedelta(seconds=passed + moved), ANCHOR.ticks + passed, "a")
    assert told.now >= NOW + timedelta(seconds=passed)
    assert told.unconfirmed == (abs(moved) > DOUBT.total_seconds())


@given(seconds, st.integers(1, 10**6))
def test_a_steady_clock_that_slept_gives_a_lease_no_more_time(passed: int, asleep: int) -> None:
    told = estimate(ANCHOR, ANCHOR.wall + timedelta(seconds=passed + asleep), ANCHOR.ticks + passed, "a")
    assert told.now == NOW + timedelta(seconds=passed + asleep)


@given(moves, st.sampled_from([7.0, 10.0**9]))
def test_after_a_restart_only_the_wall_clock_counts_and_nobody_is_sure(passed: int, ticks: float) -> None:
    told = estimate(ANCHOR, ANCHOR.wall + timedelta(seconds=passed), ticks, "b")
    assert told.now == NOW + timedelta(seconds=max(0, passed))
    assert told.unconfirmed


def test_before_the_service_was_ever_heard_there_is_only_the_wall_clock() -> None:
    assert estimate(None, NOW, 3.0, "a").now == NOW
