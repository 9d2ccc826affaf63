"""The picture on the desk: which step of it is shown, and asking for its pixels."""

from collections.abc import Callable

from PySide6.QtCore import QObject

from modstation.core.exposure import Exposure, Step, stepped
from modstation.core.ids import MediaId
from modstation.core.problem import Problem
from modstation.session.pictures import Pictures, PreviewPicture
from modstation.session.views import Opened
from modstation.ui.item import ItemPictures, PictureView


class Lookout(QObject):
    """Keeps the picture at the step the person chose; drops pixels when they are not wanted any more."""

    def __init__(self, shown: ItemPictures, pictures: Pictures, looked: Callable[[], None]) -> None:
        super().__init__(shown)
        self._shown = shown
        self._pictures = pictures
        self._exposure = Exposure()
        self._step = Step.HIDDEN
        self._held = False
        shown.step_wanted.connect(lambda step, _width: self.to_step(step))
        shown.hold_wanted.connect(lambda down: self.hold(down=down))
        shown.media_wanted.connect(self._turn_to)
        shown.looked.connect(looked)

    def use(self, exposure: Exposure) -> None:
        """The person's own choices."""
        self._exposure = exposure
        self._shown.set_exposure(exposure)

    def show(self, opened: Opened | None) -> None:
        """Another item is on the desk: begin with what the person lets its severity begin with."""
        self._pictures.forget()
        self._held = False
        self._step = Step.HIDDEN
        if opened is not None and self._shown.current is not None:
            self.to_step(self._exposure.opens_with(opened.item.severity))

    def more(self, by: int) -> None:
        """One step more (1) or less (-1)."""
        self.to_step(stepped(self._step, by))

    def arrived(self, there: frozenset[MediaId]) -> None:
        """Files came: the picture that is shown may have been waited for, or stood in for by its preview."""
        media = self._shown.current
        if media is not None and not there.isdisjoint({media.media_id, media.preview and media.preview.media_id}):
            self.to_step(self._step)

    def to_step(self, step: Step) -> None:
        """Show the picture at `step`."""
        if self._shown.current is None:
            return
        self._step = Step(step)
        self._shown.set_step(self._step)
        self._ask()

    def hold(self, *, down: bool) -> None:
        """The "hold to look" key went down or up. What was seen is gone again when it is up."""
        if self._shown.current is None or down == self._held:
            return
        self._held = down
        self._shown.set_held(down)
        self._ask()

    def drop(self) -> None:
        """Forget every pixel: everything is being covered, or the window lost the focus."""
        self._pictures.forget()
        self._held = False
        self._step = Step.HIDDEN
        self._shown.set_held(False)
        self._shown.set_step(Step.HIDDEN)

    def _turn_to(self, index: int) -> None:
        self._pictures.forget()
        self._shown.set_media(index)
        self.to_step(self._step)

    def _ask(self) -> None:
        media = self._shown.current
        step = max(self._step, self._exposure.hold_step) if self._held else self._step
        if media is None or step is Step.HIDDEN:
            self._pictures.forget()
            return
        self._pictures.want(media, step, self._shown.width(), self._answer)

    def _answer(self, answer: object) -> None:
        if isinstance(answer, Problem):
            self._shown.set_picture(None, answer.title)
        else:
            self._shown.set_picture(PictureView.of(answer, preview=isinstance(answer, PreviewPicture)))
