"""Going away: what can be done without a connection, what lapses before one is back, and what helps now."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from modstation.core.planning import Offline, Outlook
from modstation.ui import theme
from modstation.ui.overlay.overlay import PAD, Overlay
from modstation.ui.overlay.timeline import Timeline
from modstation.ui.pieces.choice import Choice
from modstation.ui.pieces.lettering import Lettering
from modstation.ui.text import clock, duration, tr, trn

MORNING_H = 8
LONGEST_S = 7 * 24 * 3600
_WORDS = re.compile(r"\s*(?:(?P<h>\d{1,3})[:.](?P<m>[0-5]\d)|(?P<minutes>\d{1,4}))\s*")


@dataclass(frozen=True, slots=True)
class Ask:
    """Where the overlay gets its answers.

    Attributes:
        away: what an absence of so many seconds costs.
        offline: the work at hand.
        now: the wall clock.
        online: whether the service can be reached at this moment.
    """

    away: Callable[[int], Outlook]
    offline: Callable[[], Offline]
    now: Callable[[], datetime]
    online: Callable[[], bool]


class Away(Overlay):
    """A calm look at an absence before it begins.

    Signals:
        renew_wanted(object): ask for more time with these items, a tuple of ids.
        give_back_wanted(object): give these items back.
        fetch_wanted(): fetch every file that is still missing.
    """

    renew_wanted = Signal(object)
    give_back_wanted = Signal(object)
    fetch_wanted = Signal()

    def __init__(self, parent: QWidget, ask: Ask) -> None:
        super().__init__(parent, tr("Going away"))
        self._ask = ask
        self._seen: Outlook | None = None
        self._asked_twice = False
        self._fetching_of = 0
        self._title = Lettering(tr("Going away"), self.sheet, role="title", weight=600)
        self._work = Lettering("", self.sheet, role="reading", color="text_secondary")
        fixed = ((str(30 * 60), tr("30 min")), ("3600", tr("1 h")), ("7200", tr("2 h")))
        options = (*fixed, ("morning", tr("Until the morning")), ("own", tr("Own time")))
        self.choice = Choice(tr("How long you are away"), options, self.sheet)
        self.own = QLineEdit(self.sheet)
        self.own.setPlaceholderText(tr("hours:minutes"))
        self.own.setAccessibleName(tr("Time away, as hours and minutes"))
        self.own.setFixedWidth(theme.scaled(130))
        self.timeline = Timeline(self.sheet)
        self._verdict = Lettering("", self.sheet, role="sentence", weight=600)
        self._hint = Lettering("", self.sheet, role="ui", color="text_secondary")
        self.renew = self._button("R", self._renew)
        self.give = self._button("G", self._give)
        self.fetch = self._button("F", self._fetch)
        self._done = QPushButton(tr("Done"), self.sheet)
        self._done.setProperty("kind", "primary")
        self._done.setProperty("keys", "Esc")
        self._done.clicked.connect(self.leave)
        self.choice.chosen.connect(self._chosen)
        self.own.textChanged.connect(lambda _: self.look())
        self._lay_out()
        self.choice.choose("7200")

    def open(self) -> None:
        """Come up with the answers of this moment."""
        self._fetching_of = 0
        self.look()
        super().open()

    def first_focus(self) -> QWidget:
        """The time chosen."""
        return next(w for w in self.choice.findChildren(QPushButton) if w.isChecked())

    def look(self) -> None:
        """Ask again and show it: another time was chosen, or something moved."""
        self._asked_twice = False
        offline = self._ask.offline()
        self._work.tell(_work_words(offline))
        self._show_fetching(offline)
        away_s = self.away_s()
        self.own.setVisible(self.choice.value() == "own")
        self.timeline.setVisible(away_s is not None)
        if away_s is None:
            self._seen = None
            self._verdict.tell(tr("How long will you be away?"))
            self._hint.tell(tr("Write hours and minutes, such as 1:30."))
        else:
            self._seen = self._ask.away(away_s)
            self.timeline.show_outlook(self._seen, self._ask.now())
            self._show_verdict(self._seen)
        self._show_actions()
        self.place()

    def away_s(self) -> int | None:
        """The seconds chosen; None while an own time is not written yet."""
        value = self.choice.value()
        if value == "morning":
            return until_morning(self._ask.now())
        if value == "own":
            return seconds_in(self.own.text())
        return int(value)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits choose the time, arrows move, letters act."""
        acts = {Qt.Key.Key_R: self.renew, Qt.Key.Key_G: self.give, Qt.Key.Key_F: self.fetch}
        digit = event.key() - Qt.Key.Key_0
        button = acts.get(Qt.Key(event.key()))
        if event.isAutoRepeat():
            pass
        elif 1 <= digit <= 5:
            self.choice.findChildren(QPushButton)[digit - 1].click()
        elif event.key() in {Qt.Key.Key_Left, Qt.Key.Key_Right}:
            self.choice.step(1 if event.key() == Qt.Key.Key_Right else -1)
        elif button is not None:
            if button.isEnabled() and not button.isHidden():
                button.click()
        else:
            super().keyPressEvent(event)
        event.accept()

    def place(self) -> None:
        """Wide enough for the picture."""
        width = min(theme.scaled(760), self.width() - 48)
        self.sheet.setFixedWidth(max(320, width))
        layout = self.sheet.layout()
        assert layout is not None
        layout.activate()
        needed = max(layout.totalHeightForWidth(width), self.sheet.sizeHint().height())
        height = min(needed, self.height() - 2 * theme.scaled(40))
        self.sheet.setGeometry((self.width() - width) // 2, theme.scaled(56), width, height)

    def _button(self, key: str, act: Callable[[], None]) -> QPushButton:
        button = QPushButton(self.sheet)
        button.setProperty("keys", key)
        button.clicked.connect(act)
        return button

    def _lay_out(self) -> None:
        column = QVBoxLayout(self.sheet)
        pad = theme.scaled(PAD)
        column.setContentsMargins(pad, pad, pad, pad)
        column.setSpacing(theme.scaled(8))
        column.addWidget(self._title)
        column.addWidget(self._work)
        column.addSpacing(theme.scaled(8))
        times = QHBoxLayout()
        times.addWidget(self.choice)
        times.addSpacing(theme.scaled(8))
        times.addWidget(self.own)
        times.addStretch(1)
        column.addLayout(times)
        column.addSpacing(theme.scaled(8))
        column.addWidget(self.timeline)
        column.addSpacing(theme.scaled(4))
        column.addWidget(self._verdict)
        column.addWidget(self._hint)
        column.addSpacing(theme.scaled(12))
        foot = QHBoxLayout()
        foot.setSpacing(theme.scaled(8))
        for button in (self.renew, self.give, self.fetch):
            foot.addWidget(button)
        foot.addStretch(1)
        foot.addWidget(self._done)
        column.addLayout(foot)

    def _show_verdict(self, seen: Outlook) -> None:
        back = clock(self._ask.now() + timedelta(seconds=seen.away_s))
        if not seen.lapsing:
            self._verdict.tell(tr("Nothing lapses before you are back at {time}.", time=back))
            self._hint.tell(tr("You can go. Everything decided here is saved."))
            return
        one, many = "{n} item lapses before you are back at {time}.", "{n} items lapse before you are back at {time}."
        self._verdict.tell(trn(one, many, len(seen.lapsing), time=back))
        if not self._ask.online():
            self._hint.tell(tr("More time can be asked for when the service can be reached."))
        elif seen.renewable:
            one, many = "More time now would keep {n} of them.", "More time now would keep {n} of them."
            self._hint.tell(trn(one, many, len(seen.renewable)))
        else:
            self._hint.tell(
                tr("More time would not reach that far. If you give them back, somebody else can decide them.")
            )

    def _show_actions(self) -> None:
        seen = self._seen
        renewable, lapsing = (len(seen.renewable), len(seen.lapsing)) if seen else (0, 0)
        self.renew.setText(trn("More time for {n}", "More time for {n}", renewable))
        self.renew.setVisible(bool(renewable))
        self.renew.setEnabled(self._ask.online())
        if self._asked_twice:
            self.give.setText(trn("Press again to give {n} back", "Press again to give {n} back", lapsing))
        else:
            self.give.setText(trn("Give {n} back", "Give {n} back", lapsing))
        self.give.setVisible(bool(lapsing))

    def _show_fetching(self, offline: Offline) -> None:
        self.fetch.setVisible(bool(offline.files))
        if self._fetching_of:
            done = max(0, self._fetching_of - offline.files)
            self.fetch.setText(tr("Fetching: {done} of {total}", done=done, total=self._fetching_of))
        else:
            self.fetch.setText(trn("Fetch {n} file now", "Fetch {n} files now", offline.files))
        self.fetch.setEnabled(self._ask.online() and not self._fetching_of)

    def _chosen(self, value: str) -> None:
        self.look()
        if value == "own":
            self.own.setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.choice.focus()  # a digit chose it, wherever the focus was

    def _renew(self) -> None:
        if self._seen is not None:
            self.renew_wanted.emit(self._seen.renewable)
            self._hint.tell(tr("Asked for. The picture changes when the service has answered."))

    def _give(self) -> None:
        """What is given back is gone from this computer: it takes the key twice."""
        if self._seen is None:
            return
        if not self._asked_twice:
            self._asked_twice = True
            self._show_actions()
            return
        self._asked_twice = False
        self.give_back_wanted.emit(self._seen.lapsing)

    def _fetch(self) -> None:
        offline = self._ask.offline()
        self._fetching_of = offline.files
        self._show_fetching(offline)
        self.fetch_wanted.emit()


def seconds_in(words: str) -> int | None:
    """The seconds in ``1:30`` (hours and minutes) or ``90`` (minutes); None for anything else, and beyond a week."""
    found = _WORDS.fullmatch(words)
    if found is None:
        return None
    minutes = int(found["minutes"]) if found["minutes"] else int(found["h"]) * 60 + int(found["m"])
    return minutes * 60 if 0 < minutes * 60 <= LONGEST_S else None


def until_morning(now: datetime) -> int:
    """Seconds until the next morning at the person's place; early in the night that is the same day's."""
    here = now.astimezone()
    morning = here.replace(hour=MORNING_H, minute=0, second=0, microsecond=0)
    if morning <= here + timedelta(hours=1):
        morning += timedelta(days=1)
    return int((morning - here).total_seconds())


def _work_words(offline: Offline) -> str:
    if not offline.items:
        return tr("There is no work on this computer that could be done without a connection.")
    time = duration(max(60, offline.work_s))
    one = "{n} item, about {time} of work, can be decided without a connection."
    many = "{n} items, about {time} of work, can be decided without a connection."
    words = trn(one, many, offline.items, time=time)
    if offline.files:
        one, many = "{n} of their files is still to come ({size}).", "{n} of their files are still to come ({size})."
        words += " " + trn(one, many, offline.files, size=_size(offline.file_bytes))
    else:
        words += " " + tr("All their files are here.")
    return words


def _size(size: int) -> str:
    if size < 1_000_000:
        return tr("{n} kB", n=max(1, round(size / 1000)))
    return tr("{n} MB", n=round(size / 1_000_000))
