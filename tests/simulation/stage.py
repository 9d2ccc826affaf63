"""What is put in place of threads and of costly beginnings while worlds are run: from outside, and taken away again.

The product is not changed by it: a unit of the writer still runs whole and in order, only when the world says so; a
handler of the service still runs off the event loop's hands, only in the same thread.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Self
from unittest import mock

import structlog
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from modstation.service import app as service_app
from modstation.service import database as service_database
from modstation.store import writer as store_writer
from modstation.sync import exchange as sync_exchange
from modstation.sync import fetch as sync_fetch
from modstation.sync import transport as sync_transport
from modstation.sync.exchange import Asked
from modstation.sync.listener import Heard
from modstation.sync.transport import Transport

PAGE = 5  # changes in one reply: small, so that small worlds have pages


class LaterFuture(Future[Any]):
    """A future whose `result` lets everything before it happen first."""

    def __init__(self, owner: "LaterExecutor") -> None:
        super().__init__()
        self._owner = owner

    def _invoke_callbacks(self) -> None:
        """As the base class, but a bug in a callback is not swallowed."""
        for callback in self._done_callbacks:
            callback(self)

    def result(self, timeout: float | None = None) -> Any:
        if not self.done():
            self._owner.drain()
        return super().result(timeout)


class LaterExecutor:
    """One worker that works when it is told to: the world decides what happens between a keypress and the disk."""

    def __init__(self, *_: Any, **__: Any) -> None:
        self._jobs: deque[tuple[LaterFuture, Callable[..., Any], tuple[Any, ...]]] = deque()

    def submit(self, job: Callable[..., Any], *given: Any) -> LaterFuture:
        future = LaterFuture(self)
        self._jobs.append((future, job, given))
        return future

    def drain(self) -> None:
        """Do what was asked, in order. A crash (a BaseException) ends it there, as it ends the process."""
        while self._jobs:
            future, job, given = self._jobs.popleft()
            try:
                result = job(*given)
            except Exception as error:  # noqa: BLE001 - carried to whoever asks for the result
                future.set_exception(error)
            else:
                future.set_result(result)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.drain()

    def shutdown(self, **_: Any) -> None:
        self.drain()

    @property
    def waiting(self) -> int:
        return len(self._jobs)


class Scout:
    """Looks ahead at once instead of on a thread."""

    def __init__(self, transport: Transport, hear: Callable[[Heard], None]) -> None:
        self._transport = transport
        self._hear = hear

    def ask(self, asked: Asked) -> None:
        try:
            self._hear(Heard(asked, self._transport.sync(asked.request)))
        except Exception as error:  # noqa: BLE001 - as the listener carries it
            self._hear(Heard(asked, error))


async def _at_once(job: Callable[..., Any], *given: Any, **_: Any) -> Any:
    return job(*given)


class _Engines:
    """One SQLAlchemy engine a path: its compiled statements are kept from world to world, its connections are not."""

    def __init__(self, make: Callable[[Path], Engine]) -> None:
        self._make = make
        self._known: dict[Path, Engine] = {}

    def __call__(self, file: Path) -> Engine:
        if file not in self._known:
            self._known[file] = self._make(file)
        self._known[file].dispose()
        return self._known[file]


def _silent(*_: Any) -> Any:
    raise structlog.DropEvent


@contextmanager
def staged(client_of: Callable[[str], Any]) -> Iterator[asyncio.AbstractEventLoop]:
    """Put everything in place. `client_of` gives the HTTP client for a base URL."""
    scripts = ScriptDirectory.from_config(service_database._config())
    before = structlog.get_config()
    loop = asyncio.new_event_loop()
    with ExitStack() as stack:
        put = stack.enter_context
        put(mock.patch.object(store_writer, "ThreadPoolExecutor", LaterExecutor))
        put(mock.patch.object(sync_fetch, "ThreadPoolExecutor", LaterExecutor))
        put(mock.patch.object(service_app, "run_in_threadpool", _at_once))
        put(mock.patch("anyio.to_thread.run_sync", _at_once))  # the files of the service
        put(mock.patch.object(service_database, "_sqlite", _Engines(service_database._sqlite)))
        put(mock.patch.object(service_database.ScriptDirectory, "from_config", return_value=scripts))
        put(mock.patch.object(sync_exchange, "MAX_PAGE", PAGE))
        put(mock.patch.object(sync_transport, "_client", client_of))
        structlog.configure(
            processors=[_silent],
            wrapper_class=structlog.make_filtering_bound_logger(50),
            cache_logger_on_first_use=False,
        )
        try:
            yield loop
        finally:
            structlog.configure(**before)
            loop.close()
