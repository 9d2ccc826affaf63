"""A station that the service has signed out joins again where it is: nothing is closed, nothing is set aside."""

from collections.abc import Callable

from modstation.app.mending import OffScreen
from modstation.app.running import Running
from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.ui.text import tr
from modstation.ui.window import standing
from modstation.ui.window.shell import Shell


class Rejoining:
    """Lives on the screen's thread.

    Args:
        shell: the window.
        running: what works behind it while the vault is open.
        off_screen: runs what takes time.
    """

    def __init__(self, shell: Shell, running: Callable[[], Running | None], off_screen: OffScreen) -> None:
        self._shell = shell
        self._running = running
        self._off_screen = off_screen
        shell.rejoin_wanted.connect(self._ask)
        shell.sync_wanted.connect(self._remind)
        shell.entrance.again.join_wanted.connect(self._join)
        shell.entrance.again.left.connect(shell.show_desk)

    def _ask(self) -> None:
        running, place = self._running(), self._shell.workplace
        if running is None or place is None:
            return
        if place.link is Link.SIGNED_OUT:
            self._shell.entrance.again.ask(running.service)
        else:
            place.notice(tr("This computer has joined; no code is needed."))

    def _remind(self) -> None:
        """Somebody wants to exchange, and can't: say again why, and what to do."""
        running, place = self._running(), self._shell.workplace
        if running is not None and place is not None and place.link is Link.SIGNED_OUT:
            place.overlays.tell(standing.signed_out(running.engine.status.problem))

    def _join(self, code: str) -> None:
        running = self._running()
        if running is None:
            return

        def joined(_: None) -> None:
            place = self._shell.workplace
            if self._running() is not running or place is None:
                return  # closed meanwhile; at the next start it is a member again
            running.begin_again()
            self._shell.entrance.again.forget()
            self._shell.show_status(running.engine.status)
            self._shell.show_desk()
            place.notice(tr("Joined again. What you decided is being sent."))

        def failed(problem: Problem) -> None:
            self._shell.entrance.again.show_problem(problem)

        self._off_screen(lambda: running.join_again(code), joined, failed)
