"""Joining again: what its screen is told, and what it tells."""

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from modstation.core.problem import Problem
from modstation.ui.window.joining import CODE_REFUSED, in_words

if TYPE_CHECKING:
    from modstation.ui.screens.again import AgainScreen


class Again(QObject):
    """A computer that was signed out needs a new code and nothing else.

    Signals:
        join_wanted(str): the one-time code; answer by leaving the screen, or with `show_problem`.
        left(): not now: back to the desk.

    Args:
        put: brings a screen up.
    """

    join_wanted = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget, put: Callable[[QWidget], None]) -> None:
        super().__init__(parent)
        self._put = put

    @cached_property
    def screen(self) -> "AgainScreen":
        """Where the code is asked for; built when it is first put up."""
        from modstation.ui.screens.again import AgainScreen  # noqa: PLC0415 - few stations ever need it

        screen = AgainScreen()
        screen.join_wanted.connect(self._join)
        screen.left.connect(self.left)
        return screen

    def ask(self, service: str) -> None:
        """Ask for a new code of `service`."""
        self.screen.busy(False)
        self.screen.tell(service)
        self._put(self.screen)

    def show_problem(self, problem: Problem) -> None:
        """Why joining did not work; the code is in hand, to be typed over, or sent again unless it was refused."""
        self.screen.busy(False)
        self.screen.show_problem(in_words(problem), refused=problem.code.startswith(CODE_REFUSED))

    def forget(self) -> None:
        """No code stays in the field."""
        if "screen" in vars(self):  # where a cached property keeps what it made
            self.screen.forget()

    def _join(self, code: str) -> None:
        self.screen.busy(True)
        self.join_wanted.emit(code)
