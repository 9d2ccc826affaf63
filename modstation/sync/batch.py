"""How many decisions go into one exchange, and what to do with one that the service can't even read: pure."""

from collections.abc import Sequence

from modstation.core.ids import DecisionId
from modstation.sync import retry
from modstation.wire.limits import MAX_DECISIONS


class Batch:
    """Shrinks after a batch that was too large, too slow or malformed; grows again when things go well.

    A decision that is refused as a message although it travels alone is a suspect. The next exchange then carries
    nothing; if that goes through, the suspect travels alone once more. Only when it is refused again was it the
    decision's fault, and it is given back to the person instead of blocking the others for ever.
    """

    def __init__(self) -> None:
        self.size = MAX_DECISIONS
        self._suspect: DecisionId | None = None
        self._service_is_well = False

    @property
    def room(self) -> int:
        """How many entries the next exchange may carry."""
        if self._suspect is not None:
            return 1 if self._service_is_well else 0
        return self.size

    def went_through(self) -> None:
        """An exchange succeeded."""
        if self._suspect is not None and not self._service_is_well:
            self._service_is_well = True
        else:
            self._suspect, self._service_is_well = None, False
            self.size = retry.larger(self.size, MAX_DECISIONS)

    def was_slow(self) -> None:
        """The exchange stalled: carry less next time."""
        self.size = retry.smaller(self.size)

    def was_refused(self, carried: Sequence[DecisionId]) -> DecisionId | None:
        """The message as a whole was refused. Returns the decision that is now known to be undeliverable, if any."""
        proven = None
        if not carried:
            self._suspect = None  # it was not the decision after all
        elif len(carried) > 1:
            self.size = len(carried) // 2
        elif self._service_is_well and carried[0] == self._suspect:
            proven, self._suspect = self._suspect, None
        else:
            self.size, self._suspect = 1, carried[0]
        self._service_is_well = False
        return proven
