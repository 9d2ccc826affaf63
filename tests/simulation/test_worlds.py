"""A few worlds, in every run of the tests; `make simulate` runs thousands."""

from collections.abc import Iterator

import pytest

from tests.simulation import mutants
from tests.simulation.plan import draw
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
