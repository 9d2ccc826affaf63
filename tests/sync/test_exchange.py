"""What an exchange does to the cache, told by a service that follows a script."""

import httpx2
import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.ids import ItemId, PolicyId
from modstation.core.receipt import Outcome
from modstation.core.status import Link
from modstation.store import drafts, history, items, meta, outbox, policies
from modstation.store.outbox import State, What
from modstation.sync.exchange import CURSOR, EPOCH
from modstation.wire.envelope import digest
from modstation.wire.exchange import DeviceState, GoneBecause, ItemGone, ItemLeased, Reset, SyncReply, SyncRequest
from modstation.wire.item import Lease
from tests.conftest import Logged
from tests.support import scripted_service
from tests.support.scripted_service import decisions_in, leased
from tests.support.station import decided
from tests.sync.conftest import Station, fill, held


def cursor(station: Station) -> int:
    return int(meta.get(station.db, CURSOR) or 0)


def test_a_first_exchange_fills_the_cache_and_moves_the_cursor_with_it(station: Station) -> None:
    fill(station, "item-1", "item-2")
    assert held(station) == {"item-1", "item-2"}
    assert policies.newest(station.db, PolicyId("market")) is not None
    assert (meta.get(station.db, EPOCH), cursor(station)) == (scripted_service.EPOCH, 4)
    assert station.changes[-1].items == {"item-1", "item-2"}
    assert station.engine.status.state is Link.ONLINE


def test_the_next_request_says_what_is_held_and_how_much_room_is_left(station: Station) -> None:
    assert station.engine.step().problem is None
    assert station.service.asked[0].room == 20
    fill_again = [leased(2, "item-1"), leased(3, "item-2", lease_gen=4)]
    station.service.script.append(lambda asked: station.service.reply(asked, fill_again))
    station.engine.step()
    station.engine.step()
    told = station.service.asked[-1]
    assert (told.cursor, told.room, told.held.count) == (3, 18, 2)
    assert told.held.digest == digest([("item-1", 1, 1), ("item-2", 4, 1)])


def test_what_is_told_as_held_stays_true_through_every_kind_of_change(station: Station) -> None:
    fill(station, "item-1", "item-2", "item-3")
    decided(station.vault, "item-3", station.rng)
    station.service.script.append(station.service.accepts)
    station.service.script.append(
        lambda asked: station.service.reply(
            asked, [ItemGone(seq=6, item_id="item-1", because=GoneBecause.EXPIRED), leased(7, "item-1", lease_gen=2)]
        )
    )
    station.service.script.append(lambda asked: station.service.reply(asked, [leased(8, "item-2", lease_gen=9)]))
    for _ in range(4):
        station.engine.step()
    told = station.service.asked[-1].held
    assert told.digest == digest(items.held(station.db)) == digest([("item-1", 2, 1), ("item-2", 9, 1)])


def test_a_draft_outlives_a_lease_that_ended_and_not_an_item_that_is_decided_or_deleted(station: Station) -> None:
    reasons = {f"item-{n}": because for n, because in enumerate(GoneBecause, 1)}
    fill(station, *reasons)
    for item_id in reasons:
        station.vault.writer.run(lambda db, item_id=item_id: drafts.put(db, ItemId(item_id), b"half a thought"))
    gone = [ItemGone(seq=n, item_id=i, because=b) for n, (i, b) in enumerate(reasons.items(), cursor(station) + 1)]
    station.service.script.append(lambda asked: station.service.reply(asked, gone))
    station.engine.step()
    kept = {because for item_id, because in reasons.items() if drafts.get(station.db, ItemId(item_id)) is not None}
    assert kept == set(GoneBecause) - {GoneBecause.DECIDED, GoneBecause.DELETED}
    assert held(station) == set()


def test_a_decision_is_held_for_undo_then_sent_then_settled(station: Station) -> None:
    fill(station, "item-1")
    entry = decided(station.vault, "item-1", station.rng, hold_s=30)
    station.engine.step()
    assert station.service.asked[-1].decisions == ()
    station.clock.move(30)
    station.service.script.append(station.service.accepts)
    stepped = station.engine.step()
    assert (stepped.carried, stepped.settled) == (1, 1)
    assert station.service.asked[-1].room == 20, "the item that leaves makes room in the same request"
    assert outbox.row(station.db, entry) is None
    assert [settled.entry_id for settled in history.recent(station.db, 5)] == [entry]
    assert held(station) == set()


def test_a_lost_reply_makes_the_same_bytes_travel_again_under_the_same_number(station: Station) -> None:
    fill(station, "item-1", "item-2")

    def lost(asked: SyncRequest) -> SyncReply:
        raise httpx2.ReadError("cut")

    first = decided(station.vault, "item-1", station.rng)
    station.service.script.append(lost)
    assert station.engine.step().problem is not None
    assert station.engine.status.state is Link.OFFLINE
    assert outbox.undo(station.db, first) is None, "it may have arrived"
    decided(station.vault, "item-2", station.rng)
    station.service.script.append(station.service.accepts)
    station.engine.step()
    before, after = station.service.asked[-2], station.service.asked[-1]
    assert before.decisions[0] == after.decisions[0]
    assert [sent.seq for sent in after.decisions] == [1, 2]
    assert outbox.counts(station.db).accepted == 2


def test_a_receipt_that_comes_twice_settles_once(station: Station) -> None:
    fill(station, "item-1")
    entry = decided(station.vault, "item-1", station.rng)
    station.service.script.append(
        lambda asked: station.service.reply(
            asked, receipts=tuple(station.service.receipt(d) for d in decisions_in(asked) * 2)
        )
    )
    station.engine.step()
    assert [settled.entry_id for settled in history.recent(station.db, 5)] == [entry]


def test_one_bad_outcome_never_stops_the_others(station: Station) -> None:
    fill(station, "item-1", "item-2", "item-3")
    entries = [decided(station.vault, f"item-{n}", station.rng) for n in (1, 2, 3)]
    outcomes = [Outcome.ACCEPTED, Outcome.RETURNED, Outcome.SUPERSEDED]

    def answer(asked: SyncRequest) -> SyncReply:
        told = zip(decisions_in(asked), outcomes, strict=True)
        return station.service.reply(asked, receipts=tuple(station.service.receipt(d, o) for d, o in told))

    station.service.script.append(answer)
    station.engine.step()
    returned = outbox.rows(station.db)
    assert [(row.entry_id, row.state) for row in returned] == [(entries[1], State.RETURNED)]
    assert held(station) == {"item-2"}
    station.engine.step()
    assert station.service.asked[-1].decisions == (), "a returned decision waits for the person"


def test_a_decision_without_a_receipt_stays_on_its_way_and_is_not_sent_in_a_tight_circle(station: Station) -> None:
    fill(station, "item-1")
    entry = decided(station.vault, "item-1", station.rng)
    stepped = station.engine.step()
    assert stepped.rest
    row = outbox.row(station.db, entry)
    assert row is not None
    assert row.state is State.SENDING


def test_a_forged_receipt_settles_nothing(station: Station, logged: Logged) -> None:
    fill(station, "item-1")
    entry = decided(station.vault, "item-1", station.rng)

    def forged(asked: SyncRequest) -> SyncReply:
        good = station.service.receipt(decisions_in(asked)[0], Outcome.REFUSED)
        return station.service.reply(asked, receipts=(msgspec.structs.replace(good, outcome=Outcome.ACCEPTED),))

    station.service.script.append(forged)
    station.engine.step()
    logged.expect("receipt_not_believed")
    assert outbox.row(station.db, entry) is not None


@pytest.mark.parametrize(
    ("strange", "code"),
    [
        ("html", "sync.sign_in"),
        ("redirect", "sync.sign_in"),
        ("portal", "sync.sign_in"),
        ("proxy", "sync.proxy_password"),
        ("other", "sync.blocked"),
        ("forged", "sync.blocked"),
        ("replayed", "sync.blocked"),
    ],
)
def test_an_answer_that_the_service_did_not_sign_changes_nothing_and_is_told_as_what_it_is(
    station: Station, strange: str, code: str
) -> None:
    fill(station, "item-1")
    old = station.service.signed(msgspec.json.encode(station.service.reply(station.service.asked[0])))
    entry = decided(station.vault, "item-1", station.rng)
    before = (cursor(station), held(station))

    def answer(asked: SyncRequest) -> httpx2.Response:
        good = msgspec.json.encode(station.service.accepts(asked))
        return {
            "html": httpx2.Response(200, html="<h1>Welcome to our hotel</h1>"),
            "redirect": httpx2.Response(302, headers={"Location": "http://portal.example/"}),
            "portal": httpx2.Response(511),
            "proxy": httpx2.Response(407),
            "other": httpx2.Response(404, html="<h1>Nothing here</h1>"),
            "forged": station.service.signed(good, key=Ed25519PrivateKey.generate()),
            "replayed": old,
        }[strange]

    station.service.script.append(answer)
    stepped = station.engine.step()
    assert stepped.problem is not None
    assert stepped.problem.code == code
    assert station.engine.status.state is Link.BLOCKED
    assert (cursor(station), held(station)) == before
    assert outbox.row(station.db, entry) is not None


@pytest.mark.parametrize("seqs", [(6, 5), (6, 7), (5, 7), (5, 5), (4, 5)])
def test_a_feed_with_a_hole_is_not_applied_and_everything_is_asked_for_anew(
    station: Station, logged: Logged, seqs: tuple[int, int]
) -> None:
    fill(station, "item-1", "item-2")
    decided(station.vault, "item-1", station.rng)

    def answer(asked: SyncRequest) -> SyncReply:
        receipts = tuple(station.service.receipt(d) for d in decisions_in(asked))
        gone = [leased(seqs[0], "item-8"), leased(seqs[1], "item-9")]
        return station.service.reply(asked, gone, next_cursor=max(seqs), receipts=receipts)

    station.service.script.append(answer)
    stepped = station.engine.step()
    logged.expect("feed_gap")
    assert stepped.rest
    assert stepped.settled == 1, "the receipt is signed by itself and counts"
    assert held(station) == {"item-2"}
    fill(station, "item-2", "item-8")
    assert station.service.asked[-1].epoch == ""
    assert station.service.asked[-1].cursor > 0, "from the beginning of the feed the same hole could be told again"
    assert held(station) == {"item-2", "item-8"}


def test_a_bad_item_is_set_aside_given_back_and_stops_nobody(station: Station, logged: Logged) -> None:
    good = leased(2, "item-1")
    lease = msgspec.convert({**msgspec.to_builtins(good.lease), "item_id": "item-2"}, Lease)
    bad = ItemLeased(seq=3, lease=lease, item=msgspec.Raw(b'{"item_id":"item-2","kind":"hologram"}'))
    station.service.script.append(
        lambda asked: station.service.reply(asked, [Reset(seq=1), good, bad, leased(4, "item-3")])
    )
    stepped = station.engine.step()
    logged.expect("change_unread")
    assert stepped.rest, "not asked again in a tight circle"
    assert held(station) == {"item-1", "item-3"}
    assert cursor(station) == 4
    station.engine.step()
    assert station.service.asked[-1].release == ("item-2",)
    station.engine.step()
    assert station.service.asked[-1].release == ()


def test_a_new_epoch_replaces_the_cache_and_keeps_the_outbox(station: Station) -> None:
    fill(station, "item-1", "item-2")
    entry = decided(station.vault, "item-1", station.rng, hold_s=60)
    station.service.script.append(
        lambda asked: station.service.reply(asked, [Reset(seq=90), leased(91, "item-7")], epoch="f" * 32)
    )
    station.engine.step()
    assert held(station) == {"item-7"}
    assert (meta.get(station.db, EPOCH), cursor(station)) == ("f" * 32, 91)
    assert outbox.row(station.db, entry) is not None


def test_a_skip_travels_as_a_release_and_leaves_with_the_item(station: Station) -> None:
    fill(station, "item-1", "item-2")
    decided(station.vault, "item-1", station.rng, what=What.SKIP)
    station.engine.step()
    asked = station.service.asked[-1]
    assert (asked.release, asked.decisions, asked.room) == (("item-1",), (), 19)
    assert outbox.rows(station.db) == []
    assert held(station) == {"item-2"}


def test_being_signed_out_ends_the_work_and_deletes_nothing(station: Station) -> None:
    fill(station, "item-1")
    entry = decided(station.vault, "item-1", station.rng)
    station.service.script.append(lambda _: station.service.problem(401, "device.unknown"))
    stepped = station.engine.step()
    assert stepped.ended
    assert station.engine.status.state is Link.SIGNED_OUT
    assert held(station) == {"item-1"}
    assert outbox.row(station.db, entry) is not None


def test_a_revoked_device_gives_up_its_items_and_keeps_its_decisions(station: Station) -> None:
    fill(station, "item-1", "item-2")
    entry = decided(station.vault, "item-1", station.rng, hold_s=60)
    removed = [lambda asked: station.service.reply(asked, device_state=DeviceState.REVOKED)] * 2
    station.service.script.extend(removed)
    assert not station.engine.step().ended
    assert held(station) == set()
    assert station.engine.step().ended
    assert station.service.asked[-1].held.count == 0  # that is how the service hears that nothing is left here
    assert outbox.row(station.db, entry) is not None
    assert station.engine.status.problem is not None


def test_a_removed_device_forgets_what_it_gave_back_and_has_not_told(station: Station) -> None:
    fill(station, "item-1", "item-2")
    decided(station.vault, "item-1", station.rng, hold_s=60, what=What.SKIP)
    station.service.script.append(lambda asked: station.service.reply(asked, device_state=DeviceState.REVOKED))
    station.engine.step()
    assert outbox.rows(station.db) == []


def test_a_removed_device_says_that_it_is_empty_also_when_the_line_is_cut_meanwhile(station: Station) -> None:
    fill(station, "item-1")

    def removed(asked: SyncRequest) -> SyncReply:
        return station.service.reply(asked, device_state=DeviceState.REVOKED)

    station.service.script.extend([removed, lambda _: station.service.problem(500), removed])
    ended = [station.engine.step().ended for _ in range(3)]
    assert ended == [False, False, True]
    assert {status.state for status in station.statuses[-2:]} <= {Link.ONLINE, Link.SIGNED_OUT}
    assert station.engine.status.state is Link.SIGNED_OUT


def test_a_batch_that_is_too_large_is_halved_until_it_fits(station: Station) -> None:
    fill(station, *(f"item-{n}" for n in range(8)))
    for n in range(8):
        decided(station.vault, f"item-{n}", station.rng)

    def at_most_two(asked: SyncRequest) -> SyncReply | httpx2.Response:
        return station.service.problem(413) if len(asked.decisions) > 2 else station.service.accepts(asked)

    station.service.script.extend([at_most_two] * 12)
    sizes = []
    while outbox.rows(station.db):
        station.engine.step()
        sizes.append(len(station.service.asked[-1].decisions))
    assert sizes[:3] == [8, 4, 2]
    assert outbox.counts(station.db).accepted == 8


def test_a_decision_that_can_not_even_be_read_comes_back_and_blocks_nobody(station: Station) -> None:
    fill(station, "item-1", "item-2", "item-3")
    entries = [decided(station.vault, f"item-{n}", station.rng) for n in (1, 2, 3)]

    def poisoned(asked: SyncRequest) -> SyncReply | httpx2.Response:
        if any(told.item_id == "item-1" for told in decisions_in(asked)):
            return station.service.problem(400)
        return station.service.accepts(asked)

    station.service.script.extend([poisoned] * 20)
    for _ in range(12):
        station.engine.step()
    assert [(row.entry_id, row.state, row.code) for row in outbox.rows(station.db)] == [
        (entries[0], State.RETURNED, "refused.unreadable")
    ]
    assert outbox.counts(station.db).accepted == 2


def test_when_every_request_is_refused_no_decision_is_blamed(station: Station) -> None:
    fill(station, "item-1", "item-2")
    for n in (1, 2):
        decided(station.vault, f"item-{n}", station.rng)
    station.service.script.extend([lambda _: station.service.problem(400)] * 12)
    for _ in range(12):
        station.engine.step()
    assert [row.state for row in outbox.rows(station.db)] == [State.SENDING, State.SENDING]
    station.service.script.extend([station.service.accepts] * 4)
    for _ in range(4):
        station.engine.step()
    assert outbox.counts(station.db).accepted == 2


def test_a_poll_that_was_overtaken_is_dropped_whole(station: Station) -> None:
    fill(station, "item-1")
    exchange = station.engine._exchange
    poll = exchange.listen(station.db, 25)
    answer = station.service.reply(poll.request, [leased(4, "item-2")])
    station.service.script.append(
        lambda asked: station.service.reply(asked, [leased(4, "item-2"), leased(5, "item-3")])
    )
    station.engine.step()
    assert exchange.apply(poll, answer).stale
    assert cursor(station) == 5
    assert held(station) == {"item-1", "item-2", "item-3"}


def test_the_first_filling_tells_how_far_it_is(station: Station) -> None:
    pages = [
        lambda asked: station.service.reply(asked, [Reset(seq=1), leased(2, "item-1")], more=True),
        lambda asked: station.service.reply(asked, [leased(3, "item-2")]),
    ]
    station.service.script.extend(pages)
    assert station.engine.step().more
    station.engine.step()
    told = [status.progress for status in station.statuses]
    assert (0, 20) in told
    assert (1, 20) in told
    assert told[-1] is None
