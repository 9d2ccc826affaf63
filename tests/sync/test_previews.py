"""Previews on the way: they can be looked at before the first full file is even asked for."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from random import Random
from typing import cast

from modstation.core.content import Media, Preview
from modstation.core.ids import MediaId
from modstation.store import items
from modstation.sync.failures import Offline
from modstation.sync.fetch import Fetcher
from modstation.sync.transport import MediaBytes, Transport
from tests.support.builders import a_media
from tests.support.vaults import a_stored_item
from tests.sync.conftest import Station


def named(body: bytes) -> MediaId:
    return MediaId(hashlib.sha256(body).hexdigest())


def a_photo(full: bytes, small: bytes) -> Media:
    photo = a_media(media_id=named(full), size=len(full))
    return replace(photo, preview=Preview(named(small), len(small), 480, 320))


def test_a_preview_is_here_before_a_full_file_is_asked_for(station: Station) -> None:
    smalls = [bytes([n]) * 100 for n in range(3)]
    fulls = [bytes([n]) * 5_000 for n in range(3)]
    held = [a_stored_item(f"item-{n}", (a_photo(fulls[n], smalls[n]),)) for n in range(3)]
    station.vault.writer.run(lambda db: items.lease(db, held))
    asked: list[str] = []

    class Road:
        """Previews pass; nothing larger does."""

        @contextmanager
        def media(self, media_id: MediaId, _offset: int) -> Iterator[MediaBytes]:
            asked.append(media_id)
            for small in smalls:
                if media_id == named(small):
                    yield MediaBytes(0, iter([small]))
                    return
            reader = station.vault.reader()
            assert all(station.vault.media.have(reader, named(small)) for small in smalls)
            reader.close()
            raise Offline("sync.offline", "Too slow.")

    road = cast("Transport", Road())
    fetcher = Fetcher(station.vault, road, station.clock, Random(1), lambda _: None, lambda _: None)
    assert fetcher.step().arrived == 3
    fetched = fetcher.step()
    assert (fetched.arrived, fetched.left) == (0, 3)
    assert fetched.problem is not None
    assert set(asked[:3]) == {named(small) for small in smalls}
    assert asked[3] == named(fulls[0])
