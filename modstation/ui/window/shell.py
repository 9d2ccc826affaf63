"""The one window: what comes first (joining, unlocking, a problem), and then the desk."""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QCloseEvent, QIcon
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from modstation.core.changes import Changes
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.session.commands import by_key, keymap
from modstation.session.desk import Desk
from modstation.session.finder import Finder
from modstation.session.pictures import Pictures
from modstation.system.clock import Clock
from modstation.system.settings import Settings
from modstation.ui import theme
from modstation.ui.pieces.facts import Fact
from modstation.ui.screens.firstrun import FirstRun, FirstRunStep
from modstation.ui.screens.join import ServiceCardView
from modstation.ui.screens.problem import ProblemScreen
from modstation.ui.screens.unlock import Unlock
from modstation.ui.text import tr
from modstation.ui.window.frame import Frame
from modstation.ui.window.keys import KeyRouter
from modstation.ui.window.workplace import Workplace

ASKING = frozenset({"vault.wrong_key", "vault.needs_passphrase", "vault.no_keyring"})
KEPT = ("Everything decided here is kept, encrypted.", "Nothing on this computer was changed.")


class Shell(QWidget):
    """The window.

    Signals:
        closing(): the window is being closed.
        lock_wanted(), sync_wanted(), lease_wanted(object): asked for at the desk.
        settings_changed(object): the person chose these `Settings`.
        address_entered(str), join_wanted(str), protect_wanted(str): joining; the last two give code and passphrase.
        unlock_wanted(str): open the vault with this passphrase; empty for the keyring.
    """

    closing = Signal()
    lock_wanted = Signal()
    sync_wanted = Signal()
    lease_wanted = Signal(object)
    settings_changed = Signal(object)
    address_entered = Signal(str)
    join_wanted = Signal(str)
    protect_wanted = Signal(str)
    unlock_wanted = Signal(str)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._settings = Settings()
        self.workplace: Workplace | None = None
        self.frame: Frame | None = None
        self._stack = QStackedWidget(self)
        self._first_run = FirstRun()
        self._unlock = Unlock()
        self._problem = ProblemScreen()
        self._blank = QWidget()
        for screen in (self._blank, self._first_run, self._unlock, self._problem):
            self._stack.addWidget(screen)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._stack)
        self.setWindowTitle("ModStation")
        self.setWindowIcon(QIcon(theme.icons.icon("policy", role="accent", size=32)))
        self.resize(1440, 900)
        self._keys = KeyRouter(self, self._asleep, lambda: self._settings.repeat_guard_ms)
        self._connect()

    # What comes first

    def show_opening(self) -> None:
        """The vault is being opened: nothing for a moment, rather than something that flashes by."""
        self._unlock.busy(True)

    def show_locked(self, problem: Problem | None) -> None:
        """Ask for the vault to be opened; `problem` says why it could not be."""
        if problem is not None and problem.code.startswith("vault.") and problem.code not in ASKING:
            self.show_problem(problem)
            return
        self._unlock.busy(False)
        self._unlock.show_keyring(True)
        self._unlock.show_facts([Fact("lock", tr("Everything on this computer is encrypted and closed."))])
        if problem is not None:
            self._unlock.show_problem(" ".join(filter(None, (problem.title, problem.advice))))
        self._put(self._unlock)

    def show_problem(self, problem: Problem, safe: Sequence[str] = KEPT) -> None:
        """Tell a problem that keeps the station from opening."""
        self._problem.show_problem(problem, [tr(words) for words in safe], tr("Try again"))
        self._put(self._problem)

    def show_first_run(self) -> None:
        """Ask to join a service."""
        self._first_run.go_to(FirstRunStep.JOIN)
        self._put(self._first_run)

    def show_service(self, address: str, name: str, fingerprint: str, device_fingerprint: str) -> None:
        """Who answers at the address that was typed, and who this computer would be."""
        self._first_run.show_card(ServiceCardView(name, fingerprint, address.startswith("https")))
        self._first_run.show_device_fingerprint(device_fingerprint)

    def show_join_problem(self, problem: Problem) -> None:
        """Why the step being taken did not work."""
        self._first_run.busy(False)
        words = " ".join(filter(None, (problem.title, problem.advice)))
        if self._first_run.step is FirstRunStep.JOIN and not problem.code.startswith("sync.enrol"):
            self._first_run.show_card(None, words)
        else:
            self._first_run.show_problem(words)

    def show_protect(self, backend: str, problem: Problem | None) -> None:
        """Ask how this computer protects the vault; `backend` names its keyring, `problem` says why there is none."""
        self._first_run.busy(False)
        self._first_run.show_keyring(problem is None, backend, problem.title if problem else "")
        self._first_run.go_to(FirstRunStep.PROTECT)

    def show_joined(self, person: str) -> None:
        """Joined: greet, and wait for the person to begin."""
        self._first_run.busy(False)
        self._first_run.show_person(person)
        self._first_run.go_to(FirstRunStep.DONE)
        self._put(self._first_run)

    # The desk

    def prepare_desk(self, desk: Desk, finder: Finder, pictures: Pictures, person: str) -> None:
        """Build the desk on an open vault, and show the first item."""
        frame = Frame()
        place = Workplace(frame, desk, finder, pictures, self._clock)
        frame.top.set_person(person)
        frame.top.command.connect(self.run)
        place.sync_wanted.connect(self.sync_wanted)
        place.lock_wanted.connect(self.lock_wanted)
        place.lease_wanted.connect(self.lease_wanted)
        place.settings_changed.connect(self.settings_changed)
        place.view_changed.connect(lambda _: self._bind())
        place.overlays.command.connect(self.run)
        place.overlays.preset_chosen.connect(self._preset)
        place.overlays.single_keys_chosen.connect(self._single_keys)
        place.control.shown.connect(lambda _: self._keys.painted())
        self.frame, self.workplace = frame, place
        self._stack.addWidget(frame)
        self.apply_settings(self._settings)
        place.control.go(desk.step(0))
        place.go_to("desk")

    def show_desk(self) -> None:
        """Bring the prepared desk up."""
        if self.frame is not None and self.workplace is not None:
            self._put(self.frame)
            self.workplace.go_to("desk")

    def clear_desk(self) -> None:
        """The vault is being closed: nothing of it stays in the window."""
        if self.frame is None or self.workplace is None:
            return
        self.workplace.stop()
        self._put(self._blank)
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
        self._first_run.address_entered.connect(self.address_entered)
        self._first_run.join_wanted.connect(self._join)
        self._first_run.protect_wanted.connect(self._protect)
        self._first_run.stopped.connect(self.close)
        self._first_run.finished.connect(self.show_desk)
        self._unlock.unlock_wanted.connect(self.unlock_wanted)
        self._unlock.keyring_wanted.connect(lambda: self.unlock_wanted.emit(""))
        self._problem.step_wanted.connect(lambda: self.unlock_wanted.emit(""))

    def _join(self, _address: str, code: str) -> None:
        self._first_run.busy(True)
        self.join_wanted.emit(code)

    def _protect(self, passphrase: str) -> None:
        self._first_run.busy(True)
        self.protect_wanted.emit(passphrase)

    def _released(self, command: str) -> None:
        if command == "look.hold" and self.workplace is not None:
            self.workplace.lookout.hold(down=False)

    def _asleep(self) -> bool:
        return (
            self.workplace is None or self._stack.currentWidget() is not self.frame or self.workplace.overlays.is_open
        )

    def _own_keys(self) -> dict[str, tuple[str, ...]]:
        own = self._settings
        return keymap(own.keys, own.key_overrides, single_keys=own.single_keys)

    def _bind(self) -> None:
        view = "returned" if self.workplace is not None and self.workplace.view == "returned" else "review"
        self._keys.bind(by_key(view, self._own_keys()))

    def _preset(self, preset: str) -> None:
        self.settings_changed.emit(replace(self._settings, keys=preset))

    def _single_keys(self, on: bool) -> None:  # a Qt signal gives it by position
        self.settings_changed.emit(replace(self._settings, single_keys=on))

    def _put(self, screen: QWidget) -> None:
        self._stack.setCurrentWidget(screen)
        screen.setFocus()
