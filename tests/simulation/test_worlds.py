"""A few worlds, in every run of the tests; `make simulate` runs thousands."""

from collections.abc import Iterator
from random import Random
from unittest import mock

import pytest

from tests.simulation import events_outside, mutants
from tests.simulation.plan import Event, Plan, draw
from tests.simulation.runner import Runner, running

SEEDS = range(30)


@pytest.fixture(scope="module")
def runner() -> Iterator[Runner]:
    with running() as made:
        yield made


def test_no_world_breaks_an_invariant_whatever_happens_in_it(runner: Runner) -> None:
    tally = runner.run(SEEDS, stop_at=1)
    assert not tally.found, "\n".join([f"seed {tally.found[0].seed}", *tally.found[0].trace])
    assert tally.seeds == len(SEEDS)
    assert len(tally.met) > 15, "these worlds are too quiet to say anything"


def test_a_seed_is_one_story(runner: Runner) -> None:
    stories = []
    for _ in range(2):
        world = runner.world(draw(7))
        assert world.run() is None
        world.close()
        stories.append(world.trace)
    assert stories[0] == stories[1]


def test_what_the_service_has_is_not_taken_back_after_the_disk_has_lost_that_it_was_sent(runner: Runner) -> None:
    seen = 0
    for seed in range(12):
        world = runner.world(_sent_and_forgotten(seed))
        with mock.patch.object(events_outside, "FAULTS", ("reply lost",)):
            violation = world.run()
        world.close()
        assert violation is None, "\n".join([str(violation), *world.trace])
        seen += any("takes back" in line for line in world.trace)
    assert seen, "nobody tried"


def _sent_and_forgotten(seed: int) -> Plan:
    """The service has a decision; its reply and the end of this computer's log are lost, and there is no network."""
    chance = Random(seed)
    kinds = ("decide", "wait", "faulty exchange", "unplugged", "log tail lost", "undo", "unplugged", "exchange")
    return Plan(seed, 2, 8, tuple(Event(n, kind, 0, chance.getrandbits(48)) for n, kind in enumerate(kinds)))


@pytest.mark.parametrize(
    "name",
    [
        "no de-duplication on the service",
        "unsigned reply accepted",
        "checkpoint skipped",
        "journal skipped",
        "undo after sending",
        "second opinion applied as effect",
    ],
)
def test_a_planted_bug_is_caught(runner: Runner, name: str) -> None:
    mutant = next(one for one in mutants.MUTANTS if one.name == name)
    with mutants.planted(mutant):
        tally = runner.run(range(10), stop_at=1, shrink=False)
    assert tally.found


def test_every_planted_bug_still_has_its_place_in_the_product() -> None:
    for mutant in mutants.MUTANTS:
        with mutants.planted(mutant):
            pass
