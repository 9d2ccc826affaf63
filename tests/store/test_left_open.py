"""A vault that nobody closed: the disk may have lost, without a trace, that a decision was sent."""

import shutil
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from modstation.store import checkup, journal, outbox
from modstation.store import vault as vaults
from modstation.store.outbox import State
from tests.support.builders import NOW
from tests.support.vaults import MemoryKeyring, a_row, signed

LATER = NOW + timedelta(minutes=1)  # the time to undo is over
LOG = "vault.db-wal"


@pytest.fixture
def left(tmp_path: Path, vault: vaults.Vault) -> Path:
    """What a power cut leaves of a vault: a decision is in the database, that it was sent was only in the log."""
    row = a_row()
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    vault.writer.run(lambda db: outbox.send(db, [row.entry_id]))
    copy = tmp_path / "left"
    shutil.copytree(vault.folder, copy, ignore=shutil.ignore_patterns("lock", "vault.db-shm"))
    log = copy / LOG
    log.write_bytes(log.read_bytes()[:40])
    return copy


def started(folder: Path, keyring: MemoryKeyring, at: datetime = LATER) -> vaults.Vault:
    found = vaults.open_(folder, vaults.Locks(keyring))
    found.open_journal(bytes(31) + b"\x09", signed)
    assert checkup.begin(found, lambda _: None, at).result(30) == 0
    found.writer.run(lambda _: None)
    return found


def test_what_may_have_been_sent_before_the_power_went_cannot_be_taken_back(left: Path, keyring: MemoryKeyring):
    found = started(left, keyring)
    assert not found.was_cut  # nobody can see that anything is missing
    assert found.writer.run(lambda db: outbox.undo(db, a_row().entry_id)) is None
    (row,) = outbox.rows(found.reader())
    assert (row.state, row.seq) == (State.SENDING, 1)
    found.close()


def test_what_cannot_have_been_sent_yet_can_be_taken_back_after_a_power_cut(left: Path, keyring: MemoryKeyring):
    found = started(left, keyring, NOW + timedelta(seconds=5))
    assert found.writer.run(lambda db: outbox.undo(db, a_row().entry_id)) is not None
    found.close()


def test_what_was_taken_back_is_not_locked_when_the_cache_has_forgotten_it(left: Path, keyring: MemoryKeyring):
    found = vaults.open_(left, vaults.Locks(keyring))
    found.open_journal(bytes(31) + b"\x09", signed)
    found.writer.save(lambda _: None, b"", journal.taken_back(a_row().entry_id)).result()
    checkup.begin(found, lambda _: None, LATER).result(30)
    assert [row.state for row in outbox.rows(found.reader())] == [State.HELD]
    found.close()


def test_after_a_good_end_what_waits_offline_can_be_taken_back_for_as_long_as_it_is_here(
    left: Path, keyring: MemoryKeyring
):
    vaults.open_(left, vaults.Locks(keyring)).close()
    found = started(left, keyring)
    assert not found.was_left_open
    assert found.writer.run(lambda db: outbox.undo(db, a_row().entry_id)) is not None
    found.close()
