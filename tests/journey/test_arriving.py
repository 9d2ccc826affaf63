"""The screens before the desk and the key sheet, by keys alone, through the real window."""

import pytest

from modstation.session.views import State
from modstation.system import settings
from modstation.ui.overlay.keysheet import KeySheet
from modstation.ui.screens.firstrun import FirstRunStep
from tests.support.live_service import texts
from tests.support.member import join
from tests.support.person import USUAL, Journey, Person

PASSPHRASE = "seven quiet herons"


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(texts(3))
    return journey.sit_down()


def by_passphrase(journey: Journey, person: Person) -> Person:
    join(person.station, journey.service.address, journey.service.code(), PASSPHRASE)
    person.station.begin()
    person.wait(person.shell.entrance.unlock.isVisible)
    return person


def answered(journey: Journey, person: Person) -> None:
    """The address is typed and left by Enter, and the service has answered."""
    page = person.shell.entrance.joining.screen.join_page
    person.wait(page.address.hasFocus)
    person.type(journey.service.address)
    person.press("Return")
    person.wait(page.same.isEnabled)
    page.same.setChecked(True)


def test_enter_alone_leads_from_the_address_to_the_desk(journey, person):
    person.station.begin()
    answered(journey, person)
    first = person.shell.entrance.joining.screen
    first.join_page.code.setFocus()
    person.type(journey.service.code())
    person.press("Return")
    person.wait(lambda: first.step is FirstRunStep.PROTECT)
    first.protect_page.protect.setFocus()
    person.press("Return")
    person.wait(lambda: first.step is FirstRunStep.DONE)
    person.press("Return")
    person.wait_for_desk(3)
    person.wait(person.frame.isVisible)


def test_enter_on_the_chosen_way_protects(journey, person):
    person.station.begin()
    answered(journey, person)
    first = person.shell.entrance.joining.screen
    first.join_page.code.setFocus()
    person.type(journey.service.code())
    person.press("Return")
    person.wait(lambda: first.step is FirstRunStep.PROTECT)
    assert first.protect_page.keyring.hasFocus()
    person.press("Return")
    person.wait(lambda: first.step is FirstRunStep.DONE)


def test_a_code_that_is_not_taken_is_told_at_the_code_which_is_in_hand_to_be_typed_over(journey, person):
    person.station.begin()
    answered(journey, person)
    first = person.shell.entrance.joining.screen
    first.join_page.code.setFocus()
    person.type("WRNG2345")
    told_at_rest = first.join_page._by_code.text()
    person.press("Return")
    person.wait(lambda: first.join_page._by_code.text() != told_at_rest)
    assert first.step is FirstRunStep.JOIN
    assert first.join_page.code.hasFocus()
    assert "code" in first.join_page._by_code.text()
    person.type(journey.service.code())
    assert first.join_page._by_code.text() == told_at_rest
    person.press("Return")
    person.wait(lambda: first.step is FirstRunStep.PROTECT)


def test_a_lost_passphrase_leaves_one_way_on_and_the_old_cache_whole(journey, person):
    by_passphrase(journey, person)
    entrance = person.shell.entrance
    person.click(entrance.unlock.forgotten)
    assert entrance.currentWidget() is entrance.problem
    assert "Nobody can look it up" in person.words()
    before = (journey.folder / "vault.db").read_bytes()
    person.click(entrance.problem.other)
    person.wait(lambda: entrance.currentWidget() is entrance.joining.screen)
    (aside,) = journey.folder.glob("aside-*")
    assert (aside / "vault.db").read_bytes() == before
    assert not (journey.folder / "vault.db").exists()


def test_after_a_lost_passphrase_one_may_think_again(journey, person):
    by_passphrase(journey, person)
    entrance = person.shell.entrance
    person.click(entrance.unlock.forgotten)
    person.click(entrance.problem.step)
    person.wait(lambda: entrance.currentWidget() is entrance.unlock)
    person.type(PASSPHRASE)
    person.press("Return")
    person.wait_for_desk(3)


def test_a_vault_that_only_the_keyring_opens_asks_for_no_passphrase_and_says_what_waits(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    person.press("N", "D")
    person.wait_until_durable()
    person.press("Shift+F4")
    unlock = person.shell.entrance.unlock
    assert not any(part.isVisible() for part in (unlock.typed, unlock.reveal, unlock.unlock, unlock.forgotten))
    assert "1 decision is saved here" in person.words()
    person.press("Return")
    person.wait_for_desk(1)
    assert len(person.entries(State.HELD)) == 1


def test_another_key_is_given_on_the_sheet_and_works_at_once_and_after_a_restart(journey: Journey):
    journey.service.fill(texts(3))
    person = journey.begin(3)
    person.press("?", "Tab", "Tab", "Tab", "Tab")
    sheet = person.overlay()
    assert isinstance(sheet, KeySheet)
    column = sheet._columns[0]
    column.setFocus()
    person.press("Return", "Y")  # the first row is "No violation"
    person.press("Esc")
    assert person.overlay() is None
    person.press("N", "D")
    assert len(person.desk.waiting) == 3  # the old key means nothing any more
    person.press("Y", "D")
    assert len(person.desk.waiting) == 2
    person.wait(lambda: settings.load(journey.folder)[0].key_overrides == {"decide.no_violation": ("Y",)})
    person = journey.restart(2, settings.load(journey.folder)[0])
    person.press("Y", "D")
    assert len(person.desk.waiting) == 1


def test_a_key_that_is_taken_is_refused_on_the_sheet_with_its_owner(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    person.press("?")
    sheet = person.overlay()
    assert isinstance(sheet, KeySheet)
    sheet._columns[0].setFocus()
    person.press("Return", "D")
    assert "Decide and next" in person.words()
    person.press("Esc", "N", "D")
    assert len(person.desk.waiting) == 1
    assert settings.load(journey.folder)[0] == USUAL


def test_the_flag_in_hand_is_judged_by_one_key_and_never_unseen(journey: Journey):
    journey.service.fill(texts(2))
    person = journey.begin(2)
    person.press("=")  # the tab was not open: it is now
    assert not person.opened.draft.flag_verdicts
    person.press("=")
    assert [verdict.holds for verdict in person.opened.draft.flag_verdicts] == [True]
    person.press("-")
    assert [verdict.holds for verdict in person.opened.draft.flag_verdicts] == [False]
