"""The demo's station finds its way into the demo's service, and never out of a cache that it can't open."""

from pathlib import Path

import pytest

from modstation.app import joining
from modstation.demo import member
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.sync.enrolment import Enrolment
from tests.support.live_service import texts
from tests.support.person import Journey


@pytest.fixture
def joined(journey: Journey, tmp_path: Path, monkeypatch) -> Enrolment:
    """What the station keeps after the demo's first start."""
    journey.service.fill(texts(1))
    monkeypatch.setattr(member, "admin", lambda *_: {"code": journey.service.code()})
    start(journey, tmp_path)
    assert (tmp_path / "joined").read_text() == journey.service.address
    return the_enrolment(journey)


def start(journey: Journey, home: Path) -> None:
    member.take_part(home, journey.service.address, journey.clock, lambda: journey.keyring)


def the_enrolment(journey: Journey) -> Enrolment:
    opened = vault.open_(journey.folder, Locks(keyring=journey.keyring))
    try:
        return joining.enrolment_of(opened)
    finally:
        opened.close()


def test_a_station_that_has_joined_is_not_even_opened(journey, tmp_path, joined):
    member.take_part(tmp_path, journey.service.address, journey.clock, lambda: pytest.fail("the keyring is asked"))
    assert the_enrolment(journey) == joined


@pytest.mark.parametrize("note", [None, "", "http://127.0.0.1:1"])
def test_a_note_that_is_not_there_or_not_true_makes_no_second_device(journey, tmp_path, joined, note):
    if note is None:
        (tmp_path / "joined").unlink()
    else:
        (tmp_path / "joined").write_text(note)
    start(journey, tmp_path)
    assert the_enrolment(journey) == joined
    assert (tmp_path / "joined").read_text() == journey.service.address
    assert journey.service.stats().devices == 1


@pytest.mark.usefixtures("joined")
def test_a_cache_that_cannot_be_opened_is_left_to_the_window(journey, tmp_path):
    (tmp_path / "joined").write_text("http://127.0.0.1:1")
    journey.keyring.secrets.clear()
    before = {path: path.read_bytes() for path in journey.folder.rglob("*") if path.is_file()}
    start(journey, tmp_path)
    assert {path: path.read_bytes() for path in journey.folder.rglob("*") if path.is_file()} == before
    assert journey.service.stats().devices == 1


def test_a_station_follows_its_service_and_no_other(journey, tmp_path, joined, monkeypatch):
    met = member.enrol.card(journey.service.address, journey.clock)
    other = type(met.card)(name="Other", protocol=1, signing_key=met.card.sealing_key, sealing_key=met.card.sealing_key)
    stranger = type(met)("http://127.0.0.1:2", other, "")
    monkeypatch.setattr(member.enrol, "card", lambda *_: stranger)
    (tmp_path / "joined").write_text("http://127.0.0.1:1")
    start(journey, tmp_path)
    assert the_enrolment(journey) == joined
    assert (tmp_path / "joined").read_text() == "http://127.0.0.1:1"
