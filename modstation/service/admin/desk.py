"""What every admin command has at hand: the database, the media folder, the clock."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from modstation.core.problem import Problem
from modstation.service import identity
from modstation.service.database import Database, open_database
from modstation.service.keys import Keys, open_keys
from modstation.service.media import MediaFolder
from modstation.system.clock import Clock, SystemClock


class Desk:
    """Handed to each command; closed when it is done.

    A service that isn't there yet is made when a command first needs its database, so that one refused for its
    arguments leaves nothing behind.

    Args:
        data: the data folder.
        url: of the database, when it is not in the folder.
        makes: whether the command may make a service where there is none.
        clock: the time.
    """

    def __init__(self, data: Path, url: str | None, clock: Clock, *, makes: bool) -> None:
        self.clock = clock
        self.entropy: Callable[[int], bytes] = os.urandom
        self._data = data
        self._url = url
        self._makes = makes

    @cached_property
    def database(self) -> Database:
        """The service's database.

        Raises:
            Problem: see `database.open_database`.
        """
        if self._makes:
            self._data.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open_database(self._url or self._data, make=self._makes)

    @cached_property
    def files(self) -> MediaFolder:
        """The service's media; the folder is made when there is none, beside a database that is there."""
        assert self.database
        return MediaFolder(self._data)

    @cached_property
    def keys(self) -> Keys:
        """The service's keys; a service that has never started has none yet, and gets none here.

        Raises:
            Problem: see `keys.open_keys`; ``service.not_started``.
        """
        known = self.database.read(lambda conn: identity.get(conn, "signing_key"))
        if known is None:
            raise Problem("service.not_started", "This service has no keys yet.", "Start it once: modstation serve")
        return open_keys(self._data, self.entropy, known)

    def close(self) -> None:
        """Give the database back, if it was needed."""
        if "database" in self.__dict__:
            self.database.close()


@contextmanager
def open_desk(data: Path, url: str | None, *, makes: bool, clock: Clock | None = None) -> Iterator[Desk]:
    """The desk for one command on the service in a data folder, with its database there or at `url`.

    Raises:
        Problem: ``service.nothing_here`` when there is no service and `makes` is False; else see
            `database.open_database`.
    """
    desk = Desk(data, url, clock or SystemClock(), makes=makes)
    try:
        if not makes:
            assert desk.database  # a command that only looks at what is there hears at once that nothing is
        yield desk
    finally:
        desk.close()
