"""While one page is written the next is fetched already, and nothing is lost or taken twice for it."""

import msgspec
import pytest

from modstation.store import items, meta
from modstation.store.writer import Writer
from modstation.sync.exchange import CURSOR
from modstation.wire.envelope import digest
from modstation.wire.exchange import SyncReply, SyncRequest
from tests.conftest import Logged
from tests.support.scripted_service import leased
from tests.support.station import decided
from tests.sync.conftest import Station
from tests.sync.test_exchange import fill


def pages(station: Station, asked: SyncRequest) -> SyncReply:
    """A feed whose numbers 3 to 8 are items, two on a page."""
    first = asked.cursor + 1
    changes = [leased(n, f"item-{n}") for n in range(first, min(first + 2, 9))]
    return station.service.reply(asked, changes, more=first + 2 < 9)


@pytest.fixture
def long_feed(station: Station) -> Station:
    fill(station)
    station.service.asked.clear()
    station.service.script.extend(lambda asked: pages(station, asked) for _ in range(9))
    return station


def test_every_page_is_asked_for_once_and_what_is_foretold_is_what_would_have_been_asked(long_feed: Station) -> None:
    while long_feed.engine.step().more:
        pass
    assert [asked.cursor for asked in long_feed.service.asked] == [2, 4, 6]
    assert [asked.held.count for asked in long_feed.service.asked] == [0, 2, 4]
    assert [asked.room for asked in long_feed.service.asked] == [20, 18, 16]
    long_feed.service.script.clear()
    long_feed.engine.step()
    assert {i for i, _, _ in items.held(long_feed.db)} == {f"item-{n}" for n in range(3, 9)}
    assert long_feed.service.asked[-1].held.count == 6


def test_a_page_that_could_not_be_written_is_asked_for_again(
    long_feed: Station, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(Writer, "run", lambda *_: (_ for _ in ()).throw(RuntimeError("no disk")))
        with pytest.raises(RuntimeError, match="no disk"):
            long_feed.engine.step()
    while long_feed.engine.step().more:
        pass
    assert [asked.cursor for asked in long_feed.service.asked] == [2, 4, 2, 4, 6]
    assert meta.get(long_feed.db, CURSOR) == "8"
    assert {i for i, _, _ in items.held(long_feed.db)} == {f"item-{n}" for n in range(3, 9)}


def test_an_item_that_can_not_be_read_does_not_stop_the_feed_or_spoil_what_is_told_later(
    station: Station, logged: Logged
) -> None:
    fill(station)
    item = leased(4, "item-4").item
    spoilt = msgspec.Raw(bytes(item).replace(b'"severity":', b'"gravity":'))

    def first(asked: SyncRequest) -> SyncReply:
        changes = [leased(3, "item-3"), msgspec.structs.replace(leased(4, "item-4"), item=spoilt)]
        return station.service.reply(asked, changes, more=True)

    station.service.script.extend([first, lambda asked: pages(station, asked), lambda asked: pages(station, asked)])
    for _ in range(4):
        station.engine.step()
    held = items.held(station.db)
    assert {i for i, _, _ in held} == {"item-3", *(f"item-{n}" for n in range(5, 9))}
    assert station.service.asked[-1].held.digest == digest(held)
    assert any("item-4" in asked.release for asked in station.service.asked)
    logged.expect("change_unread")


def test_a_decision_that_is_due_does_not_wait_for_the_whole_feed(long_feed: Station) -> None:
    long_feed.engine.step()
    decided(long_feed.vault, "item-3", long_feed.rng)
    for _ in range(2):
        long_feed.engine.step()
    assert [len(asked.decisions) for asked in long_feed.service.asked] == [0, 0, 1]
