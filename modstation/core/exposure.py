"""How much of disturbing content is shown before a person asks for more.

These are controls, not treatment: they decide what appears unannounced, which is nothing.
"""

from dataclasses import dataclass
from enum import IntEnum


class Step(IntEnum):
    """How a picture is shown, from nothing to everything."""

    HIDDEN = 0
    OUTLINE = 1
    GREY = 2
    BLURRED = 3
    CLEAR = 4


@dataclass(frozen=True, slots=True)
class Exposure:
    """A person's own choices.

    Attributes:
        first_step: the step each severity (index 0 for unknown, then 1 to 4) opens with.
        hold_step: what "hold to look" shows while the key is down.
        width_px: the width a picture is first shown at; 0 for as wide as there is room.
    """

    first_step: tuple[Step, Step, Step, Step, Step] = (
        Step.HIDDEN,
        Step.CLEAR,
        Step.HIDDEN,
        Step.HIDDEN,
        Step.HIDDEN,
    )
    hold_step: Step = Step.BLURRED
    width_px: int = 240

    def opens_with(self, severity: int) -> Step:
        """The step a picture of `severity` opens with; an unknown severity is treated as one that may disturb."""
        return self.first_step[severity if 0 <= severity <= 4 else 0]


def stepped(step: Step, by: int) -> Step:
    """`step` moved by `by`, kept within hidden and clear."""
    return Step(min(Step.CLEAR, max(Step.HIDDEN, step + by)))
