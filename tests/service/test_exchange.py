"""The exchange: leases, feed, decisions, receipts. Each promise is held on SQLite and on PostgreSQL."""

import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from modstation.core.decision import ChosenAction, Escalation, Verdict
from modstation.core.ids import ActionId, TeamName, uuid7
from modstation.core.receipt import Outcome
from modstation.service import catalogue, devices, identity, leases, recording
from modstation.service.leases import Holder
from modstation.service.tables import decision, effect, lease, receipt
from modstation.wire import translate
from modstation.wire.exchange import DeviceState, Held, ItemLeased, Reset
from tests.support.builders import a_policy
from tests.support.central import QUEUE, Central, Post, as_violation, one_item, without_media


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


def test_a_decision_is_accepted_and_its_item_leaves_the_device(central: Central) -> None:
    central.furnish(items=2)
    post = central.post()
    post.pull(room=2)
    (got,) = post.decide(post.decision("item-00000", **as_violation()))
    assert (got.outcome, got.code, got.item_id) == (Outcome.ACCEPTED, "accepted", "item-00000")
    assert post.gone == {"item-00000": "decided"}
    numbers = central.stats()
    assert (numbers.accepted_items, numbers.applied_twice, numbers.effects) == (1, 0, 1)
    assert numbers.items == {"closed": 1, "leased": 1}


def test_a_replay_gets_the_very_same_receipt_also_much_later(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    request = post.request(decisions=(post.sent(made),))
    first = post.send(request)
    central.clock.move(90 * 24 * 3600)
    again = post.send(request)
    assert first.receipts == again.receipts
    assert central.stats().decisions == {"accepted": 1}


def test_other_bytes_under_the_same_id_are_refused_and_the_first_stays(central: Central, logged: Any) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    (first,) = post.decide(made)
    (other,) = post.decide(replace(made, rationale="another text"))
    assert (other.outcome, other.code) == (Outcome.REFUSED, "refused.id_conflict")
    (again,) = post.decide(made)
    assert again == first
    logged.expect("decision_id_conflict")


def test_a_malformed_decision_is_refused_alone(central: Central, logged: Any) -> None:
    central.furnish(items=3)
    post = central.post()
    post.pull(room=3)
    bad = translate.dump(post.decision("item-00001")).replace(b'"no_violation"', b'"perhaps"')
    worse = b'{"decision_id": 7}'
    got = post.decide(post.decision("item-00000"), bad, worse, post.decision("item-00002"))
    assert [one.outcome for one in got] == [Outcome.ACCEPTED, Outcome.REFUSED, Outcome.REFUSED, Outcome.ACCEPTED]
    assert (got[1].code, got[1].item_id) == ("refused.malformed", "item-00001")
    assert "verdict" in got[1].reason
    assert "item-00001" in post.held
    logged.expect("decision_malformed")


def test_effect_and_receipt_are_one_with_the_decision(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    insert = recording.insert

    def failing(table: Any) -> Any:
        if table is receipt:
            raise RuntimeError("power cut between effect and receipt")
        return insert(table)

    monkeypatch.setattr(recording, "insert", failing)
    who = devices.Device(post.device_id, "ann", revoked=False)
    with pytest.raises(RuntimeError):
        central.service.exchange.answer(who, post.request(decisions=(post.sent(made, 1),)))
    counts = [
        len(central.database.read(lambda c, t=t: c.execute(select(t)).all())) for t in (decision, effect, receipt)
    ]
    assert counts == [0, 0, 0]
    monkeypatch.undo()
    (got,) = post.decide(made)
    assert got.outcome is Outcome.ACCEPTED


def test_a_batch_that_the_database_refuses_is_taken_apart(central: Central, logged: Any, monkeypatch: Any) -> None:
    central.furnish(items=3)
    post = central.post()
    post.pull(room=3)
    note = recording._note
    poison = post.decision("item-00001")

    def poisoned(pages: Any, dossier: Any, one: Any, *rest: Any) -> None:
        note(pages, dossier, one, *rest)
        if one.decision_id == poison.decision_id:
            pages.decisions[one.decision_id]["verdict"] = None  # the database says no

    monkeypatch.setattr(recording, "_note", poisoned)
    got = post.decide(post.decision("item-00000"), poison, post.decision("item-00002"))
    assert [(one.item_id, one.outcome) for one in got] == [
        ("item-00000", Outcome.ACCEPTED), ("item-00002", Outcome.ACCEPTED),
    ]  # fmt: skip
    logged.expect("batch_taken_apart")
    logged.expect("decision_not_recorded")
    # psycopg sometimes adds a line of its own about the rest of the batch it had already sent.
    logged[:] = [line for line in logged if "pipeline aborted" not in line]


def test_late_but_not_reassigned_is_accepted_late(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    central.clock.move(3601)
    (got,) = post.decide(made)
    assert got.outcome is Outcome.ACCEPTED_LATE


def test_reassigned_is_kept_as_second_opinion_and_after_the_others_decision_superseded(central: Central) -> None:
    central.furnish(items=2)
    ann, ben = central.post("ann"), central.post("ben")
    ann.pull(room=2)
    opinion, too_late = ann.decision("item-00000"), ann.decision("item-00001", **as_violation())
    central.clock.move(3601)
    ben.pull(room=2)
    assert sorted(ben.held) == ["item-00000", "item-00001"]
    ben.decide(ben.decision("item-00001"))
    got = ann.decide(opinion, too_late)
    assert [one.outcome for one in got] == [Outcome.SECOND_OPINION, Outcome.SUPERSEDED]
    assert got[1].agrees is False
    (last,) = ben.decide(ben.decision("item-00000"))
    assert last.outcome is Outcome.ACCEPTED
    assert ann.gone == {"item-00000": "expired", "item-00001": "expired"}
    assert central.stats().applied_twice == 0


def test_a_revised_item_returns_the_decision_and_comes_again_under_a_new_lease(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    central.add(one_item(0, summary="Another summary"))
    (got,) = post.decide(made)
    assert (got.outcome, got.code) == (Outcome.RETURNED, "returned.content_changed")
    assert post.items["item-00000"].rev == 2
    assert post.held["item-00000"].lease.lease_gen == 2
    (again,) = post.decide(post.decision("item-00000"))
    assert again.outcome is Outcome.ACCEPTED


def test_a_policy_that_no_longer_takes_the_version_returns_the_decision(central: Central) -> None:
    central.furnish(items=2)
    post = central.post()
    post.pull(room=2)
    old = post.decision("item-00000")
    central.publish(a_policy(version=4, accepts_from=3))
    (fine,) = post.decide(old)
    assert fine.outcome is Outcome.ACCEPTED
    old = post.decision("item-00001")
    central.publish(a_policy(version=5, accepts_from=5))
    (got,) = post.decide(old)
    assert (got.outcome, got.code) == (Outcome.RETURNED, "returned.policy_changed")
    assert post.policies[-1] == ("market", 5)
    assert post.held["item-00001"].lease.lease_gen == 2
    (again,) = post.decide(post.decision("item-00001"))
    assert again.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize(
    ("over", "code"),
    [
        (as_violation(actions=(ChosenAction(ActionId("fly")),)), "refused.foreign_action"),
        (as_violation(findings=()), "refused.incomplete"),
        (as_violation(actions=()), "refused.incomplete"),
        ({"verdict": Verdict.CANNOT_DECIDE}, "refused.incomplete"),
        ({"verdict": Verdict.CANNOT_DECIDE, "escalation": Escalation(TeamName("Nobody"))}, "refused.foreign_team"),
        ({"policy_id": "another"}, "refused.foreign_policy"),
    ],
)
def test_what_was_not_offered_is_refused_and_the_item_stays(central: Central, over: Any, code: str) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    (got,) = post.decide(post.decision("item-00000", **over))
    assert (got.outcome, got.code) == (Outcome.REFUSED, code)
    assert "item-00000" in post.held


def test_an_item_that_was_never_leased_to_the_device_can_not_be_decided_by_it(central: Central) -> None:
    central.furnish(items=1)
    ann, ben = central.post("ann"), central.post("ben")
    ann.pull(room=1)
    ben.pull()
    ben.items = ann.items
    got = ben.decide(
        ben.decision("item-00000"), replace(ben.decision("item-00000"), decision_id=uuid7(1, 1), item_id="x")
    )
    assert [one.code for one in got] == ["refused.not_leased", "refused.unknown_item"]


def test_ones_own_decision_can_be_replaced_and_still_one_counts(central: Central) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    first = post.decision("item-00000")
    second = post.decision("item-00000", supersedes=first.decision_id, **as_violation())
    third = post.decision("item-00000", supersedes=second.decision_id)
    got = [*post.decide(first, second), *post.decide(third)]
    assert [one.code for one in got] == ["accepted", "accepted.replaces", "accepted.replaces"]
    numbers = central.stats()
    assert (numbers.accepted_items, numbers.applied_twice, numbers.effects_waiting) == (1, 0, 1)


def test_released_items_go_to_others_and_do_not_come_straight_back(central: Central) -> None:
    central.furnish(items=1)
    ann, ben = central.post("ann"), central.post("ben")
    ann.pull(room=1)
    ann.sync(release=("item-00000",), room=1)
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
    assert reply.receipts[0].outcome is Outcome.ACCEPTED_LATE
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
    assert central.add(one_item(0, priority=3)) == catalogue.Added(revised=1)
    post.pull(room=1)
    assert post.items["item-00000"].rev == 2
    (got,) = post.decide(post.decision("item-00000"))
    assert got.outcome is Outcome.ACCEPTED
    assert central.stats().applied_twice == 0


def test_many_decisions_at_once_are_all_accepted_and_make_room(central: Central) -> None:
    central.furnish(items=150)
    post = central.post()
    post.pull(room=100)
    made = [post.decision(item_id) for item_id in post.held]
    reply = post.sync(decisions=tuple(post.sent(one) for one in made), room=100, limit=500)
    assert {one.outcome for one in reply.receipts} == {Outcome.ACCEPTED}
    assert len(post.held) == 50
    assert central.stats().items == {"closed": 100, "leased": 50}


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
