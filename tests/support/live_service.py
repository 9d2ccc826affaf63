"""The real service, filled with harmless items: in this process, or as a process of its own on a real port."""

import io
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx2
from PIL import Image as Pillow
from sqlalchemy import text
from starlette.testclient import TestClient

from modstation.core.content import Image
from modstation.core.ids import ItemId, QueueName
from modstation.core.item import Item
from modstation.service import catalogue, devices
from modstation.service.app import Service, make_app
from modstation.service.server import open_service
from modstation.system.clock import Clock
from tests.support.builders import a_media, a_policy, an_item

QUEUE = "reviews-en"


def texts(n: int, start: int = 0) -> list[Item]:
    """`n` reviews, ids ``text-00000`` and on."""
    made = [an_item(item_id=ItemId(f"text-{k:05}"), queue=QueueName(QUEUE), teams=()) for k in range(start, start + n)]
    return [replace(item, content=replace(item.content, product=None)) for item in made]  # type: ignore[type-var] # a ProductReview


def fill(service: Service, items: list[Item], pictures: list[bytes] = ()) -> None:  # type: ignore[assignment] # never written to
    """Queue, person, policy, items; one picture item for each of `pictures`."""
    now = service.clock.now()
    made = list(items)
    folder = service.files.folder.parent
    for n, picture in enumerate(pictures):
        path = folder / "new.bin"
        path.write_bytes(picture)
        media_id, size = service.files.add(path)
        path.unlink()
        content = Image(a_media(media_id=media_id, size=size))
        made.append(
            replace(
                an_item("image"), item_id=ItemId(f"image-{n:05}"), queue=QueueName(QUEUE), teams=(), content=content
            )
        )

    def unit(conn) -> None:
        if not catalogue.has_queue(conn, QUEUE):
            catalogue.add_queue(conn, QUEUE)
            catalogue.add_person(conn, "person-1", "Robin", now, queues=[QUEUE])
            catalogue.publish_policy(conn, a_policy())
        catalogue.add_items(conn, made, service.files, now)

    service.database.write(unit)


def a_code(service: Service) -> str:
    return service.database.write(lambda conn: devices.issue_code(conn, "person-1", service.clock.now(), os.urandom))


def decision_counts(service: Service) -> dict[str, int]:
    """How many rows the service has for each decision id."""
    rows = service.database.read(
        lambda conn: conn.execute(text("SELECT decision_id, count(*) FROM decision GROUP BY decision_id")).all()
    )
    return {row[0]: row[1] for row in rows}


def leased_to(service: Service, device_id: str) -> list[tuple[str, int, int]]:
    """What a device holds, as the service sees it: item id, lease generation, revision."""
    asked = text(
        "SELECT l.item_id, l.lease_gen, i.rev FROM lease l JOIN item i ON i.item_id = l.item_id "
        "WHERE l.device_id = :device_id AND l.ended_at IS NULL"
    )
    rows = service.database.read(lambda conn: conn.execute(asked, {"device_id": device_id}).all())
    return [(row[0], row[1], row[2]) for row in rows]


@contextmanager
def in_process(folder: Path, clock: Clock) -> Iterator[tuple[Service, TestClient]]:
    service = open_service(folder, clock=clock)
    with TestClient(make_app(service), base_url="http://127.0.0.1") as client:
        yield service, client
    service.database.close()


class _Cut(httpx2.SyncByteStream):
    """The first half of a body, then nothing more."""

    def __init__(self, body: bytes) -> None:
        self._half = body[: len(body) // 2]

    def __iter__(self) -> Iterator[bytes]:
        yield self._half
        raise httpx2.ReadError("cut in the middle")


class Flaky(httpx2.BaseTransport):
    """Passes requests on to another client's transport, with a fault in front when one is due."""

    def __init__(self, inner: httpx2.Client) -> None:
        self._inner = inner
        self.faults: list[str] = []
        self.ranges: list[str] = []

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "request lost":
            raise httpx2.ConnectError("lost on the way there")
        request.read()
        self.ranges += [request.headers["Range"]] if "Range" in request.headers else []
        told = self._inner._transport.handle_request(request)
        if fault == "sent twice":
            told = self._inner._transport.handle_request(request)
        if fault == "reply lost":
            raise httpx2.ReadError("lost on the way back")
        if fault == "portal":
            return httpx2.Response(200, stream=httpx2.ByteStream(b"<h1>Sign in</h1>"))
        if fault == "cut":
            return httpx2.Response(told.status_code, headers=told.headers, stream=_Cut(told.read()))
        if fault == "bit flipped":
            body = bytearray(told.read())
            body[len(body) // 2] ^= 1
            return httpx2.Response(told.status_code, headers=told.headers, stream=httpx2.ByteStream(bytes(body)))
        return told


@contextmanager
def as_process(folder: Path, port: int = 0) -> Iterator[tuple[str, "subprocess.Popen[str]"]]:
    """``modstation serve`` on `port`; gives its address. Killed on leaving."""
    child = subprocess.Popen(
        [sys.executable, "-m", "modstation", "serve", "--data", str(folder), "--port", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    try:
        yield child.stdout.readline().split()[-1], child
    finally:
        child.kill()
        child.wait()
        child.stdout.close()


def a_picture(seed: int, size: int = 160) -> bytes:
    rng = random.Random(seed)
    picture = Pillow.frombytes("RGB", (size, size), rng.randbytes(size * size * 3))
    into = io.BytesIO()
    picture.save(into, "PNG")
    return into.getvalue()
