"""Waiting is spread out, bounded, and never shorter than the service asked."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core.ids import DecisionId
from modstation.core.problem import Problem
from modstation.sync import retry
from modstation.sync.batch import Batch
from modstation.sync.failures import Offline, Refused, blocked, delay_after, impostor, stranger


@given(attempt=st.integers(1, 10_000), seed=st.integers(), asked=st.floats(0, 300))
def test_a_wait_lies_between_what_was_asked_and_a_minute(attempt: int, seed: int, asked: float) -> None:
    wait = retry.delay_s(attempt, Random(seed), asked)
    assert max(1.0, asked) <= wait <= max(60.0, asked)


def test_the_ceiling_doubles_and_a_crowd_spreads() -> None:
    rng = Random(1)
    longest = [max(retry.delay_s(n, rng) for _ in range(500)) for n in (1, 2, 3, 4, 9)]
    assert longest == sorted(longest)
    assert longest[-1] > 50
    assert len({round(retry.delay_s(9, rng)) for _ in range(500)}) > 40


def longest_after(problem: Problem | None) -> float:
    """The longest of many waits after many failures."""
    rng = Random(2)
    return max(delay_after(problem, 12, rng) for _ in range(500))


@pytest.mark.parametrize(
    "near", [Offline("sync.no_connection", "Unreachable."), blocked(200), blocked(407), blocked(404), impostor(200)]
)
def test_after_a_failure_on_the_way_nobody_waits_longer_than_a_quarter_of_a_minute(near: Problem) -> None:
    assert 12 < longest_after(near) <= 15


@pytest.mark.parametrize(
    "far",
    [
        stranger(502),
        Offline("sync.stalled", "Silence."),
        Refused("service.failed", "Failed.", status=500),
        Refused("request.too_many", "Busy.", status=429),
        None,
    ],
)
def test_a_service_that_has_trouble_is_left_in_peace(far: Problem | None) -> None:
    assert longest_after(far) > 50


def test_a_service_that_asks_for_time_gets_it() -> None:
    busy = Refused("request.too_many", "Busy.", status=429, asked_s=120)
    assert delay_after(busy, 1, Random(3)) == 120


@given(st.lists(st.sampled_from(["through", "slow", "refused"]), max_size=60))
def test_a_batch_never_stops_sending_for_good(happenings: list[str]) -> None:
    batch = Batch()
    for happening in happenings:
        carried = [DecisionId(f"d{n}") for n in range(batch.room)]
        if happening == "through":
            batch.went_through()
        elif happening == "slow":
            batch.was_slow()
        else:
            batch.was_refused(carried)
        assert 0 <= batch.room <= 100
    for _ in range(10):
        batch.went_through()
    assert batch.room == 100
