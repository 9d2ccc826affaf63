"""Bugs planted into the product from outside, one at a time: a check that catches none of them proves nothing.

A bug is a line of the product replaced by another, or a function by one that does less; the files stay as they are.
"""

import argparse
import inspect
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from modstation.core.problem import Problem
from modstation.core.receipt import SETTLED, Outcome
from modstation.service import dossier, identity, leases, recording
from modstation.session import desk
from modstation.store import drafts, header, history, items, journal, outbox, vault, writer
from modstation.sync import exchange, fetch, holds, recovery, transport
from modstation.system import filelock
from modstation.wire.exchange import SyncReply
from tests.simulation import hosting
from tests.simulation.plan import draw
from tests.simulation.runner import Runner, Tally, running

Plant = Callable[[ExitStack], None]


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted bug."""

    name: str
    plant: Plant


def rewritten(owner: Any, name: str, *changes: tuple[str, str]) -> Plant:
    """A function or method of `owner` with pieces of its source replaced.

    Raises:
        LookupError: a piece is not in the source any more: the planted bug has to be looked at again.
    """

    def plant(stack: ExitStack) -> None:
        function = inspect.getattr_static(owner, name)
        source = textwrap.dedent(inspect.getsource(function))
        for old, new in changes:
            if old not in source:
                raise LookupError(f"{owner.__name__}.{name} does not say {old!r} any more")
            source = source.replace(old, new)
        made: dict[str, Any] = {}
        exec(compile(source, f"<mutant of {name}>", "exec"), function.__globals__, made)
        stack.enter_context(mock.patch.object(owner, name, made[name]))

    return plant


def replaced(owner: Any, name: str, new: Any) -> Plant:
    """A function, method or value of `owner` replaced by another."""
    return lambda stack: stack.enter_context(mock.patch.object(owner, name, new)) and None


def wrapped(owner: Any, name: str, around: Callable[..., Any]) -> Plant:
    """A function or method of `owner` called through `around(original, *args)`."""

    def plant(stack: ExitStack) -> None:
        original = inspect.getattr_static(owner, name)

        def wrapper(*given: Any, **named: Any) -> Any:
            return around(original, *given, **named)

        stack.enter_context(mock.patch.object(owner, name, wrapper))

    return plant


def both(*plants: Plant) -> Plant:
    """Bugs that make one together."""

    def plant(stack: ExitStack) -> None:
        for one in plants:
            one(stack)

    return plant


def _as_success(original: Any, self: Any, request: Any) -> Any:
    try:
        return original(self, request)
    except Problem as problem:
        if problem.place != "HTTP 200":
            raise
        return SyncReply(request.epoch or "0" * 32, self.clock.now(), (), (), request.cursor, more=False)


def _new_key(original: Any, folder: Path, locks: Any, *rest: Any) -> Any:
    try:
        return original(folder, locks, *rest)
    except Problem as problem:
        if problem.code != "vault.key_missing":
            raise
        for name in ("vault.json", "vault.db"):
            (folder / name).unlink()
        return vault.create(folder, locks, *rest)


def _effects_later(original: Any, conn: Any, holder: Any, pages: Any, now: Any) -> Any:
    later, pages.effects = pages.effects, {}
    original(conn, holder, pages, now)
    pages.effects = later


def _undo_whatever(db: Any, entry_id: Any) -> Any:
    found = outbox.row(db, entry_id)
    if found is None:
        return None
    db.conn.execute("DELETE FROM outbox WHERE entry_id = ?", (entry_id,))
    db.conn.execute("INSERT OR IGNORE INTO withdrawn VALUES (?)", (entry_id,))
    return found


def _settle(drop: Callable[[Any], bool], *, keep: bool) -> Any:
    """Settling that loses what `drop` says, or files it away as if it were settled."""

    def around(original: Any, db: Any, receipts: Any) -> Any:
        changes = original(db, receipts)
        for one in receipts:
            if drop(one):
                if keep:
                    history.move(db, [one])
                db.conn.execute("DELETE FROM outbox WHERE entry_id = ?", (one.decision_id,))
                if not keep:
                    db.conn.execute("DELETE FROM history WHERE entry_id = ?", (one.decision_id,))
        return changes

    return around


def _new_id(body: bytes) -> bytes:
    said = json.loads(body)
    last = int(said["decision_id"][-4:], 16)
    said["decision_id"] = f"{said['decision_id'][:-4]}{(last + 1) % 65536:04x}"
    return json.dumps(said, separators=(",", ":")).encode()


_REBUILT = iter(range(10_000_000))


def _rebuilt(body: bytes) -> bytes:
    return body.replace(b'"note ', b'"note %d ' % next(_REBUILT))


def _sent_as(change: Callable[[bytes], bytes]) -> Any:
    return lambda original, seq, decision: original(seq, type(decision)(change(bytes(decision))))


def _forgets_epoch(conn: Any, random: Any, now: Any) -> str:
    return identity.epoch(conn)


def _nobody(original: Any, *given: Any, **named: Any) -> Any:
    return () if named.get("revoked") else original(*given, **named)


def _stops_at_a_bad_one(original: Any, *given: Any, **named: Any) -> Any:
    receipts = original(*given, **named)
    bad = [n for n, one in enumerate(receipts) if one.outcome == Outcome.REFUSED]
    return receipts[: bad[0]] if bad else receipts


def _forgets_drafts(original: Any, db: Any, wanted: Any) -> Any:
    for one in wanted:
        drafts.drop(db, one.card.item_id)
    return original(db, wanted)


def _empties_outbox(original: Any, db: Any, *rest: Any) -> Any:
    db.conn.execute("DELETE FROM outbox")
    return original(db, *rest)


def _purges_decisions(original: Any, self: Any, ids: Any) -> Any:
    def unit(db: Any) -> None:
        for item_id in ids:
            db.conn.execute("DELETE FROM outbox WHERE item_id = ?", (item_id,))

    if ids:
        self._vault.writer.run(unit)
    return original(self, ids)


def _two_at_once(original: Any, self: Any) -> None:
    original(self)
    self.write(lambda conn: conn.exec_driver_sql("DROP INDEX IF EXISTS lease_live"))


def _first(what: str) -> str:
    return f"({what}, {_RUN})[1]"


_CURSOR = (
    "self._vault.writer.run(lambda db: "
    "(meta.put(db, EPOCH, reply.epoch), meta.put(db, CURSOR, str(reply.next_cursor))))"
)
_ITEMS = "self._vault.writer.run(lambda db: [_applied(db, one) for one in page.operations])"
_RUN = "self._vault.writer.run(unit)"
_TOO_LATE = "self._vault.writer._journal.append(journal.taken_back(entry_id), b'')"
_BACK = frozenset(Outcome) - SETTLED

MUTANTS: tuple[Mutant, ...] = (
    Mutant(
        "cursor before commit",
        rewritten(exchange.Exchange, "apply", ("if not is_current(db, asked):", "if False:"), (_RUN, _first(_CURSOR))),
    ),
    Mutant("page applied in two transactions", rewritten(exchange.Exchange, "apply", (_RUN, _first(_ITEMS)))),
    Mutant("no de-duplication on the service", replaced(dossier.Dossier, "known", lambda _self, _ids: {})),
    Mutant("HTTP 200 taken as success", wrapped(transport.Transport, "sync", _as_success)),
    Mutant("unsigned reply accepted", replaced(transport, "_verify", lambda _answer, _key: None)),
    Mutant("key regenerated when missing", wrapped(vault, "open_", _new_key)),
    Mutant("checkpoint skipped", replaced(writer, "checkpoint", lambda _db: True)),
    Mutant("journal skipped", replaced(journal.Journal, "append", lambda _self, _id, _record: None)),
    Mutant("receipt written apart from its effect", wrapped(recording, "_write", _effects_later)),
    Mutant("undo after sending", replaced(outbox, "undo", _undo_whatever)),
    Mutant(
        "outbox row dropped on refusal",
        wrapped(outbox, "settle", _settle(lambda r: r.outcome == Outcome.REFUSED, keep=False)),
    ),
    Mutant("returned auto-dismissed", wrapped(outbox, "settle", _settle(lambda r: r.outcome in _BACK, keep=True))),
    Mutant(
        "superseded shown as lost",
        wrapped(outbox, "settle", _settle(lambda r: r.outcome == Outcome.SUPERSEDED, keep=False)),
    ),
    Mutant("seq reused", rewritten(outbox, "send", ('meta.put(db, "outbox.seq", str(last + len(new)))', "pass"))),
    Mutant("decision_id remade at resend", wrapped(exchange, "Sent", _sent_as(_new_id))),
    Mutant("body rebuilt at resend", wrapped(exchange, "Sent", _sent_as(_rebuilt))),
    Mutant("epoch ignored", replaced(exchange, "_note_epoch", lambda _db, _asked, _told: None)),
    Mutant("restore without epoch", replaced(identity, "restored", _forgets_epoch)),
    Mutant("lease_gen not leapt", replaced(identity, "PAST_RESTORE", 0)),
    Mutant("fencing ignored", rewritten(dossier.Dossier, "facts", ("self._is_under(made, live)", "True"))),
    Mutant(
        "lease to two devices",
        both(
            wrapped(hosting.Host, "begin", _two_at_once),
            replaced(leases, "WAITING", leases.LEASED),
            replaced(leases, "_statements", leases._statements.__wrapped__),  # built anew, with that
        ),
    ),
    Mutant("expired lease purges the outbox", wrapped(exchange.Exchange, "purge", _purges_decisions)),
    Mutant("revoked device's decision dropped", wrapped(recording.Recorder, "take", _nobody)),
    Mutant(
        "second opinion applied as effect",
        rewritten(dossier.Dossier, "facts", ("elsewhere=live is not None", "elsewhere=False and live is not None")),
    ),
    Mutant("draft dropped when the item is revised", wrapped(items, "lease", _forgets_drafts)),
    Mutant(
        "policy compatibility ignored",
        rewritten(dossier.Dossier, "facts", ("policy_taken=made", "policy_taken=True or made")),
    ),
    Mutant("one bad element stops the batch", wrapped(recording.Recorder, "take", _stops_at_a_bad_one)),
    Mutant("reset deletes the outbox", wrapped(items, "reset", _empties_outbox)),
    Mutant("feed hole accepted", replaced(exchange, "is_gapless", lambda _request, _reply: True)),
    Mutant(
        "clock of the station believed",
        rewritten(dossier.Dossier, "facts", ("live.expires_at > now", "live.expires_at > made.decided_at")),
    ),
    Mutant(
        "taken-back decision recovered",
        rewritten(
            desk.Desk,
            "undo",
            (
                'self._vault.writer.save(take_back, b"", journal.taken_back(entry_id))',
                "self._vault.writer.submit(take_back)",
            ),
        ),
    ),
    Mutant(
        "undo that came too late told to the journal",
        rewritten(desk.Desk, "undo", ("if row is None:", f"if row is None and not {_TOO_LATE}:")),
    ),
    Mutant("file passed over for good", replaced(fetch.Fetcher, "again", lambda _self: None)),
    Mutant(
        "clock put right keeps a decision here",
        both(  # the second notices a jump while the program is on, and hides that the first is missing
            replaced(outbox, "_OVER", "send_after <= ?1"), replaced(holds.Holds, "_after_jump", lambda *_: [])
        ),
    ),
    Mutant(
        "vault from the future opened",
        rewritten(header, "read", ("if glimpse.format > FORMAT or glimpse.schema > newest_schema:", "if False:")),
    ),
    Mutant("second instance let in", replaced(filelock, "fcntl", mock.MagicMock())),
    Mutant("journal not recovered from", replaced(recovery.Recovery, "step", lambda _self, _db: None)),
    Mutant(
        "decision about a revised item accepted",
        rewritten(dossier.Dossier, "facts", ("same_content=same_content", "same_content=True")),
    ),
)


@contextmanager
def planted(mutant: Mutant) -> Iterator[None]:
    """The product with a bug in it."""
    with ExitStack() as stack:
        mutant.plant(stack)
        yield


def hunt(name: str, most: int) -> tuple[str, int, str]:
    """Run worlds with a bug until one shows it that is well without: (name, seeds needed or 0, what was seen)."""
    mutant = next(one for one in MUTANTS if one.name == name)
    with running() as runner:
        for seed in range(most):
            with planted(mutant):
                what = _seen(runner, seed)
            if what and not _seen(runner, seed):
                return name, seed + 1, what
    return name, 0, ""


def _seen(runner: Runner, seed: int) -> str:
    tally = Tally()
    runner.one(draw(seed), tally, shrink=False)
    return tally.found[0].what if tally.found else ""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation.mutants", description=__doc__)
    parser.add_argument("--most", type=int, default=600, help="seeds for each bug, at most")
    parser.add_argument("--only", default="", help="bugs whose name has this in it")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":
        again = [sys.executable, "-m", "tests.simulation.mutants", *sys.argv[1:]]
        return subprocess.call(again, env=os.environ | {"PYTHONHASHSEED": "0"})
    wanted = [one.name for one in MUTANTS if args.only in one.name]
    began = time.perf_counter()
    caught = 0
    with ProcessPoolExecutor(args.processes) as pool:
        for name, seeds, what in pool.map(hunt, wanted, [args.most] * len(wanted)):
            caught += bool(seeds)
            sys.stdout.write(f"{name:<42}{seeds or 'NOT CAUGHT':>6}  {what[:90]}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{caught} of {len(wanted)} caught in {time.perf_counter() - began:.0f} s\n")
    return caught < len(wanted)


if __name__ == "__main__":
    sys.exit(main())
