"""The figures in words: one is spoken of as one."""

from dataclasses import replace

import pytest

from modstation.service.admin.figures import as_words
from modstation.service.stats import PersonCounts, Stats

NOTHING = Stats({}, {}, {}, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, ())


def told(name: str, **figures: object) -> str:
    lines = [line.split(maxsplit=1) for line in as_words(replace(NOTHING, **figures))]
    return dict(lines)[name]  # type: ignore[arg-type]  # each line has a name and more


@pytest.mark.parametrize(
    ("number", "removed", "unproven", "person"),
    [
        (
            1,
            "0; 1 removed, of which 1 said that it holds nothing any more",
            "1 decision out of a journal: nothing proves who made it",
            "1 decision, of which 1 accepted",
        ),
        (
            2,
            "0; 2 removed, of which 2 said that they hold nothing any more",
            "2 decisions out of a journal: nothing proves who made them",
            "2 decisions, of which 2 accepted",
        ),
    ],
)
def test_one_is_spoken_of_as_one_and_several_as_several(number: int, removed: str, unproven: str, person: str):
    assert told("stations", devices_removed=number, devices_purged=number) == removed
    assert told("unproven", unproven=number) == unproven
    assert told("robin", people=(PersonCounts("robin", number, number),)) == person
