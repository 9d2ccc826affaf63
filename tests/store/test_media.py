"""Media files: encrypted as they arrive, resumed where they were cut, gone with their keys."""

import hashlib
import secrets
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from modstation.core.content import Media, Preview
from modstation.core.ids import ItemId, MediaId
from modstation.core.problem import Problem
from modstation.store import frames, items, outbox
from modstation.store import vault as vaults
from modstation.store.cipher import PAGE_SIZE
from modstation.store.driver import Database
from modstation.store.media import SMALL
from modstation.store.vault import Locks
from tests.conftest import Logged
from tests.support.builders import a_media
from tests.support.vaults import a_receipt, a_row, a_stored_item

BYTES = secrets.token_bytes(700_000)


def a_file(content: bytes = BYTES) -> Media:
    return a_media(media_id=MediaId(hashlib.sha256(content).hexdigest()), size=len(content))


def fetch(vault: vaults.Vault, reader: Database, content: bytes = BYTES) -> MediaId:
    media_id = a_file(content).media_id
    with vault.media.receive(reader, media_id) as sink:
        sink.write(content[sink.offset :])
        sink.finish()
    vault.writer.run(lambda db: vault.media.arrived(db, [media_id]))
    return media_id


def files(vault: vaults.Vault) -> list[Path]:
    return sorted((vault.folder / "media").iterdir())


def holding(vault: vaults.Vault, *ids: str, content: bytes = BYTES) -> None:
    vault.writer.run(lambda db: items.lease(db, [a_stored_item(i, (a_file(content),)) for i in ids]))


def test_what_was_fetched_is_read_back_and_is_not_on_the_disk_in_clear(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    assert vault.media.left(reader) == 1
    media_id = fetch(vault, reader)
    assert vault.media.read(reader, media_id) == BYTES
    assert vault.media.have(reader, media_id)
    assert vault.media.missing(reader, 9) == []
    (file,) = files(vault)
    assert BYTES[1000:1032] not in file.read_bytes()
    assert media_id not in file.name


def test_an_empty_file_is_a_file(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1", content=b"")
    assert vault.media.read(reader, fetch(vault, reader, b"")) == b""


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, len(BYTES)), max_size=4), st.integers(0, 40))
def test_after_cuts_it_goes_on_where_it_was_and_wastes_nothing(vault: vaults.Vault, cuts: list[int], torn: int):
    reader = vault.reader()
    vault.writer.run(items.reset)
    holding(vault, "item-1")
    media_id = a_file().media_id
    at = 0
    for cut in sorted(cuts):
        with vault.media.receive(reader, media_id) as sink:
            assert sink.offset == at
            for start in range(at, cut, 100_000):
                sink.write(BYTES[start : min(cut, start + 100_000)])
        at = cut
    if torn and at:  # the power fails in the middle of a frame
        (file,) = files(vault)
        file.write_bytes(file.read_bytes()[:-torn])
    fetch(vault, reader)
    assert vault.media.read(reader, media_id) == BYTES


def test_who_took_a_file_before_can_not_write_it_any_more(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    media_id = a_file().media_id
    with vault.media.receive(reader, media_id) as before:
        before.write(BYTES[:300_000])
        assert vault.media.read(reader, fetch(vault, reader)) == BYTES
        for late in (lambda: before.write(BYTES[300_000:]), before.finish):
            with pytest.raises(Problem, match=r"media\.cut_off"):
                late()
    assert vault.media.read(reader, media_id) == BYTES


def test_nothing_is_written_into_a_vault_that_is_closed(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    with vault.media.receive(reader, a_file().media_id) as late:
        late.write(BYTES[:300_000])
        vault.close()
        (file,) = files(vault)
        held = file.read_bytes()
        with pytest.raises(Problem, match=r"media\.cut_off"):
            late.write(BYTES[300_000:])
    assert file.read_bytes() == held


def test_no_nonce_is_used_twice_even_when_a_torn_frame_is_written_again(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    media_id = a_file().media_id
    nonces = []
    for _ in range(3):
        with vault.media.receive(reader, media_id) as sink:
            sink.write(BYTES[sink.offset : sink.offset + 1000])
        (file,) = files(vault)
        data = file.read_bytes()
        nonces.append(data[4:16] if not nonces else data[-(1000 + 16 + 12) : -(1000 + 16)])
        file.write_bytes(data[:-1])
    assert len(set(nonces)) == 3


@pytest.mark.parametrize("place", [2, 10, 40, 300_000, -1])
def test_a_flipped_bit_is_never_shown_and_the_file_is_fetched_again(vault: vaults.Vault, reader: Database, place: int):
    holding(vault, "item-1")
    media_id = fetch(vault, reader)
    (file,) = files(vault)
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)
    with pytest.raises(Problem, match=r"media\.damaged"):
        vault.media.read(reader, media_id)
    vault.writer.run(lambda db: vault.media.spoil(db, media_id))
    assert [m.media_id for m in vault.media.missing(reader, 9)] == [media_id]
    assert vault.media.read(reader, fetch(vault, reader)) == BYTES


def test_frames_can_not_change_places_nor_be_left_out(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    media_id = fetch(vault, reader)
    (file,) = files(vault)
    data = file.read_bytes()
    frame = frames.FRAME + 32
    for forged in (data[frame : 2 * frame] + data[:frame] + data[2 * frame :], data[frame:], data[:frame], b""):
        file.write_bytes(forged)
        with pytest.raises(Problem, match=r"media\.damaged"):
            vault.media.read(reader, media_id)


def test_other_bytes_than_announced_are_refused_and_it_starts_over(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    media_id = a_file().media_id
    with vault.media.receive(reader, media_id) as sink:
        sink.write(bytes(len(BYTES)))
        with pytest.raises(Problem, match=r"media\.wrong_hash"):
            sink.finish()
    with vault.media.receive(reader, media_id) as sink:
        assert sink.offset == 0
        with pytest.raises(Problem, match=r"media\.wrong_size"):
            sink.write(BYTES + b"x")
    with vault.media.receive(reader, media_id) as sink:
        sink.write(BYTES[:5])
        with pytest.raises(Problem, match=r"media\.wrong_size"):
            sink.finish()
    assert not vault.media.have(reader, media_id)
    with pytest.raises(Problem, match=r"media\.not_here"):
        vault.media.read(reader, media_id)
    assert vault.media.read(reader, fetch(vault, reader)) == BYTES


def test_what_is_wanted_next_is_what_is_nearest_in_the_queue(vault: vaults.Vault, reader: Database):
    def with_file(name: str, letter: str, priority: int) -> items.StoredItem:
        return a_stored_item(name, (a_media(media_id=MediaId(letter * 64)),), priority=priority)

    page = [with_file("decided", "d", 9), with_file("second", "2", 1), with_file("first", "1", 5)]
    vault.writer.run(lambda db: items.lease(db, [*page, with_file("shares", "1", 0)]))
    vault.writer.run(lambda db: outbox.add(db, a_row(1, "decided")))
    missing = vault.media.missing(reader, 9)
    assert [(m.media_id[0], m.item_id) for m in missing] == [("1", "first"), ("2", "second"), ("d", "decided")]
    assert len(vault.media.missing(reader, 2)) == 2


def with_preview(letter: str, size: int = SMALL) -> Media:
    """A file whose id is one letter; its preview's is the letter's number."""
    return a_media(media_id=MediaId(letter * 64), size=size, preview=Preview(MediaId(f"{ord(letter):x}" * 32), 9, 4, 3))


def order(vault: vaults.Vault, reader: Database, near: tuple[ItemId, ...] | None = None) -> str:
    """What is missing, by letters; a preview by the capital letter of its file."""
    found = [missing.media_id for missing in vault.media.missing(reader, 99, near)]
    return "".join(i[0] if len(set(i)) == 1 else chr(int(i[:2], 16)).upper() for i in found)


def test_previews_come_before_full_files_and_full_files_small_before_large(vault: vaults.Vault, reader: Database):
    page = [a_stored_item(f"item-{n}", (with_preview(x),), priority=9 - n) for n, x in enumerate("abcde")]
    page[3] = replace(page[3], media=(with_preview("g", SMALL + 1), with_preview("d")))
    vault.writer.run(lambda db: items.lease(db, page))
    assert order(vault, reader) == "ABCGDE" + "abcdeg"


def test_with_full_files_of_near_items_alone_previews_of_all_are_wanted(vault: vaults.Vault, reader: Database):
    page = [a_stored_item(f"item-{n}", (with_preview(x),), priority=9 - n) for n, x in enumerate("abc")]
    vault.writer.run(lambda db: items.lease(db, page))
    assert order(vault, reader, (ItemId("item-1"),)) == "ABC" + "b"


def test_a_purge_takes_previews_along_key_file_and_row(vault: vaults.Vault, reader: Database):
    small = secrets.token_bytes(9_000)
    preview = Preview(a_file(small).media_id, len(small), 480, 320)
    held = a_stored_item("item-1", (replace(a_file(), preview=preview),))
    vault.writer.run(lambda db: items.lease(db, [held]))
    assert fetch(vault, reader, small) == preview.media_id
    fetch(vault, reader)
    assert vault.media.read(reader, preview.media_id) == small
    known = keys(reader)
    assert (len(files(vault)), len(known)) == (2, 2)
    vault.writer.run(lambda db: items.gone(db, [ItemId("item-1")]))
    assert files(vault) == []
    assert keys(reader) == []
    assert not any(key in plain_pages(vault) for key in known)


def test_a_revision_without_the_picture_drops_its_preview(vault: vaults.Vault, reader: Database):
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("item-1", (with_preview("a"), with_preview("b")))]))
    vault.writer.run(lambda db: items.lease(db, [a_stored_item("item-1", (with_preview("b"),), rev=2)]))
    assert order(vault, reader) == "Bb"


def keys(db: Database) -> list[bytes]:
    return [bytes(row[0]) for row in db.conn.execute("SELECT key FROM media").fetchall()]


def test_a_purge_leaves_neither_key_nor_file_nor_row(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    media_id = fetch(vault, reader)
    (key,) = keys(reader)
    body = items.body(reader, ItemId("item-1"))
    assert body is not None
    assert key in plain_pages(vault)
    assert body[:60] in plain_pages(vault)
    vault.writer.run(lambda db: outbox.add(db, a_row()))
    vault.writer.run(lambda db: outbox.settle(db, [a_receipt()]))
    assert files(vault) == []
    with pytest.raises(Problem, match=r"media\.unwanted"):
        vault.media.read(reader, media_id)
    pages = plain_pages(vault)
    assert key not in pages
    assert body[:60] not in pages


def plain_pages(vault: vaults.Vault) -> bytes:
    """Every page of database and log decrypted by hand, free ones too: what a thief with the key could find."""
    data = (vault.folder / "vault.db").read_bytes()
    pages = [data[at : at + PAGE_SIZE] for at in range(0, len(data), PAGE_SIZE)]
    pages[0] = pages[0][16:]  # the salt
    log = (vault.folder / "vault.db-wal").read_bytes()[32:]
    pages += [log[at + 24 : at + 24 + PAGE_SIZE] for at in range(0, len(log), 24 + PAGE_SIZE)]
    plain = b""
    for page in pages:  # content, IV of 16 bytes, HMAC of 64
        cipher = Cipher(algorithms.AES256(vault._key), modes.CBC(page[-80:-64])).decryptor()
        plain += cipher.update(page[:-80]) + cipher.finalize()
    return plain


def test_a_file_that_another_item_needs_stays(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1", "item-2")
    media_id = fetch(vault, reader)
    vault.writer.run(lambda db: items.gone(db, [ItemId("item-1")]))
    assert vault.media.read(reader, media_id) == BYTES
    vault.writer.run(lambda db: items.gone(db, [ItemId("item-2")]))
    assert files(vault) == []


def test_a_purge_cut_short_by_a_reader_or_a_crash_is_finished_later(vault: vaults.Vault, locks: Locks):
    holding(vault, "item-1")
    fetch(vault, vault.reader())
    (file,) = files(vault)
    left_over = file.read_bytes()
    vault.writer.run(lambda db: items.gone(db, [ItemId("item-1")]))
    vault.close()
    file.write_bytes(left_over)  # as if the process had died between commit and removal
    again = vaults.open_(vault.folder, locks)
    assert files(again) == []
    again.close()


def test_a_reader_that_holds_on_only_delays_the_purge(vault: vaults.Vault, reader: Database):
    holding(vault, "item-1")
    fetch(vault, reader)
    (key,) = keys(reader)
    vault.writer.run(lambda db: db.conn.execute("PRAGMA busy_timeout = 10").fetchone())
    looking = reader.conn.execute("SELECT n FROM items UNION ALL SELECT 1 UNION ALL SELECT 2")
    looking.fetchone()
    vault.writer.run(lambda db: items.gone(db, [ItemId("item-1")]))
    assert files(vault) == []
    assert key in plain_pages(vault)  # still in the pages that the reader looks at
    looking.close()
    vault.writer.run(lambda _: None)  # any next unit finishes it
    assert key not in plain_pages(vault)


def test_a_disk_that_refuses_only_delays_the_purge(
    vault: vaults.Vault, reader: Database, monkeypatch: pytest.MonkeyPatch, logged: Logged
):
    holding(vault, "item-1")
    fetch(vault, reader)

    def refuse(*_: object, **__: object) -> None:
        raise OSError("no")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "unlink", refuse)
        vault.writer.run(lambda db: items.gone(db, [ItemId("item-1")]))
    assert len(files(vault)) == 1
    logged.expect("sweep put off")
    vault.writer.run(lambda _: None)
    assert files(vault) == []
