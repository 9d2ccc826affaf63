"""Nothing an item, a decision or a file says can be found in clear in any file of the vault."""

import hashlib
from pathlib import Path

from modstation.core.ids import ItemId, MediaId, PolicyId
from modstation.store import drafts, items, outbox, policies
from modstation.store import vault as vaults
from tests.support.builders import NOW, a_media
from tests.support.vaults import a_receipt, a_row, a_stored_item

MARKER = b"HARBOUR-LIGHT-MARKER"


def hits(folder: Path) -> list[str]:
    return [str(path) for path in folder.rglob("*") if path.is_file() and MARKER in path.read_bytes()]


def test_no_marker_is_found_in_any_file_at_any_moment(vault: vaults.Vault):
    content = MARKER * 20_000
    media = a_media(media_id=MediaId(hashlib.sha256(content).hexdigest()), size=len(content))
    stored = a_stored_item("item-1", (media,), summary=MARKER.decode())
    body = a_row().body.replace(b"a quiet note", MARKER)
    assert MARKER in body
    vault.writer.run(lambda db: items.lease(db, [items.StoredItem(stored.card, MARKER * 50, stored.media)]))
    vault.writer.run(lambda db: policies.put(db, PolicyId("market"), 1, MARKER))
    vault.writer.run(lambda db: drafts.put(db, ItemId("item-2"), MARKER))
    assert (vault.folder / "vault.db-wal").stat().st_size > 0
    assert hits(vault.folder) == []
    reader = vault.reader()
    with vault.media.receive(reader, media.media_id) as sink:
        sink.write(content[:300_000])
    assert hits(vault.folder) == []
    with vault.media.receive(reader, media.media_id) as sink:
        sink.write(content[sink.offset :])
        sink.finish()
    vault.writer.run(lambda db: vault.media.arrived(db, [media.media_id]))
    row = a_row(1, body=body, summary=MARKER.decode())
    vault.writer.save(lambda db: outbox.add(db, row), row.body, row.entry_id).result()
    assert hits(vault.folder) == []
    assert MARKER in (items.body(reader, ItemId("item-1")) or b"")  # it is there, only not in clear
    assert len(outbox.due(reader, NOW.replace(year=2027))) == 1
    vault.writer.run(lambda db: outbox.settle(db, [a_receipt()]))
    vault.close()
    assert hits(vault.folder) == []


def test_nobody_but_the_owner_may_read_the_folder(vault: vaults.Vault):
    assert vault.folder.stat().st_mode & 0o077 == 0
    inside = [vault.folder / "vault.db", vault.folder / "vault.json", vault.folder / "media", vault.folder / "journal"]
    assert [path.name for path in inside if path.stat().st_mode & 0o077] == []
