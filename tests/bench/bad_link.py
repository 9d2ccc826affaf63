"""Over a bad line (300 ms there and back, 1 Mbit/s, 2 % loss): one exchange beside a bare request, and the first sync.

Both sides go through the same proxy. An exchange must be one request: the row fails when it is more. The bare request
is a GET of 400 bytes on a connection that is kept alive, to an answer of some 300 bytes.
"""

import http.client
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from modstation.core.item import Item
from modstation.service import catalogue
from modstation.service.app import Service
from modstation.service.server import open_service
from modstation.store import cipher, items
from modstation.sync.engine import Stepped
from modstation.system.clock import SystemClock
from modstation.wire import translate
from tests.bench import bare
from tests.bench.first_sync import ITEMS, KEY, bodies, stream
from tests.bench.joined import Joined, furnish, joined, pull, sample
from tests.bench.row import Budget, Pairs, Row
from tests.network.proxy import CLEAN, Line, Proxy
from tests.support.station import decided

LINE = Line(delay_s=0.15, rate=125_000, loss=0.02)
REQUEST = 400


def rows(quick: bool) -> list[Row]:
    times = 5 if quick else 40
    count = 1_000 if quick else ITEMS
    against = "a bare request of 400 bytes through the same proxy, kept alive"
    ready_made = "the one ready-made zstd body through a line as bad, inserted in pages into plain SQLCipher"
    return [
        Row("exchange_bad_link.decision", against, Budget(ratio=1.2), lambda: exchanges(times, _decide)),
        Row("exchange_bad_link.item", against, Budget(ratio=1.2), lambda: exchanges(times, _change)),
        Row("first_sync_bad_link", ready_made, Budget(ratio=1.3), lambda: first_sync(count)),
    ]


Prepare = Callable[[Joined, Service, int], Callable[[Stepped], bool]]
"""Makes something to exchange, the n-th time; gives whether what was done then is that."""


def exchanges(times: int, prepare: Prepare) -> Pairs:
    """Alternating: one exchange, one bare request; who goes first changes every time."""
    with ExitStack() as stack:
        proxy, both = _behind_proxy(stack, times + 10)
        pull(both.engine)
        service = open_service(both.folder / "service")
        stack.callback(service.database.close)
        bare_line = stack.enter_context(closing(http.client.HTTPConnection("127.0.0.1", proxy.port)))
        _get(bare_line)
        proxy.line = LINE
        ours, theirs, carried = list[float](), list[float](), list[float]()
        for n in range(times):
            done = prepare(both, service, n)
            for ours_now in (n % 2 == 0, n % 2 == 1):
                if not ours_now:
                    theirs.append(_ms(lambda: _get(bare_line)))
                    continue
                before, asked = proxy.seen.up + proxy.seen.down, len(both.asked)
                found: list[Stepped] = []
                ours.append(_ms(lambda found=found: found.append(both.engine.step())))  # type: ignore[misc] # at once
                if len(both.asked) != asked + 1 or found[0].problem or not done(found[0]):
                    raise RuntimeError(f"{len(both.asked) - asked} requests, and {found[0]}")
                carried.append(proxy.seen.up + proxy.seen.down - before)
    return Pairs(ours, theirs, {"bytes of an exchange": statistics.median(carried), "requests for each": 1.0})


def _decide(both: Joined, _service: Service, n: int) -> Callable[[Stepped], bool]:
    db = both.vault.reader()
    now = SystemClock().now()
    item_id = items.queue_ids(db, now)[0]
    item = translate.load(Item, items.body(db, item_id) or b"")
    gen = items.cards(db, [item_id])[item_id].lease.lease_gen
    decided(
        both.vault, item_id, Random(n), at=now, rev=item.rev, content_sha256=item.content_sha256, lease_gen=gen,
        policy=(item.policy_id, 1),
    )  # fmt: skip
    return lambda stepped: stepped.settled == 1


def _change(both: Joined, service: Service, n: int) -> Callable[[Stepped], bool]:
    db = both.vault.reader()
    item_id = items.queue_ids(db, SystemClock().now())[n % 20]
    item = translate.load(Item, items.body(db, item_id) or b"")
    changed = replace(item, summary=f"Changed for the {n}. time")
    service.database.write(lambda conn: catalogue.add_items(conn, [changed], service.files, service.clock.now()))
    return lambda stepped: stepped.leased == 1


def first_sync(count: int) -> Pairs:
    """One pair: it takes minutes."""
    with ExitStack() as stack:
        proxy, both = _behind_proxy(stack, count)
        proxy.line = LINE
        ours = _ms(lambda: pull(both.engine))
        held = len(items.held(both.vault.reader()))
        carried = proxy.seen.down
        theirs, weight = _raw(count)
    if held != count:
        raise RuntimeError(f"{held} of {count} items arrived")
    return Pairs([ours], [theirs], {"items": float(count), "MB down": carried / 1e6, "baseline, MB down": weight / 1e6})


def _raw(count: int) -> tuple[float, int]:
    body = bodies(count)
    with (
        tempfile.TemporaryDirectory() as name,
        bare.server(lambda: lambda _path, _asked: body) as (port, _),
        closing(Proxy(port, Random(1))) as proxy,
        closing(cipher.open_database(Path(name) / "raw.db", KEY, "new")) as db,
    ):
        db.conn.execute("CREATE TABLE items (id TEXT PRIMARY KEY, body BLOB NOT NULL)")
        proxy.line = LINE
        conn: Any = db.conn
        return _ms(lambda: stream(f"{proxy.address}/", conn)), proxy.seen.down


def _behind_proxy(stack: ExitStack, count: int) -> tuple[Proxy, Joined]:
    """Joined, and nothing pulled yet; the line is clean."""
    home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    code = furnish(home / "furnished", list(sample(count)))
    made: list[Proxy] = []

    def through(url: str) -> str:
        made.append(stack.enter_context(closing(Proxy(int(url.rpartition(":")[2]), Random(1)))))
        return made[0].address

    both = stack.enter_context(joined(home / "furnished", code, home, through))
    made[0].line = CLEAN
    return made[0], both


def _get(line: http.client.HTTPConnection) -> None:
    start = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{line.port}\r\nAccept-Encoding: identity\r\nX-Filling: \r\n\r\n"
    line.request("GET", "/healthz", headers={"X-Filling": "x" * (REQUEST - len(start))})
    answer = line.getresponse()
    answer.read()
    if answer.status != 200:
        raise RuntimeError(f"the bare request got {answer.status}")


def _ms(act: Callable[[], Any]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1e3
