"""The one crossing from other threads to the screen's."""

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, Signal, Slot


class Bridge(QObject):
    """Runs callables on the thread it was made on, in the order in which they were posted."""

    _posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._posted.connect(self._run, Qt.ConnectionType.QueuedConnection)

    def post(self, job: Callable[[], None]) -> None:
        """Run `job` soon on the screen's thread; safe from any thread."""
        self._posted.emit(job)

    @Slot(object)
    def _run(self, job: Callable[[], None]) -> None:
        job()
