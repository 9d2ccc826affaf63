"""What is looked at after a vault was opened: the safety copies, and what they say was taken back."""

from pathlib import Path

from modstation.core.problem import Problem
from modstation.store import checkup, journal, outbox
from modstation.store import vault as vaults
from tests.support.builders import NOW
from tests.support.vaults import MemoryKeyring, a_row, signed


def test_an_undo_whose_note_was_cut_off_by_the_end_of_the_process_is_noted_at_the_next_start(vault: vaults.Vault):
    kept, undone = a_row(1), a_row(2, "item-2")
    for row in (kept, undone):
        vault.writer.save(lambda db, row=row: outbox.add(db, row), row.body, row.entry_id).result()
    vault.writer.run(lambda db: outbox.undo(db, undone.entry_id))  # committed; here the process ended
    assert undone.entry_id in vault.journal_ids()  # a cache lost now would be given back what was undone
    told: list[Problem] = []
    for _ in range(2):
        assert checkup.begin(vault, told.append, NOW).result(30) == 0
        vault.writer.run(lambda _: None)  # what it asked for is done
        assert vault.journal_ids() == [kept.entry_id]
    note = journal.taken_back(undone.entry_id).encode()
    notes = journal.segments(vault.folder / "journal")[-1].read_bytes().count(note)
    assert (notes, told) == (1, [])


def test_a_damaged_page_that_the_checkup_meets_is_told_as_damage_of_the_cache(tmp_path: Path, keyring: MemoryKeyring):
    made = vaults.create(tmp_path / "station", vaults.Locks(keyring))
    for n in range(40):
        made.writer.run(lambda db, n=n: outbox.add(db, a_row(n, f"item-{n}", summary="x" * 900)))
    made.close()
    path = made.folder / "vault.db"
    data = bytearray(path.read_bytes())
    data[-2000] ^= 1
    path.write_bytes(data)
    found = vaults.open_(made.folder, vaults.Locks(keyring))
    found.open_journal(bytes(31) + b"\x09", signed)
    told: list[Problem] = []
    assert checkup.begin(found, told.append, NOW).result(30) == 0
    assert [problem.code for problem in told] == ["vault.damaged"]
    found.close()
