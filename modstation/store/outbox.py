"""Decisions and skips that the service has not answered yet.

Held (can be undone) → sending (locked) → settled, and moved to `history`; or returned, and kept before the person.
The session adds, undoes and discards; sync sends and settles. Nothing leaves without a trace.
"""

import json
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from modstation.core.changes import Changes
from modstation.core.ids import DecisionId, ItemId
from modstation.core.receipt import ACCEPTED, SETTLED, Outcome, Receipt
from modstation.store import drafts, history, items, meta
from modstation.store.driver import Database
from modstation.store.instants import from_us, to_us

UPLOAD_BYTES = 900_000  # of decisions in one exchange; the contract allows 1 MiB with their envelopes


class State(StrEnum):
    """Where an entry stands."""

    HELD = "held"
    SENDING = "sending"
    RETURNED = "returned"


FOR_ALL = b"for all"
"""The body of an item given back that may come to the same person again, as at the end of a shift."""


class What(StrEnum):
    """A decision to be judged by the service, or an item given back."""

    DECISION = "decision"
    SKIP = "skip"


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """An entry.

    Attributes:
        body: raw wire JSON of the decision, the same bytes for ever; empty for a skip, else `FOR_ALL`.
        summary, kind: of the item, so that the outbox can be shown after the item is purged.
        send_after: until then it may be undone.
        seq: gapless number of decisions sent by this device; None before the first sending.
        outcome, code, reason: what the service said when it returned the decision.
    """

    entry_id: DecisionId
    what: What
    item_id: ItemId
    body: bytes
    summary: str
    kind: str
    decided_at: datetime
    send_after: datetime
    state: State = State.HELD
    seq: int | None = None
    code: str = ""
    reason: str = ""
    outcome: Outcome | None = None

    def __repr__(self) -> str:
        """Ids only: a decision must never reach a log by accident."""
        return f"OutboxRow({self.entry_id!r}, {self.what.value}, {self.state.value}, seq={self.seq})"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many decisions stand where; skips are not counted."""

    held: int
    sending: int
    accepted: int
    returned: int

    @property
    def saved_here(self) -> int:
        """Decisions that only this computer holds."""
        return self.held + self.sending


_FIELDS = "entry_id, what, item_id, body, summary, kind, decided_at, send_after, state, seq, code, reason, outcome"
_ORDER = "seq IS NULL, seq, n"  # numbered ones first, in the order of their numbers
# Over is the time to undo also when the wait is far longer than it ever was: it was decided with the clock ahead, and
# the clock has been put right since. Else such a decision would stay here until that day has come.
_OVER = "(send_after <= ?1 OR send_after - ?1 > 2 * (send_after - decided_at))"


def _read(row: tuple[Any, ...]) -> OutboxRow:
    entry_id, what, item_id, body, summary, kind, decided, after, state, seq, code, reason, outcome = row
    return OutboxRow(
        DecisionId(entry_id), What(what), ItemId(item_id), bytes(body), summary, kind, from_us(decided), from_us(after),
        State(state), seq, code, reason, Outcome(outcome) if outcome else None,
    )  # fmt: skip


def add(db: Database, row: OutboxRow) -> Changes:
    """Put a new entry in; the draft for its item is dropped in the same unit.

    Raises:
        ValueError: the entry is not a new one (held, without number), or its body is not a decision.
    """
    if row.state is not State.HELD or row.seq is not None:
        raise ValueError("a new outbox entry is held and has no number")
    verdict, clauses, policy_id, policy_version, lease_gen = _essence(row)
    db.conn.execute(
        """INSERT INTO outbox (entry_id, what, item_id, body, summary, kind, decided_at, send_after, state,
               verdict, clauses, policy_id, policy_version, lease_gen)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, 'held', ?, ?, ?, ?, ?)""",
        (
            row.entry_id, row.what, row.item_id, row.body, row.summary, row.kind, to_us(row.decided_at),
            to_us(row.send_after), verdict, json.dumps(clauses), policy_id, policy_version, lease_gen,
        ),
    )  # fmt: skip
    drafts.drop(db, row.item_id)
    return Changes(items=frozenset({row.item_id}), decisions=frozenset({row.entry_id}))


def _essence(row: OutboxRow) -> tuple[str, list[str], str, int, int]:
    """What outlives the body of a decision: verdict, clauses, policy, version, lease generation."""
    if row.what is What.SKIP:
        return "", [], "", 0, 0
    said = json.loads(row.body)
    clauses = [finding["clause_id"] for finding in said.get("findings", ())]
    return said["verdict"], clauses, said["policy_id"], said["policy_version"], said["lease_gen"]


def undo(db: Database, entry_id: DecisionId) -> OutboxRow | None:
    """Take an entry back while it is held; None when it is already on its way, or unknown."""
    found = row(db, entry_id)
    if found is None or found.state is not State.HELD:
        return None
    db.conn.execute("DELETE FROM outbox WHERE entry_id = ?", (entry_id,))
    db.conn.execute("INSERT OR IGNORE INTO withdrawn VALUES (?)", (entry_id,))
    return found


def undone(db: Database) -> frozenset[str]:
    """Ids of the entries that were undone, as far as they have to be remembered."""
    return frozenset(row[0] for row in db.conn.execute("SELECT entry_id FROM withdrawn").fetchall())


def take_back(db: Database, ids: Iterable[str]) -> Changes:
    """Take back what the journal says was taken back: a cache that lost its tail has forgotten that.

    What is on its way to the service stays.
    """
    found = db.conn.execute(
        "SELECT entry_id FROM outbox WHERE entry_id IN (SELECT value FROM json_each(?))", (json.dumps(list(ids)),)
    ).fetchall()
    done = Changes()
    for entry_id in (DecisionId(one) for (one,) in found):
        entry = undo(db, entry_id)
        done |= Changes(frozenset({entry.item_id}), decisions=frozenset({entry_id})) if entry else discard(db, entry_id)
    return done


def due(
    db: Database,
    now: datetime,
    limit: int = 100,
    max_bytes: int = UPLOAD_BYTES,
    waiting: Collection[DecisionId] = (),
) -> list[OutboxRow]:
    """What the next exchange carries: everything on its way, then what is held no longer, in order.

    At most `limit` entries of `max_bytes` bodies together; one entry alone may be larger. Those that are `waiting` are
    held, whatever their date says.
    """
    found = db.conn.execute(
        f"""SELECT {_FIELDS} FROM outbox WHERE n IN (SELECT n FROM outbox WHERE state = 'sending') OR n IN (
                SELECT n FROM outbox WHERE state = 'held' AND {_OVER} {_besides(waiting, 3)}
                ORDER BY send_after, n LIMIT ?2)
            ORDER BY {_ORDER} LIMIT ?2""",  # noqa: S608 - constants
        (to_us(now), limit, json.dumps(list(waiting)))[: 3 if waiting else 2],
    ).fetchall()
    taken: list[OutboxRow] = []
    total = 0
    for entry in map(_read, found):
        total += len(entry.body)
        if taken and total > max_bytes:
            break
        taken.append(entry)
    return taken


def _besides(waiting: Collection[DecisionId], place: int) -> str:
    return f"AND entry_id NOT IN (SELECT value FROM json_each(?{place}))" if waiting else ""  # noqa: S608 - a place


def held(db: Database) -> list[tuple[DecisionId, datetime, datetime]]:
    """(id, decided at, send after) of what is held, over or not."""
    rows = db.conn.execute("SELECT entry_id, decided_at, send_after FROM outbox WHERE state = 'held'").fetchall()
    return [(DecisionId(entry_id), from_us(decided), from_us(after)) for entry_id, decided, after in rows]


def hurry(db: Database, now: datetime, ids: Iterable[DecisionId] | None = None) -> Changes:
    """Hold nothing any longer, or none of `ids`: it is due at once."""
    only = None if ids is None else json.dumps(list(ids))
    rows = db.conn.execute(
        """UPDATE outbox SET send_after = ?1 WHERE state = 'held' AND send_after > ?1
           AND (?2 IS NULL OR entry_id IN (SELECT value FROM json_each(?2))) RETURNING entry_id""",
        (to_us(now), only),
    ).fetchall()
    return Changes(decisions=frozenset(DecisionId(row[0]) for row in rows))


def next_due(db: Database, now: datetime | None = None, waiting: Collection[DecisionId] = ()) -> datetime | None:
    """When the next entry is due, in the past when one is due already; None when nothing waits to be sent.

    With `now` one whose time to undo is over counts as due already, whatever its date says; see `due`. Those that are
    `waiting` are left out.
    """
    more = _besides(waiting, 2)
    found = db.conn.execute(
        f"""SELECT min(at) FROM (SELECT min(send_after) AS at FROM outbox WHERE state = 'held' {more}
           UNION ALL SELECT 0 WHERE EXISTS (SELECT 1 FROM outbox WHERE state = 'sending')
           UNION ALL SELECT 0 WHERE EXISTS (
               SELECT 1 FROM outbox WHERE state = 'held' AND ?1 > 0 AND {_OVER} {more}))""",  # noqa: S608 - constants
        (0 if now is None else to_us(now), json.dumps(list(waiting)))[: 2 if waiting else 1],
    ).fetchone()[0]
    return None if found is None else from_us(found)


def send(db: Database, ids: Iterable[DecisionId]) -> list[OutboxRow]:
    """Lock entries before their first byte leaves; decisions get their number, once. Returned ones are not sent again.

    Returns:
        The entries as they are now, in the order of their numbers.
    """
    wanted = json.dumps(list(ids))
    inside = "entry_id IN (SELECT value FROM json_each(?)) AND state IN ('held', 'sending')"
    new = db.conn.execute(
        f"SELECT n FROM outbox WHERE {inside} AND seq IS NULL AND what = 'decision' ORDER BY n",  # noqa: S608 - constant
        (wanted,),
    ).fetchall()
    if new:
        last = int(meta.get(db, "outbox.seq") or 0)
        db.conn.executemany(
            "UPDATE outbox SET seq = ? WHERE n = ?", [(seq, n) for seq, (n,) in enumerate(new, last + 1)]
        )
        meta.put(db, "outbox.seq", str(last + len(new)))
    db.conn.execute(f"UPDATE outbox SET state = 'sending' WHERE {inside}", (wanted,))  # noqa: S608 - constant
    found = db.conn.execute(
        f"SELECT {_FIELDS} FROM outbox WHERE {inside} ORDER BY {_ORDER}",  # noqa: S608 - constants
        (wanted,),
    ).fetchall()
    return [_read(entry) for entry in found]


def lock(db: Database, now: datetime, besides: Collection[str]) -> list[OutboxRow]:
    """Lock whatever might have been sent by `now`, after a loss that may have taken the note of it.

    Those `besides` were taken back, and stay as they are.
    """
    over = db.conn.execute(
        f"""SELECT entry_id FROM outbox WHERE state = 'held' AND {_OVER}
            AND entry_id NOT IN (SELECT value FROM json_each(?2))""",  # noqa: S608 - a constant
        (to_us(now), json.dumps(list(besides))),
    ).fetchall()
    return send(db, [DecisionId(one) for (one,) in over]) if over else []


def settle(db: Database, receipts: Sequence[Receipt]) -> Changes:
    """Take the service's answers. Settled decisions move to the history and their items are purged; the others return.

    A receipt for something unknown or already settled changes nothing, so applying it twice is the same as once.
    """
    said: dict[str, Receipt] = {}
    for receipt in receipts:
        if receipt.decision_id not in said or said[receipt.decision_id].outcome not in SETTLED:
            said[receipt.decision_id] = receipt
    found = db.conn.execute(
        """SELECT o.entry_id, o.item_id, i.lease_gen <= o.lease_gen FROM outbox o LEFT JOIN items i USING (item_id)
           WHERE o.what = 'decision' AND o.entry_id IN (SELECT value FROM json_each(?))""",
        (json.dumps(list(said)),),
    ).fetchall()
    settled = [said[row[0]] for row in found if said[row[0]].outcome in SETTLED]
    back = [said[row[0]] for row in found if said[row[0]].outcome not in SETTLED]
    history.move(db, settled)
    db.conn.executemany(
        "UPDATE outbox SET state = 'returned', outcome = ?, code = ?, reason = ? WHERE entry_id = ?",
        [(one.outcome, one.code, one.reason, one.decision_id) for one in back],
    )
    # A later lease of the same item is new work: only the lease that was decided ends here.
    purge = [ItemId(item_id) for entry_id, item_id, ended in found if ended and said[entry_id].outcome in SETTLED]
    moved = Changes(
        items=frozenset(ItemId(row[1]) for row in found), decisions=frozenset(DecisionId(row[0]) for row in found)
    )
    return moved | items.gone(db, purge)


def skipped(db: Database, ids: Sequence[DecisionId]) -> Changes:
    """The service has taken these items back: entries and items go, and what was begun about them."""
    found = db.conn.execute(
        "DELETE FROM outbox WHERE what = 'skip' AND entry_id IN (SELECT value FROM json_each(?)) RETURNING item_id",
        (json.dumps(ids),),
    ).fetchall()
    given_back = [ItemId(item_id) for (item_id,) in found]
    drafts.forget(db, given_back)
    return Changes(items=frozenset(given_back)) | items.gone(db, given_back)


def discard(db: Database, entry_id: DecisionId, at: datetime | None = None) -> Changes:
    """The person withdraws a returned decision; the history keeps what the service said.

    Args:
        db: inside a unit.
        entry_id: a returned entry; any other is left alone.
        at: when; the time of deciding when not given.
    """
    found = row(db, entry_id)
    if found is None or found.state is not State.RETURNED or found.outcome is None:
        return Changes()
    moment = at or found.decided_at
    history.move(db, [Receipt(entry_id, found.item_id, found.outcome, found.code, moment, found.reason)])
    return Changes(items=frozenset({found.item_id}), decisions=frozenset({entry_id}))


def rows(db: Database, state: State | None = None, last: int | None = None) -> list[OutboxRow]:
    """Every entry, or those in `state`, oldest first; of these only the `last` ones when a number is given."""
    found = db.conn.execute(
        f"SELECT {_FIELDS} FROM outbox WHERE ?1 IS NULL OR state = ?1 ORDER BY n DESC LIMIT ?2",  # noqa: S608 - a constant
        (state, -1 if last is None else last),
    ).fetchall()
    return [_read(entry) for entry in reversed(found)]


def row(db: Database, entry_id: DecisionId) -> OutboxRow | None:
    """One entry, None when it is not in the outbox."""
    found = db.conn.execute(f"SELECT {_FIELDS} FROM outbox WHERE entry_id = ?", (entry_id,)).fetchone()  # noqa: S608 - a constant
    return None if found is None else _read(found)


def counts(db: Database) -> Counts:
    """How many decisions are held, on their way, accepted (of those the history still has) and returned."""
    here = dict(db.conn.execute("SELECT state, count(*) FROM outbox WHERE what = 'decision' GROUP BY state").fetchall())
    accepted = history.count(db, ACCEPTED)
    return Counts(here.get(State.HELD, 0), here.get(State.SENDING, 0), accepted, here.get(State.RETURNED, 0))


def known(db: Database, ids: Iterable[str]) -> frozenset[str]:
    """Those of `ids` that are in the outbox, in the history or were taken back: nothing of them is lost."""
    found = db.conn.execute(
        """SELECT value FROM json_each(?) WHERE value IN (SELECT entry_id FROM outbox)
               OR value IN (SELECT entry_id FROM history) OR value IN (SELECT entry_id FROM withdrawn)""",
        (json.dumps(list(ids)),),
    ).fetchall()
    return frozenset(value for (value,) in found)
