"""Vaults for tests: a keyring in memory, stored items, outbox rows."""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from modstation.core.content import Media
from modstation.core.decision import Decision, Finding, Verdict
from modstation.core.ids import ClauseId, DecisionId, ItemId, PolicyId
from modstation.core.receipt import Outcome, Receipt
from modstation.store.items import StoredItem
from modstation.store.outbox import OutboxRow, What
from modstation.wire import translate
from tests.support.builders import NOW, a_card, an_item


def signed(record_id: str, record: bytes) -> bytes:
    """What stands in a test's journal for the device's signature."""
    return hashlib.sha512(record_id.encode() + record).digest()


class MemoryKeyring:
    """A keyring that works, in memory; `secrets` can be tampered with."""

    def __init__(self, backend: str = "memory") -> None:
        self.backend = backend
        self.secrets: dict[str, bytes] = {}

    def get(self, name: str) -> bytes | None:
        return self.secrets.get(name)

    def put(self, name: str, secret: bytes) -> None:
        self.secrets[name] = secret

    def delete(self, name: str) -> None:
        self.secrets.pop(name, None)


def a_stored_item(item_id: str = "item-1", media: tuple[Media, ...] = (), **over: Any) -> StoredItem:
    """`over` goes to the card."""
    return StoredItem(a_card(item_id, **over), translate.dump(an_item(item_id=ItemId(item_id))), media)


def an_entry_id(n: int) -> DecisionId:
    return DecisionId(f"00000000-0000-7000-8000-{n:012x}")


def a_decision(n: int = 1, item_id: str = "item-1", clauses: tuple[str, ...] = ("c-1",), **over: Any) -> Decision:
    given = {
        "decision_id": an_entry_id(n),
        "item_id": ItemId(item_id),
        "item_rev": 1,
        "content_sha256": "b" * 64,
        "lease_gen": 1,
        "policy_id": PolicyId("market"),
        "policy_version": 3,
        "verdict": Verdict.VIOLATION if clauses else Verdict.NO_VIOLATION,
        "decided_at": NOW,
        "findings": tuple(Finding(ClauseId(clause), 2) for clause in clauses),
        "rationale": "a quiet note",
    }
    return Decision(**(given | over))


def a_row(n: int = 1, item_id: str = "item-1", at: datetime = NOW, **over: Any) -> OutboxRow:
    decision = a_decision(n, item_id, decided_at=at)
    given = {
        "entry_id": decision.decision_id,
        "what": What.DECISION,
        "item_id": decision.item_id,
        "body": translate.dump(decision),
        "summary": "Review of a bicycle pump",
        "kind": "review",
        "decided_at": at,
        "send_after": at + timedelta(seconds=30),
    }
    return OutboxRow(**(given | over))


def a_receipt(n: int = 1, outcome: Outcome = Outcome.ACCEPTED, item_id: str = "item-1", **over: Any) -> Receipt:
    given = {
        "decision_id": an_entry_id(n),
        "item_id": ItemId(item_id),
        "outcome": outcome,
        "code": outcome.value,
        "at": NOW + timedelta(minutes=1),
    }
    return Receipt(**(given | over))
