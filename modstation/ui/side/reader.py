"""Reads one clause.

Each clause has a page of its own that is made once and kept, so that going from one to another lays no text out again;
what changes with the draft or the search is painted over.
"""

from collections import OrderedDict

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QScrollBar, QTextEdit, QWidget

from modstation.core.policy import Clause, Policy
from modstation.ui import paint, theme
from modstation.ui.side import clause as clause_text
from modstation.ui.side.reading import PanelText
from modstation.ui.text import first_strong, tr

_KEPT = 96
_PAUSE_MS = 40  # between two pages made ahead: keys come first
_HITS = 60
_RULE = 3
_Key = tuple[str, str, bool]  # clause, change mark, whether the whole text is being read


class _QuietBar(QScrollBar):
    """A scroll bar whose room is always kept, and which shows only when there is something to scroll."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, and the thumb when there is one."""
        if self.maximum() > self.minimum():
            super().paintEvent(event)


class _Page(PanelText):
    """The text of one clause; selectable, never changed, its links never followed."""

    def __init__(self, parent: QWidget, document: QTextDocument, marked: bool) -> None:
        super().__init__(parent)
        document.setParent(self)
        self._marked = marked
        self._seen = False
        self._severity = 0
        self.setVerticalScrollBar(_QuietBar(self))
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self.setAccessibleName(tr("Text of the clause"))
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setDocument(document)
        self.setCursorWidth(0)  # kept in the document's layout, so it comes after the document

    def showEvent(self, event: QShowEvent) -> None:
        """Begin at the top: when it is first shown, Qt scrolls to the cursor, before it knows how high the page is."""
        super().showEvent(event)
        if not self._seen:
            self._seen = True
            self.verticalScrollBar().setValue(0)

    def set_severity(self, severity: int) -> None:
        """Put a rule before what this severity means; 0 for none."""
        if severity != self._severity:
            self._severity = severity
            self.viewport().update()

    def _paint_beneath(self, painter: QPainter) -> None:
        """The ground of the change mark, and the rule before the severity of the draft."""
        block = clause_text.mark_block(self.document()) if self._marked else None
        if block is not None:
            self._paint_mark(painter, block)
        block = clause_text.level_block(self.document(), self._severity) if self._severity else None
        if block is not None:
            self._paint_rule(painter, block)

    def _paint_rule(self, painter: QPainter, block: QTextBlock) -> None:
        """At the panel's edge, as the bar of a selected row; a ground beneath it would look like selected words."""
        made = self.document()
        inside = made.documentLayout().blockBoundingRect(block)
        left = self.viewport().width() - _RULE if self.isRightToLeft() else 0
        top = inside.top() - self.verticalScrollBar().value()
        painter.fillRect(QRectF(left, top, _RULE, inside.height()).toRect(), theme.tokens().accent)

    def _paint_mark(self, painter: QPainter, block: QTextBlock) -> None:
        t = theme.tokens()
        inside = self.document().documentLayout().blockBoundingRect(block)
        offset = QPointF(-self.horizontalScrollBar().value(), -self.verticalScrollBar().value())
        text = block.layout().boundingRect()
        top = inside.top() + (block.blockFormat().topMargin() if inside.height() > text.height() + 1 else 0)
        room = self.viewport().width() - 2 * clause_text.PAD + clause_text.SCROLL_BAR
        left = clause_text.PAD - (clause_text.SCROLL_BAR if self.isRightToLeft() else 0)
        ground = QRectF(left, top, room, text.height()).translated(offset).adjusted(0, -6, 0, 6).toRect()
        paint.rounded(painter, ground, t.radius["control"], t.ins_bg)
        size = theme.scaled(16)
        mirrored = first_strong(block.text()) == Qt.LayoutDirection.RightToLeft
        x = ground.right() - 9 - size if mirrored else ground.left() + 10
        theme.icons.paint(painter, QRect(x, ground.top() + 6, size, size), "policy", t.ins_text)


class ClauseReader(QWidget):
    """Shows the page of one clause, under a hairline."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._policy: Policy | None = None
        self._clause: Clause | None = None
        self._key: _Key = ("", "", False)
        self._whole = False
        self._page: _Page | None = None
        self._severity = 0
        self._words: tuple[str, ...] = ()
        self._kept: OrderedDict[_Key, _Page] = OrderedDict()
        self._ahead: list[tuple[Clause, str]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._make_one)
        theme.signals.changed.connect(self._renew)

    @property
    def clause(self) -> Clause | None:
        """What is being read."""
        return self._clause

    @property
    def page(self) -> QTextEdit | None:
        """The page that is shown."""
        return self._page

    def set_policy(self, policy: Policy | None) -> None:
        """Read from this version; everything made for another one is dropped."""
        if policy is not self._policy:
            self._policy = policy
            self._drop()

    def show_clause(self, clause: Clause | None, mark: str = "") -> None:
        """Read `clause`, with its change mark in words; None leaves the page empty. The same again costs nothing."""
        key = (str(clause.clause_id), mark, self._whole) if clause else ("", "", False)
        if key == self._key and clause is self._clause:
            return
        before = self._page
        self._key, self._clause = key, clause
        self._page = self._made(clause, mark) if clause else None
        if self._page is not None:
            if self._page.geometry() != self._inside():
                self._page.setGeometry(self._inside())
            self._page.verticalScrollBar().setValue(0)
            self._paint_over()
            self._page.show()
            self.setFocusProxy(self._page)
            if before is not None and before.hasFocus():
                self._page.setFocus(Qt.FocusReason.OtherFocusReason)
        if before is not None and before is not self._page:
            before.hide()

    def set_whole(self, whole: bool) -> None:
        """Whether the whole text is being read: the licence is told in full then."""
        if whole != self._whole:
            self._whole = whole
            self.show_clause(self._clause, self._key[1])

    def set_severity(self, severity: int) -> None:
        """Mark the severity that the draft has for this clause; 0 for none."""
        if severity != self._severity:
            self._severity = severity
            self._paint_over()

    def set_words(self, words: tuple[str, ...]) -> None:
        """Mark what was searched for."""
        if words != self._words:
            self._words = words
            self._paint_over()

    def make_ahead(self, wanted: list[tuple[Clause, str]]) -> None:
        """Make the pages of these clauses, with their change marks, while nothing else is to be done."""
        self._ahead = wanted[:_KEPT][::-1]
        if self._ahead:
            self._timer.start()

    def prepare(self, clause: Clause, mark: str) -> None:
        """Make the page of this clause now, laid out as it will stand here; nothing on the screen changes."""
        if self.width() <= 100:
            return
        page = self._made(clause, mark)
        if page is self._page:
            return
        if page.geometry() != self._inside():
            page.setGeometry(self._inside())
        if self._page is not None and not page.testAttribute(Qt.WidgetAttribute.WA_WState_Created):
            page.stackUnder(self._page)
            page.show()  # Qt gives a page its size, and so lays it out, when it is first shown
            page.hide()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """The page follows; the other pages follow when they are shown."""
        if self._page is not None:
            self._page.setGeometry(self._inside())

    def changeEvent(self, event: QEvent) -> None:
        """Make the pages anew when the direction changes: the scroll bar moves to the other side."""
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._renew()
        super().changeEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The page has the focus, not its frame."""
        if self._page is not None:
            self._page.setFocus(event.reason())

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The line above the page."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().bg_panel)
        paint.hairline(painter, 0, 0, self.width() - 1, 0)

    def _inside(self) -> QRect:
        return self.rect().adjusted(0, 1, 0, 0)

    def _made(self, clause: Clause, mark: str) -> _Page:
        key = (str(clause.clause_id), mark, self._whole)
        found = self._kept.get(key)
        if found is None:
            around, licence = clause_text.Around(), ""
            if self._policy is not None:
                parents, children = self._policy.parents(clause.clause_id), self._policy.children(clause.clause_id)
                around = clause_text.Around(parents, children, self._policy.notes_of(clause.clause_id))
                licence = self._policy.licence if self._whole else clause_text.brief(self._policy.licence)
            dpr = self.devicePixelRatioF()
            document = clause_text.document(clause, around, mark, licence, dpr, bar_left=self.isRightToLeft())
            found = self._kept[key] = _Page(self, document, bool(mark))
            found.setGeometry(self._inside())
            if len(self._kept) > _KEPT:
                self._forget_oldest()
        self._kept.move_to_end(key)
        return found

    def _forget_oldest(self) -> None:
        oldest = next(key for key, page in self._kept.items() if page is not self._page)
        self._kept.pop(oldest).deleteLater()

    def _make_one(self) -> None:
        if not self._ahead:
            self._timer.stop()
            return
        clause, mark = self._ahead.pop()
        if len(self._kept) < _KEPT and self.width() > 100:
            self._made(clause, mark)

    def _drop(self) -> None:
        self._timer.stop()
        self._ahead = []
        self._key, self._clause, self._page = ("", "", False), None, None
        for page in self._kept.values():
            page.hide()
            page.deleteLater()
        self._kept.clear()

    def _renew(self) -> None:
        clause, mark = self._clause, self._key[1]
        self._drop()
        self.show_clause(clause, mark)
        self.update()

    def _paint_over(self) -> None:
        """The severity of the draft and the hits of the search."""
        if self._page is None:
            return
        t = theme.tokens()
        self._page.set_severity(self._severity)
        made = self._page.document()
        over: list[QTextEdit.ExtraSelection] = []
        for word in self._words:
            cursor = made.find(word)
            while not cursor.isNull() and len(over) < _HITS:
                over.append(_selection(cursor, _over(t.flag_bg, t.flag_text)))
                cursor = made.find(word, cursor)
        if over or self._page.extraSelections():
            self._page.setExtraSelections(over)


def _over(ground: QColor, words: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setBackground(ground)
    made.setForeground(words)
    return made


def _selection(cursor: QTextCursor, form: QTextCharFormat) -> QTextEdit.ExtraSelection:
    made = QTextEdit.ExtraSelection()
    made.cursor = cursor
    made.format = form
    return made
