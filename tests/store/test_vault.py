"""The vault: it opens with its key, and every way of failing is told apart and changes nothing."""

import base64
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import apsw
import msgspec
import pytest

from modstation.core.problem import Problem
from modstation.store import meta, migrations, slots
from modstation.store import vault as vaults
from modstation.store.vault import Locks
from tests.support.vaults import MemoryKeyring, a_stored_item


@pytest.fixture
def station(tmp_path: Path) -> Path:
    return tmp_path / "station"


@pytest.fixture
def closed(station: Path, locks: Locks) -> Path:
    """A vault that holds something, closed."""
    made = vaults.create(station, locks)
    made.writer.run(lambda db: meta.put(db, "word", "harbour"))
    made.close()
    return station


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def problem_of(act: Callable[[], object]) -> str:
    with pytest.raises(Problem) as caught:
        act()
    assert caught.value.title
    return caught.value.code


def test_what_was_written_is_there_after_closing_and_opening(closed: Path, locks: Locks):
    again = vaults.open_(closed, locks)
    assert meta.get(again.reader(), "word") == "harbour"
    again.close()


def test_a_reader_can_not_write(vault: vaults.Vault):
    with pytest.raises(Exception, match="readonly"):
        vault.reader().conn.execute("INSERT INTO meta VALUES ('a', 'b')")


def test_a_passphrase_opens_it_where_there_is_no_keyring(station: Path):
    vaults.create(station, Locks(passphrase="fünf leise Möwen am Hafen")).close()
    before = contents(station)
    assert problem_of(lambda: vaults.open_(station, Locks(passphrase="another one"))) == "vault.wrong_key"
    assert problem_of(lambda: vaults.open_(station, Locks(MemoryKeyring()))) == "vault.needs_passphrase"
    assert contents(station) == before
    # the same words typed on a machine that composes letters differently
    vaults.open_(station, Locks(passphrase="fu\u0308nf leise Mo\u0308wen am Hafen")).close()


def test_either_lock_opens_a_vault_that_has_two(station: Path, keyring: MemoryKeyring):
    vaults.create(station, Locks(keyring, "six quiet gulls")).close()
    keyring_gone = vaults.open_(station, Locks(None, "six quiet gulls"))
    keyring_gone.close()
    vaults.open_(station, Locks(keyring)).close()
    with pytest.raises(Problem, match="keyring") as caught:
        vaults.open_(station, Locks())
    assert "passphrase" in caught.value.advice


def test_nothing_to_lock_with_makes_no_vault(station: Path):
    assert problem_of(lambda: vaults.create(station, Locks())) == "vault.no_lock"
    assert not vaults.exists(station)
    assert problem_of(lambda: vaults.open_(station, Locks())) == "vault.none"


def test_a_second_instance_is_told_so(vault: vaults.Vault, locks: Locks):
    assert problem_of(lambda: vaults.open_(vault.folder, locks)) == "vault.in_use"


def damage_database(folder: Path) -> None:
    data = bytearray((folder / "vault.db").read_bytes())
    data[100] ^= 1
    (folder / "vault.db").write_bytes(data)


def shorten_header(folder: Path) -> None:
    data = (folder / "vault.json").read_bytes()
    (folder / "vault.json").write_bytes(data[: len(data) // 2])


def forge_check(folder: Path) -> None:
    told = json.loads((folder / "vault.json").read_text())
    told["check"] = base64.b64encode(bytes(32)).decode()
    (folder / "vault.json").write_text(json.dumps(told))


def send_to_future(folder: Path) -> None:
    told = json.loads((folder / "vault.json").read_text()) | {"schema": migrations.NEWEST + 1, "brand_new": {}}
    (folder / "vault.json").write_text(json.dumps(told))


@pytest.mark.parametrize(
    ("hurt", "code"),
    [
        (damage_database, "vault.damaged"),
        (lambda folder: (folder / "vault.db").unlink(), "vault.damaged"),
        (lambda folder: (folder / "vault.db").write_bytes(b""), "vault.damaged"),
        (lambda folder: (folder / "vault.json").unlink(), "vault.header_missing"),
        (shorten_header, "vault.header_damaged"),
        (forge_check, "vault.header_damaged"),
        (send_to_future, "vault.from_future"),
    ],
)
def test_damage_is_named_and_nothing_on_the_disk_is_changed(
    closed: Path, locks: Locks, hurt: Callable[[Path], None], code: str
):
    hurt(closed)
    before = contents(closed)
    assert problem_of(lambda: vaults.open_(closed, locks)) == code
    assert contents(closed) == before
    assert problem_of(lambda: vaults.create(closed, locks)) == "vault.exists"
    assert contents(closed) == before


def test_a_database_from_the_future_is_left_alone_even_when_its_header_is_not(closed: Path, locks: Locks):
    opened = vaults.open_(closed, locks)
    opened.writer.run(lambda db: db.conn.execute(f"PRAGMA user_version = {migrations.NEWEST + 1}"))
    opened.close()
    before = contents(closed)
    assert problem_of(lambda: vaults.open_(closed, locks)) == "vault.from_future"
    assert contents(closed) == before


def test_a_key_that_can_not_be_had_is_explained_and_never_replaced(closed: Path, keyring: MemoryKeyring):
    before = contents(closed)
    ((name, secret),) = keyring.secrets.items()
    stranger = MemoryKeyring("another backend")
    stranger.secrets = dict(keyring.secrets)
    assert problem_of(lambda: vaults.open_(closed, Locks())) == "vault.no_keyring"
    assert problem_of(lambda: vaults.open_(closed, Locks(stranger))) == "vault.unsafe_keyring"
    keyring.secrets[name] = bytes(32)
    assert problem_of(lambda: vaults.open_(closed, Locks(keyring))) == "vault.key_mismatch"
    keyring.secrets[name] = b"short"
    assert problem_of(lambda: vaults.open_(closed, Locks(keyring))) == "vault.key_mismatch"
    del keyring.secrets[name]
    assert problem_of(lambda: vaults.open_(closed, Locks(keyring))) == "vault.key_missing"
    assert keyring.secrets == {}
    assert contents(closed) == before
    keyring.secrets[name] = secret
    vaults.open_(closed, Locks(keyring)).close()


def key_of(folder: Path, keyring: MemoryKeyring) -> bytes:
    told = json.loads((folder / "vault.json").read_text())
    slot = msgspec.convert(told["slots"], tuple[slots.Slot, ...])
    return slots.open_slots(slot, Locks(keyring), told["vault_id"])


def test_the_sqlite3_program_refuses_the_file(closed: Path):
    tried = subprocess.run(
        ["sqlite3", closed / "vault.db", ".schema"],
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert "CREATE" not in tried.stdout
    assert "not a database" in tried.stderr


def test_an_independent_implementation_opens_it_with_the_key(closed: Path, keyring: MemoryKeyring, tmp_path: Path):
    copy = shutil.copy(closed / "vault.db", tmp_path / "copy.db")
    other = apsw.Connection(str(copy))
    for setting in ("cipher = 'sqlcipher'", "legacy = 4"):
        other.execute(f"PRAGMA {setting}").fetchall()
    other.execute(f"PRAGMA key = \"x'{key_of(closed, keyring).hex()}'\"").fetchall()
    tables = {name for (name,) in other.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    assert {"items", "outbox", "media", "policies"} <= tables
    assert other.execute("SELECT value FROM meta WHERE key = 'word'").fetchone() == ("harbour",)
    other.close()


def test_the_settings_that_keep_data_safe_are_on(vault: vaults.Vault):
    wanted = {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "temp_store": 2, "foreign_keys": 1}
    found = vault.writer.run(lambda db: {name: db.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in wanted})
    assert found == wanted
    assert vault.writer.run(lambda db: db.conn.execute("PRAGMA cipher_integrity_check").fetchall()) == []


def test_an_item_keeps_its_identity_whatever_sql_says(vault: vaults.Vault):
    from modstation.store import items

    vault.writer.run(lambda db: items.lease(db, [a_stored_item()]))
    for column in ("item_id", "kind", "queue"):
        with pytest.raises(Exception, match="keeps its identity"):
            vault.writer.run(lambda db, column=column: db.conn.execute(f"UPDATE items SET {column} = 'another'"))


def test_a_vault_made_by_an_older_version_is_brought_up_to_date(
    closed: Path, locks: Locks, monkeypatch: pytest.MonkeyPatch
):
    grown = (*migrations.STEPS, "CREATE TABLE later (a TEXT);")
    monkeypatch.setattr(migrations, "STEPS", grown)
    monkeypatch.setattr(migrations, "NEWEST", len(grown))
    monkeypatch.setattr(migrations.migrate, "__defaults__", (grown,))
    again = vaults.open_(closed, locks)
    assert meta.get(again.reader(), "word") == "harbour"
    assert again.reader().conn.execute("SELECT * FROM later").fetchall() == []
    again.close()
    assert json.loads((closed / "vault.json").read_text())["schema"] == len(grown)


def test_a_step_that_fails_leaves_the_database_as_it_was(closed: Path, locks: Locks, monkeypatch: pytest.MonkeyPatch):
    broken = (*migrations.STEPS, "CREATE TABLE later (a TEXT); SELECT nonsense;")
    monkeypatch.setattr(migrations.migrate, "__defaults__", (broken,))
    with pytest.raises(Exception, match="nonsense"):
        vaults.open_(closed, locks)
    monkeypatch.undo()
    again = vaults.open_(closed, locks)
    assert migrations.version(again.reader()) == migrations.NEWEST
    again.close()
