"""The named points at which station and service are killed; `tests.faults.shim` does it."""

import random
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Point:
    """Where a process is killed: before, in or after the n-th such call on such a file, n from `first` to `last`."""

    name: str
    fault: str
    calls: str
    suffix: str
    first: int = 1
    last: int = 1

    def chosen(self, rng: random.Random) -> dict[str, Any]:
        at = rng.randint(self.first, self.last)
        return {"fault": self.fault, "calls": self.calls, "suffix": self.suffix, "at": at}


# The first write and sync of a segment are its header's.
STATION_POINTS = (
    Point("after the commit, before the journal", "kill-before", "write", ".sealed", 2, 4),
    Point("in the middle of a record of the journal", "kill-middle", "write", ".sealed", 2, 4),
    Point("after the journal, before the checkpoint", "kill-after", "fsync", ".sealed", 2, 4),
    Point("in the middle of a checkpoint", "kill-middle", "write", "vault.db", 1, 25),
    Point("in the middle of a commit", "kill-middle", "write", "vault.db-wal", 1, 40),
    Point("between the end of a key and that of its file", "kill-before", "unlink", "media/"),
    Point("during the rename of a small file", "kill-before", "rename", ""),
    Point("after the rename of a small file", "kill-after", "rename", ""),
)
SERVICE_POINTS = (
    Point("between effect and reply", "kill-after", "fsync", "-wal", 1, 2),
    Point("in the middle of a transaction", "kill-middle", "write", "-wal", 1, 6),
)
