"""Several files on their way at the same time."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from random import Random
from typing import cast

from modstation.core.ids import MediaId
from modstation.store import items
from modstation.sync.failures import Offline, Refused
from modstation.sync.fetch import Fetcher
from modstation.sync.transport import MediaBytes, Transport
from tests.support.builders import a_media
from tests.support.vaults import a_stored_item
from tests.sync.conftest import Station

HANDS = 3
CONTENTS = [Random(n).randbytes(1_000) for n in range(12)]
IDS = [MediaId(sha256(content).hexdigest()) for content in CONTENTS]


class Road:
    """Serves `CONTENTS`; the n-th is refused, or the line is dead when it is asked for and ever after."""

    def __init__(self, refused: int | None = None, dead_from: int | None = None) -> None:
        self._refused = refused
        self._dead_from = dead_from
        self.asked: list[int] = []

    @contextmanager
    def media(self, media_id: MediaId, start: int) -> Iterator[MediaBytes]:
        n = IDS.index(media_id)
        self.asked.append(n)
        if n == self._refused:
            raise Refused("media.unknown", "There is no such file.", status=404)
        if self._dead_from is not None and n >= self._dead_from:
            raise Offline("sync.offline", "No connection.")
        yield MediaBytes(start, iter([CONTENTS[n][start:]]))


def fetcher(station: Station, road: Road) -> Fetcher:
    held = [
        a_stored_item(f"item-{n:02}", (a_media(media_id=media_id, size=1_000),), priority=99 - n)
        for n, media_id in enumerate(IDS)
    ]
    station.vault.writer.run(lambda db: items.lease(db, held))
    there = cast("Transport", road)
    return Fetcher(station.vault, there, station.clock, Random(1), lambda _: None, lambda _: None, hands=HANDS)


def here(station: Station) -> list[int]:
    return [n for n, media_id in enumerate(IDS) if station.vault.media.have(station.db, media_id)]


def test_files_that_come_at_the_same_time_are_each_whole(station: Station) -> None:
    fetched = fetcher(station, Road()).step()
    assert (fetched.arrived, fetched.left, fetched.problem) == (len(IDS), 0, None)
    read = [station.vault.media.read(station.db, media_id) for media_id in IDS]
    assert read == CONTENTS


def test_a_file_that_is_refused_does_not_stop_those_beside_it(station: Station) -> None:
    fetched = fetcher(station, Road(refused=4)).step()
    assert (fetched.arrived, fetched.problem) == (len(IDS) - 1, None)
    assert here(station) == [n for n in range(len(IDS)) if n != 4]


def test_when_the_line_dies_nothing_is_asked_for_but_what_is_on_its_way(station: Station) -> None:
    road = Road(dead_from=5)
    fetched = fetcher(station, road).step()
    assert isinstance(fetched.problem, Offline)
    assert here(station) == [0, 1, 2, 3, 4]
    assert max(road.asked) < 5 + HANDS
