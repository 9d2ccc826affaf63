"""Decisions found again: by their ids after the service was restored, out of the journal after a station's loss."""

import base64
import random
from dataclasses import replace
from typing import Any

import msgspec
import pytest
import zstandard
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from modstation.core.decision import Decision
from modstation.core.problem import Problem
from modstation.core.receipt import Outcome
from modstation.service import devices, identity, recovery
from modstation.service.envelope import MAX_JOURNAL_REQUEST
from modstation.service.tables import device, lease, unproven
from modstation.system.sealed import HEADER_BYTES, Sealer
from modstation.wire import translate
from modstation.wire.decision import Receipt
from modstation.wire.envelope import receipt_bytes, record_bytes
from modstation.wire.limits import MAX_SEGMENT
from modstation.wire.recovery import JournalReply, JournalRequest, ReceiptsReply, ReceiptsRequest
from tests.support.central import Central, Post, one_item

UNKNOWN = "01900000-0000-7000-8000-000000000000"


class Desk:
    """A post that signs what it decides into a journal."""

    def __init__(self, central: Central, person: str = "ann") -> None:
        self.central = central
        self.key = Ed25519PrivateKey.from_private_bytes(central.rng.randbytes(32))
        public = base64.b64encode(self.key.public_key().public_bytes_raw()).decode()
        body = {"code": central.code(person), "device_name": "Desk", "device_key": public}
        made = central.client.post("/v1/enrol", json=body).json()
        self.post = Post(central, made["device_id"], made["token"])

    def record(self, decision: Decision, record_id: str = "") -> tuple[str, bytes]:
        body = translate.dump(decision)
        record_id = record_id or decision.decision_id
        return record_id, self.key.sign(record_bytes(record_id, body)) + body

    def segment(self, *records: tuple[str, bytes] | Decision) -> bytes:
        """As the station writes it: sealed to the service."""
        sealing = base64.b64decode(self.central.service.keys.sealing_public)
        sealer = Sealer(sealing, random.Random(1).randbytes)
        given = [one if isinstance(one, tuple) else self.record(one) for one in records]
        return sealer.header + b"".join(sealer.record(*one) for one in given)

    def ask(self, path: str, request: Any, **headers: str) -> tuple[int, bytes]:
        content = request if isinstance(request, bytes) else msgspec.json.encode(request)
        status, _, body = self.central.ask("POST", path, headers=self.post.bearer | headers, content=content)
        return status, body

    def receipts(self, *ids: str) -> ReceiptsReply:
        status, body = self.ask("/v1/receipts", ReceiptsRequest(ids))
        assert status == 200, body
        return msgspec.json.decode(body, type=ReceiptsReply, strict=True)

    def recover(self, segment: bytes, *wanted: str) -> JournalReply:
        status, body = self.ask("/v1/journal", JournalRequest(base64.b64encode(segment).decode(), wanted))
        assert status == 200, body
        reply = msgspec.json.decode(body, type=JournalReply, strict=True)
        for receipt in reply.receipts:
            self.central.verifier.verify(base64.b64decode(receipt.signature), receipt_bytes(receipt))
        return reply

    def refused(self, path: str, request: Any, **headers: str) -> tuple[int, str]:
        status, body = self.ask(path, request, **headers)
        return status, msgspec.json.decode(body)["code"]


@pytest.fixture
def ann(central: Central) -> Desk:
    central.furnish(items=6)
    desk = Desk(central)
    desk.post.pull(room=4)
    return desk


@pytest.fixture
def eve(on_sqlite: Central) -> Desk:
    """As `ann`, for what does not depend on the database."""
    on_sqlite.furnish(items=6)
    desk = Desk(on_sqlite)
    desk.post.pull(room=4)
    return desk


def made(desk: Desk, *numbers: int, **over: Any) -> list[Decision]:
    return [desk.post.decision(f"item-{n:05}", **over) for n in numbers]


def counts(central: Central) -> tuple[int, int, int]:
    """Accepted items, effects, decisions that count twice."""
    now = central.stats()
    return now.accepted_items, now.effects, now.applied_twice


def kept(central: Central) -> int:
    return central.database.read(lambda conn: conn.scalar(select(func.count()).select_from(unproven))) or 0


def outcomes(receipts: tuple[Receipt, ...]) -> list[tuple[str, str]]:
    return [(one.outcome.value, one.code) for one in receipts]


def test_a_restored_service_asked_for_receipts_gives_the_stored_ones_and_names_the_unknown(ann: Desk) -> None:
    one, two = made(ann, 0, 1)
    before = ann.post.decide(one, two)
    ann.central.write(lambda conn: identity.restored(conn, ann.central.rng.randbytes, ann.central.clock.now()))
    reply = ann.receipts(two.decision_id, UNKNOWN, one.decision_id, two.decision_id)
    assert reply.receipts == (before[1], before[0])
    assert reply.unknown == (UNKNOWN,)
    assert reply.epoch != ann.post.epoch


def test_receipts_of_another_person_are_unknown(ann: Desk) -> None:
    (one,) = made(ann, 0)
    ann.post.decide(one)
    assert Desk(ann.central, "ben").receipts(one.decision_id).unknown == (one.decision_id,)
    assert Desk(ann.central, "ann").receipts(one.decision_id).unknown == ()


def test_decisions_of_a_journal_are_accepted_once_however_often_it_comes(ann: Desk) -> None:
    lost = made(ann, 0, 1, 2)
    segment, ids = ann.segment(*lost), [one.decision_id for one in lost]
    first = ann.recover(segment, *ids)
    assert outcomes(first.receipts) == [("accepted", "accepted")] * 3
    assert counts(ann.central) == (3, 3, 0)
    again = ann.recover(segment, *ids)
    assert again.receipts == first.receipts == ann.receipts(*ids).receipts
    assert tuple(ann.post.decide(*lost)) == first.receipts  # and sent up after all
    assert counts(ann.central) == (3, 3, 0)
    assert sorted(ann.post.held) == ["item-00003"]


def test_only_what_is_wanted_and_not_taken_back_is_looked_at(eve: Desk) -> None:
    one, two, three = made(eve, 0, 1, 2)
    back = "-" + two.decision_id
    segment = eve.segment(one, two, (back, eve.key.sign(record_bytes(back, b""))), three)
    reply = eve.recover(segment, one.decision_id, two.decision_id, UNKNOWN)
    assert [receipt.decision_id for receipt in reply.receipts] == [one.decision_id]
    assert reply.unreadable == ()
    assert counts(eve.central) == (1, 1, 0)


def test_a_decision_of_an_earlier_device_of_the_same_person_counts(ann: Desk) -> None:
    lost = made(ann, 0, 1)
    later = Desk(ann.central, "ann")
    reply = later.recover(ann.segment(*lost), *[one.decision_id for one in lost])
    assert outcomes(reply.receipts) == [("accepted", "accepted")] * 2
    assert counts(ann.central) == (2, 2, 0)
    ann.post.sync()
    assert sorted(ann.post.held) == ["item-00002", "item-00003"]


def test_when_the_later_device_holds_the_item_the_recovered_decision_still_counts_and_it_is_told(ann: Desk) -> None:
    (lost,) = made(ann, 0)
    ann.central.clock.move(7200)
    later = Desk(ann.central, "ann")
    later.post.pull(room=6)
    assert lost.item_id in later.post.held
    (receipt,) = later.recover(ann.segment(lost), lost.decision_id).receipts
    assert receipt.outcome is Outcome.ACCEPTED_LATE
    later.post.sync()
    assert later.post.gone[lost.item_id] == "decided"


def test_a_returned_one_gives_the_item_to_the_device_that_asks(ann: Desk) -> None:
    (lost,) = made(ann, 0)
    ann.post.pull(release=("item-00000",))
    ann.central.add(one_item(0, summary="Another summary"))
    later = Desk(ann.central, "ann")
    later.post.pull()
    (receipt,) = later.recover(ann.segment(lost), lost.decision_id).receipts
    assert receipt.code == "returned.content_changed"
    later.post.pull()
    assert later.post.items["item-00000"].rev == 2


def test_what_a_removed_device_signed_is_quarantined_whoever_brings_it(ann: Desk) -> None:
    (lost,) = made(ann, 0)
    ann.central.write(lambda conn: devices.revoke_device(conn, ann.post.device_id, ann.central.clock.now()))
    (receipt,) = Desk(ann.central, "ann").recover(ann.segment(lost), lost.decision_id).receipts
    assert receipt.code == "quarantined.device_revoked"
    assert counts(ann.central) == (0, 0, 0)


def test_a_removed_device_gets_nothing_accepted_by_bringing_another_ones_journal(eve: Desk) -> None:
    (lost,) = made(eve, 0)
    removed = Desk(eve.central, "ann")
    eve.central.write(lambda conn: devices.revoke_device(conn, removed.post.device_id, eve.central.clock.now()))
    (receipt,) = removed.recover(eve.segment(lost), lost.decision_id).receipts
    assert receipt.code == "quarantined.device_revoked"


def test_a_forged_record_is_kept_for_a_lead_and_does_not_take_the_genuine_ones_place(ann: Desk, logged: Any) -> None:
    (genuine,) = made(ann, 0)
    forger = Ed25519PrivateKey.from_private_bytes(bytes(32))
    body = translate.dump(changed(genuine))
    forged = (genuine.decision_id, forger.sign(record_bytes(genuine.decision_id, body)) + body)
    first = ann.recover(ann.segment(forged), genuine.decision_id)
    assert outcomes(first.receipts) == [("quarantined", "quarantined.unproven")]
    assert ann.recover(ann.segment(forged), genuine.decision_id).receipts == first.receipts
    assert (kept(ann.central), ann.central.stats().unproven, counts(ann.central)) == (1, 1, (0, 0, 0))
    assert ann.receipts(genuine.decision_id).unknown == (genuine.decision_id,)
    (receipt,) = ann.post.decide(genuine)
    assert receipt.outcome is Outcome.ACCEPTED
    logged.expect("recovered_unproven")


def changed(decision: Decision) -> Decision:
    """The same decision with another word in it: what somebody with the disk could write."""
    return replace(decision, rationale="It was another.")


def test_a_signature_is_for_one_id(eve: Desk, logged: Any) -> None:
    one, two = made(eve, 0, 1)
    moved = (two.decision_id, eve.record(one)[1])  # its record under another's id
    assert outcomes(eve.recover(eve.segment(moved), two.decision_id).receipts) == [("refused", "refused.malformed")]
    renamed = eve.record(one, two.decision_id)  # and signed so, by the device itself
    assert outcomes(eve.recover(eve.segment(renamed), two.decision_id).receipts) == [("refused", "refused.malformed")]
    assert counts(eve.central) == (0, 0, 0)
    logged.expect("decision_malformed")


def test_another_persons_segment_gives_nothing_and_leaves_nothing(ann: Desk) -> None:
    lost = made(ann, 0, 1)
    ids = [one.decision_id for one in lost]
    reply = Desk(ann.central, "ben").recover(ann.segment(*lost), *ids)
    assert (reply.receipts, reply.unreadable) == ((), ())
    assert (kept(ann.central), counts(ann.central)) == (0, (0, 0, 0))
    assert len(ann.recover(ann.segment(*lost), *ids).receipts) == 2


def test_another_persons_receipt_is_not_told_to_who_sends_the_same_bytes(ann: Desk, logged: Any) -> None:
    (one,) = made(ann, 0)
    ann.post.decide(one)
    ben = Desk(ann.central, "ben")
    (receipt,) = ben.recover(ben.segment(one), one.decision_id).receipts
    assert receipt.code == "refused.id_conflict"
    logged.expect("decision_id_conflict")


def test_a_damaged_record_is_named_and_the_others_are_taken(ann: Desk) -> None:
    lost = made(ann, 0, 1, 2)
    segment = bytearray(ann.segment(*lost))
    at = segment.index(lost[1].decision_id.encode()) + 60  # inside its ciphertext
    segment[at] ^= 1
    reply = ann.recover(bytes(segment), *[one.decision_id for one in lost])
    assert [receipt.decision_id for receipt in reply.receipts] == [lost[0].decision_id, lost[2].decision_id]
    assert reply.unreadable == (lost[1].decision_id,)
    ann.post.decide(lost[1])
    whole = ann.recover(bytes(segment), *[one.decision_id for one in lost])
    assert (len(whole.receipts), whole.unreadable) == (3, ())  # what is known needs no record


def test_what_is_known_is_answered_as_it_was_whatever_the_record_says(eve: Desk) -> None:
    (one,) = made(eve, 0)
    before = eve.post.decide(one)
    assert eve.recover(eve.segment(changed(one)), one.decision_id).receipts == tuple(before)


def test_a_torn_end_costs_only_what_is_torn(eve: Desk) -> None:
    one, two = made(eve, 0, 1)
    reply = eve.recover(eve.segment(one, two)[:-5] + bytes(3), one.decision_id, two.decision_id)
    assert [receipt.decision_id for receipt in reply.receipts] == [one.decision_id]


@pytest.mark.parametrize(
    ("segment", "code"),
    [
        (b"", "journal.unreadable"),
        (b"<html>", "journal.unreadable"),
        (b"MSSEAL1\n" + bytes(HEADER_BYTES), "journal.other_key"),
        (Sealer(b"\x09" + bytes(31), random.Random(2).randbytes).header, "journal.other_key"),
    ],
    ids=["nothing", "a page", "no key in it", "another's key"],
)
def test_a_segment_that_can_not_be_opened_is_a_problem_with_a_code(eve: Desk, segment: bytes, code: str) -> None:
    request = JournalRequest(base64.b64encode(segment).decode(), ())
    assert eve.refused("/v1/journal", request) == (400, code)


def test_a_segment_has_a_limit_and_a_small_body_that_unpacks_to_a_large_one_is_refused(eve: Desk) -> None:
    full = base64.b64encode(bytes(MAX_SEGMENT)).decode()
    assert eve.refused("/v1/journal", JournalRequest(full, ()))[1] == "journal.unreadable"  # not a matter of size
    over = base64.b64encode(bytes(MAX_SEGMENT + 1)).decode()
    assert eve.refused("/v1/journal", JournalRequest(over, ()))[0] in {400, 413}
    bomb = zstandard.ZstdCompressor().compress(b" " * (4 * MAX_JOURNAL_REQUEST))
    assert len(bomb) < 100_000
    headers = {"Content-Encoding": "zstd"}
    assert eve.refused("/v1/journal", bomb, **headers) == (413, "request.too_large")
    assert eve.refused("/v1/receipts", bomb, **headers) == (413, "request.too_large")


@pytest.mark.parametrize("path", ["/v1/receipts", "/v1/journal"])
def test_both_are_for_known_devices_only_and_strict(eve: Desk, path: str) -> None:
    status, _, body = eve.central.ask("POST", path, content=b"{}")
    assert (status, msgspec.json.decode(body)["code"]) == (401, "auth.token")
    assert eve.refused(path, b'{"decision_ids":[],"segment":"","wanted":[],"more":1}') == (400, "wire.malformed")
    assert eve.refused(path, b'{"decision_ids":["x"],"segment":"","wanted":["x"]}') == (400, "wire.malformed")


def test_whatever_bytes_a_segment_has_nothing_fails(eve: Desk) -> None:
    whole = eve.segment(*made(eve, 0, 1))
    private = eve.central.service.keys.sealing.private_bytes_raw()
    rng = random.Random(5)
    codes = set()
    for _ in range(300):
        spoilt = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            spoilt[rng.randrange(len(spoilt))] = rng.randrange(256)
        try:
            recovery.open_segment(bytes(spoilt[: rng.randint(0, len(spoilt))]), private, [UNKNOWN])
        except Problem as problem:
            codes.add(problem.code)
    assert codes == {"journal.unreadable", "journal.other_key"}


def test_after_a_restore_work_on_a_later_lease_counts_before_an_older_one_that_came_back(central: Central) -> None:
    central.furnish(items=1)
    ann, ben = Desk(central, "ann"), Desk(central, "ben")
    ann.post.pull(room=1)  # the backup is made here
    (held,) = central.database.read(lambda conn: conn.execute(select(lease)).all())
    central.write(lambda conn: identity.restored(conn, central.rng.randbytes, central.clock.now()))
    # What the restored service does not know any more: ann gave the item back, ben had it and decided.
    ben.post.items.update(ann.post.items)
    ben.post.policies += ann.post.policies
    lost = ben.post.decision("item-00000", lease_gen=held.lease_gen + 1)
    (receipt,) = ben.recover(ben.segment(lost), lost.decision_id).receipts
    assert receipt.outcome is Outcome.ACCEPTED_LATE
    mine = ann.post.decision("item-00000")
    (receipt,) = ann.post.decide(mine)
    assert receipt.code == "superseded.decided_by_other"


def put_back(central: Central) -> None:
    central.write(lambda conn: identity.restored(conn, central.rng.randbytes, central.clock.now()))


def test_what_was_decided_on_a_lease_of_the_backup_is_in_time_until_that_ends(ann: Desk) -> None:
    central = ann.central
    first, second = made(ann, 0, 1)
    central.clock.move(60)
    put_back(central)
    central.clock.move(60)
    (receipt,) = ann.post.decide(first)
    assert (receipt.outcome, receipt.code, receipt.reason) == (Outcome.ACCEPTED, "accepted", "")
    central.clock.move(3600)
    (receipt,) = ann.post.decide(second)
    assert (receipt.outcome, receipt.code) == (Outcome.ACCEPTED_LATE, "accepted_late.restored")
    assert receipt.reason == "The service was put back from a backup."


def test_what_was_decided_on_a_lease_the_backup_does_not_know_is_late_because_of_the_restore(ann: Desk) -> None:
    central = ann.central
    (held, *_) = central.database.read(lambda conn: conn.execute(select(lease)).all())
    lost = ann.post.decision(held.item_id, lease_gen=held.lease_gen + 1)
    unknown = ann.post.decision("item-00003", lease_gen=1)
    put_back(central)
    assert outcomes(tuple(ann.post.decide(lost))) == [("accepted_late", "accepted_late.restored")]
    central.clock.move(60)
    ann.post.sync(release=("item-00003",))
    ann.post.gone.clear()
    assert outcomes(tuple(ann.post.decide(unknown))) == [("accepted_late", "accepted_late.restored")]


def test_a_lease_given_after_the_restore_does_not_pass_for_a_lost_one_of_the_same_station(ann: Desk) -> None:
    central = ann.central
    central.clock.move(60)
    put_back(central)
    central.clock.move(60)
    ann.post.pull()
    ann.post.pull(room=1)
    lost = ann.post.decision("item-00004", lease_gen=1)  # as given after the backup was made, and forgotten with it
    assert outcomes(tuple(ann.post.decide(lost))) == [("accepted_late", "accepted_late.restored")]
    later = ann.post.decision("item-00000")
    central.clock.move(4000)
    assert outcomes(tuple(ann.post.decide(later))) == [("accepted_late", "accepted_late")]


def test_a_lease_given_after_the_restore_is_honoured_before_an_older_decision(central: Central) -> None:
    central.furnish(items=1)
    ann, ben = Desk(central, "ann"), Desk(central, "ben")
    central.write(lambda conn: identity.restored(conn, central.rng.randbytes, central.clock.now()))
    ann.post.pull(room=1)
    ben.post.items.update(ann.post.items)
    ben.post.policies += ann.post.policies
    lost = ben.post.decision("item-00000", lease_gen=1)
    (receipt,) = ben.recover(ben.segment(lost), lost.decision_id).receipts
    assert receipt.outcome is Outcome.SECOND_OPINION


def test_a_removed_device_that_says_it_holds_nothing_is_noted_once(ann: Desk) -> None:
    def purged() -> Any:
        wanted = select(device.c.purged_at).where(device.c.device_id == ann.post.device_id)
        return ann.central.database.read(lambda conn: conn.scalar(wanted))

    ann.central.write(lambda conn: devices.revoke_device(conn, ann.post.device_id, ann.central.clock.now()))
    ann.post.sync()  # is told; still says what it held when it asked
    assert purged() is None
    ann.post.sync()
    at = ann.central.clock.now()
    assert purged() == at
    now = ann.central.stats()
    assert (now.devices, now.devices_removed, now.devices_purged) == (0, 1, 1)
    ann.central.clock.move(3600)
    ann.post.sync()
    assert purged() == at


def test_two_restores_of_one_backup_never_give_out_the_same_fencing_number(ann: Desk) -> None:
    central = ann.central
    reached: list[int] = []

    class Unmade(Exception):
        """The restored database makes way for the same backup again."""

    def restored(conn: Any) -> None:
        identity.restored(conn, central.rng.randbytes, central.clock.now())
        reached.append(conn.scalar(select(func.max(lease.c.lease_gen)).where(lease.c.ended_at.is_(None))))
        raise Unmade

    for _ in range(2):
        central.clock.move(60)
        with pytest.raises(Unmade):
            central.write(restored)
    first, second = reached
    assert second > first + 1000, "grants after the first restore would be taken for grants after the second"
