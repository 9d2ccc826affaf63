"""I5: after a purge nothing of an item is left: the pages of database and log are opened with the key and searched."""

from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from tests.simulation.checks import held_here, require
from tests.simulation.disk import FRAME, WAL_HEADER
from tests.simulation.station import Station
from tests.simulation.template import FILES, MARK

PAGE, RESERVED, SALT = 4096, 80, 16


def search(at: Station) -> None:
    """Look for the texts of items that are not here any more."""
    assert at.vault is not None
    at.vault.writer.run(lambda _db: None)
    waste = at.reader.conn.execute("SELECT count(*) FROM waste").fetchone()[0]
    if waste:
        return
    keeps = {row[0] for row in at.reader.conn.execute("SELECT item_id FROM outbox").fetchall()}
    text = b"".join(pages(at.folder, at.vault._key))
    files = at.reader.conn.execute("SELECT name, media_id, key FROM media").fetchall()
    known = {row[0] for row in files}
    stray = sorted(path.name for path in (at.folder / "media").iterdir() if path.name not in known)
    require(not stray, f"I5: files that nobody needs are left at {at.person}: {stray}")
    kept = {bytes(row[2]) for row in files}
    require(not any(key in text for key in at.file_keys - kept), f"I5: the key of a purged file is left at {at.person}")
    for _, media_id, _ in files:
        if at.vault.media.have(at.reader, media_id):
            require(at.vault.media.read(at.reader, media_id) == FILES[media_id], "a file is not what the service has")
    for n in range(40):
        item_id = f"item-{n:02}"
        if item_id not in held_here(at) and item_id not in keeps:
            require(f"{MARK}-{n:02}".encode() not in text, f"I5: the text of {item_id} is left at {at.person}")


def pages(folder: Path, key: bytes) -> list[bytes]:
    """Every page of the database and of its log, decrypted."""
    data = (folder / "vault.db").read_bytes()
    found = [data[at : at + PAGE] for at in range(0, len(data), PAGE)]
    log = folder / "vault.db-wal"
    logged = log.read_bytes() if log.exists() else b""
    found += [logged[at + 24 : at + FRAME] for at in range(WAL_HEADER, len(logged), FRAME)]
    return [_open(page, key, first=n == 0) for n, page in enumerate(found) if len(page) == PAGE and any(page)]


def _open(page: bytes, key: bytes, *, first: bool) -> bytes:
    start = SALT if first else 0
    vector = page[PAGE - RESERVED : PAGE - RESERVED + 16]
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    return decryptor.update(page[start : PAGE - RESERVED]) + decryptor.finalize()
