"""Scenes around the desk: overlays, other views, the connection, and what came back."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from modstation.core.ids import ItemId
from modstation.core.item import Lease
from modstation.core.problem import Problem
from modstation.core.status import Link, SyncStatus
from modstation.session.views import Tally
from modstation.store import items
from tests.screenshots.at_desk import REVIEW, clear
from tests.screenshots.camera import Play, Scene
from tests.screenshots.stage import Stage


def over(command: str, item_id: str = REVIEW, typed: str = "") -> Play:
    """An overlay opened by its command."""

    def play(stage: Stage) -> Iterator[QWidget]:
        stage.open(item_id)
        stage.shell.run(command)
        stage.settle()
        stage.press(typed)
        yield stage.shell
        stage.key(Qt.Key.Key_Escape)
        clear(stage)

    return play


def cover(stage: Stage) -> Iterator[QWidget]:
    """Everything covered."""
    stage.open(REVIEW)
    stage.shell.run("station.cover")
    stage.settle()
    yield stage.shell
    stage.key(Qt.Key.Key_Escape)


def join_again(stage: Stage) -> Iterator[QWidget]:
    """Signed out, and a code is asked for; one that was used is refused."""
    again = stage.shell.entrance.again
    again.ask("Heron desk")
    again.screen.code.setText("K7QD4M2X")
    again.show_problem(
        Problem("enrol.code_unknown", "This code can't be used.", "Check what you typed, or ask for a new one.")
    )
    stage.settle()
    yield stage.shell
    again.forget()
    stage.shell.show_desk()


def away(key: str, typed: str = "", left_s: int = 0) -> Play:
    """Going away; with `left_s`, every third lease ends about that soon."""

    def play(stage: Stage) -> Iterator[QWidget]:
        stage.open(REVIEW)
        own = shorten(stage, left_s) if left_s else []
        stage.shell.run("station.away")
        stage.press(key)
        stage.press(typed)
        stage.settle()
        yield stage.shell
        stage.key(Qt.Key.Key_Escape)
        renew(stage, own)  # else the strip of later scenes shows another lease than the rail
        clear(stage)

    return play


def renew(stage: Stage, leases: Sequence[Lease]) -> None:
    """Put these leases in the cache."""
    assert stage.station is not None
    assert stage.station.running is not None
    stage.station.running._vault.writer.run(lambda db: items.renew(db, leases))


def shorten(stage: Stage, left_s: int) -> list[Lease]:
    """Let every third lease end at some time around `left_s` seconds from now, as short leases do; what they were."""
    assert stage.station is not None
    assert stage.station.running is not None
    desk = stage.desk
    cards = desk.records.cards(desk.waiting)
    now = desk.records.service_time().now
    short = [
        replace(card.lease, granted_at=end - timedelta(hours=1 if n % 2 else 8), expires_at=end)
        for n, card in enumerate(cards.values())
        if n % 3 == 0 and (end := now + timedelta(seconds=left_s + 60 * (n * 7 % 90)))
    ]
    renew(stage, short)
    return [card.lease for card in cards.values()]


def settings(stage: Stage) -> Iterator[QWidget]:
    """The settings."""
    stage.place.go_to("settings")
    yield stage.shell
    stage.place.go_to("desk")


def settings_keys(stage: Stage) -> Iterator[QWidget]:
    """The settings further down, gone to by the list of sections."""
    stage.place.go_to("settings")
    screen = stage.place._views.settings
    screen._enter(4)
    yield stage.shell
    screen._go_to(0)
    stage.place.go_to("desk")


def empty(stage: Stage) -> Iterator[QWidget]:
    """Nothing waits: the whole queue is done."""
    stage.open(REVIEW)
    waiting = list(stage.desk.waiting)
    stage.desk.waiting.clear()
    tally = stage.place._tally
    stage.place._tally = Tally()
    model = stage.place._frame.rail.model
    model.set_waiting([])
    stage.place.control.go(None)
    stage.place._soon.stop()
    stage.settle()
    stage.place._show_status()
    yield stage.shell
    stage.place._tally = tally
    stage.desk.waiting[:] = waiting
    model.set_waiting(waiting)


def first_sync(stage: Stage) -> Iterator[QWidget]:
    """The first items are on their way, none is here yet."""
    before, tally = stage.place._status, stage.place._tally
    for _ in empty(stage):
        stage.place.show_status(SyncStatus(state=Link.ONLINE, progress=(120, 458), media_left=26))
        stage.place._tally = Tally()
        stage.place._soon.stop()
        stage.place._show_status()
        yield stage.shell
    stage.place.show_status(before)
    stage.place._tally = tally


def offline(stage: Stage) -> Iterator[QWidget]:
    """The service is gone; work goes on, decisions are saved here."""
    stage.service.kill()
    assert stage.station is not None
    assert stage.station.running is not None
    stage.station.running.engine.refresh()
    stage.wait(lambda: stage.place.link is Link.OFFLINE)
    decide(stage, "own-review-10", "n")
    decide(stage, "own-review-11", "n")
    decide(stage, "listing-7", "n")
    stage.open(REVIEW)
    stage.press("1")
    stage.wait(lambda: stage.place._tally.saved_here >= 3)
    yield stage.shell
    clear(stage)
    back_online(stage)


def back_online(stage: Stage) -> None:
    """The service starts again and the station notices."""
    stage.service.start()
    assert stage.station is not None
    assert stage.station.running is not None
    stage.station.running.engine.refresh()
    stage.wait(lambda: stage.place.link is Link.ONLINE)


def decide(stage: Stage, item_id: str, keys: str) -> None:
    """Decide an item."""
    stage.open(item_id)
    stage.press(keys)
    QTest.keyClick(stage.shell.focusWidget() or stage.shell, Qt.Key.Key_D)
    stage.wait(lambda: ItemId(item_id) not in stage.desk.waiting and not stage.desk.saving)


def bring_back(stage: Stage) -> None:
    """Have a decision returned: the item is edited while this computer is offline."""
    if stage.place._tally.returned:
        return
    assert stage.station is not None
    assert stage.station.running is not None
    stage.service.kill()
    stage.station.running.engine.refresh()
    stage.wait(lambda: stage.place.link is Link.OFFLINE)
    own, stage.station.settings = stage.station.settings, replace(stage.station.settings, undo_hold_s=0)
    decide(stage, "own-review-3", "1")
    decide(stage, "own-review-12", "n")
    decide(stage, "own-review-18", "n")
    stage.station.settings = own
    content = stage.sample("own-review-3")["content"]
    stage.add_item("own-review-3", content=content | {"text": content["text"] + " Edited: I sent the card back."})
    back_online(stage)
    stage.wait(lambda: stage.place._tally.returned >= 1)


def view(name: str) -> Play:
    """Another view, after one decision came back."""

    def play(stage: Stage) -> Iterator[QWidget]:
        bring_back(stage)
        stage.place.go_to(name)
        stage.settle()
        yield stage.shell
        stage.place.go_to("desk")

    return play


SCENES = (
    Scene("palette", over("station.palette", typed="lease")),
    Scene("palette-empty", over("station.palette")),
    Scene("palette-nothing", over("station.palette", typed="xyzzy")),
    Scene("key-sheet", over("station.keys")),
    Scene("actions", over("decide.actions")),
    Scene("escalate", over("decide.escalate")),
    Scene("going-away", away("3")),
    Scene("going-away-lapses", away("3", left_s=1200)),
    Scene("going-away-unsaid", away("5")),
    Scene("going-away-own", away("5", typed="1:30")),
    Scene("end-shift", over("station.end")),
    Scene("cover", cover),
    Scene("settings", settings),
    Scene("settings-keys", settings_keys),
    Scene("queue-empty", empty),
    Scene("first-sync", first_sync),
    Scene("join-again", join_again),
    Scene("offline", offline),
    Scene("returned", view("returned")),
    Scene("outbox", view("outbox")),
)
