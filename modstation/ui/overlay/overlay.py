"""What every overlay is: a child over the whole window with a sheet on it, that keeps the focus while it is open."""

import shiboken6
from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget

from modstation.ui import paint, theme

PAD = 24
"""From the edge of a sheet to what stands on it: one measure for all."""
_TOP, _EDGE = 56, 12  # from the window's top to a sheet, and the least that is left round it


class Sheet(QWidget):
    """The raised surface of an overlay; `bare` leaves the overlay's own ground to be seen."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.at_edge = False
        self.bare = False
        theme.signals.changed.connect(self.update)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground and its line; a sheet at the window's edge has a line only where it begins."""
        if self.bare:
            return
        t = theme.tokens()
        painter = QPainter(self)
        if self.at_edge:
            painter.fillRect(self.rect(), t.bg_raised)
            paint.hairline(painter, 0, 0, self.width() - 1, 0, color=t.line_control)
        else:
            paint.rounded(painter, self.rect(), t.radius["sheet"], t.bg_raised, t.line_control)


class Overlay(QWidget):
    """Covers its parent with a scrim and shows a sheet. Esc and a click beside the sheet close it.

    While it is open the focus stays inside; when it closes, the focus goes back to where it was.

    Signals:
        opened: it is on the screen.
        closed: it is gone, and the focus is back.
    """

    opened = Signal()
    closed = Signal()

    def __init__(self, parent: QWidget, name: str) -> None:
        super().__init__(parent)
        self.sheet = Sheet(self)
        self._back: QWidget | None = None
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        parent.installEventFilter(self)
        theme.signals.changed.connect(self._restyle)

    @property
    def is_open(self) -> bool:
        """Whether it is over the window now."""
        return not self.isHidden()

    def open(self) -> None:
        """Come up over the window and take the focus."""
        if not self.is_open:
            self._back = QApplication.focusWidget()
            self.setGeometry(self._over().rect())
            self.place()
            self.show()
            QApplication.instance().focusChanged.connect(self._focus_moved)  # type: ignore[union-attr]  # there is one
        self.raise_()
        self.first_focus().setFocus(Qt.FocusReason.ShortcutFocusReason)  # so that it is seen, on a row too
        self.opened.emit()

    def leave(self) -> None:
        """Go away and give the focus back."""
        if not self.is_open:
            return
        QApplication.instance().focusChanged.disconnect(self._focus_moved)  # type: ignore[union-attr]  # there is one
        self.hide()
        back, self._back = self._back, None
        if back is not None and shiboken6.isValid(back) and back.isVisible():
            back.setFocus(Qt.FocusReason.PopupFocusReason)
        elif (left := self.window().focusWidget()) is not None:
            left.clearFocus()  # who had it has gone meanwhile: the window takes the keys, and no ring stays behind
        self.closed.emit()

    def place(self) -> None:
        """Put the sheet where it belongs in the overlay's rectangle. Told at opening and at every resize."""
        width = min(theme.scaled(640), self.width() - 48)
        wanted, edge = self.sheet.sizeHint().height(), theme.scaled(_EDGE)
        top = max(
            edge, min(theme.scaled(_TOP), self.height() - wanted - edge)
        )  # large text needs the room above it too
        height = min(wanted, self.height() - top - edge)
        self.sheet.setGeometry(QRect((self.width() - width) // 2, top, width, height))

    def first_focus(self) -> QWidget:
        """Who gets the focus at opening."""
        return next(iter(self._stops()), self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay as large as the window."""
        if event.type() == QEvent.Type.Resize and watched is self.parent() and self.is_open:
            self.setGeometry(self._over().rect())
        return False

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The sheet keeps its place."""
        self.place()

    def event(self, event: QEvent) -> bool:
        """No shortcut of the window works through an overlay."""
        if event.type() == QEvent.Type.ShortcutOverride:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc leaves; nothing else gets through to the window."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        event.accept()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Nothing gets through."""
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the sheet leaves."""
        if not self.sheet.geometry().contains(event.position().toPoint()):
            self.leave()
        event.accept()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The scrim."""
        QPainter(self).fillRect(self.rect(), theme.tokens().scrim)

    def focusNextPrevChild(self, next: bool) -> bool:  # noqa: A002 - Qt's own name
        """Tab goes round inside."""
        stops = self._stops()
        if not stops:
            return True
        here = QApplication.focusWidget()
        at = stops.index(here) if here in stops else (-1 if next else 0)
        reason = Qt.FocusReason.TabFocusReason if next else Qt.FocusReason.BacktabFocusReason
        stops[(at + (1 if next else -1)) % len(stops)].setFocus(reason)
        return True

    def _stops(self) -> list[QWidget]:
        """Where Tab stops, in order. Of a group of radio buttons only the chosen one."""
        found: list[QWidget] = []
        at = self.nextInFocusChain()
        while at is not None and at is not self:
            wanted = bool(at.focusPolicy() & Qt.FocusPolicy.TabFocus) and at.isEnabled() and at.isVisibleTo(self)
            if wanted and self.isAncestorOf(at) and not _skipped(at):
                found.append(at)
            at = at.nextInFocusChain()
        return found

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        """The focus may go to another window, to nobody, or to an overlay above; never to what lies beneath.

        A lock that came meanwhile does not lie beneath: it has hidden the overlay with all the rest.
        """
        if (
            not self.isVisible()
            or new is None
            or new.window() is not self.window()
            or self.isAncestorOf(new)
            or not self._is_top()
        ):
            return
        self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _is_top(self) -> bool:
        over = [w for w in self._over().children() if isinstance(w, Overlay) and w.is_open]
        return not over or over[-1] is self

    def _over(self) -> QWidget:
        parent = self.parentWidget()
        assert parent is not None
        return parent

    def _restyle(self) -> None:
        if self.is_open:
            self.place()
        self.update()


def _skipped(stop: QWidget) -> bool:
    """Whether the arrows, not Tab, lead to this button of an exclusive group."""
    group = stop.group() if isinstance(stop, QAbstractButton) else None
    return group is not None and group.checkedButton() is not None and group.checkedButton() is not stop


def open_overlay(window: QWidget) -> Overlay | None:
    """The overlay that is over `window` now, the uppermost one; None when the window is free."""
    found = [w for w in window.findChildren(Overlay) if w.is_open]
    return found[-1] if found else None
