"""A picture on a slow road: its preview is looked at first, and the full one takes its place without a jump."""

import hashlib
import io
import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, closing
from pathlib import Path

import pytest
from PIL import Image as Pillow
from PySide6.QtCore import QSizeF

from modstation.core.exposure import Step
from modstation.service.ingest.importer import ServiceStore, import_file
from modstation.sync.failures import Offline
from modstation.sync.transport import MediaBytes
from modstation.ui.item.looking import Looking
from modstation.ui.item.page import Page, Style
from tests.support.live_service import QUEUE, texts
from tests.support.person import Journey, Person

WORDS = "Preview; the full picture is on its way."
ACROSS = 1200


def grain() -> bytes:
    into = io.BytesIO()
    Pillow.effect_noise((ACROSS, 800), 60).convert("RGB").save(into, "JPEG")
    return into.getvalue()


class Road:
    """The way files come by; one of them is held up until the road is open."""

    def __init__(self, person: Person, held_up: str) -> None:
        running = person.station.running
        assert running is not None
        self._fetcher = running.engine.fetcher
        self._way, self._held_up = self._fetcher._transport, held_up
        self._is_open = False
        self._fetcher._transport = self  # type: ignore[assignment] # of a transport, files are all it is asked for

    def open(self) -> None:
        self._is_open = True
        self._fetcher.nudge()

    def media(self, media_id: str, start: int = 0) -> AbstractContextManager[MediaBytes]:
        if media_id == self._held_up and not self._is_open:
            raise Offline("sync.offline", "Too slow.")
        return self._way.media(media_id, start)


def bring(journey: Journey, folder: Path, body: bytes, kind: str) -> None:
    """Import an item with one large picture into the running service."""
    folder.mkdir()
    (folder / "grain.jpg").write_bytes(body)
    photo = {"file": "grain.jpg", "alt": "Grain."}
    contents = {
        "image": {"media": photo},
        "listing": {"product": {"title": "Grain", "photo": photo}, "text": "A bag of grain."},
    }
    line = {
        "item_id": "photo",
        "queue": QUEUE,
        "policy_id": "market",
        "language": "en",
        "severity": 2,
        "category": "spam",
        "summary": "Photo",
        "created_at": "2026-11-14T18:02:00Z",
        "content": {"kind": kind} | contents[kind],
    }
    listed = folder / "items.jsonl"
    listed.write_text(json.dumps(line))
    service = journey.service.running
    with closing(ServiceStore(service.database, service.files, service.clock)) as store:
        assert import_file(listed, store).added.new == 1
    service.bell.ring()


@pytest.fixture
def person(journey: Journey) -> Person:
    journey.service.fill(texts(1))
    return journey.begin(1)


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Every line of words that was painted on an item; to be cleared by whoever looks anew."""
    found: set[str] = set()
    words = Page.words

    def paint(page: Page, x: float, y: float, width: float, height: float, text: str, style: Style) -> None:
        found.add(text)
        words(page, x, y, width, height, text, style)

    monkeypatch.setattr(Page, "words", paint)
    return found


def looking(person: Person) -> Looking:
    return person.frame.panes.item._looking


def says_preview(person: Person, painted: set[str]) -> bool:
    painted.clear()
    person.looks()
    return WORDS in painted


def stands(person: Person) -> tuple[QSizeF, float, int]:
    """What would jump: the picture's size, the height of everything, and how far it is scrolled."""
    body = person.frame.panes.item._body
    return looking(person).size(), body._total, body.verticalScrollBar().value()


@pytest.mark.parametrize("kind", ["image", "listing"])
def test_the_steps_show_the_preview_until_the_full_picture_takes_its_place(
    journey: Journey, person: Person, painted: set[str], tmp_path: Path, kind: str
) -> None:
    body = grain()
    road = Road(person, hashlib.sha256(body).hexdigest())
    bring(journey, tmp_path / "in", body, kind)
    person.wait(lambda: "photo" in person.desk.waiting)
    person.place._go_to_item("photo")
    media = looking(person).current
    assert media is not None
    assert media.preview is not None
    assert not says_preview(person, painted)  # nothing is shown, so there is nothing to say
    small = media.preview.media_id
    person.wait(lambda: _is_here(person, small))
    person.frame.panes.item.pictures.set_width(0)  # as wide as fits: wider than the preview is
    for step in (Step.OUTLINE, Step.GREY, Step.BLURRED, Step.CLEAR):
        person.press("B")
        person.wait(lambda step=step: looking(person)._image_step is step)
        assert looking(person).is_preview
        assert says_preview(person, painted)
    before = stands(person)
    road.open()

    def is_full() -> bool:
        assert looking(person).has_pixels  # what is looked at never goes in between
        return not looking(person).is_preview

    person.wait(is_full)
    assert looking(person)._image_step is Step.CLEAR
    assert stands(person) == before
    assert not says_preview(person, painted)


def test_who_decides_by_the_preview_has_looked(journey: Journey, person: Person, tmp_path: Path) -> None:
    body = grain()
    Road(person, hashlib.sha256(body).hexdigest())
    bring(journey, tmp_path / "in", body, "image")
    person.wait(lambda: "photo" in person.desk.waiting)
    person.place._go_to_item("photo")
    media = looking(person).current
    assert media is not None
    assert media.preview is not None
    small = media.preview.media_id
    person.wait(lambda: _is_here(person, small))
    person.hold("Space")
    person.wait(lambda: looking(person).has_pixels)
    assert looking(person).is_preview
    person.release("Space")
    person.press("N", "D")
    person.wait_until_durable()
    assert {entry.item_id: entry.decision.media_seen for entry in person.desk.records.entries()} == {"photo": True}


def _is_here(person: Person, media_id: str) -> bool:
    running = person.station.running
    assert running is not None
    return running.pictures._vault.media.have(person.desk._reader, media_id)
