"""Five harmless drawings, one for each step, so that "blurred" is known before it is chosen. Hills, a lake, a boat."""

from functools import cache, lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPixmap

from modstation.core.exposure import Step
from modstation.ui import theme
from modstation.ui.paint import HAIR

_W, _H = 104, 72
# The sample's own colours: they stand for any picture and belong to no theme.
_CLEAR = ("#CFE3EA", "#F2B84B", "#7FA37A", "#4F7B5C", "#5F93AE", "#FFFFFF")
_GREY = ("#DADADA", "#BDBDBD", "#979797", "#6C6C6C", "#8B8B8B", "#FAFAFA")


def _shapes() -> tuple[QPainterPath, ...]:
    sky, sun, far, near, lake, boat = (QPainterPath() for _ in range(6))
    sky.addRect(0, 0, _W, _H)
    sun.addEllipse(QPointF(78, 18), 8, 8)
    for path, points in (
        (far, ((0, 46), (26, 22), (52, 46))),
        (near, ((30, 46), (58, 28), (92, 46))),
        (boat, ((28, 56), (44, 56), (41, 61), (31, 61))),
        (boat, ((36, 54), (36, 38), (45, 52))),
    ):
        path.moveTo(*points[0])
        for point in points[1:]:
            path.lineTo(*point)
        path.closeSubpath()
    lake.addRect(0, 46, _W, 26)
    return sky, sun, far, near, lake, boat


def _drawn(step: Step, scale: float) -> QImage:
    image = QImage(round(_W * scale), round(_H * scale), QImage.Format.Format_ARGB32_Premultiplied)
    t = theme.tokens()
    image.fill(t.bg_content)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(scale, scale)
    colors = _CLEAR if step is Step.CLEAR else _GREY
    for path, color in zip(_shapes(), colors, strict=True):
        if step is Step.OUTLINE:
            painter.setPen(QPen(t.text_secondary, max(1.2, 1.0 / scale)))
            painter.setBrush(t.bg_content)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(color))
        painter.drawPath(path)
    painter.end()
    return image


@cache
def _sample(step: Step, dpr: float) -> QPixmap:
    image = _drawn(step, dpr)
    if step is Step.BLURRED:
        smooth = Qt.TransformationMode.SmoothTransformation
        keep = Qt.AspectRatioMode.IgnoreAspectRatio
        full = image.size()
        for size in (QSize(13, 9), QSize(26, 18), QSize(52, 36), full):  # in steps: one leap would show squares
            image = image.scaled(size, keep, smooth)
    made = QPixmap.fromImage(image)
    made.setDevicePixelRatio(dpr)
    return made


@lru_cache(maxsize=32)  # a window being resized asks for many sizes
def _framed(step: Step, width: float, height: float, dpr: float) -> QPixmap:
    """The sample as it stands on the screen, half a px from each edge: smoothing and clipping it takes long."""
    made = QPixmap(round((width + 1) * dpr), round((height + 1) * dpr))
    made.setDevicePixelRatio(dpr)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    _paint(painter, QRectF(0.5, 0.5, width, height), step)
    painter.end()
    return made


def paint(painter: QPainter, rect: QRectF, step: Step) -> None:
    """Paint the sample of `step` into `rect`, with rounded corners and a hairline."""
    made = _framed(step, rect.width(), rect.height(), painter.device().devicePixelRatio())
    painter.drawPixmap(rect.topLeft() - QPointF(0.5, 0.5), made)
    if step is Step.HIDDEN:
        spot = QRectF(0, 0, 22, 22)
        spot.moveCenter(rect.center())
        theme.icons.paint(painter, spot, "cover", theme.tokens().text_muted)


def _paint(painter: QPainter, rect: QRectF, step: Step) -> None:
    t = theme.tokens()
    shape = QPainterPath()
    shape.addRoundedRect(rect, t.radius["control"], t.radius["control"])
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    if step is Step.HIDDEN:
        painter.fillPath(shape, t.bg_sunken)
    else:
        painter.setClipPath(shape)
        # Drawn at the size it is shown at: fine lines that are made smaller fall apart.
        pixmap = _sample(step, round(painter.device().devicePixelRatio() * rect.width() / _W, 2))
        painter.drawPixmap(rect, pixmap, QRectF(pixmap.rect()))
        painter.setClipping(False)
    painter.setPen(QPen(t.line_subtle, HAIR))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(shape)
    painter.restore()


def forget() -> None:
    """Drop the rendered samples: the colours have changed."""
    _sample.cache_clear()
    _framed.cache_clear()
