"""The Policy tab: recommended clauses by number, the clause being read, search, and the whole text."""

from collections.abc import Mapping
from enum import Enum

from PySide6.QtCore import QRect, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QPushButton, QStyle, QWidget

from modstation.core.decision import Draft
from modstation.core.ids import ClauseId
from modstation.core.item import Item
from modstation.core.policy import Clause, Policy
from modstation.ui import paint, theme
from modstation.ui.side.changes import LastUsed, change_words, version_words
from modstation.ui.side.clauses import ClauseList
from modstation.ui.side.lists import PAD
from modstation.ui.side.reader import ClauseReader
from modstation.ui.side.rows import ROW, ClauseRow
from modstation.ui.side.search import PolicySearch
from modstation.ui.side.whole import WholeText
from modstation.ui.text import tr, trn

_SEARCH, _HEAD, _FOOT = 52, 24, 37
_TALL = 560  # from this height on more rows are shown at once
_READ = 150  # so much of the clause is to be seen beneath them: its title, and some lines
_FEW = 4  # fewer rows than these are shown whole
_AHEAD = 64
_SOON_MS = 40


class _Mode(Enum):
    """What the list shows."""

    RECOMMENDED = "recommended"
    SEARCH = "search"
    WHOLE = "whole"


class PolicyTab(QWidget):
    """The rules beside the item. Reading and choosing are two things: arrows and one click read, Enter chooses.

    Signals:
        clause_chosen: the id of the clause to choose or drop.
        left: Esc where there was nothing more to close: the focus should go back.
    """

    clause_chosen = Signal(str)
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._policy: Policy | None = None
        self._for_item = False
        self._alone = False  # nothing but the whole text, because there is no item
        self._recommended: tuple[Clause, ...] = ()
        self._draft = Draft()
        self._last_used: LastUsed | None = None
        self._soon = QTimer(self, interval=_SOON_MS, singleShot=True)
        self._soon.timeout.connect(self._look_ahead)
        self._mode = _Mode.RECOMMENDED
        self._reading: Clause | None = None
        self._headed = ""
        self.search = PolicySearch(self)
        self.list = ClauseList(self)
        self.tree = WholeText(self)
        self.reader = ClauseReader(self)
        self._caps: tuple[str, ...] = ()
        self.whole = QPushButton(tr("Whole text"), self)
        self.whole.setAutoDefault(True)
        self.whole.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.whole.setProperty("kind", "quiet")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.tree.hide()
        self._connect()
        self._take_policy(None)
        self._show_mode()
        theme.signals.changed.connect(self._renew)

    def show_item(
        self, item: Item | None, policy: Policy | None, recommended: tuple[Clause, ...], draft: Draft
    ) -> None:
        """Show the rules for another item. With the same policy only rows and the clause being read change."""
        if policy is not self._policy:
            self._take_policy(policy)
        self._for_item = item is not None
        self._recommended = recommended
        self._draft = draft
        self.list.setAccessibleName(tr("Recommended for this item") if item else tr("Clauses"))
        for view in (self.list, self.tree):
            view.set_offers(offers=self._for_item)
        if self._mode is _Mode.SEARCH:
            self.search.clear()  # its signal leads back to the recommended ones
        if self._for_item == self._alone:  # without an item nothing is recommended: the whole text is there to read
            self._alone = not self._for_item and policy is not None
            self.open_whole(on=self._alone)
        self._fill()
        first = self._of(self._draft) or (recommended[0] if recommended else None)
        if not self._alone:
            self._read(first)
        elif self._reading is None:
            self._read(policy.clauses[0] if policy and policy.clauses else None)

    def prepare(self, policy: Policy | None, recommended: tuple[Clause, ...], draft: Draft) -> None:
        """Have the clause made that `show_item` would read, while nothing else is to be done."""
        if policy is None or policy is not self._policy or self._mode is not _Mode.RECOMMENDED:
            return
        first = self._of(draft) or (recommended[0] if recommended else None)
        if first is not None:
            self.reader.prepare(first, self._mark(first))

    def show_draft(self, draft: Draft) -> None:
        """Mark what the draft has chosen; a clause that was just chosen is read."""
        before = {finding.clause_id for finding in self._draft.findings}
        self._draft = draft
        self._fill()
        new = [finding.clause_id for finding in draft.findings if finding.clause_id not in before]
        if new and self._policy:
            self._read(self._policy.by_id.get(new[-1]))
        else:
            self._show_state()

    def set_last_used(self, lookup: LastUsed | None) -> None:
        """Give a way to ask when the person last used a clause, and in which version."""
        self._last_used = lookup

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other key caps; a recommended clause beyond the last key there is bears none."""
        self.search.set_key(keys.get("read.search", ""))
        self._caps = tuple(keys.get(f"decide.clause.{n}", "") for n in range(1, 10))
        self._fill()

    @property
    def rows(self) -> QWidget:
        """Where arrows go from clause to clause: the list, or the tree of the whole text."""
        return self.list if self.tree.isHidden() else self.tree

    def focus_search(self) -> None:
        """Put the cursor in the search field."""
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def open_whole(self, *, on: bool) -> None:
        """Show the whole text as a tree, or go back to the recommended clauses."""
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        self._mode = _Mode.WHOLE if on else _Mode.RECOMMENDED
        self.search.blockSignals(True)
        self.search.clear()
        self.search.blockSignals(False)
        self.reader.set_words(())
        self._fill()
        self._show_mode()
        if on:
            self.tree.show_policy(self._policy)
            self.tree.show_chosen({finding.clause_id for finding in self._draft.findings})
            self.tree.show_current(self._reading.clause_id if self._reading else None)
        if had_focus:
            (self.tree if on else self.list).setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, wherever the focus is in here."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            event.ignore()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the panel."""
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, the words over the list, lines, the version."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), t.bg_panel)
        direction = self.layoutDirection()
        caption = theme.font("caption", 500)
        self._headed = self._head()
        paint.draw(painter, self._head_area(), self._headed, caption, t.text_secondary, direction=direction)
        foot = self.height() - theme.scaled(_FOOT)
        paint.hairline(painter, 0, foot, self.width() - 1, foot)
        if self._policy is not None:
            room = self.width() - 2 * PAD - (0 if self._alone else self.whole.width())
            box = self._at(PAD, foot + 1, room, theme.scaled(_FOOT) - 1)
            version = version_words(self._policy, room, deciding=self._for_item)
            paint.draw(painter, box, version, theme.font("caption"), t.text_muted, direction=direction)
        if self._reading is None and self._for_item:
            self._paint_nothing(painter)

    def _connect(self) -> None:
        self.search.textChanged.connect(self._search)
        self.search.stepped.connect(self.list.step)
        self.search.entered.connect(self.list.choose)
        self.search.left.connect(self._leave)
        for source in (self.list, self.tree):
            source.read.connect(self._read_id)
            source.chosen.connect(self._choose)
            source.left.connect(self._leave)
        self.whole.clicked.connect(lambda: self.open_whole(on=self._mode is not _Mode.WHOLE))

    def _take_policy(self, policy: Policy | None) -> None:
        self._policy = policy
        self._reading = None
        self.reader.set_policy(policy)
        self.search.show_count(sum(clause.citable for clause in policy.clauses) if policy else 0)
        self.search.setEnabled(policy is not None)
        self.whole.setEnabled(policy is not None)
        if self._mode is _Mode.WHOLE:
            self.tree.show_policy(policy)
        self._soon.start()
        self.update()

    def _look_ahead(self) -> None:
        """Have the likely clauses made, once the item has been painted."""
        if self._policy:
            likely = [clause for clause in self._policy.clauses if clause.citable and clause.categories][:_AHEAD]
            self.reader.make_ahead([(clause, self._mark(clause)) for clause in likely])

    def _fill(self) -> None:
        """Put the right rows into the list."""
        chosen = {finding.clause_id for finding in self._draft.findings}
        if self._mode is _Mode.SEARCH and self._policy:
            clauses = list(self._policy.search(self.search.text()))
        else:
            clauses = list(self._recommended)
            known = {clause.clause_id for clause in clauses}
            by_id = self._policy.by_id if self._policy else {}
            clauses += [by_id[c] for c in chosen if c in by_id and c not in known]
        if self._mode is _Mode.WHOLE:
            self.tree.show_chosen(chosen)
        keys = {clause.clause_id: key for clause, key in zip(self._recommended, self._caps, strict=False)}
        changed = self.list.rows.set_rows(
            [
                ClauseRow(
                    clause.clause_id,
                    clause.number,
                    clause.title,
                    keys.get(clause.clause_id, ""),
                    clause.severity,
                    clause.clause_id in chosen,
                    clause.citable,
                )
                for clause in clauses
            ]
        )
        if changed and self._mode is _Mode.RECOMMENDED and self.list.height() != self._rows_height():
            self._arrange()
        if self._head() != self._headed:
            self.update(self._head_area())

    def _search(self, words: str) -> None:
        home = _Mode.WHOLE if self._alone else _Mode.RECOMMENDED
        self._mode = _Mode.SEARCH if words.strip() else home
        self._fill()
        self._show_mode()
        self.reader.set_words(tuple(words.split()) if self._mode is _Mode.SEARCH else ())
        rows = self.list.rows.rows
        if self._mode is _Mode.SEARCH and rows:
            self.list.show_current(None)
            self.list.step(1)
        elif self._mode is _Mode.RECOMMENDED:
            self._read(self._of(self._draft) or (self._recommended[0] if self._recommended else None))

    def _leave(self) -> None:
        """Esc: out of search or tree first; then out of the panel."""
        if self._mode is _Mode.WHOLE:
            self.open_whole(on=self._alone)
        elif self.search.text():
            self.search.clear()
        self.left.emit()

    def _choose(self, clause_id: str) -> None:
        self.clause_chosen.emit(clause_id)
        if self._mode is _Mode.SEARCH:
            self.search.clear()
            self.left.emit()

    def _read_id(self, clause_id: str) -> None:
        if self._policy:
            self._read(self._policy.by_id.get(ClauseId(clause_id)))

    def _read(self, clause: Clause | None) -> None:
        if clause is not self._reading:
            self._reading = clause
            self.reader.show_clause(clause, self._mark(clause) if clause else "")
        if self.reader.isHidden() == (clause is not None):
            self.reader.setVisible(clause is not None)
        self.list.show_current(clause.clause_id if clause else None)
        self._show_state()

    def _of(self, draft: Draft) -> Clause | None:
        if not draft.findings or self._policy is None:
            return None
        return self._policy.by_id.get(draft.findings[-1].clause_id)

    def _show_state(self) -> None:
        """What the draft says of the clause being read: its severity."""
        clause = self._reading
        mine = next((f for f in self._draft.findings if clause and f.clause_id == clause.clause_id), None)
        self.reader.set_severity(mine.severity if mine else 0)

    def _mark(self, clause: Clause) -> str:
        """The change mark in words; empty when there is nothing to say."""
        if self._policy is None:
            return ""
        return change_words(self._policy, clause, self._last_used(clause.clause_id) if self._last_used else None)

    def _head(self) -> str:
        if self._policy is None:
            return tr("The policy has not arrived yet") if self._for_item else tr("No item is open")
        if self._mode is _Mode.WHOLE:
            return self._policy.title
        if self._mode is _Mode.SEARCH:
            found = self.list.rows.rowCount()
            words = trn("{n} clause found", "{n} clauses found", found) if found else tr("No clause has these words")
            return words if not found else tr("{found}: Enter chooses, Esc goes back", found=words)
        if not self._recommended:
            return tr("No clause is recommended here")
        seen, every = self._rows_in_sight(), self.list.rows.rowCount()
        if seen < every:  # the list shows no scroll bar at rest
            return tr("Recommended for this item, {n} of {all}", n=seen, all=every)
        return tr("Recommended for this item")

    def _rows_in_sight(self) -> int:
        """Rows give way to what is read: with large text in a low window there would be only the title of it."""
        wanted = min(5 if self.height() >= theme.scaled(_TALL) else 3, self.list.rows.rowCount())
        room = self.height() - theme.scaled(_SEARCH + _HEAD + _FOOT + _READ)
        while wanted > 1 and self.list.height_of(wanted) > room:
            wanted -= 1
        return wanted

    def _rows_height(self) -> int:
        return self.list.height_of(self._rows_in_sight())

    def _whole_rows(self, height: int) -> int:
        """Where there is room for a few rows only, none is shaved; two low ones, or nobody sees what comes next."""
        row = theme.scaled(ROW)
        if height >= _FEW * row:
            return height
        room = max(2, height // row) * row
        if self._mode is _Mode.WHOLE or not self.list.rows.rowCount():
            return room
        room = max(room, height * 4 // 3)  # hits are compared: they come first
        return self.list.height_of(max(1, sum(self.list.height_of(n) <= room for n in range(1, _FEW))))

    def _head_area(self) -> QRect:
        return self._at(PAD, theme.scaled(_SEARCH), self.width() - 2 * PAD, theme.scaled(_HEAD))

    def _show_mode(self) -> None:
        whole = self._mode is _Mode.WHOLE
        self.reader.set_whole(whole)
        self.tree.setVisible(whole)
        self.list.setVisible(not whole)
        self.list.searched = self._mode is _Mode.SEARCH
        self.whole.setVisible(not self._alone)  # there is no other place to go
        self.whole.setText(tr("Recommended") if whole else tr("Whole text"))
        self._arrange()
        self.update()

    def _renew(self) -> None:
        self.search.renew()
        self._arrange()
        self.update()

    def _paint_nothing(self, painter: QPainter) -> None:
        words = (
            tr("Search the policy, or open the whole text.")
            if self._policy
            else tr(
                "You can read and decide “no violation” until it comes; it is fetched as soon as there is a connection."
            )
        )
        painter.setFont(theme.font("ui"))
        painter.setPen(theme.tokens().text_secondary)
        top = self._lists_bottom() + theme.scaled(20)
        box = QRect(PAD, top, self.width() - 2 * PAD, theme.scaled(80))
        painter.drawText(box, int(Qt.AlignmentFlag.AlignLeading | Qt.TextFlag.TextWordWrap), words)

    def _lists_bottom(self) -> int:
        area = self.tree.geometry() if self._mode is _Mode.WHOLE else self.list.geometry()
        return area.bottom() + 1

    def _arrange(self) -> None:
        """Place everything; the reader keeps its width, so its text is not laid out again."""
        width, height, scale = self.width(), self.height(), theme.scaled
        field = scale(theme.tokens().px["field"])
        self.search.setGeometry(self._at(PAD, scale(12), width - 2 * PAD, field))
        top, foot = scale(_SEARCH) + scale(_HEAD), height - scale(_FOOT)
        self.list.resize(width, self.list.height())  # how high its rows are depends on how wide it is
        share = 5 if self._mode is _Mode.SEARCH else 4  # tenths: hits are compared with one another
        lists = self._rows_height() if self._mode is _Mode.RECOMMENDED else self._whole_rows((foot - top) * share // 10)
        self.list.setGeometry(0, top, width, lists)
        self.tree.setGeometry(0, top, width, lists)
        below = top + lists + 4
        self.reader.setGeometry(0, below, width, max(0, foot - below))
        wide = self.whole.sizeHint().width()
        self.whole.setGeometry(self._at(width - PAD - wide + 8, foot + 3, wide, scale(_FOOT) - 5))

    def _at(self, x: int, y: int, width: int, height: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(x, y, width, height))
