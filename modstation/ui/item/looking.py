"""How much of an item's pictures is shown right now. Clear pixels live here, and only as long as they are wanted."""

from dataclasses import dataclass, fields

from PySide6.QtCore import QRectF, QSizeF
from PySide6.QtGui import QImage, QPainter

from modstation.core.content import Media
from modstation.core.exposure import Exposure, Step
from modstation.ui import theme

WIDTHS = (240, 480, 0)
"""The widths to choose from, in px; 0 fits the picture into the pane."""
_MIDDLE = 128  # of the lightness of a ground: darker ones belong to a dark theme


@dataclass(frozen=True, slots=True)
class PictureView:
    """A decoded picture, ready to show.

    Attributes:
        width, height: of the pixels.
        rgb: three bytes a pixel, `stride` bytes a row.
        full_width, full_height: of the file's picture; 0 when unknown.
        format: as the decoder names it, for example ``JPEG``.
        frames: more than 1 for a moving picture, of which the first is shown.
        preview: whether these are pixels of a small stand-in, the full picture being still on its way.
    """

    width: int
    height: int
    stride: int
    rgb: bytes | memoryview
    full_width: int = 0
    full_height: int = 0
    format: str = ""
    frames: int = 1
    preview: bool = False

    @classmethod
    def of(cls, decoded: object, *, preview: bool = False) -> "PictureView":
        """What the decoder gave, whatever its own type is called."""
        found = {field.name: getattr(decoded, field.name) for field in fields(cls) if field.name != "preview"}
        return cls(**found, preview=preview)


class Looking:
    """The pictures of one item: which one, how much of it, how large, which way up."""

    def __init__(self) -> None:
        self.media: tuple[Media, ...] = ()
        self.index = 0
        self.step = Step.HIDDEN
        self.hold_step = Step.BLURRED
        self.held = False
        self.width_px = 240
        self.turns = 0
        self.problem = ""
        self.slow = False
        self.is_preview = False
        self.fit = QSizeF(640, 480)
        self.format = ""
        self._image: QImage | None = None
        self._image_step = Step.HIDDEN
        self._inverted: QImage | None = None
        self._full = (0, 0)

    def open(self, media: tuple[Media, ...]) -> None:
        """Begin with a new item, hidden: nothing is kept of the one before."""
        self.drop()
        self.media, self.index, self.turns = media, 0, 0
        self.step, self.held = Step.HIDDEN, False
        self._full, self.format = (0, 0), ""

    def hidden_with(self, media: tuple[Media, ...]) -> "Looking":
        """Other files, hidden, that would be shown as large as these: to lay out the item that comes next."""
        made = Looking()
        made.open(media)
        made.width_px, made.fit = self.width_px, self.fit
        return made

    def use(self, exposure: Exposure) -> None:
        """The person's own choices: what holding shows, and how large."""
        self.hold_step = max(exposure.hold_step, Step.OUTLINE)
        self.width_px = exposure.width_px if exposure.width_px in WIDTHS else 240

    def drop(self) -> None:
        """Let go of the pixels."""
        self._image, self._image_step, self.problem, self.slow = None, Step.HIDDEN, "", False
        self._inverted = None
        self.is_preview = False

    @property
    def current(self) -> Media | None:
        """The file that steps and holding are about."""
        return self.media[self.index] if self.media else None

    @property
    def shown(self) -> Step:
        """What is shown: the step that is set, or what holding shows if that is more."""
        return max(self.step, self.hold_step) if self.held and self.media else self.step

    @property
    def has_pixels(self) -> bool:
        """Whether there is a picture to paint."""
        return self._image is not None

    def keep_within_shown(self) -> None:
        """Drop pixels that show more than is wanted now."""
        if self._image_step > self.shown or self.shown is Step.HIDDEN:
            self.drop()

    def turn_to(self, index: int) -> None:
        """Go to another file of the item; it begins hidden."""
        self.index, self.turns, self.step, self.held = index % max(1, len(self.media)), 0, Step.HIDDEN, False
        self._full, self.format = (0, 0), ""
        self.drop()

    def accept(self, picture: PictureView) -> bool:
        """Take a decoded picture; False, and nothing happens, when nothing may be shown any more."""
        if self.shown is Step.HIDDEN:
            return False
        image = QImage(picture.rgb, picture.width, picture.height, picture.stride, QImage.Format.Format_RGB888)
        self._image, self._image_step = image.copy(), self.shown  # a copy: the bytes belong to somebody else
        self._inverted = None
        self._full, self.format = (picture.full_width, picture.full_height), picture.format
        self.problem, self.slow, self.is_preview = "", False, picture.preview
        return True

    def fail(self, problem: str) -> None:
        """There is no picture, and why."""
        self.drop()
        self.problem = problem

    def size(self) -> QSizeF:
        """How large it is shown, known before the pixels are there, so that nothing jumps when they arrive."""
        media = self.current
        width, height = self._full
        if not width and media is not None:
            width, height = media.upright
        if width <= 0 or height <= 0:
            width, height = 800, 600
        if self.turns % 2:
            width, height = height, width
        wanted = min(float(self.width_px or self.fit.width()), self.fit.width())
        scale = min(1.0, wanted / width)
        if not self.width_px:
            scale = min(scale, self.fit.height() / height)
        return QSizeF(max(24.0, round(width * scale)), max(24.0, round(height * scale)))

    def pixels_wide(self, dpr: float) -> int:
        """How many pixels across are worth decoding."""
        size = self.size()
        return max(1, round((size.height() if self.turns % 2 else size.width()) * dpr))

    def paint(self, painter: QPainter, rect: QRectF) -> None:
        """Paint the picture, or the empty place for it, into `rect`."""
        painter.fillRect(rect, theme.tokens().media_backdrop if self._image is not None else theme.tokens().bg_sunken)
        if self._image is None:
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.setClipRect(rect)
        painter.translate(rect.center())
        painter.rotate(90 * self.turns)
        width, height = rect.width(), rect.height()
        if self.turns % 2:
            width, height = height, width
        painter.drawImage(QRectF(-width / 2, -height / 2, width, height), self._pixels(self._image))
        painter.restore()

    def _pixels(self, image: QImage) -> QImage:
        """What is painted: an outline, dark lines on white, is turned round where the theme is dark."""
        if self._image_step is not Step.OUTLINE or theme.tokens().bg_content.lightness() > _MIDDLE:
            return image
        if self._inverted is None:
            self._inverted = image.copy()
            self._inverted.invertPixels()
        return self._inverted
