"""The picture on the desk: which step of it is shown, and asking for its pixels."""

from typing import Protocol

from PySide6.QtCore import QObject

from modstation.core.content import Media, media_of
from modstation.core.exposure import Exposure, Step, stepped
from modstation.core.problem import Problem
from modstation.session.pictures import Pictures
from modstation.session.views import Opened
from modstation.ui.item import ItemPane, PictureView


class Looked(Protocol):
    """Told when some of the item was seen."""

    def __call__(self) -> None:
        """Some of it was seen."""


class Lookout(QObject):
    """Keeps what is shown of a picture at the step the person chose; drops pixels when they are not wanted."""

    def __init__(self, pane: ItemPane, pictures: Pictures, exposure: Exposure, looked: Looked) -> None:
        super().__init__(pane)
        self._pane = pane
        self._pictures = pictures
        self._exposure = exposure
        self._looked = looked
        self._media: Media | None = None
        self._step = Step.HIDDEN
        self._held = False
        pane.step_wanted.connect(self.to_step)

    def show(self, opened: Opened | None) -> None:
        """Another item is on the desk: back to what the person's settings open its severity with."""
        self._pictures.forget()
        media = media_of(opened.item.content) if opened and not opened.item.restricted else ()
        self._media = media[0] if media and media[0].mime.startswith("image/") else None
        self._held = False
        self._step = self._exposure.opens_with(opened.item.severity) if opened and self._media else Step.HIDDEN
        self._pane.set_step(self._step)
        self._ask()

    def more(self, by: int) -> None:
        """One step more (1) or less (-1)."""
        self.to_step(stepped(self._step, by))

    def to_step(self, step: Step) -> None:
        """Show the picture at `step`."""
        if self._media is None:
            return
        self._step = Step(step)
        self._pane.set_step(self._step)
        self._ask()

    def hold(self, *, down: bool) -> None:
        """The "hold to look" key went down or up. What was seen is gone again when it is up."""
        if self._media is None or down == self._held:
            return
        self._held = down
        self._pane.set_held(down)
        self._ask()

    def drop(self) -> None:
        """Forget every pixel: everything is being covered, or the window lost the focus."""
        self._held = False
        self._pictures.forget()
        self._pane.set_held(False)
        self._pane.set_picture(None, "")

    def _ask(self) -> None:
        step = max(self._step, self._exposure.hold_step) if self._held else self._step
        if self._media is None or step is Step.HIDDEN:
            self._pictures.forget()
            self._pane.set_picture(None, "")
            return
        self._pictures.want(self._media, step, self._pane.picture_width(), self._answer)

    def _answer(self, answer: object) -> None:
        if isinstance(answer, Problem):
            self._pane.set_picture(None, answer.title)
            return
        self._looked()
        self._pane.set_picture(PictureView.of(answer), "")
