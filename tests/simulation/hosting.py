"""The central service of a world: the real one, answering over ASGI; it can crash, be backed up and be restored."""

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from modstation.service import identity
from modstation.service.app import Service, make_app
from modstation.service.database import FILE_NAME
from modstation.service.server import open_service
from tests.simulation.time_and_chance import Chance, TrueTime

PARTS = (FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm")


class ServiceCrash(BaseException):
    """The service's process ended in the middle of a request."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply as it leaves the service."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes


class Host:
    """Keeps one service running on a folder.

    Attributes:
        crash_at: ``before commit`` or ``after commit``: where the next writing request ends the process.
        bugs: statuses of 500, which only a bug in the service can bring about.
        grants: every lease there ever was, also those that a restore has forgotten.
    """

    def __init__(
        self,
        folder: Path,
        clock: TrueTime,
        entropy: Chance,
        loop: asyncio.AbstractEventLoop,
        watch: Callable[[Service], None] = lambda _: None,
    ) -> None:
        self.folder = folder
        self.clock = clock
        self._entropy = entropy
        self._loop = loop
        self._watch = watch
        self._backup = folder.parent / "backup"
        self.crash_at = ""
        self.bugs: list[str] = []
        self.restores = 0
        self.grants: dict[tuple[str, int], list[Any]] = {}
        self.writes = self._seen = 0
        self.service: Service
        self._raw: Any = None
        self.begin()

    def begin(self) -> None:
        """Start the process."""
        self.service = open_service(self.folder, clock=self.clock, random=self._entropy)
        self.app = make_app(self.service)
        database = self.service.database
        write = database.write

        def writing(unit: Callable[[Any], Any]) -> Any:
            def until_the_end(conn: Any) -> Any:
                done = unit(conn)
                self._crash_if("before commit")
                return done

            self.writes += 1
            done = write(until_the_end)
            self._crash_if("after commit")
            return done

        database.write = writing  # type: ignore[method-assign] # a crash is put in from outside
        self._watch(self.service)

    def end(self) -> None:
        """End the process, however: what was not committed is gone, what was is there."""
        if self._raw is not None:
            self._raw.close()
            self._raw = None
        self.service.database.close()

    def crash(self) -> None:
        self.end()
        self.begin()

    def _crash_if(self, point: str) -> None:
        if self.crash_at == point:
            self.crash_at = ""
            raise ServiceCrash(point)

    def write(self, unit: Callable[[Any], Any]) -> Any:
        """What the lead does, beside the requests."""
        armed, self.crash_at = self.crash_at, ""
        try:
            return self.service.database.write(unit)
        finally:
            self.crash_at = armed

    def rows(self, sql: str, *given: Any) -> list[tuple[Any, ...]]:
        """Look into the database, beside the service."""
        if self._raw is None:
            self._raw = dbapi2.connect(str(self.folder / FILE_NAME))
            self._raw.isolation_level = None
        return list(self._raw.execute(sql, given).fetchall())

    def has_changed(self) -> bool:
        """Whether something was written since this was asked last."""
        before, self._seen = self._seen, self.writes
        return before != self.writes or bool(self.bugs)

    def back_up(self) -> None:
        """A copy of the database as it is now."""
        self.end()
        self._backup.mkdir(exist_ok=True)
        shutil.copyfile(self.folder / FILE_NAME, self._backup / FILE_NAME)
        self.begin()

    @property
    def has_backup(self) -> bool:
        return (self._backup / FILE_NAME).exists()

    def restore(self) -> None:
        """Put the copy back, as `modstation admin restore` does: with a new epoch."""
        self.end()
        for part in PARTS:
            (self.folder / part).unlink(missing_ok=True)
        shutil.copyfile(self._backup / FILE_NAME, self.folder / FILE_NAME)
        self.begin()
        self.write(lambda conn: identity.restored(conn, self._entropy, self.clock.now()))
        self.restores += 1

    def answer(self, method: str, path: str, headers: list[tuple[bytes, bytes]], body: bytes) -> Answered:
        """Serve one request.

        Raises:
            ServiceCrash: the process has ended; it was started again.
        """
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.4"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower(), value) for name, value in headers],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        sent: list[dict[str, Any]] = []
        asked = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            return asked.pop() if asked else {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        try:
            self._loop.run_until_complete(self.app(scope, receive, send))
        except ServiceCrash:
            self.crash()
            raise
        whole = b"".join(one.get("body", b"") for one in sent[1:])
        status = sent[0]["status"]
        if status == 500:
            self.bugs.append(f"{method} {path} answered 500")
        return Answered(status, list(sent[0]["headers"]), whole)
