"""The service signs this computer out: it joins again where it is, with a new code, and nothing it decided is lost."""

from pathlib import Path

from sqlalchemy import select

from modstation.core.status import Link
from modstation.service import catalogue, devices
from modstation.service.tables import device
from modstation.ui.screens.again import AgainScreen
from tests.support.live_service import QUEUE, texts
from tests.support.person import USUAL, Journey, Person
from tests.support.running_service import RunningService

SIGNED_OUT = "This computer was signed out."


def let_go(journey: Journey, person: Person) -> None:
    """Let the time to undo pass, and exchange."""
    person.wait_until_durable()
    journey.clock.leap(USUAL.undo_hold_s + 1)
    person.press("Ctrl+R")


def asked_for_a_code(person: Person) -> AgainScreen:
    """Signed out: told so, and gone on to the one next step."""
    person.wait(lambda: SIGNED_OUT in person.words())
    person.press("Return")
    screen = person.shell.entrance.again.screen
    person.wait(screen.isVisible)
    return screen


def give(person: Person, screen: AgainScreen, code: str) -> None:
    person.wait(screen.code.hasFocus)
    screen.code.selectAll()
    person.type(code)
    person.press("Return")


def devices_of(service: RunningService) -> list[tuple[str, str]]:
    return [
        (row[0], row[1])
        for row in service.running.database.read(
            lambda conn: conn.execute(
                select(device.c.device_id, device.c.device_key).order_by(device.c.created_at)
            ).all()
        )
    ]


def remove_all(service: RunningService) -> None:
    now = service.running.clock.now()
    for device_id, _ in devices_of(service):
        service.running.database.write(lambda conn, one=device_id: devices.revoke_device(conn, one, now))
    service.running.bell.ring()


def outcomes(service: RunningService) -> list[str]:
    return sorted(row[2] for rows in service.decisions().values() for row in rows)


def test_a_station_that_the_restored_service_does_not_know_joins_again_and_loses_nothing(
    journey: Journey, tmp_path: Path
):
    journey.service.fill(texts(12))
    journey.service.back_up(tmp_path / "backup")  # before the station joins
    person = journey.begin(12)
    for _ in range(3):
        person.press("N", "D")
    let_go(journey, person)
    person.wait_for_answers()
    ((_, key),) = devices_of(journey.service)
    journey.service.stop()
    for _ in range(5):
        person.press("N", "D")
    person.wait_until_durable()
    journey.service.start()
    journey.service.put_back(tmp_path / "backup")
    let_go(journey, person)
    screen = asked_for_a_code(person)
    assert len(person.entries()) == 5
    give(person, screen, "WRNG-2345")
    person.wait(lambda: "This code can't be used." in person.words())
    give(person, screen, journey.service.code())
    person.wait(person.frame.isVisible)
    person.wait_for_link(Link.ONLINE)
    person.wait_for_answers()
    person.wait(lambda: person.desk.records.tally().accepted == 8)
    person.wait(lambda: len(outcomes(journey.service)) == 8)
    assert set(outcomes(journey.service)) <= {"accepted", "accepted_late"}
    counted = journey.service.stats()
    assert (counted.accepted_items, counted.applied_twice, counted.unproven) == (8, 0, 0)
    assert [one[1] for one in devices_of(journey.service)] == [key], "the journal can still be proven"
    person.wait_for_desk(4)
    person.press("N", "D")
    let_go(journey, person)
    person.wait_for_answers()
    assert journey.service.stats().accepted_items == 9
    person = journey.restart(3)
    person.wait_for_link(Link.ONLINE)


def test_what_a_removed_station_still_holds_counts_when_it_joins_again_and_a_lead_has_the_rest(journey: Journey):
    journey.service.fill(texts(6))
    person = journey.begin(6)
    journey.service.stop()
    person.press("N", "D", "N", "D")
    person.wait_until_durable()
    journey.clock.leap(USUAL.undo_hold_s + 1)
    person.press("N", "D", "N", "D")  # these two can still be undone
    person.wait_until_durable()
    journey.service.start()
    remove_all(journey.service)
    person.press("Ctrl+R")
    screen = asked_for_a_code(person)
    assert outcomes(journey.service) == ["quarantined"] * 2
    assert (person.desk.records.tally().saved_here, len(person.entries())) == (2, 4)
    give(person, screen, journey.service.code())
    person.wait_for_link(Link.ONLINE)
    let_go(journey, person)
    person.wait_for_answers()
    assert outcomes(journey.service) == ["accepted_late"] * 2 + ["quarantined"] * 2
    person.wait_for_desk(2)
    assert journey.service.stats().applied_twice == 0


def test_not_now_leads_back_to_the_desk_and_asking_to_exchange_offers_it_again(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    remove_all(journey.service)
    person.press("Ctrl+R")
    screen = asked_for_a_code(person)
    person.press("Esc")
    person.wait(person.frame.isVisible)
    person.press("Ctrl+R")
    assert asked_for_a_code(person) is screen


def test_another_service_and_another_persons_code_are_refused_in_clear_words_and_change_nothing(
    journey: Journey, tmp_path: Path
):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.press("N", "D")
    person.wait_until_durable()
    remove_all(journey.service)
    person.press("Ctrl+R")
    screen = asked_for_a_code(person)
    theirs = tmp_path / "another"
    journey.service.stop()
    own, journey.service._folder = journey.service._folder, theirs
    journey.service.start()
    give(person, screen, "ABCD-2345")
    person.wait(lambda: "This cache belongs to Heron desk" in person.words())
    journey.service.stop()
    journey.service._folder = own
    journey.service.start()
    service = journey.service.running
    now = service.clock.now()
    service.database.write(lambda conn: catalogue.add_person(conn, "person-2", "Wren", now, queues=[QUEUE]))
    code = service.database.write(lambda conn: devices.issue_code(conn, "person-2", now, service.random))
    give(person, screen, code)
    person.wait(lambda: "This code is for someone else." in person.words())
    assert outcomes(journey.service) == []
    give(person, screen, journey.service.code())
    person.wait_for_link(Link.ONLINE)
    let_go(journey, person)
    person.wait_for_answers()
    assert outcomes(journey.service) == ["accepted_late"]
