"""What every admin command has at hand: the database, the media folder, the clock."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from modstation.service.database import Database, open_database
from modstation.service.media import MediaFolder
from modstation.system.clock import Clock, SystemClock


@dataclass(frozen=True, slots=True)
class Desk:
    """Handed to each command; closed when it is done."""

    database: Database
    files: MediaFolder
    clock: Clock
    entropy: Callable[[int], bytes]


@contextmanager
def open_desk(data: Path, url: str | None, clock: Clock | None = None) -> Iterator[Desk]:
    """Open the data folder (made when it is not there) and the database in it, or at `url`.

    Raises:
        Problem: see `database.open_database`.
    """
    data.mkdir(parents=True, exist_ok=True, mode=0o700)
    database = open_database(url or data)
    try:
        yield Desk(database, MediaFolder(data), clock or SystemClock(), os.urandom)
    finally:
        database.close()
