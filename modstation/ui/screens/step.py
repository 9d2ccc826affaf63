"""The steps of the first run, apart from its screen: they are named where the screen is not loaded yet."""

from enum import StrEnum


class FirstRunStep(StrEnum):
    """The steps, in order."""

    JOIN = "join"
    PROTECT = "protect"
    DONE = "done"
