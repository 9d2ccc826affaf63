"""A station's folder with 10,000 items leased to it, made of the sample queue, its policy and its files."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.core.ids import DeviceId, ItemId, PersonId
from modstation.core.item import Item, Lease
from modstation.service import policy_source
from modstation.service.ingest.form import form
from modstation.store import items, meta, policies, vault
from modstation.store.items import StoredItem
from modstation.store.vault import Locks, Vault
from modstation.sync import enrolment
from modstation.sync.enrolment import Enrolment
from modstation.system.clock import SystemClock
from modstation.system.paths import private
from modstation.wire import translate
from modstation.wire.skim import Skimmer
from tests.support.keyring_file import FileKeyring

RESOURCES = Path(__file__).parents[2] / "resources"
SAMPLE = RESOURCES / "sample" / "items.jsonl"
POLICY = RESOURCES / "policies" / "github-site-policy"
SEALING_KEY = X25519PrivateKey.from_private_bytes(b"s" * 32).public_key().public_bytes_raw()
PAGE = 500


def keyring(home: Path) -> FileKeyring:
    return FileKeyring(home / "keyring")


def furnish(home: Path, count: int) -> None:
    """Make the station's folder ``home/station``: joined, `count` items held, every file here."""
    opened = vault.create(private(home / "station"), Locks(keyring=keyring(home)))
    try:
        _fill(opened, count)
    finally:
        opened.close()


def open_furnished(home: Path) -> Vault:
    opened = vault.open_(home / "station", Locks(keyring=keyring(home)))
    opened.open_journal(SEALING_KEY, _enrolment().signer())
    return opened


def _fill(opened: Vault, count: int) -> None:
    now = SystemClock().now()
    rules = policy_source.next_version(policy_source.read(POLICY), None, now)
    assert rules is not None
    formed = [form(line, SAMPLE.parent) for line in SAMPLE.read_bytes().splitlines()]
    opened.writer.run(lambda db: meta.put(db, enrolment.META_KEY, enrolment.dump(_enrolment())))
    opened.writer.run(lambda db: policies.put(db, rules.policy_id, rules.version, translate.dump(rules)))
    skimmer = Skimmer()
    page: list[StoredItem] = []
    for item in _copies([one.item for one in formed], count):
        lease = Lease(item.item_id, 1, now, now + timedelta(hours=8))
        body = translate.dump(item)
        card, media = skimmer.read(body, translate.to_wire(lease))
        page.append(StoredItem(card, body, media))
        if len(page) == PAGE:
            opened.writer.run(lambda db: items.lease(db, page))
            page.clear()
    opened.writer.run(lambda db: items.lease(db, page))
    _files(opened, {media_id: path for one in formed for media_id, path in one.files.items()})


def _copies(sample: list[Item], count: int) -> Iterator[Item]:
    """The sample again and again under other ids, mixed by one seed, so that neighbours differ in kind."""
    order = list(range(count))
    random.Random(20).shuffle(order)
    for place in order:
        item = sample[place % len(sample)]
        yield replace(item, item_id=ItemId(f"{item.item_id}-{place // len(sample):03}"))


def _files(opened: Vault, paths: dict[str, Path]) -> None:
    reader = opened.reader()
    here = []
    for missing in opened.media.missing(reader, 10_000):
        with opened.media.receive(reader, missing.media_id) as receiver:
            receiver.write(paths[missing.media_id].read_bytes())
            receiver.finish()
        here.append(missing.media_id)
    opened.writer.run(lambda db: opened.media.arrived(db, here))


def _enrolment() -> Enrolment:
    """With a service that never answers: nothing listens on the discard port."""
    return Enrolment(
        "http://127.0.0.1:9", "Bench", DeviceId("device-1"), PersonId("person-1"), "Robin", bytes(32), SEALING_KEY,
        "token", bytes(32),
    )  # fmt: skip
