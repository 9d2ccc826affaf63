"""A picture that may disturb: hidden until asked for, blurred while the key is down, gone again after."""

import io

import pytest
from PIL import Image as Pillow
from PySide6.QtGui import QImage

from modstation.core.exposure import Step
from modstation.media.decoder import Picture
from tests.support.live_service import texts
from tests.support.person import Journey, Person


def noise(sigma: int) -> bytes:
    """A picture as large as its item says."""
    into = io.BytesIO()
    Pillow.effect_noise((1200, 800), sigma).convert("RGB").save(into, "JPEG")
    return into.getvalue()


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(texts(1), [noise(50), noise(90)])
    person = journey.begin(3)
    person.wait(lambda: not person.station.running.pictures._vault.media.missing(person.desk._reader, 10))
    person.place._go_to_item(next(i for i in person.desk.waiting if i.startswith("image")))
    return person


def pixels(person: Person) -> QImage | None:
    return person.frame.panes.item._looking._image


def given(person: Person) -> list[Picture]:
    """From now on, every picture that the decoder gives."""
    seen: list[Picture] = []
    pictures = person.station.running.pictures
    decode = pictures._decoder.picture

    def watch(data: bytes, step: Step, width_px: int) -> Picture:
        assert step <= Step.BLURRED, "nothing clearer than was asked for is ever decoded"
        seen.append(decode(data, step, width_px))
        return seen[-1]

    pictures._decoder.picture = watch
    return seen


def test_it_is_hidden_at_first_blurred_while_space_is_down_and_hidden_again_after(person):
    hidden = person.looks()
    assert pixels(person) is None
    seen = given(person)
    person.hold("Space")
    person.wait(lambda: pixels(person) is not None)
    assert len(seen) == 1
    assert person.looks() != hidden
    person.release("Space")
    assert pixels(person) is None
    assert person.looks() == hidden


def test_letting_go_before_the_pixels_arrive_shows_none_at_all(person):
    hidden = person.looks()
    seen = given(person)
    person.hold("Space")
    person.release("Space")
    assert pixels(person) is None
    person.hold("Space")
    person.wait(lambda: pixels(person) is not None)  # what was asked for first is answered, and to nobody
    person.release("Space")
    assert seen
    assert person.looks() == hidden


def test_the_next_item_drops_the_pixels_and_begins_hidden_although_the_key_is_still_down(person):
    person.press("B", "B")
    person.wait(lambda: pixels(person) is not None)
    person.hold("Space")
    other = [i for i in person.desk.waiting if i.startswith("image")][1]
    person.press("J")
    assert person.item_id == other
    assert pixels(person) is None
    person.release("Space")
    person.press("K")
    assert pixels(person) is None  # hidden again, also when one comes back to it


def test_the_cover_drops_the_pixels(person):
    person.press("B", "B", "B")
    person.wait(lambda: pixels(person) is not None)
    person.press("F4")
    assert pixels(person) is None
    person.press("J")
    assert pixels(person) is None


def test_having_looked_is_told_with_the_decision_and_not_having_looked_too(journey, person):
    person.hold("Space")
    person.wait(lambda: pixels(person) is not None)
    person.release("Space")
    looked = person.item_id
    person.press("N", "D")
    unseen = person.item_id
    person.press("N", "D")
    person.wait_until_durable()
    told = {entry.item_id: entry.decision.media_seen for entry in person.desk.records.entries()}
    assert told == {looked: True, unseen: False}
