"""What became of decisions, without their notes: kept so that each one ends in a visible outcome."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from modstation.core.ids import ClauseId, DecisionId, ItemId
from modstation.core.receipt import Outcome, Receipt
from modstation.store.driver import Database
from modstation.store.instants import from_us, to_us


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision that has left the outbox."""

    entry_id: DecisionId
    item_id: ItemId
    outcome: Outcome
    code: str
    reason: str
    summary: str
    kind: str
    verdict: str
    clauses: tuple[ClauseId, ...]
    decided_at: datetime
    settled_at: datetime


def move(db: Database, receipt: Receipt) -> None:
    """Move a decision from the outbox to the history, with what the service said of it."""
    db.conn.execute(
        """INSERT OR REPLACE INTO history
           SELECT entry_id, item_id, ?, ?, ?, summary, kind, verdict, clauses, policy_version, seq, decided_at, ?, ?
           FROM outbox WHERE entry_id = ?""",
        (receipt.outcome, receipt.code, receipt.reason, to_us(receipt.at), receipt.signature, receipt.decision_id),
    )
    db.conn.execute(
        """INSERT INTO used
           SELECT value, decided_at, policy_version FROM outbox, json_each(clauses) WHERE entry_id = ?
           ON CONFLICT (clause_id) DO UPDATE
           SET decided_at = excluded.decided_at, policy_version = excluded.policy_version
           WHERE excluded.decided_at > used.decided_at""",
        (receipt.decision_id,),
    )
    db.conn.execute("DELETE FROM outbox WHERE entry_id = ?", (receipt.decision_id,))


def recent(db: Database, limit: int) -> list[Settled]:
    """The decisions settled last, newest first."""
    found = db.conn.execute(
        """SELECT entry_id, item_id, outcome, code, reason, summary, kind, verdict, clauses, decided_at, settled_at
           FROM history ORDER BY settled_at DESC, entry_id LIMIT ?""",
        (limit,),
    ).fetchall()
    return [
        Settled(
            DecisionId(entry), ItemId(item), Outcome(outcome), code, reason, summary, kind, verdict,
            tuple(map(ClauseId, json.loads(clauses))), from_us(decided), from_us(settled),
        )
        for entry, item, outcome, code, reason, summary, kind, verdict, clauses, decided, settled in found
    ]  # fmt: skip


def last_used(db: Database, clause_id: ClauseId) -> tuple[datetime, int] | None:
    """When a clause was last named in a decision here, and in which policy version; None when never."""
    found = db.conn.execute(
        """SELECT decided_at, policy_version FROM used WHERE clause_id = :clause
           UNION ALL SELECT * FROM (
               SELECT decided_at, policy_version FROM cited WHERE clause_id = :clause ORDER BY decided_at DESC LIMIT 1)
           ORDER BY decided_at DESC LIMIT 1""",
        {"clause": clause_id},
    ).fetchone()
    return None if found is None else (from_us(found[0]), found[1])


def count(db: Database, outcomes: Iterable[Outcome]) -> int:
    """How many decisions ended in one of `outcomes`."""
    counted: int = db.conn.execute(
        "SELECT count(*) FROM history WHERE outcome IN (SELECT value FROM json_each(?))", (json.dumps(list(outcomes)),)
    ).fetchone()[0]
    return counted


def prune(db: Database, before: datetime) -> int:
    """Forget decisions settled before a moment; how many there were."""
    return int(db.conn.execute("DELETE FROM history WHERE settled_at < ?", (to_us(before),)).rowcount)
