"""The short forms of ``make fault-test``: a disk that fails and a bit that turns round lose nothing silently."""

from collections import Counter
from pathlib import Path

import pytest

from modstation.core.problem import Problem
from modstation.store import checkup, outbox, vault
from modstation.store.journal import segments
from tests.conftest import Logged
from tests.faults import shim
from tests.faults.flips import KINDS, flip
from tests.faults.sweep import pairs, run, sweep
from tests.support.builders import NOW
from tests.support.vaults import MemoryKeyring, a_row, signed


def test_whatever_call_fails_nothing_saved_is_lost_and_the_person_is_told(tmp_path: Path):
    swept = sweep(tmp_path / "sweep", every=163)
    assert swept.wrong == []
    assert swept.points > 500
    assert {"write", "fsync", "rename", "unlink", "create", "ftruncate", "fallocate"} <= set(swept.calls)
    outcomes: Counter[str] = sum(swept.outcomes.values(), Counter())
    assert {one.partition(":")[0] for one in outcomes} <= {"told", "not felt"}
    assert sum(n for one, n in outcomes.items() if one.startswith("told")) > 2


def test_the_judge_sees_a_loss_and_a_repetition_and_a_fault_that_was_not_reached(tmp_path: Path):
    with pairs(1) as free:
        lives = free.get()
        for home, line in (("lost", '["saved", "never-sent"]'), ("back", None)):
            places = tmp_path / home
            places.mkdir()
            lives.lives.ask(do="live", home=str(places), fault="none", at=0)
            ledger = (places / "ledger").read_text()
            undone = '["undone", ' + ledger.split('["saved", ')[1].split("]")[0] + "]"
            (places / "ledger").write_text(ledger + (line or undone) + "\n")
            assert lives.judges.ask(do="judge", home=str(places))["wrong"]
        free.put(lives)
        assert run(tmp_path / "one", free, "eio", 100_000)["wrong"]  # not reached


@pytest.mark.parametrize("kind", KINDS)
def test_a_flipped_bit_is_found_or_mended_or_nobody_used_it(tmp_path: Path, kind: str):
    flipped = flip(tmp_path / kind, kind, 6, seed=7)
    assert flipped.wrong == []
    assert sum(flipped.outcomes.values()) == 6


def test_without_a_compiler_it_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(shim.NoCompiler, match="apt-get install gcc"):
        shim.build(tmp_path)


def test_a_commit_cut_by_a_crash_is_no_damage_and_a_lost_one_is(tmp_path: Path, logged: Logged):
    keyring = MemoryKeyring()
    made = vault.create(tmp_path / "station", vault.Locks(keyring=keyring))
    made.writer.run(lambda db: outbox.add(db, a_row(1)))
    made.writer.run(lambda db: outbox.add(db, a_row(2, "item-2")))
    log = (made.folder / "vault.db-wal").read_bytes()
    made.close()
    database = (made.folder / "vault.db").read_bytes()

    def opened(with_log: bytes) -> bool:
        (made.folder / "vault.db").write_bytes(database)
        (made.folder / "vault.db-wal").write_bytes(with_log)
        found = vault.open_(made.folder, vault.Locks(keyring=keyring))
        found.close()
        return found.was_cut

    assert not opened(log)
    assert not opened(log[:-5000])  # the last pages never came: nobody was told that they had
    for at in (20, 40, 60, 5000, len(log) - 100):
        flipped = bytearray(log)
        flipped[at] ^= 4
        assert opened(bytes(flipped))
    logged.expect("log_cut")


def test_a_decision_whose_safety_copy_is_damaged_is_copied_again_and_told_once(tmp_path: Path, logged: Logged):
    keyring, told = MemoryKeyring(), list[Problem]()
    folder = tmp_path / "station"
    made = vault.create(folder, vault.Locks(keyring=keyring))
    made.open_journal(bytes(31) + b"\x09", signed)
    rows = [a_row(n, f"item-{n}") for n in (1, 2, 3)]
    for row in rows:
        made.writer.save(lambda db, row=row: outbox.add(db, row), row.body, row.entry_id).result()
    made.close()
    segment = segments(folder / "journal")[0]
    content = bytearray(segment.read_bytes())
    content[len(content) // 2] ^= 1
    segment.write_bytes(content)
    for expected in (1, 0):
        found = vault.open_(folder, vault.Locks(keyring=keyring))
        found.open_journal(bytes(31) + b"\x09", signed)
        assert (checkup.begin(found, told.append, NOW).result(30) > 0) is (expected > 0)
        found.close()
    assert checkup.copies(folder / "journal").whole >= {row.entry_id for row in rows}
    assert [problem.code for problem in told] == [checkup.MENDED]
    logged.expect("journal_mended")
