"""Running the service: putting its parts together, and serving them until told to stop."""

import os
import signal
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import structlog
import uvicorn

from modstation.core.problem import Problem
from modstation.service import folder, identity
from modstation.service.app import Service, make_app
from modstation.service.database import Database, open_database
from modstation.service.exchange import HOLD_LIMIT, Exchange
from modstation.service.keys import Keys, open_keys
from modstation.service.media import MediaFolder
from modstation.service.recovery import Recovery
from modstation.service.waiting import Bell
from modstation.system.clock import Clock, SystemClock

STOP_WITHIN_S = 5

_log = structlog.get_logger(__name__)


def open_service(
    data_folder: Path,
    *,
    database: str | None = None,
    clock: Clock | None = None,
    random: Callable[[int], bytes] = os.urandom,
    name: str = "ModStation",
    hold_limit: int = HOLD_LIMIT,
) -> Service:
    """Open (at the first start: make) everything a service consists of. Nothing is served yet.

    Args:
        data_folder: keys, media and, unless `database` says otherwise, the database.
        database: a ``postgresql://`` URL.
        clock: where the time comes from.
        random: gives that many random bytes.
        name: what the service calls itself; used at the first start only.
        hold_limit: how many items one device may hold.

    Raises:
        Problem: see `database.open_database` and `keys.open_keys`.
    """
    data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    opened = open_database(database or data_folder)
    try:
        keys = _keys(opened, data_folder, random, name)
    except Problem:
        opened.close()
        raise
    clock = clock or SystemClock()
    return Service(
        database=opened,
        keys=keys,
        files=MediaFolder(data_folder),
        exchange=Exchange(opened, keys, clock, hold_limit),
        recovery=Recovery(opened, keys, clock),
        clock=clock,
        random=random,
        bell=Bell(),
    )


def _keys(database: Database, data_folder: Path, random: Callable[[int], bytes], name: str) -> Keys:
    known = database.read(lambda conn: identity.get(conn, "signing_key"))
    keys = open_keys(data_folder, random, known)
    if known is None:
        database.write(lambda conn: identity.establish(conn, random, keys.signing_public, name))
    return keys


class _Server(uvicorn.Server):
    """uvicorn that tells its address when it is ready, and lets long polls go when it is told to stop."""

    def __init__(self, config: uvicorn.Config, bell: Bell, ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._bell = bell
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._ready()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._bell.stop()
        super().handle_exit(sig, frame)


def serve(
    data_folder: Path,
    host: str = "127.0.0.1",
    port: int = 8765,
    *,
    database: str | None = None,
    name: str = "ModStation",
    ready: Callable[[str], None] | None = None,
    alive: BinaryIO | None = None,
) -> None:
    """Serve until SIGINT or SIGTERM. Prints one line with the address when it is ready.

    Args:
        data_folder: see `open_service`; one service at a time may use it.
        host: the address to listen at.
        port: 0 takes any that is free.
        database: a ``postgresql://`` URL; the default is a SQLite file in the data folder.
        name: see `open_service`.
        ready: called with the base URL instead of printing it.
        alive: when this ends, that counts as SIGTERM. A pipe from the process that started this one ends with that
            process, however it ends.

    Raises:
        Problem: ``service.folder_in_use``, ``service.port_taken``, and those of `open_service`.
    """
    data_folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with folder.lock(data_folder):
        listening = _listen(host, port)
        service = open_service(data_folder, database=database, name=name)
        actual = listening.getsockname()[1]
        url = f"http://{f'[{host}]' if ':' in host else host}:{actual}"
        tell = ready or _say
        config = uvicorn.Config(
            make_app(service),
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=STOP_WITHIN_S,
            timeout_keep_alive=75,
            lifespan="off",
        )
        if threading.current_thread() is threading.main_thread():
            # uvicorn raises the signal again when it has stopped; then there is nothing left to do.
            signal.signal(signal.SIGTERM, lambda *_: None)
        try:
            server = _Server(config, service.bell, lambda: tell(url))
            if alive is not None:
                threading.Thread(target=_stop_after, args=(alive, server), name="alive", daemon=True).start()
            server.run(sockets=[listening])
        except KeyboardInterrupt:
            _log.info("service_stopped", by=signal.SIGINT.name)
        finally:
            listening.close()
            service.database.close()


def _stop_after(alive: BinaryIO, server: _Server) -> None:
    # Past the buffer: at its own end the interpreter must not find it locked by this thread.
    while os.read(alive.fileno(), 1024):
        pass
    _log.info("service_stopped", by="stdin")
    server.handle_exit(signal.SIGTERM, None)


def _say(url: str) -> None:
    sys.stdout.write(f"ModStation service ready at {url}\n")
    sys.stdout.flush()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The protocol is named: only then does asyncio turn Nagle's algorithm off, which costs 40 ms on every reply.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as error:
        listening.close()
        raise Problem(
            "service.port_taken", f"Cannot listen at {host}:{port}.", "Choose another port.", str(error.strerror)
        ) from error
    return listening
