"""A damaged cache makes room for an empty one under the same key; nothing is deleted, and nobody has to join again."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from modstation.core.problem import Problem
from modstation.core.receipt import Outcome
from modstation.store import anchor, history, items, journal, keepsake, meta, outbox, upkeep
from modstation.store import vault as vaults
from modstation.store.cipher import PAGE_SIZE
from modstation.store.driver import Database
from tests.conftest import Logged
from tests.support.builders import NOW
from tests.support.station import HandClock
from tests.support.vaults import a_receipt, a_row, a_stored_item, an_entry_id, signed

ENROLMENT = "what makes this computer a device"


def damage(vault: vaults.Vault) -> bytes:
    """Spoil every page but the first; what the file holds then."""
    vault.writer.checkpoint()
    vault.close()
    file = vault.folder / "vault.db"
    with file.open("r+b") as bent:
        bent.seek(PAGE_SIZE)
        bent.write(bytes(file.stat().st_size - PAGE_SIZE))
    return file.read_bytes()


def test_a_damaged_database_is_told_at_the_opening_and_left_as_it_is(vault: vaults.Vault, locks: vaults.Locks):
    before = damage(vault)
    with pytest.raises(Problem, match=r"vault\.damaged"):
        vaults.open_(vault.folder, locks)
    assert (vault.folder / "vault.db").read_bytes() == before


def test_a_rebuilt_cache_has_its_key_its_enrolment_and_its_journal_and_the_damaged_one_is_kept(
    vault: vaults.Vault, locks: vaults.Locks
):
    vault.keep_enrolment(ENROLMENT)
    vault.writer.run(lambda db: items.lease(db, [a_stored_item()]))
    row = a_row()
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    (vault.folder / "media" / "a-file").write_bytes(b"frames")
    header = (vault.folder / "vault.json").read_bytes()
    before = damage(vault)

    made = vaults.rebuild(vault.folder, locks, "aside-1")

    reader = made.reader()
    assert made.vault_id == vault.vault_id
    assert (vault.folder / "vault.json").read_bytes() == header
    assert meta.get(reader, keepsake.META_KEY) == ENROLMENT
    assert outbox.rows(reader) == []
    assert made.journal_ids() == [row.entry_id]
    aside = vault.folder / "aside-1"
    assert (aside / "vault.db").read_bytes() == before
    assert (aside / "media" / "a-file").read_bytes() == b"frames"
    made.close()
    vaults.open_(vault.folder, locks).close()


def test_what_makes_a_computer_a_device_is_sealed_and_bound_to_its_vault(
    vault: vaults.Vault, locks: vaults.Locks, logged: Logged
):
    vault.keep_enrolment(ENROLMENT)
    file = vault.folder / "enrolment.sealed"
    sealed = file.read_bytes()
    assert ENROLMENT.encode() not in sealed
    assert file.stat().st_mode & 0o077 == 0
    assert keepsake.read(file, vault._key, vault.vault_id) == ENROLMENT
    assert keepsake.read(file, vault._key, "f" * 32) is None
    logged.expect("keepsake_damaged")
    for spoilt in (b"", sealed[:5], sealed[:-1] + bytes([sealed[-1] ^ 1])):
        file.write_bytes(spoilt)
        assert keepsake.read(file, vault._key, vault.vault_id) is None
        logged.expect("keepsake_damaged")
    damage(vault)
    made = vaults.rebuild(vault.folder, locks, "aside-1")  # it has to join again, and is rebuilt all the same
    assert meta.get(made.reader(), keepsake.META_KEY) is None
    logged.expect("keepsake_damaged")
    made.close()


@pytest.mark.parametrize("moved", [1, 2, 3])
def test_a_rebuilding_that_was_cut_short_can_be_done_again(
    vault: vaults.Vault, locks: vaults.Locks, monkeypatch: pytest.MonkeyPatch, moved: int
):
    vault.keep_enrolment(ENROLMENT)
    row = a_row()
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    before = damage(vault)
    (vault.folder / "vault.db-wal").touch()
    rename, done = Path.rename, []

    def cut(path: Path, target: Path) -> Path:
        done.append(path)
        if len(done) > moved:
            raise KeyboardInterrupt
        return rename(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", cut)
        with pytest.raises(KeyboardInterrupt):
            vaults.rebuild(vault.folder, locks, "aside-1")
    with pytest.raises(Problem, match=r"vault\.damaged"):
        vaults.open_(vault.folder, locks)
    made = vaults.rebuild(vault.folder, locks, "aside-2")
    assert meta.get(made.reader(), keepsake.META_KEY) == ENROLMENT
    assert made.journal_ids() == [row.entry_id]
    kept = [path.read_bytes() for path in vault.folder.glob("aside-*/vault.db")]
    assert before in kept
    made.close()


def test_a_cache_whose_key_is_missing_is_never_rebuilt_under_another(vault: vaults.Vault):
    vault.close()
    before = {path: path.read_bytes() for path in vault.folder.rglob("*") if path.is_file()}
    with pytest.raises(Problem, match=r"vault\."):
        vaults.rebuild(vault.folder, vaults.Locks(passphrase="another passphrase altogether"), "aside-1")
    assert {path: path.read_bytes() for path in vault.folder.rglob("*") if path.is_file()} == before


def test_a_cache_from_the_future_is_neither_opened_nor_rebuilt(vault: vaults.Vault, locks: vaults.Locks):
    vault.close()
    file = vault.folder / "vault.json"
    file.write_bytes(file.read_bytes().replace(b'"schema": ', b'"schema": 9'))
    for attempt in (vaults.open_, lambda folder, locks: vaults.rebuild(folder, locks, "aside-1")):
        with pytest.raises(Problem, match=r"vault\.from_future"):
            attempt(vault.folder, locks)
    assert not (vault.folder / "aside-1").exists()


def test_journals_of_caches_set_aside_are_looked_at_too(vault: vaults.Vault):
    shutil.copytree(vault.folder / "journal", vault.folder / "aside-2" / "journal")
    shutil.copytree(vault.folder / "journal", vault.folder / "aside-1" / "journal")
    assert [folder.parent.name for folder in vault.journals()] == ["station", "aside-1", "aside-2"]


def settle_at(vault: vaults.Vault, n: int, days_ago: int) -> None:
    """A decision saved, and settled so many days ago, in a segment of its own."""
    row = a_row(n, f"item-{n}")
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    receipt = a_receipt(n, Outcome.ACCEPTED, f"item-{n}", at=NOW - timedelta(days=days_ago))
    vault.writer.run(lambda db: outbox.settle(db, [receipt]))


def ids(vault: vaults.Vault, reader: Database) -> tuple[set[str], set[str]]:
    return journal.names(vault.folder / "journal"), {settled.entry_id for settled in history.recent(reader, 100)}


def test_what_was_settled_long_ago_leaves_the_journal_and_then_the_history(
    vault: vaults.Vault, reader: Database, service_key
):
    public = service_key.public_key().public_bytes_raw()
    for n, days_ago in enumerate((40, 35, 31, 10, 33, 0), 1):
        settle_at(vault, n, days_ago)
        vault.open_journal(public, signed)  # the next one goes to another segment
    one = {n: an_entry_id(n) for n in range(1, 7)}
    upkeep.tidy(vault, reader, NOW)
    left = {one[4], one[5], one[6]}  # the fifth is old, but stands behind one that is not
    assert ids(vault, reader) == (left, left)
    assert outbox.known(reader, vault.journal_ids()) == left  # so nothing looks lost


def test_what_a_journal_set_aside_holds_is_not_forgotten_until_that_has_gone_up_whole(
    vault: vaults.Vault, reader: Database, service_key
):
    settle_at(vault, 1, 400)
    vault.open_journal(service_key.public_key().public_bytes_raw(), signed)
    (vault.folder / "aside-1").mkdir()
    (vault.folder / "journal").rename(vault.folder / "aside-1" / "journal")
    (vault.folder / "journal").mkdir()
    assert upkeep.tidy(vault, reader, NOW) == (0, 0)  # forgotten, it would be found again at each start
    assert ids(vault, reader) == (set(), {an_entry_id(1)})
    vault.writer.run(lambda db: meta.put(db, vaults.ASIDE, '["aside-1"]'))
    assert upkeep.tidy(vault, reader, NOW) == (0, 1)


def test_a_decision_without_an_answer_keeps_its_segment_for_ever(vault: vaults.Vault, reader: Database, service_key):
    row = a_row(1)
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    for n in (2, 3):
        vault.open_journal(service_key.public_key().public_bytes_raw(), signed)
        settle_at(vault, n, 400)
    assert upkeep.tidy(vault, reader, NOW) == (0, 0)
    assert journal.names(vault.folder / "journal") == {an_entry_id(n) for n in (1, 2, 3)}


def test_upkeep_holds_the_reserve_a_while_after_the_start_and_tidies_once_a_day(
    vault: vaults.Vault, reader: Database, monkeypatch: pytest.MonkeyPatch
):
    tidied: list[float] = []
    monkeypatch.setattr(upkeep, "tidy", lambda *_: tidied.append(1))
    clock = HandClock()
    vault.writer.run(lambda db: anchor.put(db, anchor.take(clock.now(), clock)))
    care = upkeep.Upkeep(vault, clock)
    care.look(reader)
    assert not vault.ballast.is_held
    assert tidied == []
    clock.move(61)
    care.look(reader)
    assert vault.ballast.is_held
    assert len(tidied) == 1
    for _ in range(10):
        clock.move(8640)
        care.look(reader)
    assert len(tidied) == 2


@pytest.mark.parametrize("heard", [True, False])
def test_nothing_is_forgotten_by_a_clock_that_the_service_has_not_confirmed(
    vault: vaults.Vault, reader: Database, service_key, heard: bool
):
    for n in (1, 2, 3):
        settle_at(vault, n, 5)
        vault.open_journal(service_key.public_key().public_bytes_raw(), signed)
    clock = HandClock()
    if heard:
        vault.writer.run(lambda db: anchor.put(db, anchor.take(NOW, clock)))
    care = upkeep.Upkeep(vault, clock)
    clock._now += timedelta(days=4000)  # somebody set it to 2037
    for _ in range(3):
        clock.move(90_000)
        care.look(reader)
    assert ids(vault, reader) == ({an_entry_id(n) for n in (1, 2, 3)},) * 2
