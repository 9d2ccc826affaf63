"""Writes that were refused: what was decided is told by name, and is on the desk again as it was left."""

from PySide6.QtCore import QObject

from modstation.core.problem import Problem
from modstation.session.views import Refused
from modstation.ui.text import tr
from modstation.ui.window.control import DeskControl
from modstation.ui.window.overlays import Overlays


class Refusing(QObject):
    """Tells what was not saved. Several refusals before the first is read are told as one."""

    def __init__(self, parent: QObject, control: DeskControl, overlays: Overlays) -> None:
        super().__init__(parent)
        self._control = control
        self._overlays = overlays
        self._lost: list[Refused] = []  # told and not read yet
        overlays.told.connect(self._lost.clear)

    def tell(self, problem: Problem) -> None:
        """Tell it; if it is about an item, put that on the desk."""
        if isinstance(problem, Refused):
            self._lost.append(problem)
            # The one that was decided first: the others stand after it in the rail.
            self._control.returned_to_queue(self._lost[0].item_id)
            self._overlays.tell(_named(problem, [one.summary for one in self._lost]))
        elif problem.code not in {one.code for one in self._lost}:
            # The disk that refused a decision refuses its draft too: that is no news, and must not hide the name.
            self._overlays.tell(problem)


def _named(problem: Problem, summaries: list[str]) -> Problem:
    """The problem, and which items it is about."""
    if len(summaries) > 1:
        which = tr("Not saved: {names}. The first is open again as you left it.", names="; ".join(summaries))
    else:
        which = tr("It is about “{name}”, which is open again as you left it.", name=summaries[0])
    return Problem(problem.code, problem.title, f"{which} {problem.advice}".strip(), problem.place)
