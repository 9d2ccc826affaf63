"""A decision that came back: nothing is lost, what was decided, why, and what can be done."""

from dataclasses import dataclass, replace
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from modstation.core.content import Kind
from modstation.core.item import Lease
from modstation.session.commands import BY_ID
from modstation.ui import theme
from modstation.ui.pieces.cards import Card, ChoiceCard, Rule
from modstation.ui.pieces.facts import Drawing
from modstation.ui.pieces.lettering import Emphasis, Lettering
from modstation.ui.screens.story import EventView, FieldView, StoryCard, columns
from modstation.ui.text import clock, left, tr

_TOP = Qt.AlignmentFlag.AlignTop
_LOW = 560  # px of the design: beneath that the ways on say their names only, and the story keeps the room


@dataclass(frozen=True, slots=True)
class ReturnedView:
    """The story of one returned decision.

    Attributes:
        code: the receipt's code, ``returned.content_changed``.
        reason: the service's own words; may be empty.
        sentence: what was decided, as the decision bar says it.
        note: the person's own note; may be empty.
        lease: of the item; None when it is no longer on this computer.
        told_at: the moment by which it is told what the lease has left.
        saw, now, events: the columns of the story; an empty one is left out.
        saw_head, now_head, events_head: what is said under the titles of the columns: which revision, and why its
            column is empty, if it is.
        offline: whether the service can't be reached now.
    """

    entry_id: str
    kind: Kind
    summary: str
    code: str
    reason: str
    decided_at: datetime
    told_at: datetime
    sentence: str
    sentence_marks: tuple[Emphasis, ...] = ()
    note: str = ""
    lease: Lease | None = None
    saw: tuple[FieldView, ...] = ()
    now: tuple[FieldView, ...] = ()
    events: tuple[EventView, ...] = ()
    saw_head: str = ""
    now_head: str = ""
    events_head: str = ""
    offline: bool = False


def headline(code: str) -> tuple[str, str]:
    """What happened, in a title and a sentence, for a receipt's code."""
    title, words = _story(code)
    return title, tr("{what} {kept}", what=words, kept=tr("Your decision was not applied and is not lost.")).strip()


def cause(code: str) -> str:
    """What happened, in one line."""
    return tr("{title}. {words}", title=_story(code)[0], words=_story(code)[1]).strip()


def _story(code: str) -> tuple[str, str]:
    refused = tr("The service could not take it")
    stories = {
        "returned.content": (tr("The item changed"), tr("It was edited after you opened it.")),
        "returned.policy": (tr("The rules changed"), tr("You decided under a version that is no longer taken.")),
        "refused.unknown_item": (refused, tr("It does not know this item.")),
        "refused.not_leased": (refused, tr("It never gave this item to this computer.")),
        "refused": (refused, tr("Something in the decision does not fit.")),
        "quarantined": (
            tr("A lead has it"),
            tr("This computer had been removed from the service when the decision arrived."),
        ),
    }
    return next(
        (story for prefix, story in stories.items() if code.startswith(prefix)), (tr("It came back to you"), "")
    )


def _is_not_ours(code: str) -> bool:
    """Whether the service says that it has no such item, or never gave it to this computer."""
    return code.startswith(("refused.unknown_item", "refused.not_leased"))


class ReturnedScreen(QWidget):
    """The story, and three ways on.

    Signals:
        chosen(str, str): the command (``returned.amend``, ``returned.resend``, ``returned.withdraw``) and the entry.
    """

    chosen = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("ring", "inside")
        self._view: ReturnedView | None = None
        self._icon = Drawing("kind-text", self, size=20, color="text_primary")
        self._name = Lettering("", self, role="reading", weight=600)
        self._meta = Lettering("", self, role="meta", color="text_muted")
        self._disc = Drawing("returned", self, size=20, color="mark_returned", disc=40, ground="del_bg")
        self._title = Lettering("", self, role="title", weight=600)
        self._why = Lettering("", self, role="reading", color="text_secondary")
        self._when = Lettering("", self, role="reading", color="text_muted")
        self._sentence = Lettering("", self, role="reading")
        self._note = Lettering("", self, color="text_secondary")
        self._story = StoryCard(self)
        self.amend = ChoiceCard("note", tr("Amend"), self, main=True)
        self.resend = ChoiceCard("swap", tr("Send again as it is"), self)
        self.withdraw = ChoiceCard("close", tr("Withdraw"), self)
        for command, card in self._choices().items():
            card.clicked.connect(lambda _on=False, c=command: self._choose(c))
        self._foot = Lettering("", self, color="text_secondary")
        self._foot_icon = Drawing("offline", self)
        self._nothing = Lettering(tr("Nothing came back to you."), self, role="reading", color="text_secondary")
        self._keys = {command: BY_ID[command].keys[0] for command in self._choices()}
        self._lay_out()
        self.show_returned(None)

    def set_keys(self, keys: dict[str, str]) -> None:
        """What stands on the key caps, by command id."""
        self._keys |= {command: keys[command] for command in self._choices() if command in keys}
        self.show_returned(self._view)

    def set_now(self, now: datetime) -> None:
        """The time by which leases end, once a second."""
        if self._view is not None:
            self._view = replace(self._view, told_at=now)
            words = _whereabouts(self._view)
            if words != self._meta.text():
                self._meta.tell(words)

    def show_returned(self, view: ReturnedView | None) -> None:
        """Tell this story; None when nothing came back."""
        self._view = view
        self._body.setVisible(view is not None)
        self._head.setVisible(view is not None)
        self._ways.setVisible(view is not None)
        self._nothing.setVisible(view is None)
        if view is None:
            return
        self._icon.tell(f"kind-{'thread' if view.kind is Kind.CONVERSATION else _drawing(view.kind)}")
        self._name.tell(view.summary)
        self._meta.tell(_whereabouts(view))
        title, words = headline(view.code)
        self._title.tell(title)
        told = any(view.reason and view.reason == event.detail for event in view.events)
        self._why.tell(words if told else tr("{story} {reason}", story=words, reason=view.reason).strip())
        self._when.tell(tr("You decided, {time}", time=clock(view.decided_at)))
        self._sentence.tell(view.sentence, marks=view.sentence_marks)
        self._note.tell(tr("Your note: {note}", note=view.note))
        self._note.setVisible(bool(view.note))
        heads = (view.saw_head, view.now_head, view.events_head)
        self._story.tell(columns(view.saw, view.now, view.events, heads))
        self._tell_choices(here=view.lease is not None, ours=not _is_not_ours(view.code))
        self._foot.tell(
            tr("You are offline. What you choose is saved here now and sent when the service answers.")
            if view.offline
            else tr("What you choose is saved here at once; the service checks it once more.")
        )
        self._foot_icon.tell("offline" if view.offline else "saved")
        self.setAccessibleName(tr("{title}: {summary}", title=title, summary=view.summary))

    def resizeEvent(self, _event: QResizeEvent) -> None:
        """In a low window, or with large text, the story keeps the room."""
        for card in self._choices().values():
            card.set_brief(brief=self.height() < theme.scaled(_LOW))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The content surface."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_content)

    def _choices(self) -> dict[str, ChoiceCard]:
        return {"returned.amend": self.amend, "returned.resend": self.resend, "returned.withdraw": self.withdraw}

    def _choose(self, command: str) -> None:
        if self._view is not None:
            self.chosen.emit(command, self._view.entry_id)

    def _tell_choices(self, *, here: bool, ours: bool) -> None:
        gone = tr("Not possible: the item is no longer on this computer.")
        told = {
            "returned.amend": tr(
                "Opens the item as it is now, with your decision as a draft. The new one replaces the old one."
            ),
            "returned.resend": tr("Applies the same decision to the item as it is now."),
            "returned.withdraw": tr("Takes your decision back. The item returns to the queue, for you or others."),
        }
        if not ours:
            told |= {
                "returned.resend": tr("Sends the same decision once more. The service may refuse it again."),
                "returned.withdraw": tr("Takes your decision back for good."),
            }
        for command, card in self._choices().items():
            possible = here or command == "returned.withdraw"
            card.setEnabled(possible)
            card.tell(told[command] if possible else gone, self._keys[command])

    def _lay_out(self) -> None:
        self._head = self._made_head()
        self._body = QScrollArea(self)
        self._body.setFrameShape(QFrame.Shape.NoFrame)
        self._body.setWidgetResizable(True)
        self._body.setProperty("over", True)  # the story is as wide as the ways on beneath it, scrolled or not
        self._body.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._body.viewport().setAutoFillBackground(False)
        inner = self._made_body()
        self._body.setWidget(inner)
        inner.setAutoFillBackground(False)  # setWidget turns it on
        self._ways = self._made_ways()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(self._head)
        outer.addWidget(self._body, 1)
        outer.addWidget(self._ways)
        outer.addWidget(self._nothing, 1, Qt.AlignmentFlag.AlignCenter)

    def _made_head(self) -> QWidget:
        s = theme.scaled
        made = QWidget(self)
        row = QHBoxLayout()
        row.setContentsMargins(s(32), s(14), s(20), s(14))
        row.setSpacing(s(10))
        row.addWidget(self._icon)
        row.addWidget(self._name)
        row.addWidget(self._meta, 1, Qt.AlignmentFlag.AlignVCenter)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(Rule(made))
        return made

    def _made_body(self) -> QWidget:
        s = theme.scaled
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(s(32), s(16), s(32), s(12))
        column.setSpacing(s(12))
        top = QHBoxLayout()
        top.setSpacing(s(12))
        top.addWidget(self._disc, 0, _TOP)
        told = QVBoxLayout()
        told.setSpacing(0)
        told.addWidget(self._title)
        told.addWidget(self._why)
        top.addLayout(told, 1)
        column.addLayout(top)
        column.addWidget(self._made_yours(inner))
        column.addWidget(self._story)
        column.addStretch(1)
        return inner

    def _made_ways(self) -> QWidget:
        """What can be done, always in sight beneath the story."""
        s = theme.scaled
        made = QWidget(self)
        column = QVBoxLayout(made)
        column.setContentsMargins(0, 0, 0, s(12))
        column.setSpacing(s(12))
        column.addWidget(Rule(made))
        ways = QHBoxLayout()
        ways.setContentsMargins(s(32), 0, s(32), 0)
        ways.setSpacing(s(12))
        for card in self._choices().values():
            policy = card.sizePolicy()
            policy.setVerticalPolicy(QSizePolicy.Policy.Preferred)  # as high as the highest beside it
            card.setSizePolicy(policy)
            ways.addWidget(card, 1)
        column.addLayout(ways)
        foot = QHBoxLayout()
        foot.setContentsMargins(s(32), 0, s(32), 0)
        foot.setSpacing(s(8))
        foot.addWidget(self._foot_icon)
        foot.addWidget(self._foot, 1)
        column.addLayout(foot)
        return made

    def _made_yours(self, parent: QWidget) -> QWidget:
        """What the person decided, in a frame of its own."""
        s = theme.scaled
        made = Card(parent, ground="bg_panel")
        said = QHBoxLayout(made)
        said.setContentsMargins(s(14), s(10), s(14), s(10))
        said.setSpacing(s(14))
        said.addWidget(self._when, 0, _TOP)
        words = QVBoxLayout()
        words.setSpacing(s(2))
        words.addWidget(self._sentence)
        words.addWidget(self._note)
        said.addLayout(words, 1)
        return made


def _whereabouts(view: ReturnedView) -> str:
    """Whether the item is here, and for how long."""
    if view.lease is None:
        return tr("no longer on this computer")
    if _is_not_ours(view.code):  # whatever this computer believes
        return tr("still on this computer")
    return tr("still leased to you for {left} h", left=left(view.lease.left_s(view.told_at)))


def _drawing(kind: Kind) -> str:
    return {Kind.COMMENT: "text"}.get(kind, kind.value)
