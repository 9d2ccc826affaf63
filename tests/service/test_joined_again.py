"""A computer that joins again brings what it could not deliver: judged by its person, never by anybody else's."""

from typing import Any

import pytest

from modstation.core.receipt import Outcome
from modstation.service import devices
from tests.support.central import Central, Post


def remove(central: Central, post: Post) -> None:
    central.write(lambda conn: devices.revoke_device(conn, post.device_id, central.clock.now()))


def joined_again(central: Central, before: Post) -> Post:
    """The same computer as a new device: what it held, and its numbers, go on."""
    after = central.post("ann")
    after.seq, after.items, after.policies = before.seq, before.items, before.policies
    return after


@pytest.fixture
def ann(central: Central) -> Post:
    central.furnish(items=4)
    post = central.post("ann")
    post.pull(room=4)
    return post


def test_decisions_of_a_removed_device_are_taken_once_when_its_person_joins_again(central: Central, ann: Post):
    ann.decide(ann.decision("item-00000"))
    undelivered = [ann.decision(item_id) for item_id in sorted(ann.held)]
    assert len(undelivered) == 3
    remove(central, ann)
    after = joined_again(central, ann)
    told = after.decide(*undelivered)
    assert [(one.outcome, one.code) for one in told] == [(Outcome.ACCEPTED_LATE, "accepted_late.removed")] * 3
    assert {one.reason for one in told} == {"The computer was removed before the decision came."}
    assert [one.outcome for one in after.decide(*undelivered)] == [Outcome.ACCEPTED_LATE] * 3
    assert (central.stats().accepted_items, central.stats().applied_twice) == (4, 0)
    after.pull(room=4)
    assert after.held == {}


def test_a_computer_that_joined_again_goes_on_counting_and_a_later_hole_is_noticed(on_sqlite: Central, logged: Any):
    on_sqlite.furnish(items=5)
    before = on_sqlite.post("ann")
    before.pull(room=5)
    before.decide(before.decision("item-00000"))
    made = [before.decision(item_id) for item_id in sorted(before.held)]
    remove(on_sqlite, before)
    after = joined_again(on_sqlite, before)
    after.pull()  # an exchange without decisions says nothing of its numbers
    after.decide(*made[:2])
    assert not logged
    after.seq += 1
    after.decide(made[2])
    logged.expect("decision_sequence_hole")


def test_a_device_that_is_still_a_member_speaks_for_itself(on_sqlite: Central):
    on_sqlite.furnish(items=1)
    first = on_sqlite.post("ann")
    first.pull(room=1)
    beside = joined_again(on_sqlite, first)
    (got,) = beside.decide(first.decision("item-00000"))
    assert got.code == "refused.not_leased"


def test_what_was_given_to_a_removed_device_of_somebody_else_entitles_nobody(on_sqlite: Central):
    on_sqlite.furnish(items=1)
    ann = on_sqlite.post("ann")
    ann.pull(room=1)
    made = ann.decision("item-00000")
    remove(on_sqlite, ann)
    (got,) = on_sqlite.post("ben").decide(made)
    assert got.code == "refused.not_leased"


def test_what_somebody_else_holds_meanwhile_stays_theirs(central: Central, ann: Post):
    made = ann.decision("item-00000")
    remove(central, ann)
    ben = central.post("ben")
    ben.pull(room=4)
    (got,) = joined_again(central, ann).decide(made)
    assert got.outcome is Outcome.SECOND_OPINION
    (theirs,) = ben.decide(ben.decision("item-00000"))
    assert theirs.outcome is Outcome.ACCEPTED


def test_a_code_of_somebody_else_makes_no_second_device_and_is_not_used_up(on_sqlite: Central):
    on_sqlite.furnish()
    code = on_sqlite.code("ben")
    body = {"code": code, "device_name": "Desk", "device_key": "AAAA"}
    refused = on_sqlite.client.post("/v1/enrol", json=body | {"person_id": "ann"})
    assert (refused.status_code, refused.json()["code"]) == (403, "enrol.code_of_other")
    assert "This code is for someone else." in refused.text
    assert on_sqlite.stats().devices == 0
    assert on_sqlite.client.post("/v1/enrol", json=body | {"person_id": "ben"}).status_code == 200
    assert on_sqlite.client.post("/v1/enrol", json=body | {"person_id": "ben"}).json()["code"] == "enrol.code_unknown"
