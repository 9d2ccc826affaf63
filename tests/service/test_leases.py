"""Leases people can plan with: renewed item by item up to a maximum; severe content briefly and in small numbers."""

from datetime import timedelta
from typing import Any

from sqlalchemy import text

from modstation.core.content import Image
from modstation.service import catalogue
from modstation.service.feed import RESET_REST
from modstation.service.terms import Limits
from modstation.wire.exchange import Reset
from tests.support.builders import a_media
from tests.support.central import QUEUE, Central, Post, one_item

HOUR = timedelta(hours=1)


def bound(central: Central, **limits: Any) -> None:
    """Give the queue other limits."""
    central.write(lambda conn: catalogue.add_queue(conn, QUEUE, lease_ttl_s=3600, limits=Limits(**limits)))


def severe(*numbers: int) -> Any:
    return [one_item(n, severity=3) for n in numbers]


def until(post: Post, item_id: str) -> Any:
    return post.held[item_id].lease.expires_at


def test_a_renewed_lease_lasts_a_whole_life_from_now_but_never_past_the_maximum(central: Central) -> None:
    central.furnish(1)
    bound(central, lease_max_s=2 * 3600)
    ann = central.post()
    ann.pull(room=1)
    granted = central.clock.now()
    central.clock.move(40 * 60)
    assert [one.expires_at for one in ann.sync(renew=("item-00000",)).renewed] == [central.clock.now() + HOUR]
    central.clock.move(55 * 60)
    assert [one.expires_at for one in ann.sync(renew=("item-00000",)).renewed] == [granted + 2 * HOUR]


def test_a_renewal_past_the_maximum_is_answered_by_gone_and_the_others_are_renewed(central: Central) -> None:
    central.furnish(1)
    bound(central, lease_max_s=2 * 3600)
    ann = central.post()
    ann.pull(room=1)
    central.clock.move(50 * 60)
    ann.sync(renew=("item-00000",))
    central.clock.move(50 * 60)
    central.add(one_item(5))
    ann.pull(room=1)
    central.clock.move(21 * 60)
    reply = ann.sync(renew=("item-00000", "item-00005", "nobody-has-it"))
    assert [one.item_id for one in reply.renewed] == ["item-00005"]
    assert ann.gone == {"item-00000": "expired"}
    assert list(ann.held) == ["item-00005"]
    ben = central.post("ben")
    ben.pull(room=9)
    assert "item-00000" in ben.held


def test_an_early_renewal_never_shortens_a_lease(central: Central) -> None:
    central.furnish(1)
    ann = central.post()
    ann.pull(room=1)
    before = until(ann, "item-00000")
    central.write(lambda conn: catalogue.add_queue(conn, QUEUE, lease_ttl_s=600))
    assert [one.expires_at for one in ann.sync(renew=("item-00000",)).renewed] == [before]


def test_severe_items_are_leased_for_a_shorter_time(central: Central) -> None:
    central.furnish(1)
    central.add(*severe(7))
    bound(central, severe_ttl_s=600)
    ann = central.post()
    ann.pull(room=5)
    now = central.clock.now()
    assert until(ann, "item-00000") - now == HOUR
    assert until(ann, "item-00007") - now == timedelta(minutes=10)
    central.clock.move(300)
    (renewed,) = ann.sync(renew=("item-00007",)).renewed
    assert renewed.expires_at - central.clock.now() == timedelta(minutes=10)


def test_a_device_holds_only_so_many_severe_items_and_gets_the_next_when_one_is_done(central: Central) -> None:
    central.furnish(0)
    central.add(*severe(1, 2, 3, 4), one_item(8), one_item(9))
    bound(central, severe_hold=2)
    ann = central.post()
    ann.pull(room=20)
    assert sorted(ann.held) == ["item-00001", "item-00002", "item-00008", "item-00009"]
    assert ann.sync(room=20).changes == ()
    ben = central.post("ben")
    ben.pull(room=20)
    assert sorted(ben.held) == ["item-00003", "item-00004"]
    ann.decide(ann.decision("item-00001"))
    ben.sync(release=("item-00003",))
    ann.pull(room=20)
    assert sorted(ann.held) == ["item-00002", "item-00003", "item-00008", "item-00009"]


def test_a_station_that_may_hold_no_severe_items_is_not_kept_busy_by_them(central: Central) -> None:
    central.furnish(0)
    central.add(*severe(1, 2))
    bound(central, severe_hold=0)
    ann = central.post()
    ann.pull(room=20)
    assert not ann.held
    before = central.database.read(lambda conn: conn.scalar(text("SELECT count(*) FROM lease")))
    assert ann.sync(room=20).changes == ()
    assert central.database.read(lambda conn: conn.scalar(text("SELECT count(*) FROM lease"))) == before == 0


def test_items_that_are_given_back_may_be_purged_before_the_service_knows(central: Central) -> None:
    central.furnish(3)
    ann = central.post()
    ann.pull(room=3)
    central.clock.move(RESET_REST.total_seconds() + 1)  # a difference would be mended by a reset again
    for item_id in ("item-00000", "item-00001"):
        del ann.held[item_id]
    reply = ann.sync(release=("item-00000",))
    assert not any(isinstance(change, Reset) for change in reply.changes), "nothing is sent again"
    ann.sync(release=("item-00001",))
    assert ann.gone == {"item-00000": "released", "item-00001": "released"}
    assert ann.sync().changes == ()


def test_a_lease_that_has_run_out_opens_no_file_until_it_is_renewed(central: Central) -> None:
    central.furnish()
    media_id = central.service.files.keep(b"bytes of a file")
    central.add(one_item(0, flags=(), content=Image(a_media(media_id=media_id, size=15))))
    post = central.post()
    post.pull(room=1)

    def status() -> int:
        return int(central.client.get(f"/v1/media/{media_id}", headers=post.bearer).status_code)

    assert status() == 200
    central.clock.move(3600)
    assert status() == 404
    post.sync(renew=("item-00000",))
    assert status() == 200
