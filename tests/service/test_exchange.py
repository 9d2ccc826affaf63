"""The exchange: leases and the feed. Each promise is held on SQLite and on PostgreSQL."""

import threading
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy.exc import IntegrityError

from modstation.core.receipt import Outcome
from modstation.service import catalogue, devices, identity, leases
from modstation.service.leases import Holder
from modstation.service.tables import lease
from modstation.wire.exchange import DeviceState, Held, ItemLeased, Reset
from tests.support.central import QUEUE, Central, Post, one_item, without_media


def test_a_first_exchange_gives_policy_then_items_and_the_pages_have_no_hole(central: Central) -> None:
    central.furnish(items=30)
    post = central.post()
    post.pull(room=25, limit=7)
    assert post.policies == [("market", 3)]
    assert len(post.held) == 25
    assert post.cursor == 27  # reset, policy, 25 items


def test_items_come_by_priority_then_age_then_id(central: Central) -> None:
    central.furnish()
    old, new = one_item(1).created_at, one_item(9).created_at
    central.add(
        one_item(3, created_at=new), one_item(4, created_at=old), one_item(2, created_at=old),
        one_item(5, created_at=new, priority=7),
    )  # fmt: skip
    post = central.post()
    reply = post.sync(room=10)
    order = [change.lease.item_id for change in reply.changes if isinstance(change, ItemLeased)]
    assert order == ["item-00005", "item-00002", "item-00004", "item-00003"]


def test_a_repeated_request_whose_reply_was_lost_gets_no_second_helping(central: Central) -> None:
    central.furnish(items=20)
    post = central.post()
    first = post.send(post.request(room=5))
    again = post.send(post.request(room=5))
    assert first.changes == again.changes
    post.pull(room=5)
    assert len(post.held) == 5
    assert central.stats().items == {"leased": 5, "waiting": 15}


def test_two_devices_never_hold_the_same_item(central: Central) -> None:
    central.furnish(items=60)
    posts = [central.post("ann"), central.post("ben"), central.post("ann"), central.post("ben")]
    holders = [Holder(post.device_id, "ann" if n % 2 == 0 else "ben") for n, post in enumerate(posts)]
    now = central.clock.now()
    barrier = threading.Barrier(len(holders))

    def work(holder: Holder) -> None:
        barrier.wait()
        for _ in range(4):
            central.write(lambda conn: leases.grant(conn, holder, 4, now))

    threads = [threading.Thread(target=work, args=(holder,)) for holder in holders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for post in posts:
        post.pull()
    given = [item_id for post in posts for item_id in post.held]
    assert len(given) == len(set(given)) == 60


def test_the_database_itself_refuses_a_second_live_lease(central: Central) -> None:
    central.furnish(items=1)
    one, two = central.post("ann"), central.post("ben")
    one.pull(room=1)
    row = {
        "item_id": "item-00000", "lease_gen": 99, "device_id": two.device_id, "person_id": "ben",
        "granted_at": central.clock.now(), "expires_at": central.clock.now(),
    }  # fmt: skip
    with pytest.raises(IntegrityError):
        central.write(lambda conn: conn.execute(lease.insert().values(**row)))


def test_people_get_only_their_queues_languages_and_skills(central: Central) -> None:
    central.furnish()
    now = central.clock.now()

    def unit(conn: Any) -> None:
        catalogue.add_queue(conn, "medical", skills=["nurse"])
        catalogue.add_queue(conn, "other")
        catalogue.add_person(conn, "ann", "Ann", now, queues=[QUEUE, "medical"], languages=["en-GB", "de"])
        catalogue.add_person(conn, "ben", "Ben", now, queues=[QUEUE, "medical"], skills=["nurse"])

    central.write(unit)
    central.add(
        one_item(1, language="en"), one_item(2, language="fr"), one_item(3, language="de-AT"),
        one_item(4, language="und"), one_item(5, queue="medical"), one_item(6, queue="other"),
    )  # fmt: skip
    ann = central.post("ann")
    ann.pull(room=10)
    assert sorted(ann.held) == ["item-00001", "item-00003", "item-00004"]
    ben = central.post("ben")
    ben.pull(room=10)
    assert sorted(ben.held) == ["item-00002", "item-00005"]


def test_what_is_given_back_at_the_end_of_a_shift_may_come_to_the_same_person_again(central: Central) -> None:
    central.furnish(items=1)
    ann = central.post("ann")
    ann.pull(room=1)
    ann.sync(release=("item-00000",), room=1)
    assert ann.held == {}  # a station that closes does not get back at once what it has given back
    central.clock.move(61)
    ann.pull(room=1)
    assert ann.held["item-00000"].lease.lease_gen == 2


def test_a_cursor_beyond_all_numbers_is_refused(central: Central) -> None:
    central.furnish(items=1)
    ann = central.post("ann")
    with pytest.raises(AssertionError, match="cursor"):  # what the service answered
        ann.sync(cursor=2**52 + 1)


def test_skipped_items_go_to_others_and_do_not_come_straight_back(central: Central) -> None:
    central.furnish(items=1)
    ann, ben = central.post("ann"), central.post("ben")
    ann.pull(room=1)
    ann.sync(release=("item-00000",), skipped=("item-00000",), room=1)
    ann.pull(room=1)
    assert (ann.held, ann.gone) == ({}, {"item-00000": "released"})
    ben.pull(room=1)
    assert ben.held["item-00000"].lease.lease_gen == 2


def test_a_renewed_lease_is_not_given_to_others(central: Central) -> None:
    central.furnish(items=2)
    ann, ben = central.post("ann"), central.post("ben")
    ann.pull(room=2)
    central.clock.move(3000)
    reply = ann.sync(renew=("item-00000", "item-99999"))
    (renewed,) = reply.renewed
    assert renewed.expires_at == central.clock.now() + timedelta(seconds=3600)
    central.clock.move(700)
    ben.pull(room=2)
    assert list(ben.held) == ["item-00001"]


def test_what_ran_out_at_a_device_that_does_not_renew_is_taken_back_when_it_calls(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    central.clock.move(3601)
    post.held.clear()  # the station has purged it by itself
    post.pull()
    assert post.gone == {"item-00000": "expired"}
    assert central.stats().items == {"waiting": 1}


def test_a_device_that_holds_something_else_gets_everything_anew(central: Central, logged: Any) -> None:
    central.furnish(items=5)
    post = central.post()
    post.pull(room=5)
    central.clock.move(120)
    post.held.pop("item-00003")
    reply = post.sync()
    assert isinstance(reply.changes[0], Reset)
    assert len(post.held) == 5
    assert post.sync().changes == ()
    logged.expect("held_differs")


def test_a_restored_service_voids_cursors_and_loses_no_decision(central: Central) -> None:
    central.furnish(items=2)
    post = central.post()
    post.pull(room=2)
    made = post.decision("item-00000")
    old = post.epoch
    new = central.write(lambda conn: identity.restored(conn, central.rng.randbytes, central.clock.now()))
    reply = post.sync(decisions=(post.sent(made),))
    assert (reply.epoch, isinstance(reply.changes[0], Reset)) == (new, True)
    assert new != old
    assert reply.receipts[0].code == "accepted", "the backup has the lease it was decided on, open and in time"
    post.pull()
    assert list(post.held) == ["item-00001"]
    again = post.send(post.request(epoch=old, cursor=1))
    assert isinstance(again.changes[0], Reset)


def test_a_revoked_device_is_emptied_and_its_decisions_are_quarantined(central: Central) -> None:
    central.furnish(items=2)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    assert central.write(lambda conn: devices.revoke_device(conn, post.device_id, central.clock.now()))
    reply = post.sync(decisions=(post.sent(made),), room=5)
    assert reply.device_state is DeviceState.REVOKED
    assert reply.receipts[0].outcome is Outcome.QUARANTINED
    assert (post.held, post.gone) == ({}, {"item-00000": "revoked"})
    assert central.stats().items == {"waiting": 2}


def test_a_revoked_device_that_asks_for_everything_afresh_is_told_no_policies(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    central.write(lambda conn: devices.revoke_device(conn, post.device_id, central.clock.now()))
    post.policies.clear()
    post.epoch, post.cursor = "", 0
    post.pull(epoch="f" * 32)
    assert (post.held, post.policies) == ({}, [])


def test_a_deleted_item_is_purged_and_its_decision_superseded(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    central.write(lambda conn: catalogue.remove_items(conn, ["item-00000"], central.clock.now()))
    (got,) = post.decide(made)
    assert got.code == "superseded.item_deleted"
    assert post.gone == {"item-00000": "deleted"}


def test_the_same_item_again_is_no_change_and_a_closed_one_that_changed_waits_again(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    post.decide(post.decision("item-00000"))
    assert central.add(one_item(0)) == catalogue.Added(same=1)
    assert central.add(one_item(0, priority=3)) == catalogue.Added(revised=1, reopened=1)
    post.pull(room=1)
    assert post.items["item-00000"].rev == 2
    (got,) = post.decide(post.decision("item-00000"))
    assert got.outcome is Outcome.ACCEPTED
    assert central.stats().applied_twice == 0


def test_a_device_holds_no_more_than_the_limit(opened: Any, tmp_path: Any) -> None:
    central = opened(tmp_path, hold_limit=4)
    central.furnish(items=10)
    post = central.post()
    post.pull(room=10)
    post.pull(room=10)
    assert len(post.held) == 4


def test_a_hole_in_what_a_device_sends_is_noticed(on_sqlite: Central, logged: Any) -> None:
    on_sqlite.furnish(items=2)
    post = on_sqlite.post()
    post.pull(room=2)
    post.decide(post.decision("item-00000"))
    post.seq = 7
    post.decide(post.decision("item-00001"))
    logged.expect("decision_sequence_hole")


def test_an_unchanged_idle_exchange_writes_nothing(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    who = devices.Device(post.device_id, "ann", revoked=False)
    given = central.service.exchange.answer(who, post.request(room=5))
    assert (given.wrote, given.quiet) == (False, True)


def test_what_a_device_holds_is_counted_right_after_every_kind_of_change(central: Central) -> None:
    central.furnish(items=12)
    post = central.post()
    post.pull(room=8)
    post.decide(*(post.decision(item_id) for item_id in list(post.held)[:2]))
    post.sync(release=(next(iter(post.held)),))
    central.add(one_item(4, summary="Another summary"), without_media(item_id="zz", queue=QUEUE))
    post.pull(room=3)
    central.clock.move(120)
    before = post.cursor
    reply = post.sync()  # a difference would give a reset
    assert (reply.changes, post.cursor) == ((), before)
    assert post.holding() != Held(0, "0" * 64)
    assert isinstance(post, Post)
    assert msgspec.json.encode(reply)
