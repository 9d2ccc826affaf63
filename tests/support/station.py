"""A station's parts for tests: a clock moved by hand, a vault, decisions in its outbox."""

import random
from datetime import datetime, timedelta
from pathlib import Path

from modstation.core.changes import Changes
from modstation.core.decision import Decision, Verdict
from modstation.core.ids import DecisionId, ItemId, PolicyId, uuid7
from modstation.store import outbox, vault
from modstation.store.outbox import OutboxRow, What
from modstation.wire.translate import dump
from tests.support.builders import NOW
from tests.support.vaults import MemoryKeyring


class HandClock:
    """Stands still until it is moved."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._ticks = 1000.0
        self._boot = "boot-1"

    def now(self) -> datetime:
        return self._now

    def ticks(self) -> float:
        return self._ticks

    def boot(self) -> str:
        return self._boot

    def move(self, seconds: float) -> None:
        self._now += timedelta(seconds=seconds)
        self._ticks += seconds

    def set_wall(self, ahead_s: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self._now += timedelta(seconds=ahead_s)

    def restart(self) -> None:
        """The machine was started anew."""
        self._boot += "+"
        self._ticks = 5.0


def a_vault(folder: Path) -> vault.Vault:
    return vault.create(folder, vault.Locks(keyring=MemoryKeyring()))


def a_decision_id(rng: random.Random) -> DecisionId:
    return DecisionId(uuid7(1_700_000_000_000 + rng.getrandbits(20), rng.getrandbits(80)))


def decided(
    into: vault.Vault,
    item_id: str,
    rng: random.Random,
    *,
    at: datetime = NOW,
    hold_s: float = 0,
    rev: int = 1,
    content_sha256: str = "c" * 64,
    lease_gen: int = 1,
    policy: tuple[str, int] = ("market", 3),
    what: What = What.DECISION,
) -> DecisionId:
    """Put a decision (no violation) or a skip about `item_id` into the outbox, as the session does."""
    entry_id = a_decision_id(rng)
    decision = Decision(
        decision_id=entry_id,
        item_id=ItemId(item_id),
        item_rev=rev,
        content_sha256=content_sha256,
        lease_gen=lease_gen,
        policy_id=PolicyId(policy[0]),
        policy_version=policy[1],
        verdict=Verdict.NO_VIOLATION,
        decided_at=at,
    )
    row = OutboxRow(
        entry_id=entry_id,
        what=what,
        item_id=ItemId(item_id),
        body=dump(decision) if what is What.DECISION else b"",
        summary="A review of a pump",
        kind="review",
        decided_at=at,
        send_after=at + timedelta(seconds=hold_s),
    )
    added: Changes = into.writer.run(lambda db: outbox.add(db, row))
    assert added
    return entry_id
