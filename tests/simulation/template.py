"""A service with a queue, three people and their stations, made once for each process and copied for each world."""

import hashlib
import shutil
from asyncio import AbstractEventLoop
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.app import joining
from modstation.core.content import Image, Media, TextPost
from modstation.core.ids import ItemId, MediaId, QueueName
from modstation.core.item import Item
from modstation.service import catalogue, devices
from modstation.store.vault import Locks
from modstation.sync import enrol
from tests.simulation.hosting import Host
from tests.simulation.time_and_chance import Chance, StationClock, TrueTime
from tests.support.builders import NOW, a_policy, an_item
from tests.support.vaults import MemoryKeyring

QUEUE = "reviews"
PEOPLE = ("ann", "ben", "cho")
LEASE_S = 2 * 3600
MARK = "marker-of-item"  # in the text of every item, and nowhere else


def _a_file(n: int) -> Media:
    media_id = sorted(FILES)[n % len(FILES)]
    return Media(MediaId(media_id), "image/png", len(FILES[media_id]))


@dataclass(frozen=True, slots=True)
class Template:
    """What is copied: the folder, and the keyrings that open its vaults."""

    folder: Path
    secrets: dict[str, dict[str, bytes]]

    def copy_to(self, folder: Path) -> None:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(self.folder, folder)


def address(person: str) -> str:
    return f"http://127.0.0.1:{9001 + PEOPLE.index(person)}"


def person_at(base_url: str) -> str:
    return PEOPLE[int(base_url.rsplit(":", 1)[1]) - 9001]


FILES = {hashlib.sha256(body).hexdigest(): body for body in (Random(n).randbytes(900 + n * 2000) for n in range(3))}
"""The files of items: every third item is a picture, and pictures share files."""


def an_item_for(n: int, rev: int = 1, severity: int = 2) -> Item:
    """Item `n` of a world; another `rev` has another text."""
    text = f"{MARK}-{n:02} The pump folds flat and came in two days. Edition {rev}."
    return an_item(
        "text" if n % 3 else "image",
        item_id=ItemId(f"item-{n:02}"),
        queue=QueueName(QUEUE),
        content=TextPost(text, "Pump") if n % 3 else Image(_a_file(n // 3), text),
        flags=(),
        teams=(),
        severity=severity,
        created_at=NOW - timedelta(days=1) + timedelta(seconds=n),
    )


def make(folder: Path, loop: AbstractEventLoop, serve: Callable[[Host], None]) -> Template:
    """Make the template in `folder`. `serve` is given the host, so that the network finds it."""
    chance, clock = Chance("template"), TrueTime()
    host = Host(folder / "service", clock, chance, loop)
    serve(host)
    now = clock.now()

    def furnish(conn: object) -> None:
        catalogue.add_queue(conn, QUEUE, lease_ttl_s=LEASE_S)  # type: ignore[arg-type] # a Connection
        catalogue.publish_policy(conn, a_policy())  # type: ignore[arg-type]
        for person in PEOPLE:
            catalogue.add_person(conn, person, person.title(), now, queues=[QUEUE])  # type: ignore[arg-type]

    host.write(furnish)
    for body in FILES.values():
        path = folder / "file"
        path.write_bytes(body)
        host.service.files.add(path)
        path.unlink()
    secrets = {}
    for person in PEOPLE:
        keyring = MemoryKeyring()
        join(host, folder / person, person, keyring, StationClock(clock), chance)
        secrets[person] = keyring.secrets
    host.end()
    return Template(folder, secrets)


def join(host: Host, folder: Path, person: str, keyring: MemoryKeyring, clock: StationClock, chance: Chance) -> None:
    """A person joins with a code from the lead, as the first-run screen does it."""
    code = host.write(lambda conn: devices.issue_code(conn, person, host.clock.now(), chance))
    met = enrol.card(address(person), clock)
    key = Ed25519PrivateKey.from_private_bytes(chance(32))
    joining.join(folder, met, code, person, Locks(keyring=keyring), clock, key)
