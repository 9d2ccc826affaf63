"""Joining a service, before there is a desk: what the first-run screens are told, and what they tell."""

from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from modstation.core.problem import Problem
from modstation.ui.screens.step import FirstRunStep

if TYPE_CHECKING:
    from modstation.ui.screens.firstrun import FirstRun

CODE_REFUSED = "enrol.code"
"""How the codes of problems with the one-time code begin."""


class Joining(QObject):
    """The steps of the first run. Its screen is loaded and built when it is first put up.

    Signals:
        address_entered(str): answer with `show_service` or `show_no_service`.
        join_wanted(str): the one-time code; answer with `show_protect`, `show_joined` or a problem.
        protect_wanted(str): the passphrase, empty for the keyring; answer with `show_joined` or a problem.
        passed(): joined, and the person wants the desk.

    Args:
        put: brings a screen up.
    """

    address_entered = Signal(str)
    join_wanted = Signal(str)
    protect_wanted = Signal(str)
    passed = Signal()

    def __init__(self, parent: QWidget, put: Callable[[QWidget], None]) -> None:
        super().__init__(parent)
        self._put = put

    @cached_property
    def screen(self) -> "FirstRun":
        """Joining, step by step."""
        from modstation.ui.screens.firstrun import FirstRun  # noqa: PLC0415 - see the class

        screen = FirstRun()
        screen.address_entered.connect(self.address_entered)
        screen.join_wanted.connect(self._join)
        screen.protect_wanted.connect(self._protect)
        screen.finished.connect(self.passed)
        return screen

    def begin(self) -> None:
        """Ask to join a service."""
        self.screen.go_to(FirstRunStep.JOIN)
        self._put(self.screen)

    def show_service(self, address: str, name: str, fingerprint: str, device_fingerprint: str) -> None:
        """Who answers at the address that was typed, and who this computer would be."""
        from modstation.ui.screens.join import ServiceCardView  # noqa: PLC0415 - see the class

        self.screen.show_card(ServiceCardView(name, fingerprint, address.startswith("https")))
        self.screen.show_device_fingerprint(device_fingerprint)

    def show_no_service(self, problem: Problem) -> None:
        """Why nobody could be asked at the address that was typed."""
        self.screen.show_card(None, in_words(problem))

    def show_problem(self, problem: Problem) -> None:
        """Why the step being taken did not work; everything typed stays."""
        self.screen.busy(False)
        self._tell(problem)

    def show_not_joined(self, problem: Problem) -> None:
        """The service did not take this computer after all: back to the first step, to the code if that was why."""
        self.screen.busy(False)
        self.screen.go_to(FirstRunStep.JOIN)
        self.screen.busy(False)
        self._tell(problem)
        self._put(self.screen)

    def show_protect(
        self, backend: str, problem: Problem | None, person: str = "", until: datetime | None = None
    ) -> None:
        """Ask how this computer protects the vault.

        Args:
            backend: names its keyring.
            problem: why there is none.
            person: whom the code is for, and `until` when it holds, if the service has said so.
            until: see there.
        """
        self.screen.busy(False)
        self.screen.show_promise(person, until)
        self.screen.show_keyring(problem is None, backend, problem.title if problem else "")
        self.screen.go_to(FirstRunStep.PROTECT)

    def show_joined(self, person: str) -> None:
        """Joined: greet, and wait for the person to begin."""
        self.screen.busy(False)
        self.screen.show_person(person)
        self.screen.go_to(FirstRunStep.DONE)
        self._put(self.screen)

    def forget(self) -> None:
        """No passphrase stays in a field."""
        if "screen" in vars(self):  # where a cached property keeps what it made
            self.screen.protect_page.forget()

    def _tell(self, problem: Problem) -> None:
        if problem.code.startswith(CODE_REFUSED):
            self.screen.show_code_problem(in_words(problem))
        else:
            self.screen.show_problem(in_words(problem))

    def _join(self, _address: str, code: str) -> None:
        self.screen.busy(True)
        self.join_wanted.emit(code)

    def _protect(self, passphrase: str) -> None:
        self.screen.busy(True)
        self.protect_wanted.emit(passphrase)


def in_words(problem: Problem) -> str:
    """A problem in a line: what is wrong, and what to do."""
    return " ".join(filter(None, (problem.title, problem.advice)))
