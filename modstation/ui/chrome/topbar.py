"""The bar at the top: the views, the way into the palette, what can be done at any time, who is at work."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from PySide6.QtCore import QRect, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QStyle, QWidget

from modstation.ui import paint, theme
from modstation.ui.chrome.parts import BarButton, FindButton
from modstation.ui.text import tr

_EDGE, _GAP, _BRAND = 16, 4, 24
_FIND_MIN = 160


@dataclass(frozen=True, slots=True)
class Tab:
    """A view of the window. `name` is what `tab_chosen` says."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that can be done at any time. `command` is what the signal `command` says.

    Attributes:
        is_view: it opens a view, and is marked while that is open; the others come up over what is there.
    """

    command: str
    title: str
    icon: str
    is_view: bool = False


def default_tabs() -> tuple[Tab, ...]:
    """Desk, Returned, Outbox."""
    return Tab("desk", tr("Desk")), Tab("returned", tr("Returned")), Tab("outbox", tr("Outbox"))


def default_tools() -> tuple[Tool, ...]:
    """Cover, settings, keys."""
    return (
        Tool("station.cover", tr("Cover"), "cover"),
        Tool("station.settings", tr("Settings"), "settings", is_view=True),
        Tool("station.keys", tr("Keys"), "help"),
    )


_DEFAULT_KEYS = {"station.palette": "Ctrl K", "station.cover": "F4", "station.keys": "?"}


class TopBar(QWidget):
    """The bar at the top of the window.

    Signals:
        tab_chosen(str): the name of the view a person wants.
        command(str): the id of the command a person wants.
    """

    tab_chosen = Signal(str)
    command = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._person = ""
        self._tabs: dict[str, BarButton] = {}
        self._tools: dict[str, BarButton] = {}
        self._find = FindButton(self)
        self._find.clicked.connect(lambda: self.command.emit("station.palette"))
        self.setAccessibleName(tr("Views and tools"))
        self.set_tabs(default_tabs())
        self.set_tools(default_tools())
        self.set_keys(_DEFAULT_KEYS)
        self.show_tab("desk")
        order = [*self._tabs.values(), self._find, *self._tools.values()]
        for before, after in pairwise(order):
            self.setTabOrder(before, after)
        theme.signals.changed.connect(self._theme_changed)

    def set_tabs(self, tabs: Sequence[Tab]) -> None:
        """The views, in order. Called once, not per item."""
        for button in self._tabs.values():
            button.deleteLater()
        self._tabs = {tab.name: BarButton(tab.title, self) for tab in tabs}
        for name, button in self._tabs.items():
            button.setCheckable(True)
            button.clicked.connect(lambda _on=False, name=name: self._tab_clicked(name))
        self._arrange()

    def set_tools(self, tools: Sequence[Tool]) -> None:
        """What can be done at any time, in order. Called once, not per item."""
        for button in self._tools.values():
            button.deleteLater()
        self._tools = {tool.command: BarButton(tool.title, self, icon=tool.icon) for tool in tools}
        for tool in tools:
            button = self._tools[tool.command]
            button.setCheckable(tool.is_view)
            button.clicked.connect(lambda _on=False, command=tool.command: self.command.emit(command))
        self._arrange()

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """The keys in force by command id; commands that are not named lose theirs."""
        self._find.set_keys(keys.get("station.palette", ""))
        for command, button in self._tools.items():
            button.set_keys(keys.get(command, ""))
        for name, button in self._tabs.items():
            button.set_keys(keys.get(f"station.{name}", ""))
        self._arrange()

    def show_tab(self, name: str) -> None:
        """Mark the view that is open, be it behind a tab or behind a tool."""
        for own, button in self._tabs.items():
            button.setChecked(own == name)
        for command, button in self._tools.items():
            button.setChecked(command == f"station.{name}")

    def set_count(self, name: str, count: int) -> None:
        """How many wait in a view; 0 shows nothing."""
        button = self._tabs[name]
        before = button.sizeHint()
        button.set_count(count)
        if button.sizeHint() != before:
            self._arrange()

    def set_person(self, name: str) -> None:
        """Who is at work."""
        if name != self._person:
            self._person = name
            self._arrange()
            self.update()

    def _tab_clicked(self, name: str) -> None:
        # Not Qt's exclusive buttons: those leave only one of them in the round of the Tab key.
        self.show_tab(name)
        self.tab_chosen.emit(name)

    def _theme_changed(self) -> None:
        self._arrange()
        self.update()

    def _place(self, button: QWidget, x: int, width: int) -> None:
        height = button.sizeHint().height()
        box = QRect(x, (self.height() - 1 - height) // 2, width, height)
        button.setGeometry(QStyle.visualRect(self.layoutDirection(), self.rect(), box))

    def _person_width(self) -> int:
        return theme.width(self._person, "ui") + 12 if self._person else 0

    def _arrange(self) -> None:
        """Tabs from the start, tools from the end, the search between; keys and words go when room is short."""
        first = _EDGE + theme.scaled(_BRAND) + 8
        for short in range(3):  # first the keys of the tabs go, then the words of the tools
            for button in self._tabs.values():
                button.set_short(short > 0)
            for button in self._tools.values():
                button.set_short(short > 1)
            start = first + sum(button.sizeHint().width() + _GAP for button in self._tabs.values())
            tools = sum(button.sizeHint().width() + _GAP for button in self._tools.values())
            end = self.width() - _EDGE - self._person_width() - tools
            if end - start >= _FIND_MIN * 2:
                break
        x = first
        for button in self._tabs.values():
            wide = button.sizeHint().width()
            self._place(button, x, wide)
            x += wide + _GAP
        x = end
        for button in self._tools.values():
            wide = button.sizeHint().width()
            self._place(button, x, wide)
            x += wide + _GAP
        room = end - start - 2 * _EDGE
        self._find.setVisible(room >= _FIND_MIN)
        wide = max(0, min(self._find.sizeHint().width(), room))
        # In the middle of the window when there is room for that, else in the middle of what is left.
        middle = (self.width() - wide) // 2
        left = middle if start + _EDGE <= middle and middle + wide <= end - _EDGE else start + (end - start - wide) // 2
        self._place(self._find, left, wide)

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """Follow the window."""
        self._arrange()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, brand, name, and the line beneath."""
        t, direction = theme.tokens(), self.layoutDirection()
        painter = QPainter(self)
        painter.fillRect(self.rect(), t.bg_window)
        paint.hairline(painter, 0, self.height() - 1, self.width(), self.height() - 1)
        height = self.height() - 1
        box = QStyle.visualRect(direction, self.rect(), QRect(_EDGE, 0, theme.scaled(_BRAND), height))
        theme.icons.paint(painter, box, "brand", t.accent_text)
        if self._person:
            wide = self._person_width()
            box = QRect(self.width() - _EDGE - wide + 12, 0, wide - 12, height)
            line = QStyle.visualRect(direction, self.rect(), QRect(box.left() - 9, 0, 1, height))
            paint.hairline(painter, line.left(), height // 2 - 10, line.left(), height // 2 + 9)
            box = QStyle.visualRect(direction, self.rect(), box)
            paint.draw(painter, box, self._person, theme.font("ui"), t.text_secondary, direction=direction)
