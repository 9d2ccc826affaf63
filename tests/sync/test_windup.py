"""The end of a shift on the network's side, and files on a connection that costs by the byte."""

from dataclasses import replace
from random import Random
from typing import cast

import httpx2

from modstation.core.content import Media
from modstation.core.ids import ItemId, MediaId
from modstation.store import items, outbox
from modstation.store.media import SMALL
from modstation.store.outbox import What
from modstation.sync.failures import Refused
from modstation.sync.fetch import Fetcher
from modstation.sync.transport import Transport
from modstation.wire.exchange import SyncReply, SyncRequest
from tests.support.builders import a_media
from tests.support.station import decided
from tests.support.vaults import a_stored_item
from tests.sync.conftest import Station


def hold(station: Station, *ids: str) -> None:
    stored = [a_stored_item(item_id, priority=9 - n) for n, item_id in enumerate(ids)]
    station.vault.writer.run(lambda db: items.lease(db, stored))


def given_back(station: Station, item_id: str) -> None:
    decided(station.vault, item_id, station.rng, what=What.SKIP)


def held(station: Station) -> set[str]:
    return {item_id for item_id, _, _ in items.held(station.db)}


def offline(_: SyncRequest) -> SyncReply:
    raise httpx2.ConnectError("no route")


def test_the_end_of_a_shift_sends_what_is_due_asks_for_nothing_and_keeps_nothing_given_back(station: Station) -> None:
    station.engine.step()
    hold(station, "kept", "left")
    given_back(station, "left")
    station.engine.start()
    assert station.engine.wind_up(30)
    told = next(asked for asked in station.service.asked if asked.release)
    assert told.release == ("left",)
    assert held(station) == {"kept"}
    assert outbox.next_due(station.db) is None


def test_after_the_end_of_a_shift_no_room_is_offered(station: Station) -> None:
    hold(station, "left")
    given_back(station, "left")
    station.engine.wind_up(0)
    station.engine._stop.clear()
    station.engine._transport = station.service.transport()  # that of an engine that stopped says nothing more
    station.engine.step()
    assert station.service.asked[-1].room == 0


def test_without_a_connection_what_was_given_back_is_purged_and_told_at_the_next_one(station: Station) -> None:
    hold(station, "left")
    given_back(station, "left")
    station.service.script.extend([offline] * 5)
    assert not station.engine.wind_up(0)
    assert held(station) == set()
    assert [row.item_id for row in outbox.rows(station.db)] == ["left"]


def files(station: Station) -> None:
    """Five items: the first and the last with a large file before a small one, the others with small ones."""

    def one(name: str, size: int) -> Media:
        return a_media(media_id=MediaId(name * 64), size=size)

    held = [a_stored_item(f"item-{n}", (one(str(n), SMALL),), priority=9 - n) for n in range(1, 6)]
    held[0] = replace(held[0], media=(one("a", SMALL + 1), one("1", SMALL)))
    held[4] = replace(held[4], media=(one("e", SMALL + 1), one("5", SMALL)))
    station.vault.writer.run(lambda db: items.lease(db, held))


def test_the_next_items_get_all_their_files_then_everybody_small_ones_then_large_ones(station: Station) -> None:
    files(station)
    order = [missing.media_id[0] for missing in station.vault.media.missing(station.db, 99)]
    assert order == ["a", "1", "2", "3", "4", "5", "e"]


def test_on_a_metered_connection_only_the_files_of_near_items_are_asked_for_until_all_are_wanted(
    station: Station,
) -> None:
    files(station)
    wanted: list[str] = []

    class Road:
        """Takes note of what is asked for; nothing is there any more."""

        def media(self, media_id: MediaId, _offset: int) -> None:
            wanted.append(media_id[0])
            raise Refused("media.gone", "This file is gone.", status=404)

    near = (ItemId("item-2"), ItemId("item-5"))
    road = cast("Transport", Road())
    fetcher = Fetcher(station.vault, road, station.clock, Random(1), lambda _: None, lambda _: None, lambda: near)
    fetcher.step()
    assert wanted == ["2", "5", "e"]
    wanted.clear()
    fetcher.fetch_all()
    fetcher.step()
    assert wanted == ["a", "1", "3", "4"]
