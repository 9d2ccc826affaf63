"""The pictures of the item in the pane: their steps, holding, size and turn, and when pixels are asked for."""

from PySide6.QtCore import QObject, QTimer, Signal

from modstation.core.content import Media
from modstation.core.exposure import Exposure, Step
from modstation.ui.item.body import ItemBody
from modstation.ui.item.looking import Looking, PictureView

_SLOW_MS = 150


class ItemPictures(QObject):
    """What is shown of the pictures, kept in `Looking`, beside the controls that stand in the body.

    Signals:
        step_wanted(Step, int): a person chose a step, or another size at the same step: `set_step` it, and if that
            shows anything decode so many px across and give them by `set_picture`.
        hold_wanted(bool): a "hold to look" button went down or up: `set_held`, and as above.
        media_wanted(int): another file of the item is wanted: `set_media`.
        looked(): pixels of this item were shown for the first time.
    """

    step_wanted = Signal(Step, int)
    hold_wanted = Signal(bool)
    media_wanted = Signal(int)
    looked = Signal()

    def __init__(self, looking: Looking, body: ItemBody) -> None:
        super().__init__(body)
        self._looking, self._body = looking, body
        self._was_seen = False
        self._slow = QTimer(self)
        self._slow.setSingleShot(True)
        self._slow.setInterval(_SLOW_MS)
        self._slow.timeout.connect(self._say_slow)
        body.hold_changed.connect(self.hold_wanted)
        body.photo_chosen.connect(self.media_wanted)
        body.steps.chosen.connect(lambda step: self.step_wanted.emit(step, self.width()))
        body.bar.hold_changed.connect(self.hold_wanted)
        body.bar.width_chosen.connect(self.set_width)
        body.bar.turn_wanted.connect(self.turn)

    @property
    def current(self) -> Media | None:
        """The file that steps and holding are about; None when the item has no picture."""
        return self._looking.current

    def width(self) -> int:
        """How many px across the picture should be decoded now."""
        return self._looking.pixels_wide(self._body.devicePixelRatioF())

    def open(self, media: tuple[Media, ...]) -> None:
        """Begin with another item's pictures, hidden."""
        self._was_seen = False
        self._slow.stop()
        self._looking.open(media)
        if media or self._body.steps.step() is not Step.HIDDEN:  # else nobody sees them, and they are at rest
            self._show_controls()

    def set_exposure(self, exposure: Exposure) -> None:
        """What holding shows, and how large pictures begin."""
        self._looking.use(exposure)
        self._show_controls()

    def set_step(self, step: Step) -> None:
        """Show the picture at `step`, as soon as there are pixels for it; more than that is dropped at once."""
        wanted = step if self._looking.media else Step.HIDDEN
        if wanted is self._looking.step:
            return  # as for most items that come: they begin hidden, and were just shown so
        self._looking.step = wanted
        self._shown_changed()

    def set_held(self, held: bool) -> None:
        """Whether "hold to look" is down."""
        self._looking.held = held
        self._shown_changed()

    def set_media(self, index: int) -> None:
        """Turn to another file of the item; it begins hidden."""
        self._looking.turn_to(index)
        self._shown_changed()

    def set_picture(self, picture: PictureView | None, problem: str = "") -> None:
        """Pixels for what is shown now; or None and, if there is one, the reason why there are none."""
        if picture is None:
            self._looking.fail(problem)
        elif self._looking.accept(picture) and not self._was_seen:
            self._was_seen = True
            self.looked.emit()
        self._slow.stop()
        self._body.restack()

    def set_width(self, width: int) -> None:
        """The picture's width in px: 240, 480, or 0 to fit the pane."""
        self._looking.width_px = width
        self._body.restack()
        if self._looking.shown > Step.HIDDEN:
            self.step_wanted.emit(self._looking.step, self.width())

    def turn(self) -> None:
        """Turn the picture a quarter to the right."""
        self._looking.turns = (self._looking.turns + 1) % 4
        self._body.restack()

    def _shown_changed(self) -> None:
        self._looking.keep_within_shown()
        if self._looking.shown > Step.HIDDEN and not self._looking.has_pixels:
            self._slow.start()
        else:
            self._slow.stop()
        self._show_controls()
        self._body.restack()
        self._body.bring_picture(shown=self._looking.shown > Step.HIDDEN)

    def _say_slow(self) -> None:
        self._looking.slow = True
        self._body.viewport().update()

    def _show_controls(self) -> None:
        self._body.steps.set_step(self._looking.step)
        step, hold_step = self._looking.step, self._looking.hold_step
        self._body.bar.show_hold(max(hold_step, step), adds=hold_step > step)
        self._body.bar.show_pixels(shown=self._looking.shown > Step.HIDDEN)
        self._body.bar.show_width(self._looking.width_px)
