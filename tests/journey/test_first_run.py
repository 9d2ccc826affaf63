"""From an empty folder to the first item: address, code, fingerprints, protection. Mistakes allowed."""

import os
from datetime import timedelta

import pytest
from PySide6.QtWidgets import QWidget
from starlette.testclient import TestClient

from modstation.core.problem import Problem
from modstation.service import openapi
from modstation.service.app import make_app
from modstation.service.devices import issue_code
from modstation.service.guesses import AT_ONCE
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.sync import enrol
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.screens.firstrun import FirstRunStep
from modstation.ui.text import day_and_clock
from modstation.wire.envelope import fingerprint
from tests.support.live_service import texts
from tests.support.person import USUAL, Journey, Person
from tests.support.vaults import MemoryKeyring

PASSPHRASE = "seven quiet herons"


class BrokenKeyring(MemoryKeyring):
    def get(self, name: str) -> bytes | None:  # noqa: ARG002 - it gives nothing, whatever the name
        raise Problem("keyring.locked", "The keyring is locked.", "Unlock it, then try again.")


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(texts(3))
    person = journey.sit_down()
    person.station.begin()
    return person


def first_run(person: Person):
    return person.shell.entrance.joining.screen


def enter_address(journey: Journey, person: Person) -> None:
    page = first_run(person).join_page
    person.wait(page.address.hasFocus)
    person.type(journey.service.address)
    person.press("Return")


def enter_code(person: Person, code: str) -> None:
    """Over whatever stands there."""
    page = first_run(person).join_page
    page.code.setFocus()
    page.code.selectAll()
    person.type(code)


def join(journey: Journey, person: Person, code: str) -> None:
    page = first_run(person).join_page
    enter_address(journey, person)
    person.wait(lambda: "Heron desk answers" in person.words())
    enter_code(person, code)
    assert not page.join.isEnabled()  # the fingerprints come first
    page.same.setFocus()
    person.press("Space")
    page.join.setFocus()
    person.press("Space")


def protect(person: Person, passphrase: str = "") -> None:
    page = first_run(person).protect_page
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    if passphrase:
        page.passphrase.setChecked(True)
        page.typed.setFocus()
        person.type(passphrase)
        page.again.setFocus()
        person.type(passphrase)
        person.press("Return")
    else:
        page.protect.setFocus()
        person.press("Space")


def open_the_desk(person: Person) -> None:
    person.wait(lambda: first_run(person).step is FirstRunStep.DONE)
    assert "Robin" in person.words()
    person.press("Space")
    person.wait_for_desk(3)
    person.wait(lambda: person.desk.current is not None)
    assert person.frame.isVisible()


def test_from_an_empty_folder_to_the_first_decision_with_the_keyring(journey, person):
    join(journey, person, journey.service.code())
    service = fingerprint(journey.service.running.keys.signing.public_key().public_bytes_raw())
    assert service.replace(" ", "") in person.words().replace(" ", "")
    protect(person)
    open_the_desk(person)
    assert journey.keyring.secrets
    person.press("N", "D")
    assert len(person.desk.waiting) == 2


def test_the_same_with_a_passphrase_where_the_keyring_cannot_be_used(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.sit_down(keyring=BrokenKeyring())
    person.station.begin()
    join(journey, person, journey.service.code())
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    page = first_run(person).protect_page
    assert "The keyring is locked." in page.keyring.accessibleDescription()
    assert not page.keyring.isEnabled()
    protect(person, PASSPHRASE)
    open_the_desk(person)
    journey.get_up()
    with pytest.raises(Problem, match="locked with a passphrase"):
        vault.open_(journey.folder, Locks(keyring=journey.keyring))


def use_up(journey: Journey, code: str) -> None:
    """Another computer joins with it."""
    joined = TestClient(make_app(journey.service.running)).post(
        "/v1/enrol", json={"code": code, "device_name": "Another", "device_key": "AAAA"}
    )
    assert joined.status_code == 200


def devices(journey: Journey) -> int:
    return journey.service.stats().devices


@pytest.mark.parametrize("why", ["wrong", "used", "expired"])
def test_a_code_that_cannot_be_used_is_told_at_the_first_step_and_nothing_is_made_by_it(journey, person, why):
    code = {"wrong": lambda: "WRNG2345", "used": journey.service.code, "expired": lambda: an_old_code(journey)}[why]()
    if why == "used":
        use_up(journey, code)
    before = devices(journey)
    join(journey, person, code)
    page = first_run(person).join_page
    person.wait(lambda: "This code can't be used." in _told(page))
    assert first_run(person).step is FirstRunStep.JOIN
    assert page.code.hasFocus()
    assert page.code.selectedText() == page.code.text()  # ready to be typed over
    assert page.address.text() == journey.service.address  # nothing has to be typed twice
    assert page.same.isChecked()
    assert not vault.exists(journey.folder)
    assert not journey.keyring.secrets
    assert devices(journey) == before
    person.type(journey.service.code())
    assert "This code can't be used." not in _told(page)
    person.press("Return")
    protect(person)
    open_the_desk(person)
    assert devices(journey) == before + 1


def an_old_code(journey: Journey) -> str:
    service = journey.service.running
    yesterday = service.clock.now() - timedelta(hours=25)
    return service.database.write(lambda conn: issue_code(conn, "person-1", yesterday, os.urandom))


def test_a_good_code_is_told_with_its_person_and_is_used_only_after_protecting(journey, person):
    join(journey, person, journey.service.code())
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    ends_at = day_and_clock(journey.service.running.clock.now() + timedelta(hours=24))
    told = _told(first_run(person).protect_page)
    assert "Your code is good: for" in told
    assert "Robin" in told
    assert ends_at[:-3] in told  # a minute may have passed
    assert devices(journey) == 0
    assert not vault.exists(journey.folder)
    protect(person)
    open_the_desk(person)
    assert devices(journey) == 1


def test_a_code_that_is_used_up_meanwhile_is_told_and_another_one_can_be_tried(journey, person):
    code = journey.service.code()
    join(journey, person, code)
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    use_up(journey, code)
    protect(person)
    person.wait(lambda: first_run(person).step is FirstRunStep.JOIN)
    page = first_run(person).join_page
    assert "This code can't be used." in _told(page)
    assert page.address.text() == journey.service.address
    enter_code(person, journey.service.code())
    page.join.setFocus()
    person.press("Space")
    open_the_desk(person)


def test_a_station_closed_after_its_code_was_refused_goes_on_with_joining_at_the_next_start(journey, person):
    code = journey.service.code()
    join(journey, person, code)
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    use_up(journey, code)
    protect(person, PASSPHRASE)
    person.wait((journey.folder / "vault.json").exists)
    person.wait(lambda: first_run(person).step is FirstRunStep.JOIN)
    journey.get_up()
    person = journey.sit_down()
    person.station.begin()
    unlock = person.shell.entrance.unlock
    person.wait(unlock.isVisible)
    person.type(PASSPHRASE)
    person.press("Return")
    person.wait(lambda: first_run(person).isVisible())
    join(journey, person, journey.service.code())
    open_the_desk(person)


def test_a_service_too_old_to_be_asked_about_a_code_is_joined_as_ever(journey, person, monkeypatch):
    older = tuple(one for one in openapi.OPERATIONS if one.name != "check")
    monkeypatch.setattr(openapi, "OPERATIONS", older)
    journey.service.stop()
    journey.service.start()
    join(journey, person, journey.service.code())
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    assert "Your code is good" not in _told(first_run(person).protect_page)
    protect(person)
    open_the_desk(person)


def test_many_wrong_codes_are_told_to_wait_and_the_right_one_stays_in_its_place(journey, person):
    code = journey.service.code()
    enter_address(journey, person)
    person.wait(lambda: "Heron desk answers" in person.words())
    met = enrol.card(journey.service.address, journey.clock)
    for _ in range(AT_ONCE):
        with pytest.raises(Problem, match="This code can't be used"):
            enrol.check(met, "WRNG-2345", journey.clock)
    page = first_run(person).join_page
    enter_code(person, code)
    page.same.setChecked(True)
    person.press("Return")
    person.wait(lambda: "Too many wrong codes were tried from here. Wait a minute" in _told(page))
    assert page.join.isEnabled()  # once the time has passed
    assert page.code.text() == code.replace("-", "")
    assert not vault.exists(journey.folder)


def test_a_service_that_is_down_is_told_and_enter_asks_again(journey, person):
    journey.service.stop()
    enter_address(journey, person)
    person.wait(lambda: "can't be reached" in person.words())
    assert not first_run(person).join_page.join.isEnabled()
    journey.service.start()
    first_run(person).join_page.address.setFocus()
    person.press("Return")
    person.wait(lambda: "Heron desk answers" in person.words())


def test_a_sign_in_page_at_the_address_is_told_as_such(journey, person):
    journey.service.begin_portal()
    enter_address(journey, person)
    person.wait(lambda: "The network needs a sign-in." in person.words())


def test_a_service_that_goes_down_before_its_code_is_asked_for_costs_nothing(journey, person):
    code = journey.service.code()
    enter_address(journey, person)
    person.wait(lambda: "Heron desk answers" in person.words())
    enter_code(person, code)
    journey.service.stop()
    page = first_run(person).join_page
    page.same.setChecked(True)
    page.join.setFocus()
    person.press("Space")
    person.wait(lambda: "can't be reached" in _told(page))
    assert first_run(person).step is FirstRunStep.JOIN
    assert not vault.exists(journey.folder)
    journey.service.start()
    page.join.setFocus()
    person.press("Space")
    protect(person)
    open_the_desk(person)


def test_a_service_that_goes_down_before_joining_costs_nothing(journey, person):
    join(journey, person, journey.service.code())
    person.wait(lambda: first_run(person).step is FirstRunStep.PROTECT)
    journey.service.stop()
    protect(person)
    person.wait(lambda: "can't be reached" in person.words())
    journey.service.start()
    page = first_run(person).join_page
    page.join.setFocus()
    person.press("Space")
    open_the_desk(person)


def test_a_wrong_passphrase_is_told_calmly_and_the_right_one_opens(journey, person):
    join(journey, person, journey.service.code())
    protect(person, PASSPHRASE)
    open_the_desk(person)
    journey.get_up()
    person = journey.sit_down(USUAL)
    person.station.begin()
    unlock = person.shell.entrance.unlock
    person.wait(unlock.isVisible)
    assert not _red(unlock)  # being asked is no mistake
    person.type("not this one at all")
    person.press("Return")
    person.wait(lambda: "not the passphrase" in person.words())
    person.type(PASSPHRASE)
    person.press("Return")
    person.wait_for_desk(3)


def test_a_second_station_on_the_same_cache_is_told_and_opens_when_the_first_is_closed(journey, person):
    join(journey, person, journey.service.code())
    protect(person)
    open_the_desk(person)
    first = journey.leave_open()
    second = journey.sit_down()
    second.station.begin()
    second.wait(lambda: "already running" in second.words())
    assert len(first.desk.waiting) == 3
    first.press("N", "D")
    first.wait_until_durable()
    first.shell.close()
    second.shell.activateWindow()
    second.press("Space")  # "Try again" has the focus
    second.wait_for_desk(2)


def _told(widget: QWidget) -> str:
    return "\n".join(one.text() for one in widget.findChildren(Lettering) if one.isVisible())


def _red(widget: QWidget) -> bool:
    return "passphrase" in _told(widget).lower()
