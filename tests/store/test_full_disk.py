"""A disk without room: nothing is pretended, what must go still goes, and work goes on when there is room again.

The room is measured by RLIMIT_FSIZE in a process of its own: there every file that would grow past the limit is
refused by the kernel, at whatever call it happens.
"""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.store import ballast, items, outbox
from modstation.store import vault as vaults
from modstation.store.driver import Database
from tests.conftest import Logged
from tests.support.vaults import a_row, a_stored_item, signed

NO_ROOM = 1000


@pytest.fixture
def held(vault: vaults.Vault) -> vaults.Vault:
    assert vault.ballast.hold()
    return vault


def full(vault: vaults.Vault, monkeypatch: pytest.MonkeyPatch) -> None:
    """From now on the journal finds no room, until the reserve has been let go."""
    fallocate = os.posix_fallocate

    def refuse(handle: int, offset: int, size: int) -> None:
        if vault.ballast.is_held:
            raise OSError(errno.ENOSPC, "No space left on device")
        fallocate(handle, offset, size)

    monkeypatch.setattr(os, "posix_fallocate", refuse)


def save(vault: vaults.Vault, n: int) -> None:
    row = a_row(n, f"item-{n}")
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()


def test_the_reserve_takes_its_space_and_gives_it_back(vault: vaults.Vault, logged: Logged):
    reserve = vault.ballast
    assert not reserve.is_held
    assert reserve.hold()
    file = vault.folder / "ballast"
    assert file.stat().st_blocks * 512 >= ballast.BYTES  # taken, not only promised
    assert file.stat().st_mode & 0o077 == 0
    assert reserve.let_go()
    assert not file.exists()
    assert not reserve.let_go()
    logged.expect("ballast_let_go")


def test_no_reserve_is_made_where_there_is_no_room_to_spare(vault: vaults.Vault):
    vault.ballast.free = lambda: ballast.BYTES + 1
    assert not vault.ballast.hold()
    assert list(vault.folder.glob("ballast*")) == []


def test_a_decision_that_finds_the_disk_full_is_refused_and_so_are_the_next_until_there_is_room(
    held: vaults.Vault, reader: Database, monkeypatch: pytest.MonkeyPatch, logged: Logged
):
    full(held, monkeypatch)
    with pytest.raises(Problem, match=r"store\.disk_full"):
        save(held, 1)
    logged.expect("ballast_let_go")
    held.ballast.free = lambda: NO_ROOM
    with pytest.raises(Problem, match=r"store\.disk_full"):
        save(held, 2)  # there would be room for it now, and it is kept for the purge
    assert outbox.rows(reader) == []
    assert held.journal_ids() == []
    held.ballast.free = lambda: 10 * ballast.BYTES
    monkeypatch.undo()
    save(held, 3)
    assert len(outbox.rows(reader)) == 1
    assert held.ballast.is_held


def test_what_only_frees_room_is_done_with_the_reserve(held: vaults.Vault, reader: Database, logged: Logged):
    held.writer.run(lambda db: items.lease(db, [a_stored_item("item-1")]))
    tried: list[int] = []

    def purge(db: Database):
        tried.append(1)
        if held.ballast.is_held:
            raise OSError(errno.ENOSPC, "No space left on device")
        return items.gone(db, [ItemId("item-1")])

    assert held.writer.run(purge).gone
    assert len(tried) == 2
    assert items.body(reader, ItemId("item-1")) is None
    assert not held.ballast.may_fetch  # nothing is fetched ahead meanwhile
    logged.expect("ballast_let_go")


def test_a_full_disk_is_not_taken_for_a_damaged_cache(vault: vaults.Vault):
    def no_log(_: Database) -> None:
        raise vaults.DatabaseError("disk I/O error")  # what SQLite says when it can't lengthen the log's index

    vault.ballast.free = lambda: NO_ROOM
    with pytest.raises(Problem, match=r"store\.disk_full"):
        vault.writer.run(no_log)
    vault.ballast.free = lambda: 10 * ballast.BYTES
    with pytest.raises(Problem, match=r"vault\.damaged"):
        vault.writer.run(no_log)


CHILD = """
import resource, signal, sys
from pathlib import Path
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.store import items, outbox
from modstation.store import vault as vaults
from tests.support.vaults import a_row, signed

folder, key = Path(sys.argv[1]), bytes.fromhex(sys.argv[2])
vault = vaults.open_(folder, vaults.Locks(passphrase="a passphrase of some length"))
vault.open_journal(key, signed)
db = vault.reader()
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
vault.ballast.free = lambda: 1000
saved = []
for n in range(600):
    row = a_row(n, f"item-{n}", summary="a quiet summary " * 40)
    try:
        vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
        saved.append(row.entry_id)
    except Problem as problem:
        assert problem.code in {"store.disk_full", "store.journal_failed"}, problem
        if problem.code == "store.journal_failed":
            saved.append(row.entry_id)
        break
else:
    raise SystemExit("the disk was never full")
print(*saved)
sys.stdout.flush()
import os
os._exit(0)
"""


@pytest.mark.parametrize("limit_kib", [70, 130, 260])
def test_what_was_called_saved_before_the_disk_was_full_is_there_and_nothing_else(
    tmp_path: Path, limit_kib: int, service_key: X25519PrivateKey
):
    locks = vaults.Locks(passphrase="a passphrase of some length")
    vaults.create(tmp_path / "station", locks).close()
    key = service_key.public_key().public_bytes_raw().hex()
    limit = (tmp_path / "station" / "vault.db").stat().st_size + limit_kib * 1024
    command = [sys.executable, "-c", CHILD, str(tmp_path / "station"), key, str(limit)]
    told = subprocess.run(command, capture_output=True, text=True, check=False, cwd=Path(__file__).parents[2])
    assert told.returncode == 0, told.stderr
    saved = told.stdout.splitlines()[-1].split()  # before it may stand that emptying the log was put off
    again = vaults.open_(tmp_path / "station", locks)
    reader = again.reader()
    assert [row.entry_id for row in outbox.rows(reader)] == saved
    assert set(again.journal_ids()) <= set(saved)
    again.open_journal(bytes.fromhex(key), signed)
    save(again, 900)  # there is room again
    again.close()
