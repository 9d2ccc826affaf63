"""What may never happen, looked for while a world goes on and when it has come to rest."""

from typing import TYPE_CHECKING, Any

from modstation.core.receipt import SETTLED, Outcome
from modstation.store import drafts, journal, meta
from modstation.store.driver import DatabaseError
from modstation.wire import translate
from modstation.wire.exchange import ItemGone, ItemLeased, Reset
from tests.simulation.hosting import Host
from tests.simulation.ledger import Shown
from tests.simulation.station import Station

if TYPE_CHECKING:
    from tests.simulation.world import World

_SETTLED = {one.value for one in SETTLED}


class Violation(Exception):
    """An invariant does not hold."""


def require(holds: bool, what: str) -> None:
    if not holds:
        raise Violation(what)


def service(host: Host) -> None:
    """I2 and I14, in the service's own tables."""
    require(not host.bugs, f"bug in the service: {host.bugs}")
    twice = host.rows("SELECT item_id FROM lease WHERE ended_at IS NULL GROUP BY item_id HAVING count(*) > 1")
    require(not twice, f"I14: leased to two devices at once: {twice}")
    for item_id, gen, *grant in host.rows("SELECT item_id, lease_gen, device_id, granted_at FROM lease"):
        first = host.grants.setdefault((item_id, gen), grant)
        require(first == grant, f"I3: fencing number {gen} of {item_id} was given out twice")
    accepted = host.rows(
        "SELECT item_id, item_rev FROM decision WHERE outcome IN ('accepted', 'accepted_late') AND replaced_by IS NULL "
        "GROUP BY item_id, item_rev HAVING count(*) > 1"
    )
    require(not accepted, f"I2: accepted twice in one round: {accepted}")
    stray = host.rows(
        "SELECT e.decision_id FROM effect e LEFT JOIN decision d USING (decision_id) "
        "WHERE d.outcome IS NULL OR d.outcome NOT IN ('accepted', 'accepted_late') OR d.replaced_by IS NOT NULL"
    )
    require(not stray, f"I2: an effect without an accepted decision: {stray}")
    idle = host.rows(
        "SELECT d.decision_id FROM decision d LEFT JOIN effect e USING (decision_id) LEFT JOIN receipt r "
        "USING (decision_id) WHERE r.decision_id IS NULL OR (e.decision_id IS NULL AND d.replaced_by IS NULL AND "
        "d.outcome IN ('accepted', 'accepted_late'))"
    )
    require(not idle, f"I2: a decision whose receipt or effect is missing: {idle}")


def station(at: Station) -> None:
    """What holds at a station at any moment."""
    nothing_is_lost(at)
    drafts_are_kept(at)


def known_here(at: Station) -> set[str]:
    """Ids of the decisions that a person can see at this station."""
    rows = at.reader.conn.execute("SELECT entry_id FROM outbox UNION ALL SELECT entry_id FROM history").fetchall()
    return {row[0] for row in rows}


def nothing_is_lost(at: Station) -> None:
    """I1 and I9: what was shown as saved is visible, or about to be recovered from the journal."""
    if not at.is_on:
        return
    missing = {i for i, made in at.ledger.made.items() if made.shown is Shown.SAVED} - known_here(at)
    if missing:
        assert at.vault is not None
        held = {i for folder in at.vault.journals() for i in journal.ids(folder)}
        require(missing <= held, f"I1: {at.person} saw {sorted(i[-6:] for i in missing - held)} saved; it is nowhere")
        require(at.was_hurt, f"I9: {sorted(i[-6:] for i in missing)} left {at.person}'s cache, which was not hurt")


def durable(at: Station, decision_id: str) -> None:
    """What "saved" means: committed, in the journal, and out of the log that a flipped bit would cut short."""
    require(not at.disk.in_log, "saved was shown with the write still in the log")
    segments = journal.segments(at.folder / "journal")
    found = segments and decision_id.encode() in segments[-1].read_bytes()
    require(bool(found), f"saved was shown of {decision_id[-6:]}, which is not in the journal")


def applied(at: Station, asked: Any, reply: Any) -> None:
    """I4: the cursor passes nothing that was not applied."""
    cursor, epoch = int(meta.get(at.reader, "sync.cursor") or 0), meta.get(at.reader, "sync.epoch") or ""
    if (epoch, cursor) != (reply.epoch, reply.next_cursor):
        return
    require(_is_gapless(asked.request, reply), f"I4: {at.person}'s cursor passed a hole to {cursor}")
    gone = {one.item_id for one in reply.changes if isinstance(one, ItemGone)}
    leased = {one.lease.item_id for one in reply.changes if isinstance(one, ItemLeased)} - gone
    if reply.device_state == "revoked":
        return
    missing = leased - held_here(at) - at.unreadable
    require(not missing, f"I4: {at.person}'s cursor is at {cursor} without {sorted(missing)}")


def _is_gapless(request: Any, reply: Any) -> bool:
    seqs = [change.seq for change in reply.changes]
    same = reply.epoch == request.epoch or not request.epoch
    if not seqs:
        return same and reply.next_cursor == request.cursor
    begins = isinstance(reply.changes[0], Reset) or (same and seqs[0] == request.cursor + 1)
    return begins and seqs == list(range(seqs[0], seqs[0] + len(seqs))) and seqs[-1] == reply.next_cursor


def held_here(at: Station) -> set[str]:
    return {row[0] for row in at.reader.conn.execute("SELECT item_id FROM items").fetchall()}


def whole_or_not_at_all(at: Station) -> None:
    """I4 after a crash in the middle of applying a page: all of it is there, or nothing."""
    interrupted, at.applying = at.applying, None
    if interrupted is None or at.was_hurt:
        return
    asked, reply, before = interrupted
    cursor = int(meta.get(at.reader, "sync.cursor") or 0)
    gone = {one.item_id for one in reply.changes if isinstance(one, ItemGone)}
    leased = {one.lease.item_id for one in reply.changes if isinstance(one, ItemLeased)} - gone - at.unreadable
    here = held_here(at)
    if cursor == reply.next_cursor != asked.request.cursor:
        require(leased <= here, f"I4: after a crash the cursor is at {cursor} without {sorted(leased - here)}")
    elif cursor == asked.request.cursor != reply.next_cursor:
        early = (leased - before) & here
        require(not early, f"I4: after a crash {sorted(early)} is here although the cursor is at {cursor}")


def picture(at: Station) -> tuple[Any, ...]:
    """Everything that applying a page twice may not change."""
    ask = at.reader.conn.execute
    return (
        tuple(ask("SELECT item_id, lease_gen, rev, expires_at FROM items ORDER BY item_id").fetchall()),
        tuple(ask("SELECT entry_id, state, seq, code FROM outbox ORDER BY entry_id").fetchall()),
        tuple(ask("SELECT entry_id, outcome, code FROM history ORDER BY entry_id").fetchall()),
        tuple(ask("SELECT item_id FROM drafts ORDER BY item_id").fetchall()),
        meta.get(at.reader, "sync.cursor"),
        meta.get(at.reader, "sync.epoch"),
    )


def drafts_are_kept(at: Station) -> None:
    """What was composed and not decided is there when its item is."""
    if not at.is_on or at.was_hurt:
        return
    here = held_here(at)
    for item_id, draft in at.ledger.drafts.items():
        kept = drafts.get(at.reader, item_id)  # type: ignore[arg-type] # an ItemId
        if item_id in here:
            require(kept is not None, f"the draft for {item_id} is gone")
            assert kept is not None
            require(translate.load(type(draft), kept) == draft, f"the draft for {item_id} is another one")


def every_row(at: Station) -> None:
    """Read everything in the cache, by its tables and by their indexes, as a person would in time."""
    if not at.is_on:
        return
    named = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    for (table,) in at.reader.conn.execute(named).fetchall():
        at.reader.conn.execute(f"SELECT * FROM {table}").fetchall()
    if at.reader.conn.execute("PRAGMA integrity_check").fetchall() != [("ok",)]:
        raise DatabaseError("malformed, as far as it was not read yet")


def is_at_rest(world: "World") -> bool:
    """Whether all is well already; damage that is found by looking is noted."""
    for at in world.stations:
        try:
            seen: list[bool] = []
            if not at.is_on or not at.alive(lambda at=at, seen=seen: seen.append(_is_well(world, at))) or not all(seen):
                return False
        except Violation:
            return False
    return not any(at.is_broken for at in world.stations)


def _is_well(world: "World", at: Station) -> bool:
    _rests(world, at)
    _ended_well(world, at)
    drafts_are_kept(at)
    return True


def at_rest(world: "World") -> None:
    """After the fault-free rounds: both sides agree, and every decision has ended (I1, I2, I6, I8, I9)."""
    service(world.host)
    for at in world.stations:
        _is_well(world, at)
        if not at.was_hurt:
            _numbers(at)


def _rests(world: "World", at: Station) -> None:
    require(at.is_on, f"I8: {at.person}'s station does not start")
    on_the_way = at.reader.conn.execute("SELECT entry_id, state FROM outbox WHERE state != 'returned'").fetchall()
    require(not on_the_way, f"I8: after the quiet rounds {at.person} still has {on_the_way}")
    live = world.host.rows(
        "SELECT l.item_id, l.lease_gen, i.rev FROM lease l JOIN item i USING (item_id) "
        "WHERE l.device_id = ? AND l.ended_at IS NULL ORDER BY l.item_id",
        at.device_id,
    )
    here = at.reader.conn.execute("SELECT item_id, lease_gen, rev FROM items ORDER BY item_id").fetchall()
    left = at.reader.conn.execute("SELECT count(*) FROM media WHERE ready = 0").fetchone()[0]
    require(not left or at.ended, f"I8: {at.person} still wants {left} files")
    require(live == here, f"I8: {at.person} holds {here}, the service thinks {live}")


def _ended_well(world: "World", at: Station) -> None:
    said = {
        row[0]: (row[1], row[2])
        for row in world.host.rows("SELECT decision_id, outcome, code FROM decision WHERE person_id = ?", at.person)
    }
    ask = at.reader.conn.execute
    settled = {r[0]: (r[1], r[2]) for r in ask("SELECT entry_id, outcome, code FROM history").fetchall()}
    returned = {r[0]: (r[1], r[2]) for r in ask("SELECT entry_id, outcome, code FROM outbox").fetchall()}
    for made in at.ledger.made.values():
        name = f"{made.decision_id[-6:]} of {at.person}"
        here = settled.get(made.decision_id) or returned.get(made.decision_id)
        there = said.get(made.decision_id)
        if made.shown is Shown.SAVED:
            require(here is not None, f"I1: {name} was shown as saved and is nowhere")
            assert here is not None
            kept = made.decision_id in returned
            waits = kept and world.host.restores  # came back from the service as it was before it was restored
            found_again = at.was_hurt or world.host.restores
            require(
                (here[0] in _SETTLED) != kept or bool(found_again),
                f"I1: {name} is {here} in the {'outbox' if kept else 'history'}",
            )
            if there is None:
                given_up = here[0] in {Outcome.REFUSED, Outcome.QUARANTINED}  # found again, and not taken
                before = here[0] == Outcome.RETURNED and world.host.restores  # as it was before the restore
                require(given_up or bool(before), f"I9: the service forgot {name}: {here}")
            else:
                require(there == here or bool(waits), f"I1: {name} is {there} at the service and {here} here")
        elif made.shown is Shown.TAKEN_BACK:
            require(there is None and here is None, f"{name} was taken back, and is {here} here and {there} there")
        elif made.shown is Shown.REFUSED:
            require(there is None and here is None, f"{name} was not saved, and is {here} here and {there} there")


def _numbers(at: Station) -> None:
    """I6: what was sent is numbered without a hole."""
    rows = at.reader.conn.execute(
        "SELECT seq FROM outbox WHERE seq IS NOT NULL "
        "UNION ALL SELECT seq FROM history WHERE seq IS NOT NULL ORDER BY 1"
    ).fetchall()
    seqs = [row[0] for row in rows if row[0]]
    require(seqs == list(range(1, len(seqs) + 1)), f"I6: {at.person}'s numbers are {seqs}")
