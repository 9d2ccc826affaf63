"""Starts the demo's service again when it has ended and nobody asked it to."""

import threading
from collections.abc import Callable

from modstation.core.problem import Problem
from modstation.demo.process import ServiceProcess

AT_MOST = 5


class Keeper:
    """Watches over a service that runs, on a thread of its own, and says what it does.

    A service that goes on ending is not started for ever: after `AT_MOST` times it is said what a person can do.

    Args:
        service: runs already when this begins.
        say: tells the person at the terminal; called on the thread.
    """

    def __init__(self, service: ServiceProcess, say: Callable[[str], None]) -> None:
        self._service = service
        self._say = say
        self._starting = threading.Lock()  # held while the service is started, or told to stop
        self._is_over = False
        self._thread = threading.Thread(target=self._keep, name="keeper", daemon=True)

    def begin(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def end(self) -> None:
        """Stop the service; it stays stopped. Harmless when repeated, and before `begin`."""
        with self._starting:
            self._is_over = True
            self._service.stop()
        if self._thread.is_alive():
            self._thread.join()

    def _keep(self) -> None:
        for left in reversed(range(AT_MOST + 1)):
            self._service.wait()
            with self._starting:
                if self._is_over:
                    return
                if not left:
                    self._say("The service has ended again. Close the window, then: make demo")
                elif not self._start():
                    return

    def _start(self) -> bool:
        self._say("The service has ended. It is started again …")
        try:
            self._service.kill()  # which lets go of what is left of the one that ended
            self._service.start()
        except (Problem, OSError) as error:
            told = f"{error.title} {error.advice}".strip() if isinstance(error, Problem) else str(error)
            self._say(f"It does not start: {told}\nClose the window, then: make demo")
            return False
        self._say(f"The service is at {self._service.address} again. The window goes online by itself.")
        return True
