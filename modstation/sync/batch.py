"""How many decisions go into one exchange, and what to do with one that the service can't even read: pure."""

from collections.abc import Sequence

from modstation.core.ids import DecisionId
from modstation.sync import retry
from modstation.wire.limits import MAX_DECISIONS


class Batch:
    """Shrinks after a batch that was too large, too slow or malformed; grows again when things go well.

    A decision that is refused as a message although it travels alone is a suspect. The next exchange then carries
    nothing: only when that one goes through was it the decision's fault, and it is given back to the person instead
    of blocking the others for ever.
    """

    def __init__(self) -> None:
        self.size = MAX_DECISIONS
        self._suspect: DecisionId | None = None

    @property
    def room(self) -> int:
        """How many entries the next exchange may carry."""
        return 0 if self._suspect else self.size

    def went_through(self) -> DecisionId | None:
        """An exchange succeeded. Returns the decision that is now known to be undeliverable, if there is one."""
        proven, self._suspect = self._suspect, None
        if proven is None:
            self.size = retry.larger(self.size, MAX_DECISIONS)
        return proven

    def was_slow(self) -> None:
        """The exchange stalled: carry less next time."""
        self.size = retry.smaller(self.size)

    def was_refused(self, carried: Sequence[DecisionId]) -> bool:
        """The message as a whole was refused. Returns whether another one is worth trying at once."""
        if not carried:
            self._suspect = None  # it was not the decision after all
            return False
        if len(carried) == 1:
            self._suspect = carried[0]
        self.size = max(1, min(self.size, len(carried)) // 2)
        return True
