"""The side panel: Policy, Context, Flags; folds to a strip of drawings."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QStyle, QWidget

from modstation.core.decision import Draft, FlagVerdict
from modstation.core.ids import FlagId
from modstation.core.item import Item
from modstation.core.policy import Clause, Policy
from modstation.ui import paint, theme
from modstation.ui.side.changes import LastUsed
from modstation.ui.side.context import ContextTab
from modstation.ui.side.flags_tab import FlagsTab
from modstation.ui.side.policy_tab import PolicyTab
from modstation.ui.side.tabs import FOLDED, INSET, PanelTab
from modstation.ui.text import tr

_TABS = 52
_PAD, _GAP = 20 - INSET, 4
_DEFAULT_KEYS = {
    "read.policy": "P",
    "read.context": "O",
    "read.flags": "F",
    "read.search": "/",
    "decide.flag_holds": "=",
    "decide.flag_wrong": "-",
} | {f"decide.clause.{n}": str(n) for n in range(1, 10)}


class SidePanel(QWidget):
    """Shows the rules, the context and the flags of the item on the desk.

    Signals:
        clause_chosen: the id of the clause to choose or drop.
        flag_judged: a `FlagVerdict`.
        tab_opened: the name of the tab that was opened: ``policy``, ``context``, ``flags``.
        unfold_wanted: a tab was asked for while the panel is folded.
        left: Esc: the focus should go back to the desk.
    """

    clause_chosen = Signal(str)
    flag_judged = Signal(FlagVerdict)
    tab_opened = Signal(str)
    unfold_wanted = Signal()
    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Side panel"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._folded = False
        self._open = "policy"
        self.tabs = {
            "policy": PanelTab(self, tr("Policy"), "policy"),
            "context": PanelTab(self, tr("Context"), "context"),
            "flags": PanelTab(self, tr("Flags"), "flag"),
        }
        self.policy = PolicyTab(self)
        self.context = ContextTab(self)
        self.flags = FlagsTab(self)
        self._pages: dict[str, QWidget] = {"policy": self.policy, "context": self.context, "flags": self.flags}
        for page in self._pages.values():
            page.setProperty("ring", "inside")  # what is in them shows the focus; round all of it nobody looks for one
        self.policy.clause_chosen.connect(self.clause_chosen)
        self.flags.judged.connect(self.flag_judged)
        for source in (self.policy, self.flags):
            source.left.connect(self.left)
        for name, tab in self.tabs.items():
            tab.clicked.connect(lambda _on=False, name=name: self.open_tab(name))
        self.set_keys(_DEFAULT_KEYS)
        self._show_open()
        theme.signals.changed.connect(self._renew)

    def show_item(
        self, item: Item | None, policy: Policy | None, recommended: tuple[Clause, ...], draft: Draft
    ) -> None:
        """Show another item; None when the desk is empty.

        Args:
            item: its flags and its context are shown.
            policy: the version beside it; None when it has not arrived.
            recommended: the clauses that can be chosen by number, in order.
            draft: what has been composed so far.
        """
        self.policy.show_item(item, policy, recommended, draft)
        self.context.show_item(item)
        self.flags.show_item(item, policy, draft)

    def prepare(self, policy: Policy | None, recommended: tuple[Clause, ...], draft: Draft) -> None:
        """Have ready what comes with the next item; nothing on the screen changes. Arguments as for `show_item`."""
        self.policy.prepare(policy, recommended, draft)

    def show_draft(self, draft: Draft) -> None:
        """Show what the draft has chosen."""
        self.policy.show_draft(draft)
        self.flags.show_draft(draft)

    def set_last_used(self, lookup: LastUsed | None) -> None:
        """Give a way to ask when the person last used a clause: id -> (when, policy version)."""
        self.policy.set_last_used(lookup)

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other key caps: command id -> text as on a key cap; ``decide.clause.1`` and on for the clauses."""
        for name, tab in self.tabs.items():
            tab.set_key(keys.get(f"read.{name}", ""))
        self.policy.set_keys(keys)
        self.flags.set_keys(keys)
        self._arrange()

    def open_tab(self, name: str) -> None:
        """Open ``policy``, ``context`` or ``flags`` and give it the focus, so that arrows work in it at once.

        Raises:
            KeyError: there is no such tab.
        """
        page = self._pages[name]
        if self._folded:
            self.unfold_wanted.emit()
        if name != self._open:
            self._open = name
            self._show_open()
        inside = {"policy": self.policy.rows, "context": self.context, "flags": self.flags.list}[name]
        (inside if inside.isVisible() else page).setFocus()
        self.tab_opened.emit(name)

    def open_flag(self, flag_id: FlagId) -> None:
        """Open the Flags tab with this flag in hand."""
        self.open_tab("flags")
        self.flags.show_flag(flag_id)

    def judge_flag(self, *, holds: bool) -> None:
        """Judge the flag in hand. Where the Flags tab is not open it only opens: no flag is judged unseen."""
        if self._folded or self._open != "flags":
            self.open_tab("flags")
        else:
            self.flags.judge(holds=holds)

    def focus_search(self) -> None:
        """Open the Policy tab and put the cursor in its search field."""
        self.open_tab("policy")
        self.policy.focus_search()

    def take_digit(self, digit: int) -> bool:
        """Offer a digit to the panel first: True when it picked something here, and means no clause."""
        return not self._folded and self.flags.take_digit(digit)

    def set_folded(self, folded: bool) -> None:
        """Show only a strip of drawings, or everything again."""
        if folded == self._folded:
            return
        focused = QApplication.focusWidget()
        if folded and focused is not None and self.isAncestorOf(focused):
            self.left.emit()  # else Qt would hand the focus to the next widget, the button that decides
        self._folded = folded
        for tab in self.tabs.values():
            tab.set_folded(on=folded)
        self._show_open()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc, where no tab had anything to close."""
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            event.ignore()

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the window."""
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Mirror when the direction changes."""
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._arrange()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground, and the lines at its start and beneath the tabs."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), theme.tokens().bg_panel)
        x = self.width() - 1 if self.isRightToLeft() else 0
        paint.hairline(painter, x, 0, x, self.height() - 1)
        if not self._folded:
            y = theme.scaled(_TABS) - 1
            paint.hairline(painter, 0, y, self.width() - 1, y)

    def _show_open(self) -> None:
        for name, page in self._pages.items():
            page.setVisible(name == self._open and not self._folded)
            self.tabs[name].setChecked(name == self._open and not self._folded)
        self._arrange()
        self.update()

    def _renew(self) -> None:
        self._arrange()
        self.update()

    def _arrange(self) -> None:
        top = theme.scaled(_TABS)
        if self._folded:
            high = min(theme.scaled(FOLDED), self.height() // len(self.tabs))
            for n, tab in enumerate(self.tabs.values()):
                tab.setGeometry(1, n * high, self.width() - 1, high)
            return
        x = _PAD
        for tab in self.tabs.values():
            wide = tab.sizeHint().width()
            tab.setGeometry(self._at(x, 0, wide, top))
            x += wide + _GAP
        for page in self._pages.values():
            page.setGeometry(self._at(1, top, max(0, self.width() - 1), max(0, self.height() - top)))

    def _at(self, x: int, y: int, width: int, height: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(x, y, width, height))
