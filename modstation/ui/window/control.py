"""What happens at the desk: a command or a click becomes an edit of the draft, a decision, or a move in the queue."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer, Signal

from modstation.core import decision as trade
from modstation.core.changes import Changes
from modstation.core.decision import Draft, FlagVerdict, Verdict
from modstation.core.ids import ClauseId, DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.session.desk import Desk
from modstation.session.views import Opened
from modstation.system import memory
from modstation.ui.rail.rail import LATER_MS
from modstation.ui.text import tr
from modstation.ui.window.frame import Frame
from modstation.ui.window.look import Lookout

_REST_MS = 3_000  # without another item for so long, somebody reads


class DeskControl(QObject):
    """Keeps the panes showing what is on the desk, and the desk doing what the panes are told.

    Signals:
        shown(object): another item (or, with None, no item) is on the desk: an `ItemId` or None.
        left(object): a decision or skip left the desk: its `DecisionId`.
        told(str): something to tell in the status strip for a moment.
        actions_wanted(object), escalation_wanted(object): a picker is to be opened for this `Opened`.
    """

    shown = Signal(object)
    left = Signal(object)
    told = Signal(str)
    actions_wanted = Signal(object)
    escalation_wanted = Signal(object)

    def __init__(self, frame: Frame, desk: Desk, lookout: Lookout) -> None:
        super().__init__(frame)
        self._frame = frame
        self._desk = desk
        self._lookout = lookout
        self._asking = self._shut = False
        # Later than the paint that is due now: a timer of 0 ms would come before it.
        self._soon = QTimer(self, interval=LATER_MS, singleShot=True)
        self._soon.timeout.connect(self._look_ahead)
        self._rest = QTimer(self, interval=_REST_MS, singleShot=True)
        self._rest.timeout.connect(lambda: memory.tidy(whole=True))
        frame.rail.set_cards(desk.records.cards)
        frame.rail.model.set_waiting(desk.waiting)
        self._connect()

    def commands(self) -> Mapping[str, Callable[[int], object]]:
        """What this control does for which command; the argument is the digit of one that takes a number."""
        return {
            "decide.no_violation": lambda _: self._verdict(Verdict.NO_VIOLATION),
            "decide.violation": lambda _: self._verdict(Verdict.VIOLATION),
            "decide.cannot_decide": lambda _: self._verdict(Verdict.CANNOT_DECIDE),
            "decide.clause": self._clause_number,
            "decide.severity": lambda _: self._severity(1),
            "decide.severity_down": lambda _: self._severity(-1),
            "decide.actions": lambda _: self._want_actions(),
            "decide.note": lambda _: self._frame.panes.bar.focus_note(),
            "decide.flag_holds": lambda _: self._frame.panes.side.judge_flag(holds=True),
            "decide.flag_wrong": lambda _: self._frame.panes.side.judge_flag(holds=False),
            "decide.commit": lambda _: self._commit_key(),
            "decide.escalate": lambda _: self._want_escalation(),
            "decide.skip": lambda _: self._skip(),
            "look.hold": lambda _: self._lookout.hold(down=True),
            "look.more": lambda _: self._lookout.more(1),
            "look.less": lambda _: self._lookout.more(-1),
            "look.span": lambda _: self._frame.panes.item.next_span(1),
            "look.span_back": lambda _: self._frame.panes.item.next_span(-1),
            "look.hidden": lambda _: self._frame.panes.item.toggle_hidden(),
            "read.policy": lambda _: self.read("policy"),
            "read.context": lambda _: self.read("context"),
            "read.flags": lambda _: self.read("flags"),
            "read.search": lambda _: self._search(),
            "move.next": lambda _: self.go(self._desk.step(1)),
            "move.previous": lambda _: self.go(self._desk.step(-1)),
        }

    def handles(self, command: str) -> bool:
        """Take back a pending "D, then 3" unless this command answers it. True when the key is used up by that."""
        if self._asking and command != "decide.clause":
            self._asking = False
            self._show_draft()
            return True
        return False

    def go(self, item_id: ItemId | None) -> None:
        """Put an item on the desk; None clears it."""
        self._show(self._desk.open(None if self._shut else item_id))

    def amend(self, entry_id: DecisionId, *, as_it_was: bool = False) -> bool:
        """Open a returned item, see `Desk.amend`; False when the item is no longer on this computer."""
        opened = None if self._shut else self._desk.amend(entry_id, as_it_was=as_it_was)
        if opened is not None:
            self._show(opened)
        return opened is not None

    def compose(self, draft: Draft) -> None:
        """Put this draft on the desk."""
        self._asking = False
        self._desk.compose(draft)
        self._show_draft()

    def commit(self) -> None:
        """Decide what the sentence says and show the next item."""
        opened = self._desk.current
        self._asking = False
        try:
            entry_id = self._desk.decide()
        except Problem as problem:
            self.told.emit(problem.title)
            return
        self._leave(opened, entry_id)

    def shut(self, *, shut: bool) -> None:
        """Show no item, and none in the queue, while the service does not know this computer; nothing is deleted."""
        if shut is not self._shut:
            self._shut = shut
            self._frame.rail.model.set_waiting([] if shut else self._desk.waiting)
            self.go(None if shut else self._desk.step(0))

    def absorb(self, changes: Changes, gone: str = "") -> None:
        """Take in what sync wrote: show again what moved, and nothing else.

        Args:
            changes: which ids moved.
            gone: what is told when the item on the desk is among those that have left; the usual when empty.
        """
        before = self._desk.current
        self._desk.absorb(changes)
        if self._shut:
            return
        model = self._frame.rail.model
        if changes.items or changes.gone or changes.decisions:
            model.set_waiting(self._desk.waiting)
            model.moved(changes.items)
        after = self._desk.current
        if after is before and after is not None:
            return
        if after is None:
            if before is not None:
                self.told.emit(gone or tr("The item on the desk went back to the service."))
            self.go(self._desk.step(0))
            return
        if before is not None and after.item == before.item and after.policy == before.policy:
            return  # only its lease is another: nobody who reads or writes is disturbed
        self.told.emit(tr("The item or its policy changed. Your draft is kept."))
        self._show(after)

    def queue_grew(self) -> None:
        """The person put something back into the queue."""
        if self._shut:
            return
        self._frame.rail.model.set_waiting(self._desk.waiting)
        if self._desk.current is None:
            self.go(self._desk.step(0))

    def returned_to_queue(self, item_id: ItemId) -> None:
        """An undo put this item back: show it first."""
        if self._shut:
            return
        self._frame.rail.model.set_waiting(self._desk.waiting)
        self.go(item_id)

    def _connect(self) -> None:
        bar, side = self._frame.panes.bar, self._frame.panes.side
        bar.verdict_chosen.connect(self._verdict)
        bar.severity_step.connect(self._severity)
        bar.actions_wanted.connect(self._want_actions)
        bar.escalate_wanted.connect(self._want_escalation)
        bar.skip_wanted.connect(self._skip)
        bar.decide_wanted.connect(self._commit_key)
        bar.confirmed.connect(lambda _digit: self.commit())
        bar.note_changed.connect(self._note)
        bar.note_left.connect(self._frame.panes.item.setFocus)
        bar.clause_wanted.connect(self._want_clause)
        bar.flags_wanted.connect(lambda: self.read("flags"))
        side.clause_chosen.connect(self._clause)
        side.flag_judged.connect(self._judge)
        side.flags.asked.connect(self._show_sentence)
        side.policy.search.typing.connect(lambda typing: bar.rest(on=typing))
        self._frame.rail.chosen.connect(lambda item_id: self.go(ItemId(item_id)))

    def read(self, tab: str) -> None:
        """Open a tab of the side panel; that of the flags with the one whose span is in hand."""
        self._frame.unfold_side()
        panes = self._frame.panes
        flag_id = panes.item.current_flag if tab == "flags" else None
        if flag_id is not None:
            panes.side.open_flag(flag_id)
        else:
            panes.side.open_tab(tab)

    def _search(self) -> None:
        self._frame.unfold_side()
        self._frame.panes.side.focus_search()

    def _show(self, opened: Opened | None) -> None:
        self._asking = False
        panes = self._frame.panes
        panes.bar.leave_note()
        panes.item.show_item(opened.item if opened else None)
        panes.side.show_item(
            opened.item if opened else None,
            self._desk.rules,
            opened.recommended if opened else (),
            opened.draft if opened else Draft(),
        )
        self._frame.rail.select(opened.item.item_id if opened else None)
        self._show_sentence()
        self._lookout.show(opened)
        self.shown.emit(opened.item.item_id if opened else None)
        self._soon.start()

    def _look_ahead(self) -> None:
        """Have what the next key shows: read, parsed, and laid out."""
        following = self._desk.warm()
        if following is not None:
            self._frame.panes.item.prepare(following.item)
            self._frame.panes.side.prepare(following.policy, following.recommended, following.draft)
        memory.tidy()
        self._rest.start()

    def _show_draft(self) -> None:
        self._show_sentence()
        if self._desk.current is not None:
            self._frame.panes.side.show_draft(self._desk.current.draft)

    def _show_sentence(self) -> None:
        opened = self._desk.current
        bar = self._frame.panes.bar
        if opened is None:
            bar.show_draft(Draft(), None, None)
            return
        confirm = trade.confirming_digit(opened.draft, opened.item)
        numbers = not self._frame.panes.side.flags.asks
        self._frame.panes.side.policy.list.rest(on=self._asking)
        bar.show_draft(
            opened.draft, opened.item, opened.policy, self._desk.lacks, confirm, asking=self._asking, numbers=numbers
        )

    def _edit(self, edit: Callable[[Opened], Draft]) -> None:
        opened = self._desk.current
        if opened is not None:
            self.compose(edit(opened))

    def _verdict(self, verdict: Verdict) -> None:
        self._edit(lambda opened: trade.with_verdict(opened.draft, verdict))

    def _severity(self, step: int) -> None:
        self._edit(lambda opened: trade.with_severity(opened.draft, step))

    def _note(self, words: str) -> None:
        self._edit(lambda opened: replace(opened.draft, rationale=words))

    def _judge(self, verdict: FlagVerdict) -> None:
        self._edit(lambda opened: trade.with_flag_verdict(opened.draft, verdict))

    def _clause(self, clause_id: str) -> None:
        opened = self._desk.current
        policy = opened.policy if opened is not None else None
        clause = policy.by_id.get(ClauseId(clause_id)) if policy is not None else None
        if opened is not None and policy is not None and clause is not None:
            self.compose(trade.with_clause(opened.draft, clause, opened.item, policy))

    def _clause_number(self, digit: int) -> None:
        opened = self._desk.current
        if opened is None:
            return
        if self._asking:
            if digit == trade.confirming_digit(opened.draft, opened.item):
                self.commit()
            else:
                self.compose(opened.draft)
            return
        if self._frame.panes.side.take_digit(digit):
            return  # the Flags tab was asking for a reason
        if digit <= len(opened.recommended):
            self._clause(opened.recommended[digit - 1].clause_id)

    def _want_clause(self) -> None:
        self.read("policy")
        self._frame.panes.side.focus_search()

    def _want_actions(self) -> None:
        if self._desk.current is not None and self._desk.current.item.actions:
            self.actions_wanted.emit(self._desk.current)

    def _want_escalation(self) -> None:
        if self._desk.current is not None and self._desk.current.item.teams:
            self.escalation_wanted.emit(self._desk.current)

    def _commit_key(self) -> None:
        opened = self._desk.current
        if opened is None or self._desk.lacks:
            self._show_draft()
            return
        if trade.confirming_digit(opened.draft, opened.item) is None:
            self.commit()
            return
        self._frame.panes.bar.leave_note()
        self._frame.panes.item.setFocus()
        self._asking = True
        self._show_draft()

    def _skip(self) -> None:
        opened = self._desk.current
        if opened is not None:
            self._leave(opened, self._desk.skip())

    def _leave(self, opened: Opened | None, entry_id: DecisionId) -> None:
        if opened is not None:
            self._frame.rail.model.remove(opened.item.item_id)
        self._show(self._desk.current)
        self.left.emit(entry_id)
