"""A desk on a vault of its own, with a queue; what it posts is run by hand, as the screen's thread would."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.core.changes import Changes
from modstation.core.ids import DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.core.receipt import Outcome
from modstation.session.around import Around
from modstation.session.desk import Desk
from modstation.store import items, outbox, policies, vault
from modstation.store.driver import Database
from modstation.store.vault import Locks, Vault
from modstation.wire import translate
from tests.support.builders import a_policy
from tests.support.station import HandClock
from tests.support.vaults import MemoryKeyring, a_receipt, a_stored_item, signed


class Stand:
    """The desk, and what it told."""

    def __init__(self, opened: Vault) -> None:
        self.vault = opened
        self.clock = HandClock()
        self.posted: list[Callable[[], None]] = []
        self.moved: list[Changes] = []
        self.nudges = 0
        self.failed: list[Problem] = []
        self.entropy = iter(range(1, 1000))
        around = Around(
            clock=self.clock,
            entropy=lambda n: next(self.entropy).to_bytes(n),
            hold_s=lambda: 30.0,
            post=self.posted.append,
            moved=self.moved.append,
            decided=self._nudged,
            failed=self.failed.append,
        )
        self.desk = Desk(opened, around)

    def write(self, unit: Callable[[Database], Changes]) -> Changes:
        """As sync does: written, and told to the desk."""
        changes = self.vault.writer.run(unit)
        self.desk.absorb(changes)
        return changes

    def settle(self) -> None:
        """Wait for the disk and run what came back, until nothing more comes."""
        self.vault.writer.run(lambda _db: None)
        while self.posted:
            self.posted.pop(0)()
            self.vault.writer.run(lambda _db: None)

    def returned(self, entry_id: DecisionId, item_id: ItemId) -> None:
        """The service gives a decision back, and leases the item again in another revision."""

        def unit(db: Database) -> Changes:
            outbox.send(db, [entry_id])
            back = a_receipt(1, Outcome.RETURNED, item_id, decision_id=entry_id, code="returned.item_changed")
            return outbox.settle(db, [back]) | items.lease(db, [a_stored_item(item_id, rev=2)])

        self.write(unit)

    def _nudged(self) -> None:
        self.nudges += 1


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Vault]:
    made = vault.create(tmp_path / "station", Locks(keyring=MemoryKeyring()))
    made.open_journal(X25519PrivateKey.generate().public_key().public_bytes_raw(), signed)
    policy = a_policy()

    def unit(db: Database) -> None:
        items.lease(db, [a_stored_item(f"item-{n}") for n in range(1, 6)])
        policies.put(db, policy.policy_id, policy.version, translate.dump(policy))

    made.writer.run(unit)
    yield made
    made.close()


@pytest.fixture
def stand(opened: Vault) -> Stand:
    return Stand(opened)
