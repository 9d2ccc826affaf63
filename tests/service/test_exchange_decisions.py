"""Decisions through the exchange: each gets one receipt, and its effect with it. On SQLite and on PostgreSQL."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from modstation.core.decision import ChosenAction, Escalation, Verdict
from modstation.core.ids import ActionId, TeamName, uuid7
from modstation.core.receipt import Outcome
from modstation.service import devices, recording
from modstation.service.tables import decision, effect, receipt
from modstation.wire import translate
from tests.support.builders import a_policy
from tests.support.central import Central, as_violation, one_item


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


@pytest.mark.parametrize("levels", [500, 990, 1_000, 100_000])
@pytest.mark.parametrize("name", ["rationale", "decisions"])
def test_a_decision_nested_without_end_is_refused_alone(central: Central, logged: Any, levels: int, name: str) -> None:
    central.furnish(items=3)
    post = central.post()
    post.pull(room=3)
    deep = b'"%s":' % name.encode() + b'[{"]":' * levels + b"0" + b"}]" * levels
    bad = translate.dump(post.decision("item-00001"))[:-1] + b"," + deep + b"}"
    got = post.decide(post.decision("item-00000"), bad, post.decision("item-00002"))
    assert [one.code for one in got] == ["accepted", "refused.malformed", "accepted"]
    assert got[1].item_id == "item-00001"
    logged.expect("decision_malformed")


def test_effect_and_receipt_are_one_with_the_decision(central: Central, monkeypatch: pytest.MonkeyPatch) -> None:
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    insert_many = recording.insert_many

    def failing(conn: Any, table: Any, *rows: Any) -> None:
        if table is receipt:
            raise RuntimeError("power cut between effect and receipt")
        insert_many(conn, table, *rows)

    monkeypatch.setattr(recording, "insert_many", failing)
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


def test_many_decisions_at_once_are_all_accepted_and_make_room(central: Central) -> None:
    central.furnish(items=150)
    post = central.post()
    post.pull(room=100)
    made = [post.decision(item_id) for item_id in post.held]
    reply = post.sync(decisions=tuple(post.sent(one) for one in made), room=100, limit=500)
    assert {one.outcome for one in reply.receipts} == {Outcome.ACCEPTED}
    assert len(post.held) == 50
    assert central.stats().items == {"closed": 100, "leased": 50}
