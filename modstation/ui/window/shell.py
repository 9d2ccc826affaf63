"""The one window: what comes first (joining, unlocking, a problem), and then the desk."""

from dataclasses import replace

from PySide6.QtCore import QEvent, QSize, Signal
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from modstation.core.changes import Changes
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.session.commands import BY_ID, by_key, canonical, keymap, needs_desk, taken
from modstation.session.desk import Desk
from modstation.session.finder import Finder
from modstation.session.pictures import Pictures
from modstation.system.clock import Clock
from modstation.system.settings import Settings
from modstation.ui import theme
from modstation.ui.window.entrance import Entrance
from modstation.ui.window.folds import Folds
from modstation.ui.window.frame import Frame
from modstation.ui.window.keys import KeyRouter
from modstation.ui.window.workplace import Workplace

USUAL_SIZE = QSize(1440, 900)
DECORATION = QSize(16, 48)  # what the window manager puts round it is not known before it is there
HIDING = frozenset({"station.cover", "station.lock"})


class Shell(QWidget):
    """The window.

    Signals:
        closing(): the window is being closed.
        lock_wanted(), sync_wanted(), lease_wanted(object), fetch_wanted(), end_wanted(): asked for at the desk.
        item_shown(): another item is on the desk.
        rejoin_wanted(): the service has signed this computer out, and the person wants to join again.
        settings_changed(object): the person chose these `Settings`.

    Attributes:
        entrance: the screens before the desk.
        workplace: the desk at work; None while the vault is closed.
    """

    closing = Signal()
    lock_wanted = Signal()
    sync_wanted = Signal()
    lease_wanted = Signal(object)
    fetch_wanted = Signal()
    end_wanted = Signal()
    rejoin_wanted = Signal()
    item_shown = Signal()
    settings_changed = Signal(object)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._settings = Settings()
        self.workplace: Workplace | None = None
        self.frame: Frame | None = None
        self._folds = Folds()
        self._stack = QStackedWidget(self)
        self.entrance = Entrance()
        self._stack.addWidget(self.entrance)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setWindowTitle("ModStation")
        self.setWindowIcon(QIcon(theme.icons.icon("policy", role="accent", size=32)))
        self.resize(USUAL_SIZE.boundedTo(self.screen().availableSize() - DECORATION))
        self._keys = KeyRouter(self, self._asleep, lambda: self._settings.repeat_guard_ms)
        self._connect()

    # The desk

    def prepare_desk(
        self, desk: Desk, finder: Finder, pictures: Pictures, person: str, first: ItemId | None = None
    ) -> None:
        """Build the desk on an open vault, and show the item `first`, if it still waits, or the first of the queue."""
        frame = Frame(self._folds)
        place = Workplace(frame, desk, finder, pictures, self._clock)
        frame.top.set_person(person)
        frame.top.command.connect(self.run)
        place.sync_wanted.connect(self.sync_wanted)
        place.lock_wanted.connect(self.lock_wanted)
        place.lease_wanted.connect(self.lease_wanted)
        place.leaving.fetch_wanted.connect(self.fetch_wanted)
        place.leaving.end_wanted.connect(self.end_wanted)
        place.control.shown.connect(lambda _: self.item_shown.emit())
        place.settings_changed.connect(self.settings_changed)
        place.view_changed.connect(lambda _: self._bind())
        place.overlays.command.connect(self.run)
        place.overlays.rejoin_wanted.connect(self.rejoin_wanted)
        place.overlays.preset_chosen.connect(self._preset)
        place.overlays.single_keys_chosen.connect(self._single_keys)
        place.overlays.key_chosen.connect(self._own_key)
        place.control.shown.connect(lambda _: self._keys.painted())
        self.frame, self.workplace = frame, place
        self._stack.addWidget(frame)
        self.apply_settings(self._settings)
        place.control.go(first if first in desk.waiting else desk.step(0))
        place.go_to("desk")

    def show_desk(self) -> None:
        """Bring the prepared desk up."""
        if self.frame is not None and self.workplace is not None:
            self._stack.setCurrentWidget(self.frame)
            self.workplace.go_to("desk")

    def clear_desk(self) -> None:
        """The vault is being closed: nothing of it stays in the window."""
        if self.frame is None or self.workplace is None:
            return
        self.workplace.stop()
        self.entrance.show_nothing()
        self._stack.removeWidget(self.frame)
        self.frame.deleteLater()
        self.frame = self.workplace = None

    def person_moved(self, changes: Changes) -> None:
        """The person's own write is durable."""
        if self.workplace is not None:
            self.workplace.person_moved(changes)

    def sync_moved(self, changes: Changes) -> None:
        """The engine's write is done."""
        if self.workplace is not None:
            self.workplace.sync_moved(changes)

    def show_status(self, status: SyncStatus) -> None:
        """How the exchange with the service stands."""
        if self.workplace is not None:
            self.workplace.show_status(status)

    def show_failed(self, problem: Problem) -> None:
        """A write was refused, or something else went wrong that a person must know."""
        if self.workplace is not None:
            self.workplace.failed(problem)

    def apply_settings(self, settings: Settings) -> None:
        """Put the person's settings in force."""
        self._settings = settings
        if self.workplace is not None:
            self.workplace.apply(settings, self._own_keys())
        self._bind()

    def run(self, command: str, digit: int = 0) -> None:
        """Do what a command says."""
        if self.workplace is None:
            return
        if needs_desk(command) and self.workplace.view != "desk":
            self.workplace.go_to("desk")
            if not command.startswith("read."):  # nothing is done to an item, or past it, that was not on the screen
                return
        if self.workplace.control.handles(command):
            return
        action = self.workplace.commands().get(command)
        if action is not None:
            action(digit)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Close the vault with the window."""
        self.closing.emit()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Clear pixels never stay behind a window that is not looked at."""
        if event.type() == QEvent.Type.ActivationChange and not self.isActiveWindow() and self.workplace is not None:
            self.workplace.lookout.hold(down=False)
        super().changeEvent(event)

    # Inside

    def _connect(self) -> None:
        self._keys.pressed.connect(self.run)
        self._keys.released.connect(self._released)
        self._keys.missed.connect(lambda: self.run(""))
        self.entrance.changed.connect(lambda: self._stack.setCurrentWidget(self.entrance))
        self.entrance.joining.passed.connect(self.show_desk)

    def _released(self, command: str) -> None:
        if command == "look.hold" and self.workplace is not None:
            self.workplace.lookout.hold(down=False)

    def _asleep(self, command: str) -> bool:
        """Whether the keys of the desk mean nothing now; an overlay never keeps anybody from hiding everything."""
        if self.workplace is None or self._stack.currentWidget() is not self.frame:
            return True
        overlays = self.workplace.overlays
        if overlays.takes(command):
            return False
        return overlays.is_open and (command not in HIDING or overlays.is_covered)

    def _own_keys(self) -> dict[str, tuple[str, ...]]:
        own = self._settings
        return keymap(own.keys, own.key_overrides, single_keys=own.single_keys)

    def _bind(self) -> None:
        name = self.workplace.view if self.workplace is not None else "desk"
        view = {"desk": "review", "returned": "returned"}.get(name, "beside")
        meant = by_key(view, self._own_keys())
        self._keys.bind(meant if view == "review" else {**meant, "Esc": ("station.desk", 0)})

    def _preset(self, preset: str) -> None:
        self.settings_changed.emit(replace(self._settings, keys=preset))

    def _own_key(self, command: str, key: str) -> None:
        """Another key for a command, unless it is taken: then say by which."""
        own = replace(self._settings, key_overrides={**self._settings.key_overrides, command: (key,)})
        try:
            keymap(own.keys, own.key_overrides, single_keys=own.single_keys)
        except Problem as problem:
            both = problem.place.split(", ") if problem.code == "keys.clash" else []
            owner = next((one for one in both if one != command), "")
            if self.workplace is not None:
                told = taken(canonical(key), BY_ID[owner], BY_ID[command]) if owner else problem
                self.workplace.overlays.refuse_key(told)
            return
        self.settings_changed.emit(own)

    def _single_keys(self, on: bool) -> None:  # a Qt signal gives it by position
        self.settings_changed.emit(replace(self._settings, single_keys=on))
