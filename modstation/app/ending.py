"""The end of a shift: give back, send, purge, lock. Whatever fails of it, the station locks."""

from collections.abc import Callable
from pathlib import Path

from modstation.app.mending import OffScreen
from modstation.app.running import Running
from modstation.core.problem import Problem
from modstation.session.shift import Ended
from modstation.store import header
from modstation.ui.window.shell import Shell


class Ending:
    """Lives on the screen's thread.

    Args:
        folder: the station's folder.
        off_screen: runs a job on the worker.
        lock: closes the vault, if this is still what works behind the window, and shows something.
    """

    def __init__(
        self, folder: Path, shell: Shell, off_screen: OffScreen, lock: Callable[[Running, Callable[[], None]], None]
    ) -> None:
        self._folder = folder
        self._shell = shell
        self._off_screen = off_screen
        self._lock = lock

    def end(self, running: Running) -> None:
        """Give back, send, purge, lock; without a connection the service is told at the next start."""

        def wound_up() -> Exception | None:
            try:
                running.wind_up()
            except Exception as error:  # noqa: BLE001 - an edge: whatever went wrong, the station locks; then it is told
                return error
            return None

        def locked(ended: Ended, error: Exception | None) -> None:
            problem = error if isinstance(error, Problem) else None

            def show() -> None:  # not before: somebody may have locked meanwhile, and the cache would be closed
                left = ended.to_send if error is not None else running.desk.records.tally().saved_here
                self._shell.entrance.show_lock(header.ways(self._folder), left, ended.given_back, problem)

            self._lock(running, show)
            if error is not None and problem is None:
                raise error

        def go(ended: Ended) -> None:
            self._shell.run("station.cover")
            self._off_screen(wound_up, lambda error: locked(ended, error), self._shell.show_failed)

        running.desk.shift.end(go)
