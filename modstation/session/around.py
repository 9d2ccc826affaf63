"""What the desk needs from outside."""

from collections.abc import Callable
from dataclasses import dataclass

from modstation.core.changes import Changes
from modstation.core.problem import Problem
from modstation.system.clock import Clock


@dataclass(frozen=True, slots=True)
class Around:
    """What the desk needs from outside, all of it replaceable.

    Attributes:
        entropy: gives n random bytes.
        hold_s: seconds a decision is held before it is first sent.
        post: runs a callable on the desk's own thread.
        moved: told which ids moved by what the person did.
        decided: told that there is something to send.
        failed: told of a `Problem` with a write; nothing was saved then, unless it is a `NoSafetyCopy`.
    """

    clock: Clock
    entropy: Callable[[int], bytes]
    hold_s: Callable[[], float]
    post: Callable[[Callable[[], None]], None]
    moved: Callable[[Changes], None]
    decided: Callable[[], None]
    failed: Callable[[Problem], None]
