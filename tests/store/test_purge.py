"""After a purge neither a key nor a word of it is in any file of the vault, also not for somebody who has the key.

The files themselves are ciphertext, so they are looked at opened: every page of the database and of its log, free ones
too, as SQLCipher decrypts them.
"""

import hashlib
import hmac
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC

from modstation.core.ids import ItemId, MediaId
from modstation.store import drafts, items, outbox
from modstation.store import vault as vaults
from modstation.store.cipher import PAGE_SIZE
from tests.support.builders import a_media
from tests.support.vaults import a_receipt, a_row, a_stored_item

WORD = b"HARBOUR-LIGHT"
_RESERVE = 80  # of each page: initialisation vector 16, HMAC-SHA512 64
_WAL_HEADER, _FRAME_HEADER = 32, 24


def pages(path: Path, key: bytes) -> list[bytes]:
    """Every page of a database file or its log, decrypted; each must prove itself by its HMAC, or be all zeros."""
    data = path.read_bytes()
    if path.name.endswith("-wal"):
        size = _FRAME_HEADER + PAGE_SIZE
        raw = [(data[at : at + 4], data[at + _FRAME_HEADER : at + size]) for at in range(_WAL_HEADER, len(data), size)]
        numbered = [(int.from_bytes(number), page) for number, page in raw]
    else:
        numbered = [(at // PAGE_SIZE + 1, data[at : at + PAGE_SIZE]) for at in range(0, len(data), PAGE_SIZE)]
    salt = (path.parent / "vault.db").read_bytes()[:16]
    mac_key = PBKDF2HMAC(SHA512(), 32, bytes(byte ^ 0x3A for byte in salt), 2).derive(key)
    return [_opened(number, page, key, mac_key) for number, page in numbered if any(page)]


def _opened(number: int, page: bytes, key: bytes, mac_key: bytes) -> bytes:
    start = 16 if number == 1 else 0
    body, vector, mac = page[start:-_RESERVE], page[-_RESERVE : -_RESERVE + 16], page[-64:]
    told = hmac.new(mac_key, body + vector + number.to_bytes(4, "little"), hashlib.sha512).digest()
    assert hmac.compare_digest(told, mac), f"page {number} is not one of ours"
    opener = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return opener.update(body) + opener.finalize()


def found(vault: vaults.Vault, *what: bytes) -> list[str]:
    """Which files of the vault hold any of `what`: as they are, or opened with the key."""
    hits: list[str] = []
    for path in sorted(path for path in vault.folder.rglob("*") if path.is_file()):
        inside = [path.read_bytes()]
        if path.name in {"vault.db", "vault.db-wal"}:
            inside += pages(path, vault._key)
        hits += [path.name for one in inside for word in what if word in one]
    return sorted(set(hits))


@pytest.fixture
def filled(vault: vaults.Vault) -> tuple[vaults.Vault, bytes]:
    """A vault with twenty items, a picture for one, a draft; and the picture's key."""
    content = WORD * 30_000
    media = a_media(media_id=MediaId(hashlib.sha256(content).hexdigest()), size=len(content))
    stored = [a_stored_item(f"item-{n}", (media,) if n == 1 else ()) for n in range(1, 21)]
    told = [items.StoredItem(one.card, WORD * 2_000, one.media) for one in stored]
    vault.writer.run(lambda db: items.lease(db, told))
    vault.writer.run(lambda db: drafts.put(db, ItemId("item-2"), WORD))
    reader = vault.reader()
    with vault.media.receive(reader, media.media_id) as sink:
        sink.write(content)
        sink.finish()
    vault.writer.run(lambda db: vault.media.arrived(db, [media.media_id]))
    (key,) = reader.conn.execute("SELECT key FROM media").fetchone()
    reader.close()
    return vault, bytes(key)


def test_the_scan_finds_what_is_there_in_the_database_and_in_its_log(filled: tuple[vaults.Vault, bytes]):
    vault, key = filled
    assert "vault.db-wal" in found(vault, WORD)
    assert "vault.db-wal" in found(vault, key)
    vault.writer.checkpoint()
    assert found(vault, WORD) == ["vault.db"]
    assert found(vault, key) == ["vault.db"]
    vault.writer.run(lambda db: db.conn.execute("PRAGMA secure_delete = OFF").fetchall())
    vault.writer.run(lambda db: db.conn.execute("DELETE FROM bodies").rowcount)
    vault.writer.checkpoint()
    assert found(vault, WORD) == ["vault.db"]  # a plain DELETE is no purge, and the scan sees into free pages


def test_nothing_of_purged_items_is_left_in_any_file_neither_key_nor_word(filled: tuple[vaults.Vault, bytes]):
    vault, key = filled
    vault.writer.run(lambda db: drafts.drop(db, ItemId("item-2")))
    vault.writer.run(items.reset)
    assert found(vault, WORD, key) == []
    assert list((vault.folder / "media").iterdir()) == []


def test_nothing_of_an_item_is_left_when_its_decision_is_settled_but_what_history_keeps(
    filled: tuple[vaults.Vault, bytes],
):
    vault, key = filled
    body = a_row().body.replace(b"a quiet note", WORD)
    row = a_row(1, body=body)
    vault.writer.save(lambda db: outbox.add(db, row), body, row.entry_id).result()
    vault.writer.run(lambda db: drafts.drop(db, ItemId("item-2")))
    vault.writer.run(lambda db: items.gone(db, [ItemId(f"item-{n}") for n in range(2, 21)]))
    vault.writer.run(lambda db: outbox.settle(db, [a_receipt()]))
    assert found(vault, WORD, key) == []


def test_what_a_reader_held_up_is_swept_at_the_next_write(filled: tuple[vaults.Vault, bytes], monkeypatch):
    vault, key = filled
    monkeypatch.setattr("modstation.store.sweep.checkpoint", lambda _: False)  # as when somebody reads just then
    vault.writer.run(items.reset)
    assert found(vault, key) != []
    monkeypatch.undo()
    vault.writer.run(lambda db: drafts.drop(db, ItemId("item-2")))
    assert found(vault, WORD, key) == []


def test_old_words_of_an_item_go_with_it_also_those_a_decision_was_about(filled: tuple[vaults.Vault, bytes]):
    vault, key = filled
    row = a_row(1, "item-3")
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("item-3", rev=2)]))  # what was judged is kept beside
    vault.writer.run(lambda db: drafts.drop(db, ItemId("item-2")))
    vault.writer.run(items.reset)
    assert found(vault, WORD, key) == []
