"""Scenes with little room: a narrow window, or the text made larger in the settings. One theme each is enough for that.

They are the last to be played: each makes the room it needs, and leaves it to the next one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from modstation.ui.theme.tokens import Choice
from tests.screenshots import around, arriving, at_desk
from tests.screenshots.at_desk import REVIEW, SERIOUS, clear, kind
from tests.screenshots.camera import SIZES, Play, Scene, Size
from tests.screenshots.stage import Stage

NOTE = "A telephone number and a street with a house number, both of the manager and not of the shop."


@dataclass(frozen=True, slots=True)
class Room:
    """How little room there is.

    Attributes:
        text: the size of the text, in percent, as the settings have it.
    """

    name: str
    text: int
    size: Size
    theme: Choice


ROOMS = (
    Room("narrow", 100, (1120, 760), "light"),
    *(Room("large-125", 125, size, "dark") for size in SIZES),
    *(Room("large-150", 150, size, "light") for size in SIZES),
)


def within(room: Room, play: Play) -> Play:
    """The same scene in this room; what it opens is opened there, and folded or opened by nobody before."""

    def played(stage: Stage) -> Iterator[QWidget]:
        stage.shell.resize(*room.size)
        before = stage.place._settings
        wanted = replace(before, theme=room.theme, zoom=room.text)
        if wanted != before:  # else everything would be measured anew for nothing
            stage.place.settings_changed.emit(wanted)
        stage.settle()
        yield from play(stage)
        stage.place._frame._folds._chosen.clear()

    return played


def flags(stage: Stage) -> Iterator[QWidget]:
    """The Flags tab; the Policy tab is the usual one, and back afterwards."""
    yield from kind(REVIEW, "f")(stage)
    stage.press("p")


def whole_text(stage: Stage) -> Iterator[QWidget]:
    """The whole policy, in a panel that was folded."""
    stage.open(REVIEW)
    stage.press("p")
    yield from at_desk.whole_text(stage)


def join(stage: Stage) -> Iterator[QWidget]:
    """Joining, with another station that has the same settings."""
    yield from arriving.joining(arriving.ready, own=stage.place._settings)(stage)


def context(stage: Stage) -> Iterator[QWidget]:
    """A comment, and what stood around it."""
    stage.open("own-post-15")
    stage.press("o")
    yield stage.shell
    stage.press("p")


def note(stage: Stage) -> Iterator[QWidget]:
    """A sentence of two clauses, and a note kept with it."""
    stage.open(SERIOUS)
    stage.press("12")
    stage.press("t")
    stage.press(NOTE)
    stage.key(Qt.Key.Key_Escape)
    yield stage.shell
    clear(stage)


PLAYS: dict[str, Play] = {
    "desk": kind(REVIEW, "1"),
    "thread": kind("own-post-20"),
    "context": context,
    "photo": kind("image-08"),
    "flags": flags,
    "policy": kind(REVIEW, "p"),
    "policy-search": at_desk.search,
    "policy-whole": whole_text,
    "note": note,
    "note-open": at_desk.note,
    "palette": around.over("station.palette", typed="lease"),
    "key-sheet": around.over("station.keys"),
    "escalate": around.over("decide.escalate"),
    "going-away": around.away("3"),
    "settings": around.settings,
    "returned": around.view("returned"),
    "outbox": around.view("outbox"),
    "join": join,
}

SCENES = tuple(
    Scene(f"{room.name}-{name}", within(room, play), themes=(room.theme,), sizes=(room.size,))
    for room in ROOMS
    for name, play in PLAYS.items()
)
