"""What is looked at once after a vault was opened: is its log whole, and are the safety copies in the journal?

Nobody reads the journal until it is needed, so damage there would be found on the day when it is too late. A decision
that is not answered yet and whose copy is damaged, or was never made, is copied again from the database. One that was
taken back without a word of it in the journal, because the process ended just then, is noted there.

When the program did not end well, the last writes may be gone without a trace, among them that something was sent. So
what could have been sent by then is locked: else it could be taken back here, while the service has it.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog

from modstation.core.problem import Problem
from modstation.store import meta, outbox
from modstation.store.driver import Database
from modstation.store.journal import segments, taken_back, taken_back_ids
from modstation.store.outbox import OutboxRow, What
from modstation.store.vault import Vault
from modstation.system.sealed import look

MENDED = "journal.mended"
"""Code of what is told about the journal: worth a notice, for all is well again."""

_TOLD = "journal.damage_told"
_log = structlog.get_logger(__name__)

_CUT = Problem(
    "vault.log_cut",
    "The last moments before ModStation ended could not be read.",
    "Decisions shown as saved are safe: any that is missing is found again in the journal. Look at your last draft.",
)


@dataclass(frozen=True, slots=True)
class Copies:
    """What stands in a journal.

    Attributes:
        whole: ids of the records that are as they were written.
        damaged: how many places are not.
    """

    whole: frozenset[str]
    damaged: int


def copies(folder: Path) -> Copies:
    """Look at every record of a journal. Who may read them is the service; whether they were changed, anybody sees."""
    whole: set[str] = set()
    damaged = 0
    for path in segments(folder):
        try:
            segment = look(path.read_bytes())
        except ValueError:
            damaged += 1
            continue
        if segment.entries and not segment.entries[0].whole:
            damaged += 1  # perhaps it is the header, which holds the key of them all
            continue
        whole |= {entry.record_id for entry in segment.entries if entry.whole}
        damaged += sum(not entry.whole for entry in segment.entries) + segment.torn
    return Copies(frozenset(whole), damaged)


def begin(vault: Vault, tell: Callable[[Problem], None], now: datetime) -> "Future[int]":
    """Look, mend and tell, on the writer's thread; the journal must be open.

    Args:
        vault: just opened.
        tell: called from the writer's thread, at most twice, with what the person should know.
        now: by this computer's clock.

    Returns:
        Resolves to how many decisions are being copied again.
    """
    if vault.was_cut:
        tell(_CUT)
    done: Future[int] = Future()

    def ended(looked: "Future[_Looked]") -> None:
        error = looked.exception()
        if isinstance(error, Problem) and error.code == "vault.damaged":  # perhaps nobody else reads that page
            tell(error)
            done.set_result(0)
            return
        if error is not None:  # the disk; whoever writes next is told
            _log.warning("checkup put off", error=type(error).__name__)
            done.set_result(0)
            return
        lacking, unnoted, is_new = looked.result()
        for row in lacking:
            vault.writer.save(lambda _: None, row.body, row.entry_id)
        for entry_id in unnoted:
            vault.writer.save(lambda _: None, b"", taken_back(entry_id))
        if unnoted:
            _log.info("undo_noted", decisions=len(unnoted))
        if lacking or is_new:
            _log.warning("journal_mended", copied_again=len(lacking))
            tell(_damaged(len(lacking)))
        done.set_result(len(lacking))

    lock_by = now if vault.was_left_open else None
    vault.writer.submit(lambda db: _look(db, vault.folder / "journal", lock_by)).add_done_callback(ended)
    return done


_Looked = tuple[list[OutboxRow], list[str], bool]


def _look(db: Database, folder: Path, lock_by: datetime | None) -> _Looked:
    """What the journal lacks: decisions on their way without a whole copy, and ids of those taken back without a note.

    And whether there is more damage than was told before.
    """
    found = copies(folder)
    told = int(meta.get(db, _TOLD) or 0)
    if found.damaged != told:
        meta.put(db, _TOLD, str(found.damaged))
    if lock_by is not None:
        outbox.lock(db, lock_by, taken_back_ids(folder))
    lacking = [row for row in outbox.rows(db) if row.what is What.DECISION and row.entry_id not in found.whole]
    undone = sorted(outbox.undone(db) & found.whole)
    return lacking, [one for one in undone if taken_back(one) not in found.whole], found.damaged > told


def _damaged(copied: int) -> Problem:
    advice = "If it comes back, have the disk looked at."
    if copied:
        return Problem(MENDED, "Safety copies were unfinished or damaged; they have been made again.", advice)
    return Problem(MENDED, "Old safety copies are damaged; every decision in them has been answered.", advice)
