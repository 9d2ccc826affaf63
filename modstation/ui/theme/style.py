"""The one style: Fusion with our focus frame, buttons, fields, tabs, scroll bars and check boxes.

A button says by the property ``kind`` what it is: ``primary``, ``plain`` (the default), ``quiet`` or ``segment`` (with
``place``: ``first``, ``middle``, ``last``); by ``large`` that it is the one tall button; by ``keys`` which key does the
same. A field's ``kind`` may be ``subtle`` or ``bare``. A widget's ``ring`` may be ``inside``, ``inset`` or ``none``,
its ``radius`` tells the focus frame how round it is. A scroll bar with the
property ``over`` stands over the end of what it scrolls and takes no room.
"""

from collections.abc import Callable
from math import ceil

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QRegion
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QFocusFrame,
    QFrame,
    QLineEdit,
    QPlainTextEdit,
    QProxyStyle,
    QStyle,
    QStyleFactory,
    QStyleHintReturn,
    QStyleOption,
    QStyleOptionButton,
    QStyleOptionComplex,
    QStyleOptionSlider,
    QStyleOptionTab,
    QTextEdit,
    QWidget,
)

from modstation.ui.theme import buttons
from modstation.ui.theme.active import tokens
from modstation.ui.theme.fonts import font, scaled

_Element = Callable[[QStyleOption, QPainter, QWidget | None], None]
_PM, _SH, _PE, _CE, _CT = (
    QStyle.PixelMetric,
    QStyle.StyleHint,
    QStyle.PrimitiveElement,
    QStyle.ControlElement,
    QStyle.ContentsType,
)
SCROLL_BAR = 10
_THUMB, _THUMB_MIN = 6, 28
_INSET = 4  # of a focus frame, from the edges of a row that goes from edge to edge


def _has(option: QStyleOption, state: QStyle.StateFlag) -> bool:
    return bool(option.state & state)


def _field(option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    """The ground and frame of a text field."""
    kind = widget.property("kind") if widget is not None else None
    if kind == "bare" or (isinstance(widget, QLineEdit) and isinstance(widget.parentWidget(), QAbstractSpinBox)):
        return
    t = tokens()
    enabled = _has(option, QStyle.StateFlag.State_Enabled)
    rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(t.line_subtle if kind == "subtle" or not enabled else t.line_control, 1))
    painter.setBrush(t.bg_content if enabled else t.bg_sunken)
    painter.drawRoundedRect(rect, t.radius["control"], t.radius["control"])
    painter.restore()


def _frame(option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    if isinstance(widget, QFrame) and widget.frameShape() == QFrame.Shape.StyledPanel:
        _field(option, painter, widget)


def _nothing(_option: QStyleOption, _painter: QPainter, _widget: QWidget | None) -> None:
    """Not drawn: the focus frame shows where the focus is."""


def _indicator(option: QStyleOption, painter: QPainter, *, round_one: bool) -> None:
    """A check box or a radio button: filled with the accent when on."""
    t = tokens()
    on = _has(option, QStyle.StateFlag.State_On)
    rect = QRectF(option.rect).adjusted(0.5, 0.5, -0.5, -0.5)
    radius = rect.width() / 2 if round_one else 4
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(t.accent if on else t.line_control, 1))
    painter.setBrush(t.accent if on else t.bg_content)
    painter.drawRoundedRect(rect, radius, radius)
    if on and round_one:
        painter.setBrush(t.accent_on)
        painter.drawEllipse(rect.center(), rect.width() / 5, rect.width() / 5)
    elif on:
        painter.setPen(QPen(t.accent_on, 1.75, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        x, y, w = rect.x(), rect.y(), rect.width()
        painter.drawPolyline(
            [
                QPointF(x + w * 0.24, y + w * 0.52),
                QPointF(x + w * 0.43, y + w * 0.70),
                QPointF(x + w * 0.77, y + w * 0.31),
            ]
        )
    painter.restore()


def _check(option: QStyleOption, painter: QPainter, _widget: QWidget | None) -> None:
    _indicator(option, painter, round_one=False)


def _radio(option: QStyleOption, painter: QPainter, _widget: QWidget | None) -> None:
    _indicator(option, painter, round_one=True)


def _tip(option: QStyleOption, painter: QPainter, _widget: QWidget | None) -> None:
    t = tokens()
    painter.fillRect(option.rect, t.bg_raised)
    painter.setPen(QPen(t.line_key, 1))
    painter.drawRect(option.rect.adjusted(0, 0, -1, -1))


def _push_button(option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    if isinstance(option, QStyleOptionButton):
        buttons.paint(option, painter, widget)


def _tab(option: QStyleOption, painter: QPainter, _widget: QWidget | None) -> None:
    """A tab: its words, and beneath the open one a line of the accent."""
    if not isinstance(option, QStyleOptionTab):
        return
    t = tokens()
    rect = option.rect
    open_one = _has(option, QStyle.StateFlag.State_Selected)
    hover = _has(option, QStyle.StateFlag.State_MouseOver)
    painter.save()
    painter.setFont(font("ui", 600 if open_one else 500))
    painter.setPen(t.text_primary if open_one or hover else t.text_secondary)
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextShowMnemonic, option.text)
    if open_one:
        painter.fillRect(QRect(rect.left(), rect.bottom() - 1, rect.width(), 2), t.accent)
    painter.restore()


def focus_mode(widget: QWidget | None) -> str:
    """Where the focus frame goes.

    ``outside`` (2 px off), ``inside`` (large panes), ``inset`` (rows from edge to edge: clear of the edges) or ``none``
    (the widget shows it).
    """
    target = widget.widget() if isinstance(widget, QFocusFrame) else widget
    return str((target.property("ring") if target is not None else None) or "outside")


def _corner(widget: QWidget | None) -> float:
    """The radius of the focus frame: that of what it surrounds, and a little more."""
    stroke = tokens().stroke
    target = widget.widget() if isinstance(widget, QFocusFrame) else None
    radius = target.property("radius") if target is not None else None
    own = tokens().radius["control"] if radius is None else float(radius)
    return own + (stroke["focus"] + stroke["focus_gap"]) * 0.75


def _ring_region(rect: QRect, widget: QWidget | None) -> QRegion:
    """Where the focus frame may paint: its four sides, and as much of each corner as the bow of its line needs."""
    side, corner = 8, max(8, ceil(_corner(widget)))
    across = rect.adjusted(corner, side, -corner, -side)
    along = rect.adjusted(side, corner, -side, -corner)
    return QRegion(rect) - QRegion(across) - QRegion(along)


def _focus_frame(option: QStyleOption, painter: QPainter, widget: QWidget | None) -> None:
    """The one focus on the screen: 2 px, 2 px off, following the radius of the control."""
    mode = focus_mode(widget)
    if mode == "none":
        return
    t = tokens()
    wide = t.stroke["focus"]
    corner = _corner(widget)
    rect = QRectF(option.rect).adjusted(wide / 2, wide / 2, -wide / 2, -wide / 2)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(t.focus_ring, wide))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    if mode == "inside":
        painter.drawRect(rect)
    elif mode == "inset":
        clear, corner = _INSET, t.radius["control"]
        painter.drawRoundedRect(rect.adjusted(clear, 0, -clear, 0), corner, corner)
    else:
        painter.drawRoundedRect(rect, corner, corner)
    painter.restore()


_PRIMITIVES: dict[QStyle.PrimitiveElement, _Element] = {
    _PE.PE_PanelLineEdit: _field,
    _PE.PE_FrameLineEdit: _nothing,
    _PE.PE_Frame: _frame,
    _PE.PE_FrameFocusRect: _nothing,
    _PE.PE_FrameTabBarBase: _nothing,
    _PE.PE_IndicatorCheckBox: _check,
    _PE.PE_IndicatorRadioButton: _radio,
    _PE.PE_PanelTipLabel: _tip,
}
_CONTROLS: dict[QStyle.ControlElement, _Element] = {
    _CE.CE_PushButton: _push_button,
    _CE.CE_TabBarTab: _tab,
    _CE.CE_FocusFrame: _focus_frame,
}


class ProxyStyle(QProxyStyle):
    """Fusion, with what the design draws otherwise. See the module's docstring for the properties it reads."""

    def __init__(self) -> None:
        super().__init__(QStyleFactory.create("Fusion"))
        self._growing = {  # with the text
            _PM.PM_IndicatorWidth: 16,
            _PM.PM_IndicatorHeight: 16,
            _PM.PM_ExclusiveIndicatorWidth: 16,
            _PM.PM_ExclusiveIndicatorHeight: 16,
            _PM.PM_CheckBoxLabelSpacing: 8,
            _PM.PM_RadioButtonLabelSpacing: 8,
            _PM.PM_ButtonIconSize: 18,
        }
        self._metrics = {
            _PM.PM_ScrollBarExtent: SCROLL_BAR,
            _PM.PM_ScrollBarSliderMin: _THUMB_MIN,
            _PM.PM_ButtonShiftHorizontal: 0,
            _PM.PM_ButtonShiftVertical: 0,
            _PM.PM_TabBarTabHSpace: 20,
            _PM.PM_TabBarTabVSpace: 16,
            _PM.PM_TabBarBaseOverlap: 0,
        }

    def pixelMetric(
        self, metric: QStyle.PixelMetric, option: QStyleOption | None = None, widget: QWidget | None = None
    ) -> int:
        """Sizes."""
        fixed = self._metrics.get(metric)
        if fixed is not None:
            return fixed
        growing = self._growing.get(metric)
        if growing is not None:
            return scaled(growing)
        if metric == _PM.PM_ScrollView_ScrollBarOverlap:
            return SCROLL_BAR if widget is not None and widget.property("over") else 0
        if metric == _PM.PM_DefaultFrameWidth and isinstance(widget, (QPlainTextEdit, QTextEdit)):
            return 0 if widget.frameShape() == QFrame.Shape.NoFrame else 5
        if metric in {_PM.PM_FocusFrameHMargin, _PM.PM_FocusFrameVMargin}:
            stroke = tokens().stroke
            return stroke["focus"] + stroke["focus_gap"] if focus_mode(widget) == "outside" else 0
        return super().pixelMetric(metric, option, widget)

    def styleHint(
        self,
        hint: QStyle.StyleHint,
        option: QStyleOption | None = None,
        widget: QWidget | None = None,
        returnData: QStyleHintReturn | None = None,  # noqa: N803 - Qt's own name
    ) -> int:
        """Habits. The focus frame is masked to its line, so that it never makes what it surrounds paint again."""
        if hint == _SH.SH_FocusFrame_AboveWidget:
            return 1
        if hint == _SH.SH_FocusFrame_Mask and isinstance(widget, QFocusFrame):
            # The frame asks at each new size. PySide can't hand its mask back (it knows only the base class of the
            # answer), so that it is put on here, and the answer is that there is nothing to put on.
            widget.setMask(_ring_region(widget.rect(), widget))
            return 0
        if hint in {_SH.SH_EtchDisabledText, _SH.SH_DitherDisabledText, _SH.SH_ScrollBar_Transient}:
            return 0
        return super().styleHint(hint, option, widget, returnData)

    def drawPrimitive(
        self,
        element: QStyle.PrimitiveElement,
        option: QStyleOption,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Fields, indicators, tips."""
        ours = _PRIMITIVES.get(element)
        if ours is not None:
            ours(option, painter, widget)
        else:
            super().drawPrimitive(element, option, painter, widget)

    def drawControl(
        self, element: QStyle.ControlElement, option: QStyleOption, painter: QPainter, widget: QWidget | None = None
    ) -> None:
        """Buttons, tabs, the focus frame."""
        ours = _CONTROLS.get(element)
        if ours is not None:
            ours(option, painter, widget)
        else:
            super().drawControl(element, option, painter, widget)

    def sizeFromContents(
        self, kind: QStyle.ContentsType, option: QStyleOption, size: QSize, widget: QWidget | None = None
    ) -> QSize:
        """Buttons and fields have the design's heights, grown with the text."""
        if kind == _CT.CT_PushButton and isinstance(option, QStyleOptionButton):
            return buttons.size(option, widget)
        found = super().sizeFromContents(kind, option, size, widget)  # type: ignore[arg-type]  # None is allowed, the stub errs
        if kind == _CT.CT_LineEdit:
            found.setHeight(max(found.height(), scaled(tokens().px["field"])))
        return found

    def subElementRect(self, element: QStyle.SubElement, option: QStyleOption, widget: QWidget | None = None) -> QRect:
        """The words in a field stand 8 px off its frame."""
        found = super().subElementRect(element, option, widget)  # type: ignore[arg-type]  # as above
        if (
            element == QStyle.SubElement.SE_LineEditContents
            and widget is not None
            and widget.property("kind") != "bare"
        ):
            return found.adjusted(6, 0, -6, 0)
        return found

    def subControlRect(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        subControl: QStyle.SubControl,  # noqa: N803 - Qt's own name
        widget: QWidget | None = None,
    ) -> QRect:
        """A scroll bar is its groove and its thumb: no arrows."""
        if control != QStyle.ComplexControl.CC_ScrollBar or not isinstance(option, QStyleOptionSlider):
            return super().subControlRect(control, option, subControl, widget)  # type: ignore[arg-type]  # None is allowed; the stub errs
        return _scroll_bar_part(option, subControl)

    def drawComplexControl(
        self,
        control: QStyle.ComplexControl,
        option: QStyleOptionComplex,
        painter: QPainter,
        widget: QWidget | None = None,
    ) -> None:
        """Thin scroll bars."""
        if control != QStyle.ComplexControl.CC_ScrollBar or not isinstance(option, QStyleOptionSlider):
            super().drawComplexControl(control, option, painter, widget)
            return
        thumb = QRectF(_scroll_bar_part(option, QStyle.SubControl.SC_ScrollBarSlider))
        spare = (SCROLL_BAR - _THUMB) / 2
        lying = option.orientation == Qt.Orientation.Horizontal
        thumb = thumb.adjusted(1, spare, -1, -spare) if lying else thumb.adjusted(spare, 1, -spare, -1)
        t = tokens()
        lively = _has(option, QStyle.StateFlag.State_MouseOver) or _has(option, QStyle.StateFlag.State_Sunken)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(t.line_control if lively else t.line_key)
        painter.drawRoundedRect(thumb, _THUMB / 2, _THUMB / 2)
        painter.restore()


def _scroll_bar_part(option: QStyleOptionSlider, part: QStyle.SubControl) -> QRect:
    """Where a part of a scroll bar is; empty for the parts we do not have."""
    rect: QRect = option.rect
    lying = option.orientation == Qt.Orientation.Horizontal
    length = rect.width() if lying else rect.height()
    low, high, page = option.minimum, option.maximum, option.pageStep
    thumb = length
    if high > low:
        thumb = min(length, max(_THUMB_MIN, length * page // (high - low + page)))
    at = QStyle.sliderPositionFromValue(low, high, option.sliderPosition, length - thumb, option.upsideDown)
    spans = {
        QStyle.SubControl.SC_ScrollBarSlider: (at, thumb),
        QStyle.SubControl.SC_ScrollBarGroove: (0, length),
        QStyle.SubControl.SC_ScrollBarSubPage: (0, at),
        QStyle.SubControl.SC_ScrollBarAddPage: (at + thumb, length - at - thumb),
    }
    start, size = spans.get(part, (0, 0))
    if lying:
        found = QRect(rect.left() + start, rect.top(), size, rect.height())
        return QStyle.visualRect(option.direction, rect, found)
    return QRect(rect.left(), rect.top() + start, rect.width(), size)
