"""Previews: small stills of large pictures, made at an import, which change nothing about the item."""

import io
import json
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import select

from modstation.core.content import Preview, media_of, without_previews
from modstation.core.ids import ItemId
from modstation.core.item import Item
from modstation.service import catalogue
from modstation.service.catalogue import Added
from modstation.service.ingest.form import form
from modstation.service.ingest.importer import ServiceStore, import_file
from modstation.service.ingest.previews import LARGE, SIDE
from modstation.service.tables import item_body
from modstation.wire import translate
from tests.support.central import QUEUE, Central

ORIENTATION = 0x0112


@pytest.fixture
def service(on_sqlite: Central) -> Central:
    on_sqlite.furnish()
    return on_sqlite


def a_picture(kind: str = "JPEG", size: tuple[int, int] = (1200, 800), **how: Any) -> bytes:
    into = io.BytesIO()
    Image.effect_noise(size, 60).convert("RGB").save(into, kind, **how)
    return into.getvalue()


def a_list(folder: Path, pictures: dict[str, bytes]) -> Path:
    """A list of items in a folder with one picture each; the item has the file's name."""
    folder.mkdir(exist_ok=True)
    lines = []
    for name, body in pictures.items():
        (folder / name).write_bytes(body)
        content = {"kind": "image", "media": {"file": name, "mime": "image/jpeg", "alt": "Grain."}}
        lines.append(
            {
                "item_id": name,
                "queue": QUEUE,
                "policy_id": "market",
                "language": "en",
                "severity": 1,
                "category": "spam",
                "summary": "Photo",
                "created_at": "2026-11-14T18:02:00Z",
                "content": content,
            }
        )
    listed = folder / "items.jsonl"
    listed.write_text("\n".join(json.dumps(line) for line in lines))
    return listed


def imported(central: Central, listed: Path) -> Added:
    service = central.service
    with closing(ServiceStore(service.database, service.files, central.clock)) as store:
        report = import_file(listed, store)
    assert report.refused == ()
    return report.added


def stored(central: Central, item_id: str) -> Item:
    body = central.service.database.read(
        lambda conn: conn.scalar(select(item_body.c.body).where(item_body.c.item_id == item_id))
    )
    return translate.load(Item, body)


def preview(central: Central, item_id: str) -> Preview | None:
    return media_of(stored(central, item_id).content)[0].preview


def test_a_large_picture_gets_a_small_still_without_its_metadata(service: Central, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif[0x010F] = "A camera that names its owner"
    body = a_picture(exif=exif)
    imported(service, a_list(tmp_path / "in", {"turned": body}))
    made = preview(service, "turned")
    assert made is not None
    assert (made.width, made.height) == (320, SIDE)  # upright
    kept = service.service.files.path(made.media_id).read_bytes()
    assert made.size == len(kept) < len(body) / 2
    with Image.open(io.BytesIO(kept)) as still:
        assert (still.format, still.size) == ("WEBP", (made.width, made.height))
        assert dict(still.getexif()) == {}
        assert not {"exif", "xmp", "icc_profile"} & set(still.info)


def test_the_same_again_is_the_same_and_the_hash_is_of_what_was_given(service: Central, tmp_path: Path) -> None:
    listed = a_list(tmp_path / "in", {"photo": a_picture()})
    assert imported(service, listed) == Added(new=1)
    first = stored(service, "photo")
    assert imported(service, listed) == Added(same=1)
    given = replace(first, content=without_previews(first.content))
    assert given != first
    assert service.add(given) == Added(same=1)
    assert stored(service, "photo") == first
    assert first.content_sha256 == catalogue.content_sha256(given.content)
    assert first.content_sha256 == catalogue.content_sha256(first.content)


def test_a_preview_is_always_the_same_file(service: Central, tmp_path: Path) -> None:
    body = a_picture("PNG", (600, 500))
    imported(service, a_list(tmp_path / "one", {"first": body}))
    imported(service, a_list(tmp_path / "other", {"second": body}))
    assert preview(service, "first") is not None
    assert preview(service, "first") == preview(service, "second")


def test_an_item_from_before_there_were_previews_stays_as_it_is(service: Central, tmp_path: Path) -> None:
    listed = a_list(tmp_path / "in", {"old": a_picture()})
    formed = form(listed.read_bytes(), listed.parent)
    service.service.files.add(listed.parent / "old")
    assert service.add(formed.item) == Added(new=1)
    before = stored(service, "old")
    assert imported(service, listed) == Added(same=1)
    assert stored(service, "old") == before
    assert preview(service, "old") is None


def test_what_cannot_be_decoded_moves_or_is_small_is_imported_without(service: Central, tmp_path: Path) -> None:
    frames = [Image.effect_noise((400, 300), 60 + n) for n in range(2)]
    pictures = {
        "mutated": a_picture()[:-9_000],
        "noise": b"\xff\xd8\xff" + bytes(range(256)) * 400,
        "moving": a_picture("GIF", (400, 300), save_all=True, append_images=frames),
        "small": a_picture(size=(90, 60)),
    }
    assert {name: len(body) > LARGE for name, body in pictures.items()} == {
        "mutated": True, "noise": True, "moving": True, "small": False,
    }  # fmt: skip
    assert imported(service, a_list(tmp_path / "in", pictures)) == Added(new=4)
    assert {name: preview(service, name) for name in pictures} == dict.fromkeys(pictures)


def test_whoever_holds_the_item_may_fetch_its_preview_and_nobody_else(service: Central, tmp_path: Path) -> None:
    imported(service, a_list(tmp_path / "in", {"photo": a_picture()}))
    made = preview(service, "photo")
    assert made is not None
    holder, stranger = service.post(), service.post("ben")
    holder.pull(room=1)

    def fetched(who: Any, **headers: str) -> tuple[int, bytes]:
        reply = service.client.get(f"/v1/media/{made.media_id}", headers=who.bearer | headers)
        return reply.status_code, reply.content

    whole = service.service.files.path(made.media_id).read_bytes()
    assert fetched(holder) == (200, whole)
    assert fetched(holder, Range="bytes=100-") == (206, whole[100:])
    assert fetched(stranger)[0] == 404
    holder.sync(release=("photo",))
    assert fetched(holder)[0] == 404


def test_an_item_is_not_taken_without_the_preview_it_names(service: Central, tmp_path: Path) -> None:
    listed = a_list(tmp_path / "in", {"photo": a_picture()})
    imported(service, listed)
    made = preview(service, "photo")
    assert made is not None
    service.service.files.path(made.media_id).unlink()
    with pytest.raises(Exception, match="media_missing"):
        service.add(replace(stored(service, "photo"), item_id=ItemId("two")))
