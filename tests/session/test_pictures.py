"""One picture at a time, on the screen's thread, and never one that nobody wants any more."""

import threading

import pytest

from modstation.core.content import Media
from modstation.core.exposure import Step
from modstation.core.problem import Problem
from modstation.session.pictures import Pictures
from tests.support.builders import a_media

BROKEN = Problem("media.unreadable", "This picture can't be shown.")


class FakeVault:
    """Media whose bytes are their own id."""

    def __init__(self) -> None:
        self.media = self
        self.readers: list[FakeVault] = []
        self.closed = 0

    def reader(self) -> "FakeVault":
        self.readers.append(self)
        return self

    def read(self, _reader: object, media_id: str) -> bytes:
        return media_id.encode()

    def close(self) -> None:
        self.closed += 1


class FakeDecoder:
    """Gives what it was asked for, when it is let."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.go.set()
        self.asked: list[bytes] = []
        self.fault: BaseException | None = None

    def picture(self, data: bytes, step: Step, width_px: int) -> tuple[bytes, Step, int]:
        self.asked.append(data)
        assert self.go.wait(20)
        if self.fault is not None:
            raise self.fault
        return data, step, width_px


class Wall:
    def __init__(self) -> None:
        self.vault, self.decoder = FakeVault(), FakeDecoder()
        self.posted: list = []
        self.answers: list = []
        self.pictures = Pictures(self.vault, self.decoder, self.posted.append)

    def want(self, name: str) -> Media:
        media = a_media(media_id=name)
        self.pictures.want(media, Step.BLURRED, 240, self.answers.append)
        return media

    def settle(self) -> None:
        self.pictures._worker.submit(lambda: None).result()
        while self.posted:
            self.posted.pop(0)()


@pytest.fixture
def wall():
    made = Wall()
    yield made
    made.decoder.go.set()
    made.pictures.close()


def test_a_picture_is_read_decoded_and_given(wall):
    wall.want("a")
    wall.settle()
    wall.want("b")
    wall.settle()
    assert wall.answers == [(b"a", Step.BLURRED, 240), (b"b", Step.BLURRED, 240)]
    assert len(wall.vault.readers) == 1


def test_asking_for_another_makes_the_first_answer_worthless(wall):
    wall.decoder.go.clear()
    wall.want("a")
    wall.want("b")
    wall.want("c")
    wall.decoder.go.set()
    wall.settle()
    assert [answer[0] for answer in wall.answers] == [b"c"]
    assert b"b" not in wall.decoder.asked  # nobody waits for it, so it is not even read


def test_what_is_forgotten_is_never_given(wall):
    wall.want("a")
    wall.pictures.forget()
    wall.settle()
    assert wall.answers == []


def test_a_file_that_cannot_be_shown_is_told(wall):
    wall.decoder.fault = BROKEN
    wall.want("a")
    wall.settle()
    assert wall.answers == [BROKEN]


def test_a_bug_is_not_taken_for_a_problem(wall):
    wall.decoder.fault = ZeroDivisionError()
    wall.want("a")
    with pytest.raises(ZeroDivisionError):
        wall.settle()


def test_closing_waits_gives_nothing_more_and_lets_go_of_the_cache(wall):
    wall.want("a")
    wall.pictures.close()
    while wall.posted:
        wall.posted.pop(0)()
    assert (wall.answers, wall.vault.closed) == ([], len(wall.vault.readers))
    wall.pictures = Pictures(wall.vault, wall.decoder, wall.posted.append)  # one that was never asked closes too


def test_a_file_that_is_damaged_on_the_disk_is_wanted_again(wall):
    wanted_again: list[str] = []

    def damaged(_reader: object, media_id: str) -> bytes:
        raise Problem("media.damaged", "This file is damaged on this computer.", "It is fetched again.", media_id)

    wall.vault.read = damaged
    wall.vault.writer = wall.vault
    wall.vault.submit = lambda unit: unit(None)
    wall.vault.spoil = lambda _db, media_id: wanted_again.append(media_id)
    wall.want("b")
    wall.settle()
    assert wanted_again == ["b"]
    assert [answer.code for answer in wall.answers] == ["media.damaged"]
    wall.want("c")
    wall.pictures._worker.submit(lambda: None).result()
    wall.pictures.close()  # and with it the cache: there is nobody left to write
    while wall.posted:
        wall.posted.pop(0)()
    assert wanted_again == ["b"]
    wall.pictures = Pictures(wall.vault, wall.decoder, wall.posted.append)
