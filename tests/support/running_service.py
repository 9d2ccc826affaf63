"""The real service on a real socket, in this process: it can be stopped, started again, and looked into."""

import asyncio
import logging
import secrets
import signal
import socket
import threading
from collections.abc import Sequence
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import uvicorn
from sqlalchemy import text

from modstation.core.item import Item
from modstation.core.policy import Policy
from modstation.service import catalogue, stats
from modstation.service.admin import backup, restore
from modstation.service.app import Service, make_app
from modstation.service.server import _Server, open_service
from tests.support.live_service import a_code, fill

HTML = b"<html><body><h1>Welcome to the hotel. Sign in.</h1></body></html>"


class _CutOff(logging.Filter):
    """Drops what uvicorn says of a request that was still being answered when the service was stopped at once."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.exc_info is None or record.exc_info[0] is not asyncio.CancelledError


_CUT_OFF = _CutOff()


class RunningService:
    """Keeps its port from one start to the next, also while nobody listens at it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._held.bind(("127.0.0.1", 0))
        self._port = self._held.getsockname()[1]
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._portal: ThreadingHTTPServer | None = None
        self.service: Service | None = None
        self.address = f"http://127.0.0.1:{self._port}"

    def start(self) -> None:
        """Serve; returns when it answers."""
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", self._port))
        self.service = open_service(self._folder, name="Heron desk")
        ready = threading.Event()
        logging.getLogger("uvicorn.error").addFilter(_CUT_OFF)  # the same one again is not added twice
        config = uvicorn.Config(make_app(self.service), log_config=None, access_log=False, lifespan="off")
        self._server = _Server(config, self.service.bell, ready.set)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="service")
        self._thread.start()
        assert ready.wait(20)

    def stop(self) -> None:
        """Stop serving: from now on connections are refused. Harmless when it does not run."""
        if self._server is None or self._thread is None or self.service is None:
            return
        self._server.handle_exit(signal.SIGTERM, None)
        self._server.force_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()
        self.service.database.close()
        self._server = self._thread = self.service = None

    def back_up(self, file: Path) -> None:
        """Make a backup; the service goes on running."""
        backup.make(self._folder, file, self.running.clock.now(), with_media=False, advance=lambda _: None)

    def put_back(self, file: Path) -> None:
        """Put a backup in the service's place, and serve again."""
        now = self.running.clock.now()
        self.stop()
        restore.restore(self._folder, file, now, secrets.token_bytes, lambda _: None)
        self.start()

    def begin_portal(self, status: int = 200) -> None:
        """Put something else in the service's place: this status and HTML, whatever is asked. 200 is a sign-in page."""
        self.stop()
        self.end_portal()

        class Page(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.send_response(status)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(HTML)))
                self.end_headers()
                self.wfile.write(HTML)

            do_GET = do_POST = _answer  # noqa: N815 - the names that the library calls

            def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its own name
                pass

        self._portal = ThreadingHTTPServer(("127.0.0.1", self._port), Page)
        threading.Thread(target=self._portal.serve_forever, args=(0.05,), name="portal").start()

    def end_portal(self) -> None:
        """Take the sign-in page away."""
        if self._portal is not None:
            self._portal.shutdown()
            self._portal.server_close()
            self._portal = None

    def close(self) -> None:
        self.stop()
        self.end_portal()
        self._held.close()

    # What whoever runs the service does and sees

    @property
    def running(self) -> Service:
        assert self.service is not None
        return self.service

    def fill(self, items: Sequence[Item], pictures: Sequence[bytes] = ()) -> None:
        fill(self.running, list(items), list(pictures))
        self.running.bell.ring()

    def code(self) -> str:
        return a_code(self.running)

    def revise(self, item: Item) -> None:
        """Give an item another revision: its content changed."""
        service = self.running
        changed = replace(item, content=replace(item.content, title="Pump yes, seller maybe"))  # type: ignore[type-var] # a review
        service.database.write(lambda conn: catalogue.add_items(conn, [changed], service.files, service.clock.now()))
        service.bell.ring()

    def publish(self, policy: Policy) -> None:
        service = self.running
        service.database.write(lambda conn: catalogue.publish_policy(conn, policy))
        service.bell.ring()

    def stats(self) -> stats.Stats:
        return self.running.database.read(stats.collect)

    def decisions(self) -> dict[str, list[tuple[str, str, str]]]:
        """Per item: (decision id, verdict, outcome) of every decision that came in."""
        rows = self.running.database.read(
            lambda conn: conn.execute(
                text("SELECT item_id, decision_id, verdict, outcome FROM decision ORDER BY received_at, device_seq")
            ).all()
        )
        found: dict[str, list[tuple[str, str, str]]] = {}
        for item_id, decision_id, verdict, outcome in rows:
            found.setdefault(item_id, []).append((decision_id, verdict, outcome))
        return found
