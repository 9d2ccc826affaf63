"""The first run: one column that says where you are, one task at a time."""

from datetime import datetime

from PySide6.QtCore import QRect, QRectF, Qt, Signal
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QPen, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QStackedWidget,
    QStyle,
    QVBoxLayout,
    QWidget,
)

from modstation.ui import paint, theme
from modstation.ui.pieces.facts import Drawing
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.screens.code import ROOM
from modstation.ui.screens.join import JoinPage, ServiceCardView
from modstation.ui.screens.protect import ProtectPage
from modstation.ui.screens.step import FirstRunStep
from modstation.ui.text import tr

_STEPS = tuple(FirstRunStep)
_WRAPPED = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeading | Qt.AlignmentFlag.AlignVCenter


class _Steps(QWidget):
    """The brand, and the steps with the one being taken."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.at = 0
        self._titles = (tr("Join your service"), tr("Protect this computer"), tr("Ready"))
        self._promise = Lettering("", self, role="meta", color="text_muted")
        self._lock = Drawing("lock", self, color="text_muted")
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        theme.signals.changed.connect(self.measure)
        self.measure()
        self.go_to(0)

    def go_to(self, step: int) -> None:
        """Mark the steps before `step` as done."""
        self.at = step
        words = (
            tr("Your code is not sent before you compare the fingerprints."),
            tr("The key never leaves this computer."),
            tr("Everything kept here is encrypted."),
        )
        self._promise.tell(words[step])
        self.setAccessibleName(tr("Step {n} of {all}: {title}", n=step + 1, all=len(_STEPS), title=self._titles[step]))
        self.update()

    def resizeEvent(self, _event: object) -> None:
        """The promise stays at the foot."""
        s = theme.scaled
        width = self.width() - s(104)
        height = self._promise.heightForWidth(width)
        box = QRect(s(64), self.height() - s(36) - height, width, height)
        direction = self.layoutDirection()
        self._promise.setGeometry(QStyle.visualRect(direction, self.rect(), box))
        lock = QRect(s(40), box.top(), s(18), s(18))
        self._lock.setGeometry(QStyle.visualRect(direction, self.rect(), lock))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, brand, steps."""
        t, s, direction = theme.tokens(), theme.scaled, self.layoutDirection()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), t.bg_window)
        edge = 0 if direction == paint.RTL else self.width() - 1
        paint.hairline(painter, edge, 0, edge, self.height() - 1)

        def at(x: int, y: int, width: int, height: int) -> QRect:
            return QStyle.visualRect(direction, self.rect(), QRect(x, y, width, height))

        theme.icons.paint(painter, at(s(40), s(40), s(28), s(28)), "brand", t.accent_text)
        box = at(s(80), s(40), self.width() - s(80), s(28))
        paint.draw(painter, box, "ModStation", theme.font("item", 600), t.text_primary, direction=direction)
        for n, title in enumerate(self._titles):
            top = s(124) + n * s(48)
            self._paint_mark(painter, QRectF(at(s(40), top + s(10), s(28), s(28))), n)
            color = (t.text_secondary, t.text_primary, t.text_muted)[(n == self.at) + 2 * (n > self.at)]
            painter.setFont(theme.font("reading", 600 if n == self.at else 400))
            painter.setPen(color)
            painter.setLayoutDirection(direction)
            box = at(s(82), top, self.width() - s(92), s(48))
            painter.drawText(box, int(_WRAPPED), title)

    def _paint_mark(self, painter: QPainter, box: QRectF, n: int) -> None:
        t = theme.tokens()
        done, here = n < self.at, n == self.at
        painter.setPen(QPen(t.mark_accepted if done else t.accent if here else t.line_control, 1.5))
        painter.setBrush(t.accent if here else Qt.BrushStyle.NoBrush)
        painter.drawEllipse(box.adjusted(1, 1, -1, -1))
        if done:
            theme.icons.paint(painter, box.adjusted(6, 6, -6, -6), "check", t.mark_accepted)
            return
        painter.setFont(theme.font("ui", 600 if here else 400))
        painter.setPen(t.accent_on if here else t.text_muted)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, str(n + 1))

    def measure(self) -> None:
        """As wide as its words, and never more than a third of the window: the task needs the room."""
        window = self.parentWidget()
        most = window.width() * 3 // 10 if window is not None and window.width() else theme.scaled(300)
        self.setFixedWidth(max(220, min(theme.scaled(300), most)))
        self.update()


class _DonePage(QWidget):
    """Nothing left to do but to begin."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.begin = QPushButton(tr("Open the desk"), self)
        self.begin.setProperty("kind", "primary")
        self.begin.setProperty("large", True)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.scaled(ROOM), 0, theme.scaled(ROOM), 0)
        column.setSpacing(theme.scaled(8))
        column.addWidget(Lettering(tr("Ready"), self, role="title", weight=600, zoom=28 / 22))
        self.words = Lettering("", self, role="reading", color="text_secondary")
        column.addWidget(self.words)
        column.addSpacing(theme.scaled(20))
        column.addWidget(self.begin, 0, Qt.AlignmentFlag.AlignLeading)


class FirstRun(QWidget):
    """Join, protect, done. It only shows and asks: whoever listens does the work and answers.

    Signals:
        address_entered(str): answer with `show_card`.
        join_wanted(str, str): address and code (``K7QD-4M2X``); answer with `go_to(PROTECT)` or `show_problem`.
        protect_wanted(str): the passphrase, empty for the keyring alone; answer with `go_to(DONE)` or `show_problem`.
        finished: the person wants the desk.
    """

    address_entered = Signal(str)
    join_wanted = Signal(str, str)
    protect_wanted = Signal(str)
    finished = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step = FirstRunStep.JOIN
        self._steps = _Steps(self)
        self.join_page = JoinPage(self)
        self.protect_page = ProtectPage(self)
        self._done_page = _DonePage(self)
        self._pages = QStackedWidget(self)
        for page in (self.join_page, self.protect_page, self._done_page):
            self._pages.addWidget(_centred(page))
        self.join_page.address_entered.connect(self.address_entered)
        self.join_page.join_wanted.connect(self.join_wanted)
        self.protect_page.protect_wanted.connect(self.protect_wanted)
        self._done_page.begin.clicked.connect(self.finished)
        QShortcut(QKeySequence(Qt.Key.Key_Return), self._done_page, self._done_page.begin.click)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._steps)
        row.addWidget(self._pages, 1)
        self.setFocusProxy(self.join_page.address)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The steps follow the window's width."""
        self._steps.measure()

    def go_to(self, step: FirstRunStep) -> None:
        """Show another step, with the focus on what is asked there."""
        self.step = step
        at = _STEPS.index(step)
        self._steps.go_to(at)
        self._pages.setCurrentIndex(at)
        self.protect_page.forget()
        first = {
            FirstRunStep.JOIN: self.join_page.address,
            FirstRunStep.PROTECT: self.protect_page.keyring
            if self.protect_page.keyring.isEnabled()
            else self.protect_page.typed,
            FirstRunStep.DONE: self._done_page.begin,
        }[step]
        self.setFocusProxy(first)
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def show_card(self, card: ServiceCardView | None, problem: str = "") -> None:
        """What the address answered; None and a sentence when it did not."""
        self.join_page.show_card(card, problem)

    def show_problem(self, words: str) -> None:
        """Why the step being taken did not work; everything typed stays."""
        page = self.join_page if self.step is FirstRunStep.JOIN else self.protect_page
        page.show_problem(words)

    def show_code_problem(self, words: str) -> None:
        """Why the service did not take the code: told beside it, and the code is in hand to be typed over."""
        self.join_page.show_code_problem(words)
        self.setFocusProxy(self.join_page.code)

    def show_keyring(self, available: bool, backend: str = "", reason: str = "") -> None:
        """Whether this computer has a keyring to be trusted, its name, or why not."""
        self.protect_page.show_keyring(available, backend, reason)

    def show_promise(self, person: str, until: datetime | None) -> None:
        """Whom the code is for, and until when it holds; without a time nothing is known of it."""
        self.protect_page.show_promise(person, until)

    def show_device_fingerprint(self, fingerprint: str) -> None:
        """The fingerprint of this computer's own key."""
        self.join_page.show_device_fingerprint(fingerprint)

    def show_person(self, name: str) -> None:
        """Who joined: greeted on the last page."""
        words = tr("This computer now works for {name}. The first items are on their way.", name=name)
        self._done_page.words.tell(words)

    def busy(self, busy: bool) -> None:
        """While a step is being taken nothing can be changed."""
        (self.join_page if self.step is FirstRunStep.JOIN else self.protect_page).busy(busy)


class _Ground(QWidget):
    """The content surface, with its page in the middle."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_content)


def _centred(page: QWidget) -> QScrollArea:
    """`page` in the middle, 600 wide at most; it scrolls when text is large."""
    ground = _Ground()
    page.setMaximumWidth(theme.scaled(600 + 2 * ROOM))
    row = QHBoxLayout(ground)
    row.setContentsMargins(theme.scaled(32), theme.scaled(24), theme.scaled(32), theme.scaled(24))
    row.addStretch(1)
    row.addWidget(page, 100, Qt.AlignmentFlag.AlignVCenter)
    row.addStretch(1)
    area = QScrollArea()
    area.setWidget(ground)
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
