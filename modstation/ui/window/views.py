"""The views beside the desk: returned, outbox, settings. Each is loaded and built when it is first opened."""

from collections.abc import Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from modstation.system.settings import Settings
from modstation.ui.window.frame import Frame

if TYPE_CHECKING:
    from modstation.ui.screens.outbox import OutboxScreen
    from modstation.ui.screens.returned import ReturnedScreen
    from modstation.ui.screens.settings import SettingsScreen

# The screens are imported inside the properties: the first item does not wait for what is not on the screen.
VIEWS = ("desk", "returned", "outbox", "settings")


class Views(QObject):
    """Which view is up, and the screens behind the names.

    Signals:
        dealt(str): this command was chosen for the decision that is open in the returned view.
        story_wanted(str): open this returned decision.
        undo_wanted(str): take this decision back.
        settings_changed(object): the person chose these `Settings`.
        keys_wanted(): the key sheet was asked for.
    """

    dealt = Signal(str)
    story_wanted = Signal(str)
    undo_wanted = Signal(str)
    settings_changed = Signal(object)
    keys_wanted = Signal()

    def __init__(self, frame: Frame) -> None:
        super().__init__(frame)
        self._frame = frame
        self._caps: dict[str, str] = {}
        self._settings = Settings()
        self.name = "desk"

    @cached_property
    def returned(self) -> "ReturnedScreen":
        """Decisions that came back."""
        from modstation.ui.screens.returned import ReturnedScreen  # noqa: PLC0415

        screen = ReturnedScreen()
        screen.set_keys(self._caps)
        screen.chosen.connect(lambda command, _entry: self.dealt.emit(command))
        self._frame.views.addWidget(screen)
        return screen

    @cached_property
    def outbox(self) -> "OutboxScreen":
        """Decisions made here."""
        from modstation.ui.screens.outbox import OutboxScreen  # noqa: PLC0415

        screen = OutboxScreen()
        screen.returned_chosen.connect(self.story_wanted)
        screen.undo_wanted.connect(self.undo_wanted)
        self._frame.views.addWidget(screen)
        return screen

    @cached_property
    def settings(self) -> "SettingsScreen":
        """What the person may choose."""
        from modstation.ui.screens.settings import SettingsScreen  # noqa: PLC0415

        screen = SettingsScreen()
        screen.show_settings(self._settings)
        screen.changed.connect(self.settings_changed)
        screen.keys_wanted.connect(self.keys_wanted)
        self._frame.views.addWidget(screen)
        return screen

    def apply(self, settings: Settings, caps: dict[str, str]) -> None:
        """Put settings and key caps in force, in the screens that there are and in those to come."""
        self._settings, self._caps = settings, caps
        built = vars(self)  # where a cached property keeps what it made
        if "returned" in built:
            self.returned.set_keys(caps)
        if "settings" in built:
            self.settings.show_settings(settings)

    def open(self, name: str) -> None:
        """Bring a view up; the focus is the caller's."""
        self.name = name
        self._frame.views.setCurrentWidget(self.screen(name))

    def count_down(self, left: Mapping[str, int]) -> None:
        """The seconds left to undo, by decision: for the view that shows them."""
        if self.name == "outbox":
            self.outbox.count_down(left)

    def set_now(self, now: datetime) -> None:
        """The time by which leases end, once a second: for the rail, and for the view that tells of one."""
        self._frame.rail.set_now(now)
        if self.name == "returned":
            self.returned.set_now(now)

    def screen(self, name: str) -> QWidget:
        """The screen of a view, built now if it was not."""
        if name == "returned":
            return self.returned
        if name == "outbox":
            return self.outbox
        return self.settings if name == "settings" else self._frame.panes
