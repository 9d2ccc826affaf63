"""Time at the station: how long a decision is held, when a lease is over, whatever somebody does to the clock."""

from datetime import timedelta

import httpx2
import pytest

from modstation.core.ids import ItemId
from modstation.store import anchor, items, outbox
from modstation.wire.exchange import SyncReply, SyncRequest
from modstation.wire.item import Lease
from tests.support.builders import NOW
from tests.support.station import decided
from tests.sync.conftest import Station, fill, held


@pytest.mark.parametrize("set_s", [-86_400, -50, -20, 20, 86_400])
def test_the_time_to_undo_is_what_passes_whatever_the_clock_does(station: Station, set_s: float) -> None:
    fill(station, "item-1", "item-2", "item-3")

    def carried() -> int:
        station.service.script.append(station.service.accepts)
        return station.engine.step().carried

    decided(station.vault, "item-1", station.rng, at=station.clock.now(), hold_s=30)
    station.clock.move(10)
    station.clock.set_wall(set_s)
    assert carried() == 0
    decided(station.vault, "item-2", station.rng, at=station.clock.now(), hold_s=30)
    station.clock.move(19)
    assert carried() == 0
    station.clock.set_wall(-set_s)
    station.clock.move(1)
    assert carried() == 1
    station.clock.move(9)
    assert carried() == 0
    station.clock.move(1)
    assert carried() == 1
    assert outbox.rows(station.db) == []


def test_when_the_shift_ends_nothing_waits_for_a_clock_that_was_set(station: Station) -> None:
    fill(station, "item-1")
    decided(station.vault, "item-1", station.rng, at=station.clock.now(), hold_s=30)
    station.clock.set_wall(86_400)
    station.service.script.append(station.service.accepts)
    assert station.engine.step().carried == 0
    station.vault.writer.run(lambda db: outbox.hurry(db, station.clock.now()))
    station.engine.wind_up(0)
    station.engine._stop.clear()
    assert station.engine.step().carried == 1


def offline(asked: SyncRequest) -> SyncReply:
    raise httpx2.ConnectError("no route")


def test_items_are_purged_some_time_after_their_lease_also_offline(station: Station) -> None:
    fill(station, "item-1")
    station.service.script.extend([offline, offline])
    station.clock.move(timedelta(hours=8, minutes=14).total_seconds())
    station.engine.step()
    assert held(station) == {"item-1"}
    station.clock.move(120)
    station.engine.step()
    assert held(station) == set()
    assert station.changes[-1].gone == {"item-1"}


def test_a_clock_that_is_days_ahead_purges_nothing_that_is_still_leased(station: Station) -> None:
    fill(station, "item-1")
    station.clock.set_wall(timedelta(days=3).total_seconds())
    behind = NOW + timedelta(minutes=1)
    station.service.script.extend([offline, lambda asked: station.service.reply(asked, server_time=behind)])
    station.clock.move(60)
    station.engine.step()
    station.clock.move(60)
    station.engine.step()
    assert station.engine.status.clock_off_s > 200_000
    assert held(station) == {"item-1"}
    assert items.queue_ids(station.db, anchor.service_time(station.db, station.clock).now) == ["item-1"]


def test_a_doubtful_end_of_a_lease_is_believed_when_the_service_stays_silent_for_the_grace(station: Station) -> None:
    fill(station, "item-1")
    station.service.script.extend([offline] * 3)
    station.clock.set_wall(timedelta(days=1).total_seconds())
    station.clock.move(60)
    station.engine.step()
    assert anchor.service_time(station.db, station.clock).unconfirmed
    station.clock.move(14 * 60)
    station.engine.step()
    assert held(station) == {"item-1"}
    station.clock.move(120)
    station.engine.step()
    assert held(station) == set()


def test_after_a_restart_of_the_machine_leases_are_unconfirmed_until_the_next_exchange(station: Station) -> None:
    fill(station, "item-1")
    station.clock.restart()
    assert anchor.service_time(station.db, station.clock).unconfirmed
    station.engine.step()
    assert not anchor.service_time(station.db, station.clock).unconfirmed


def test_a_wall_clock_that_was_set_back_gives_no_lease_more_time(station: Station) -> None:
    fill(station, "item-1")
    station.clock.move(timedelta(hours=8, minutes=16).total_seconds())
    station.clock.set_wall(-timedelta(hours=4).total_seconds())
    station.service.script.append(offline)
    assert items.queue_ids(station.db, anchor.service_time(station.db, station.clock).now) == []


def test_leases_near_their_end_are_renewed(station: Station) -> None:
    fill(station, "item-1")
    station.clock.move(timedelta(hours=5, minutes=30).total_seconds())
    later = NOW + timedelta(hours=14)
    longer = Lease(item_id="item-1", lease_gen=1, granted_at=NOW, expires_at=later)
    station.service.script.append(lambda asked: station.service.reply(asked, renewed=(longer,)))
    station.engine.step()
    assert station.service.asked[-1].renew == ("item-1",)
    assert items.cards(station.db, [ItemId("item-1")])[ItemId("item-1")].lease.expires_at == later


def a_stranger(_: SyncRequest) -> httpx2.Response:
    return httpx2.Response(200, content=b"<h1>Sign in</h1>")


@pytest.mark.parametrize(("failing", "asked_again"), [("offline", True), ("a stranger", True), ("refused", False)])
def test_a_wish_for_more_time_that_nobody_heard_is_asked_again(
    station: Station, failing: str, *, asked_again: bool
) -> None:
    fill(station, "item-1", "item-2")
    fail = {"offline": offline, "a stranger": a_stranger, "refused": lambda _: station.service.problem(409)}[failing]
    station.service.script.append(fail)
    station.engine.renew([ItemId("item-1"), ItemId("item-2")])
    station.engine.step()
    station.engine.step()
    wished = ("item-1", "item-2")
    assert [asked.renew for asked in station.service.asked[1:]] == [wished, wished if asked_again else ()]
    station.engine.step()
    assert station.service.asked[-1].renew == ()
