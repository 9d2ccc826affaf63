"""Nothing decided is lost and nothing counts twice, when the service is restored or the station loses its cache."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2
import msgspec
import pytest

from modstation.core.receipt import Outcome
from modstation.store import items, journal, meta, outbox, vault
from modstation.store.ballast import PREFETCH_BYTES
from modstation.store.driver import DatabaseError
from modstation.sync.failures import Refused
from modstation.sync.recovery import RECHECK
from modstation.sync.transport import Transport
from modstation.wire.recovery import ReceiptsReply, ReceiptsRequest
from tests.conftest import Logged
from tests.support.losing import Losing, Restorable
from tests.support.station import HandClock


@pytest.fixture
def station(tmp_path: Path) -> Iterator[Losing]:
    clock = HandClock()
    service = Restorable(tmp_path / "service", clock, 130)
    made = Losing(tmp_path / "station", service, clock)
    made.join()
    made.open()
    made.settle()
    service.asked.clear()
    yield made
    made.close()
    service.stop()


def accepted_once(station: Losing, made: list) -> None:
    assert station.service.counts() == dict.fromkeys(made, 1)
    assert station.outcomes() == dict.fromkeys(made, Outcome.ACCEPTED.value)


def test_a_station_that_lost_nothing_asks_for_nothing(station: Losing):
    made = station.decide(3)
    station.settle()
    station.rejoin_service()
    station.settle()
    assert set(station.service.asked) == {"/v1/sync"}
    accepted_once(station, made)


def test_a_restored_service_gets_back_what_its_backup_did_not_have(station: Losing, tmp_path: Path):
    made = station.decide(40)
    station.settle()
    station.service.back_up(tmp_path / "backup")
    made += station.decide(50)
    station.settle()
    made += station.decide(10)  # on their way when it happens
    station.service.put_back(tmp_path / "backup")
    assert len(station.service.counts()) == 40
    station.service.asked.clear()
    station.rejoin_service()
    station.settle()
    assert station.service.counts() == dict.fromkeys(made, 1)
    assert set(station.outcomes()) == set(made)
    assert set(station.outcomes().values()) <= {"accepted", "accepted_late"}
    assert (0, 100) in [status.rechecking for status in station.statuses]  # the last ten told of the new epoch
    assert station.service.asked[:2] == ["/v1/sync", "/v1/receipts"]
    assert station.engine.status.rechecking is None
    assert (station.engine.status.recovered, station.engine.status.unprovable) == (50, 0)


def test_the_check_goes_on_after_a_failure_and_after_a_restart_in_the_middle(
    station: Losing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("modstation.sync.recovery.MAX_CHECKED", 4)
    station.service.back_up(tmp_path / "backup")
    made = station.decide(10)
    station.settle()
    station.service.put_back(tmp_path / "backup")
    station.rejoin_service()
    station.engine.step()  # tells of the new epoch
    assert meta.get(station.db, RECHECK) == ""
    station.engine.step()
    assert meta.get(station.db, RECHECK) == sorted(made)[3]
    with monkeypatch.context() as cut:
        cut.setattr(station.service._inner._transport, "handle_request", _no_one)
        failed = station.engine.step()
    assert failed.rest
    assert failed.problem is not None
    assert meta.get(station.db, RECHECK) == sorted(made)[3]
    station.rejoin_service()
    station.settle()
    assert meta.get(station.db, RECHECK) is None
    assert station.service.counts() == dict.fromkeys(made, 1)
    assert next(status.rechecking for status in station.statuses if status.rechecking) == (0, 6)


def _no_one(_: httpx2.Request) -> httpx2.Response:
    raise httpx2.ConnectError("nobody there")


def test_a_lost_tail_of_the_log_is_found_in_the_journal_and_told(station: Losing):
    made = station.decide(2)
    before = {path.name: path.read_bytes() for path in station.folder.glob("vault.db*")}
    lost = station.decide(3)
    station.close()
    for path in station.folder.glob("vault.db*"):
        path.unlink()
    for name, content in before.items():
        (station.folder / name).write_bytes(content)
    station.open()
    assert outbox.known(station.db, lost) == frozenset()
    station.settle()
    accepted_once(station, made + lost)
    assert station.engine.status.recovered == 3
    assert (0, 3) in [status.rechecking for status in station.statuses]


def test_a_damaged_cache_is_rebuilt_and_every_decision_counts_once(station: Losing):
    settled = station.decide(5)
    station.settle()
    saved = station.decide(4)
    vault_id = station.vault.vault_id
    station.close()
    (station.folder / "vault.db").write_bytes(b"\x55" * 50_000)
    with pytest.raises(vault.Problem, match=r"vault\.damaged"):
        vault.open_(station.folder, station.locks)
    station.open(lambda: vault.rebuild(station.folder, station.locks, "aside-1"))
    assert station.vault.vault_id == vault_id
    assert (station.folder / "aside-1" / "vault.db").read_bytes() == b"\x55" * 50_000
    station.settle()
    accepted_once(station, settled + saved)
    assert station.engine.status.recovered == 9


def test_a_cache_without_its_key_is_kept_aside_and_its_journal_goes_up_after_joining_again(station: Losing):
    settled = station.decide(3)
    station.settle()
    saved = station.decide(4)
    station.close()
    station.keyring.secrets.clear()
    with pytest.raises(vault.Problem, match=r"vault\.key_missing"):
        vault.open_(station.folder, station.locks)
    aside = vault.set_aside(station.folder, "aside-1")
    station.join()
    station.open()
    station.settle()
    assert station.service.counts() == dict.fromkeys(settled + saved, 1)
    assert set(station.outcomes()) == set(settled + saved)
    assert journal.segments(aside / "journal")
    station.service.asked.clear()
    station.rejoin_service()
    station.settle()
    assert set(station.service.asked) == {"/v1/sync"}  # it goes up once


def test_what_was_withdrawn_or_undone_never_comes_back(station: Losing):
    kept, undone = station.decide(2)
    save = station.vault.writer.save
    save(lambda db: outbox.undo(db, undone), b"", journal.taken_back(undone)).result()
    station.close()
    station.open(lambda: vault.rebuild(station.folder, station.locks, "aside-1"))
    station.settle()
    assert station.service.counts() == {kept: 1}


def test_an_undo_that_the_cache_has_lost_is_still_an_undo(station: Losing):
    kept, undone = station.decide(2)
    station.vault.writer.checkpoint()
    before = (station.folder / "vault.db").read_bytes()
    station.vault.writer.save(lambda db: outbox.undo(db, undone), b"", journal.taken_back(undone)).result()
    station.close()
    (station.folder / "vault.db").write_bytes(before)
    station.open()
    assert outbox.row(station.db, undone) is not None
    station.settle()
    assert station.service.counts() == {kept: 1}


def test_a_damaged_record_is_told_and_not_asked_for_at_every_start(station: Losing):
    made = station.decide(3)
    station.close()
    (segment,) = journal.segments(station.folder / "journal")
    bent = bytearray(segment.read_bytes())
    at = bent.index(made[1].encode()) + 60  # in its ciphertext
    bent[at] ^= 1
    segment.write_bytes(bent)
    station.open(lambda: vault.rebuild(station.folder, station.locks, "aside-1"))
    station.settle()
    assert set(station.outcomes()) == {made[0], made[2]}
    assert (station.engine.status.recovered, station.engine.status.unprovable) == (2, 1)
    station.service.asked.clear()
    station.rejoin_service()
    station.settle()
    assert set(station.service.asked) == {"/v1/sync"}


def test_a_decision_the_restored_service_lost_and_the_journal_too_stays_in_sight(station: Losing, tmp_path: Path):
    station.service.back_up(tmp_path / "backup")
    (only,) = station.decide(1)
    station.settle()
    station.close()
    shutil.rmtree(station.folder / "journal")
    station.service.put_back(tmp_path / "backup")
    station.open()
    station.settle()
    assert station.engine.status.unprovable == 1
    (code,) = station.db.conn.execute("SELECT code FROM history WHERE entry_id = ?", (only,)).fetchone()
    assert code == "recovery.unprovable"


def test_a_forged_record_is_never_taken_for_a_decision(station: Losing, logged: Logged):
    joined = station.enrolment
    station.vault.open_journal(joined.sealing_key, lambda _id, _record: b"f" * 64)
    station.decide(1)
    station.close()
    station.open(lambda: vault.rebuild(station.folder, station.locks, "aside-1"))
    station.settle()
    assert station.service.counts() == {}
    assert set(station.outcomes().values()) == {"quarantined"}
    assert (station.engine.status.recovered, station.engine.status.unprovable) == (0, 1)
    logged.expect("recovered_unproven")


def test_a_receipt_that_the_service_did_not_sign_is_not_believed(
    station: Losing, monkeypatch: pytest.MonkeyPatch, logged: Logged
):
    made = station.decide(2)
    station.settle()
    told = Transport.receipts

    def forged(transport: Transport, request: ReceiptsRequest) -> ReceiptsReply:
        reply = told(transport, request)
        changed = [msgspec.structs.replace(one, outcome=Outcome.SUPERSEDED) for one in reply.receipts[:1]]
        return msgspec.structs.replace(reply, receipts=(*changed, *reply.receipts[1:]))

    monkeypatch.setattr(Transport, "receipts", forged)
    station.close()
    station.open(lambda: vault.rebuild(station.folder, station.locks, "aside-1"))
    station.settle()
    accepted_once(station, made)  # the journal brought the stored receipt
    logged.expect("receipt_not_believed")


def test_a_service_that_does_not_know_the_question_keeps_nothing_else_waiting(
    station: Losing, monkeypatch: pytest.MonkeyPatch, logged: Logged
):
    lost = station.decide(1)
    station.close()
    station.open(lambda: vault.rebuild(station.folder, station.locks, "aside-1"))

    def unknown(*_: object) -> ReceiptsReply:
        raise Refused("request.path", "Not Found", status=404)

    with monkeypatch.context() as older:
        older.setattr(Transport, "receipts", unknown)
        station.settle()
        assert station.engine.status.rechecking is None
        (other,) = station.decide(1)
        station.settle()
        assert set(station.outcomes()) == {other}
    logged.expect("recovery_refused")
    station.rejoin_service()  # and asks again at the next start
    station.settle()
    assert set(station.outcomes()) >= set(lost)


def test_with_the_disk_full_no_items_and_no_files_are_asked_for(station: Losing):
    reserve = station.vault.ballast
    station.service.add_pictures(1)
    station.settle()  # its file is still to be fetched
    station.service.add_pictures(2)
    held = len(items.held(station.db))
    reserve.spent = True
    station.settle()
    assert len(items.held(station.db)) == held
    assert station.engine.fetcher.step().arrived == 0
    reserve.spent, reserve.free = False, lambda: PREFETCH_BYTES - 1
    assert station.engine.fetcher.step().arrived == 0
    reserve.free = lambda: PREFETCH_BYTES
    assert station.engine.fetcher.step().arrived == 1
    station.settle()
    assert len(items.held(station.db)) == held + 1


def test_a_damaged_cache_ends_the_engine_and_is_told(station: Losing, monkeypatch: pytest.MonkeyPatch):
    def malformed(*_: object) -> None:
        raise DatabaseError("database disk image is malformed")

    for where in ("modstation.store.outbox.send", "modstation.store.meta.get"):  # the writer's side, the reader's
        station.rejoin_service()
        station.decide(1)
        with monkeypatch.context() as spoilt:
            spoilt.setattr(where, malformed)
            stepped = station.engine._safely(station.engine.step)
        assert stepped.ended
        assert stepped.problem is not None
        assert stepped.problem.code == "vault.damaged"
        assert station.engine.status.problem == stepped.problem
