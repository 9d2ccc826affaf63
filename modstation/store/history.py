"""What became of decisions, without their notes: kept so that each one ends in a visible outcome."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from modstation.core.changes import Changes
from modstation.core.content import Kind
from modstation.core.ids import ClauseId, DecisionId, ItemId
from modstation.core.receipt import SETTLED, Outcome, Receipt
from modstation.store.driver import Database
from modstation.store.instants import from_us, to_us

_UNKNOWN_KIND = Kind.TEXT.value  # of an item that was lost with the cache


@dataclass(frozen=True, slots=True)
class Settled:
    """A decision that has left the outbox.

    Attributes:
        verdict: empty for one that was lost and found again: what it said is sealed to the service.
        agrees: for one that does not count: whether the one that does says the same; None when nobody said.
        policy_version: of the rules it was decided under, in which its clauses are found; 0 when there were none.
        team: to whom it handed the item; empty when to nobody, or when an older version kept it.
    """

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
    agrees: bool | None = None
    policy_version: int = 0
    team: str = ""


def move(db: Database, receipts: Sequence[Receipt]) -> None:
    """Move decisions from the outbox to the history, with what the service said of each. One receipt for each."""
    if not receipts:
        return
    db.conn.executemany(
        """INSERT OR REPLACE INTO history
           SELECT entry_id, item_id, ?, ?, ?, summary, kind, verdict, clauses, policy_version, seq, decided_at, ?, ?, ?,
                  coalesce(json_extract(CAST(body AS TEXT), '$.escalation.team'), '')
           FROM outbox WHERE entry_id = ?""",
        [(r.outcome, r.code, r.reason, to_us(r.at), r.signature, r.agrees, r.decision_id) for r in receipts],
    )
    moved = json.dumps([receipt.decision_id for receipt in receipts])
    db.conn.execute(
        """INSERT INTO used
           SELECT clause.value, decided_at, policy_version FROM outbox, json_each(clauses) clause
           WHERE entry_id IN (SELECT value FROM json_each(?))
           ON CONFLICT (clause_id) DO UPDATE
           SET decided_at = excluded.decided_at, policy_version = excluded.policy_version
           WHERE excluded.decided_at > used.decided_at""",
        (moved,),
    )
    db.conn.execute("DELETE FROM outbox WHERE entry_id IN (SELECT value FROM json_each(?))", (moved,))
    db.conn.execute("INSERT OR IGNORE INTO waste VALUES ('')")  # its note goes from the log too


def recovered(db: Database, receipts: Iterable[Receipt]) -> Changes:
    """Keep what the service says of decisions found again: of those the history has, and of those it has lost.

    The bytes of a lost one are sealed to the service, so here it has no verdict; of its item, what is held is told.
    """
    done = Changes()
    for receipt in receipts:
        known = db.conn.execute(
            "UPDATE history SET outcome = ?, code = ?, reason = ?, settled_at = ?, signature = ?, agrees = ? "
            "WHERE entry_id = ?",
            (
                receipt.outcome, receipt.code, receipt.reason, to_us(receipt.at), receipt.signature, receipt.agrees,
                receipt.decision_id,
            ),
        )  # fmt: skip
        if not known.rowcount:
            held = db.conn.execute("SELECT summary, kind FROM items WHERE item_id = ?", (receipt.item_id,)).fetchone()
            db.conn.execute(
                "INSERT INTO history VALUES (?, ?, ?, ?, ?, ?, ?, '', '[]', 0, NULL, ?, ?, ?, ?, '')",
                (
                    receipt.decision_id, receipt.item_id, receipt.outcome, receipt.code, receipt.reason,
                    *(held or ("", _UNKNOWN_KIND)), to_us(made_at(receipt.decision_id)), to_us(receipt.at),
                    receipt.signature, receipt.agrees,
                ),
            )  # fmt: skip
        done |= Changes(items=frozenset({receipt.item_id}), decisions=frozenset({receipt.decision_id}))
    return done


def settled_ids(db: Database, after: str, limit: int) -> list[DecisionId]:
    """Ids, in order and beyond `after`, of decisions the service has settled: what it must still know after a restore.

    Those that came back and were withdrawn are not among them.
    """
    found = db.conn.execute(
        "SELECT entry_id FROM history WHERE entry_id > ? AND outcome IN (SELECT value FROM json_each(?)) "
        "ORDER BY entry_id LIMIT ?",
        (after, json.dumps(list(SETTLED)), limit),
    ).fetchall()
    return [DecisionId(row[0]) for row in found]


def count_settled(db: Database, after: str) -> int:
    """How many ids `settled_ids` would give in all."""
    counted: int = db.conn.execute(
        "SELECT count(*) FROM history WHERE entry_id > ? AND outcome IN (SELECT value FROM json_each(?))",
        (after, json.dumps(list(SETTLED))),
    ).fetchone()[0]
    return counted


UNPROVABLE = "recovery.unprovable"
"""The code of a decision that the service had answered and has lost: its receipt stands, and it does not count."""


def unprovable(db: Database, ids: Iterable[str]) -> None:
    """Say of decisions that the service has lost them, and the journal can't give them back."""
    db.conn.execute(
        "UPDATE history SET code = ?, "
        "reason = 'The service was restored without this decision, and its safety copy could not be read.' "
        "WHERE entry_id IN (SELECT value FROM json_each(?))",
        (UNPROVABLE, json.dumps(list(ids))),
    )


def recent(db: Database, limit: int) -> list[Settled]:
    """The decisions settled last, newest first."""
    found = db.conn.execute(
        """SELECT entry_id, item_id, outcome, code, reason, summary, kind, verdict, clauses, decided_at, settled_at,
                  agrees, policy_version, team
           FROM history ORDER BY settled_at DESC, entry_id LIMIT ?""",
        (limit,),
    ).fetchall()
    return [
        Settled(
            DecisionId(entry), ItemId(item), Outcome(outcome), code, reason, summary, kind, verdict,
            tuple(map(ClauseId, json.loads(clauses))), from_us(decided), from_us(settled),
            None if agrees is None else bool(agrees), version, team,
        )
        for entry, item, outcome, code, reason, summary, kind, verdict, clauses, decided, settled, agrees, version, team
        in found
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
    """How many decisions ended in one of `outcomes`, without those that the service has lost again."""
    counted: int = db.conn.execute(
        """SELECT (SELECT count(*) FROM history WHERE outcome IN (SELECT value FROM json_each(?1)))
           - (SELECT count(*) FROM history
              WHERE code = 'recovery.unprovable' AND outcome IN (SELECT value FROM json_each(?1)))""",
        (json.dumps(list(outcomes)),),
    ).fetchone()[0]
    return counted


def ended_before(db: Database, before: datetime) -> frozenset[str]:
    """Ids of decisions settled before a moment, and of all that were taken back: the journal need not hold them."""
    found = db.conn.execute(
        "SELECT entry_id FROM history WHERE settled_at < ? UNION ALL SELECT entry_id FROM withdrawn", (to_us(before),)
    ).fetchall()
    return frozenset(entry for (entry,) in found)


def prune(db: Database, before: datetime, keep: Iterable[str] = ()) -> int:
    """Forget decisions settled before a moment, and which were taken back; how many were settled.

    Args:
        db: inside a unit.
        before: the moment.
        keep: ids that the journal still holds: forgotten, they would look as if they had been lost.
    """
    kept = json.dumps(list(keep))
    gone = "entry_id NOT IN (SELECT value FROM json_each(?))"
    db.conn.execute(f"DELETE FROM withdrawn WHERE {gone}", (kept,))  # noqa: S608 - a constant
    return int(db.conn.execute(f"DELETE FROM history WHERE settled_at < ? AND {gone}", (to_us(before), kept)).rowcount)  # noqa: S608 - a constant


def made_at(decision_id: str) -> datetime:
    """When a decision was made: its id begins with the milliseconds since 1970."""
    return from_us(int(decision_id.replace("-", "")[:12], 16) * 1000)
