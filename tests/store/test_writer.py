"""Units: all or nothing, errors go home, saved means saved twice."""

import errno
import os
import threading
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.core.problem import Problem
from modstation.store import journal, meta, outbox
from modstation.store import vault as vaults
from modstation.store.cipher import PAGE_SIZE
from modstation.store.driver import Database
from modstation.store.vault import Locks
from modstation.system.sealed import recover
from tests.conftest import Logged
from tests.support.builders import NOW
from tests.support.vaults import a_row, signed


def put_then_raise(db: Database) -> None:
    meta.put(db, "a", "half")
    raise KeyError("a bug in the unit")


def test_what_a_unit_raises_reaches_the_caller_and_nothing_of_it_is_written(vault: vaults.Vault, reader: Database):
    with pytest.raises(KeyError, match="a bug in the unit"):
        vault.writer.run(put_then_raise)
    assert meta.get(reader, "a") is None
    vault.writer.run(lambda db: meta.put(db, "a", "whole"))
    assert meta.get(reader, "a") == "whole"


def test_sqlite_utils_writes_inside_a_unit_are_part_of_it(vault: vaults.Vault, reader: Database):
    def unit(db: Database) -> None:
        db["meta"].insert({"key": "a", "value": "1"})
        raise KeyError("later")

    with pytest.raises(KeyError):
        vault.writer.run(unit)
    assert meta.get(reader, "a") is None


def test_a_unit_that_ends_its_own_transaction_is_a_bug(vault: vaults.Vault):
    with pytest.raises(RuntimeError, match="its own transaction"):
        vault.writer.run(lambda db: db.conn.execute("COMMIT"))


def test_a_unit_can_not_wait_for_another_one(vault: vaults.Vault):
    with pytest.raises(RuntimeError, match="wait for another"):
        vault.writer.run(lambda _: vault.writer.run(lambda _: None))


def test_all_units_run_on_one_thread_that_is_not_the_callers(vault: vaults.Vault):
    threads = {vault.writer.run(lambda _: threading.get_ident()) for _ in range(5)}
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_saving_writes_the_row_and_a_sealed_record_and_empties_the_log(
    vault: vaults.Vault, reader: Database, service_key: X25519PrivateKey
):
    row = a_row()
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    assert outbox.row(reader, row.entry_id) == row
    (segment,) = journal.segments(vault.folder / "journal")
    assert recover(segment.read_bytes(), service_key.private_bytes_raw()) == [
        (row.entry_id, signed(row.entry_id, row.body) + row.body)
    ]
    assert (vault.folder / "vault.db-wal").stat().st_size == 0


def test_saving_without_a_journal_is_refused_before_anything_is_written(tmp_path: Path, locks: Locks):
    vault = vaults.create(tmp_path / "station", locks)
    with pytest.raises(RuntimeError, match="journal"):
        vault.writer.save(lambda db: meta.put(db, "a", "b"), b"", "id")
    assert meta.get(vault.reader(), "a") is None
    vault.close()


def test_a_crash_between_commit_and_journal_loses_nothing(tmp_path: Path, locks: Locks, service_key: X25519PrivateKey):
    vault = vaults.create(tmp_path / "station", locks)
    vault.open_journal(service_key.public_key().public_bytes_raw(), signed)
    first, second = a_row(1), a_row(2, "item-2")
    vault.writer.save(lambda db: outbox.add(db, first), first.body, first.entry_id).result()
    vault.writer.run(lambda db: outbox.add(db, second))  # committed, and the power fails before the append
    vault.close()
    again = vaults.open_(tmp_path / "station", locks)
    assert [row.entry_id for row in outbox.rows(again.reader())] == [first.entry_id, second.entry_id]
    assert again.journal_ids() == [first.entry_id]
    assert outbox.known(again.reader(), again.journal_ids()) == {first.entry_id}
    again.close()


def test_a_database_that_lost_its_tail_is_found_out_by_the_journal(
    vault: vaults.Vault, locks: Locks, service_key: X25519PrivateKey
):
    first, second, undone = a_row(1), a_row(2, "item-2"), a_row(3, "item-3")
    vault.writer.save(lambda db: outbox.add(db, first), first.body, first.entry_id).result()
    old = (vault.folder / "vault.db").read_bytes()
    for row in (second, undone):
        vault.writer.save(lambda db, row=row: outbox.add(db, row), row.body, row.entry_id).result()
    record_id = journal.taken_back(undone.entry_id)
    vault.writer.save(lambda db: outbox.undo(db, undone.entry_id), b"", record_id).result()
    vault.close()
    (vault.folder / "vault.db").write_bytes(old)
    again = vaults.open_(vault.folder, locks)
    lost = set(again.journal_ids()) - outbox.known(again.reader(), again.journal_ids())
    assert lost == {second.entry_id}  # the one taken back is not missed
    (segment,) = journal.segments(vault.folder / "journal")
    assert dict(recover(segment.read_bytes(), service_key.private_bytes_raw()))[second.entry_id][64:] == second.body
    again.close()


def test_a_full_disk_is_told_and_nothing_is_half_written(vault: vaults.Vault, reader: Database):
    size = vault.writer.run(lambda db: db.conn.execute("PRAGMA page_count").fetchone()[0])
    vault.writer.submit(lambda db: db.conn.execute(f"PRAGMA max_page_count = {size + 4}").fetchone()).result()

    def fill(db: Database) -> None:
        for n in range(1000):
            meta.put(db, f"key {n}", "x" * 1000)

    with pytest.raises(Problem, match=r"store\.disk_full"):
        vault.writer.run(fill)
    assert meta.get(reader, "key 0") is None
    vault.writer.run(lambda db: meta.put(db, "small", "fits"))
    assert meta.get(reader, "small") == "fits"


def test_no_room_for_the_journal_is_told_before_the_commit(
    vault: vaults.Vault, reader: Database, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    row = a_row()
    with monkeypatch.context() as patched:
        patched.setattr(os, "posix_fallocate", full)
        with pytest.raises(Problem, match=r"store\.disk_full"):
            vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    assert outbox.rows(reader) == []
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    assert vault.journal_ids() == [row.entry_id]


def test_a_journal_that_fails_after_the_commit_says_that_the_decision_stands(
    vault: vaults.Vault, reader: Database, monkeypatch: pytest.MonkeyPatch
):
    def broken(*_: object) -> int:
        raise OSError(errno.EIO, "Input/output error")

    rows = [a_row(n, f"item-{n}") for n in (1, 2, 3)]
    vault.writer.save(lambda db: outbox.add(db, rows[0]), rows[0].body, rows[0].entry_id).result()
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", broken)
        with pytest.raises(Problem, match=r"store\.journal_failed"):
            vault.writer.save(lambda db: outbox.add(db, rows[1]), rows[1].body, rows[1].entry_id).result()
    vault.writer.save(lambda db: outbox.add(db, rows[2]), rows[2].body, rows[2].entry_id).result()
    assert [row.entry_id for row in outbox.rows(reader)] == [row.entry_id for row in rows]
    assert vault.journal_ids() == [rows[0].entry_id, rows[2].entry_id]


def test_closing_finishes_what_was_asked(tmp_path: Path, locks: Locks):
    vault = vaults.create(tmp_path / "station", locks)
    asked = [vault.writer.submit(lambda db, n=n: meta.put(db, str(n), NOW.isoformat())) for n in range(50)]
    vault.close()
    vault.close()
    assert all(future.done() and future.exception() is None for future in asked)


def test_a_database_that_can_not_be_read_is_told_as_damage(
    vault: vaults.Vault, logged: Logged, capfd: pytest.CaptureFixture[str]
):
    vault.writer.run(lambda db: [meta.put(db, f"key {n}", "x" * 4000) for n in range(100)] and None)
    vault.writer.checkpoint()
    file = vault.folder / "vault.db"
    with file.open("r+b") as bent:  # every page but the first is spoiled
        bent.seek(PAGE_SIZE)
        bent.write(bytes(file.stat().st_size - PAGE_SIZE))
    vault.writer.run(lambda db: db.conn.execute("PRAGMA shrink_memory").fetchall())
    with pytest.raises(Problem, match=r"vault\.damaged"):
        vault.writer.run(lambda db: db.conn.execute("SELECT sum(length(value)) FROM meta").fetchall())
    logged.expect("sweep put off")
    assert capfd.readouterr().err == ""
