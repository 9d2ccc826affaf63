"""The desk at work: the frame with an open vault behind it, its views, its clock, and every command in one table."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from PySide6.QtCore import QObject, QTimer, Signal

from modstation.core.changes import Changes
from modstation.core.ids import DecisionId, ItemId
from modstation.core.problem import Problem
from modstation.core.status import Link, SyncStatus
from modstation.session.commands import shown
from modstation.session.desk import Desk
from modstation.session.finder import Finder
from modstation.session.pictures import Pictures
from modstation.session.views import Entry, Refused, State, Tally
from modstation.system.clock import Clock
from modstation.system.settings import Settings
from modstation.ui.text import tr
from modstation.ui.window import standing
from modstation.ui.window.control import DeskControl
from modstation.ui.window.frame import Frame
from modstation.ui.window.leaving import Leaving
from modstation.ui.window.look import Lookout
from modstation.ui.window.overlays import Keys, Overlays
from modstation.ui.window.refusing import Refusing
from modstation.ui.window.views import VIEWS, Views

HELD_SHOWN = 3  # in the rail; all of them are in the outbox view
HELD_KNOWN = 32  # read ahead for U, U, U
NOTICE_MS = 8000
SOON_MS = 120  # counts may be this late; a keypress may not
Action = Callable[[int], object]


class Workplace(QObject):
    """One open vault on the screen.

    Signals:
        sync_wanted(), lock_wanted(): for whoever owns the engine and the vault.
        lease_wanted(object): extend the leases of these items, a tuple of ids.
        settings_changed(object): the person chose these `Settings`.
        view_changed(str): which of "desk", "returned", "outbox", "settings" is open.
    """

    sync_wanted = Signal()
    lock_wanted = Signal()
    lease_wanted = Signal(object)
    settings_changed = Signal(object)
    view_changed = Signal(str)

    def __init__(self, frame: Frame, desk: Desk, finder: Finder, pictures: Pictures, clock: Clock) -> None:
        super().__init__(frame)
        self._frame = frame
        self._desk = desk
        self._clock = clock
        self._settings = Settings()
        self._status = SyncStatus()
        self._tally = Tally()
        self._asked: SyncStatus | None = None  # how things stood when the person asked for an exchange
        self._offline_since: datetime | None = None
        self._notice = ""
        self._coming: list[str] = []  # notices that wait for their moment
        self._move_keys = ""
        self._held: list[Entry] = []
        self._fresh: list[DecisionId] = []  # left the desk since the outbox was last read
        self._returned: list[Entry] = []
        self._open_returned: DecisionId | None = None
        self._told = desk.records.service_time()  # read once a second: all that tells of a lease agrees
        self.lookout = Lookout(frame.panes.item.pictures, pictures, desk.looked)
        self.control = DeskControl(frame, desk, self.lookout)
        self.overlays = Overlays(frame, desk, finder)
        self.leaving = Leaving(frame, desk, self.control, self.overlays, clock)
        self._refusing = Refusing(self, self.control, self.overlays)
        self._views = Views(frame)
        self._views.set_now(self._told.now)  # no second without what is left of the leases
        self._second = QTimer(self, interval=1000)
        self._soon = QTimer(self, interval=SOON_MS, singleShot=True)
        self._naming = QTimer(self, interval=SOON_MS, singleShot=True)  # looks at every item here: not before the first
        self._hush = QTimer(self, interval=NOTICE_MS, singleShot=True)
        self._connect()
        self._recount()
        self._second.start()

    @property
    def view(self) -> str:
        """The view that is open."""
        return self._views.name

    @property
    def held(self) -> tuple[Entry, ...]:
        """The latest decisions and skips that can be undone, oldest first, as last read."""
        return tuple(self._held)

    @property
    def returned(self) -> tuple[Entry, ...]:
        """Decisions that came back, oldest first, as last shown."""
        return tuple(self._returned)

    @property
    def link(self) -> Link:
        """How the connection to the service stands."""
        return self._status.state

    def commands(self) -> Mapping[str, Action]:
        """Every command that works while the vault is open."""
        mine: dict[str, Action] = {
            "decide.undo": lambda _: self.undo(),
            "decide.lease": lambda _: self._extend(),
            "returned.amend": lambda _: self._deal("returned.amend"),
            "returned.resend": lambda _: self._deal("returned.resend"),
            "returned.withdraw": lambda _: self._deal("returned.withdraw"),
            **{f"station.{view}": self._way_to(view) for view in VIEWS},
            "station.sync": lambda _: self._ask(),
            "station.lock": lambda _: self.lock_wanted.emit(),
            "station.rail": lambda _: self._frame.fold_rail(),
            "station.side": lambda _: self._frame.fold_side(),
            "station.pane": lambda _: self._frame.next_pane(),
        }
        return {**mine, **self.control.commands(), **self.overlays.commands(), **self.leaving.commands()}

    def go_to(self, view: str) -> None:
        """Open a view."""
        self._views.open(view)
        self._frame.top.show_tab(view)
        if view == "returned":
            self._show_returned()
        elif view == "outbox":
            self._show_outbox()
        self._show_status()
        (self._frame.panes.item if view == "desk" else self._views.screen(view)).setFocus()
        self.view_changed.emit(view)

    def apply(self, settings: Settings, keys: Keys) -> None:
        """Put the person's settings and keys in force."""
        self._settings = settings
        caps = {command: shown(own) for command, own in keys.items()}
        panes = self._frame.panes
        panes.bar.set_keys(caps)
        panes.side.set_keys(caps | {f"decide.clause.{n}": shown((k,)) for n, k in enumerate(keys["decide.clause"], 1)})
        panes.item.set_zoom(settings.item_zoom / 100)
        places = {
            "hidden": "look.hidden", "span": "look.span", "flags": "read.flags", "hold": "look.hold",
            "skip": "decide.skip", "more": "look.more", "less": "look.less", "way": "station.rejoin",
        }  # fmt: skip
        panes.item.set_keys({place: caps.get(command, "") for place, command in places.items()})
        self._frame.top.set_keys(caps)
        self._move_keys = f"{caps.get('move.next', '')} {caps.get('move.previous', '')}".strip()
        self._frame.rail.set_fold_key(caps.get("station.rail", ""))
        self._naming.start()
        self._views.apply(settings, caps)
        self.lookout.use(settings.exposure)
        self.overlays.set_keys(keys, settings.keys, single_keys=settings.single_keys)

    def person_moved(self, changes: Changes) -> None:
        """The person's own write is durable."""
        self._frame.rail.model.moved(changes.items)
        self._soon.start()

    def sync_moved(self, changes: Changes) -> None:
        """The engine's write is done."""
        self.control.absorb(changes)
        if changes.items or changes.gone:
            self._naming.start()
        self.lookout.arrived(changes.media)
        self.leaving.moved()
        self._soon.start()

    def show_status(self, status: SyncStatus) -> None:
        """How the exchange with the service stands."""
        self._desk.records.time_was_told()
        if status.state in {Link.OFFLINE, Link.BLOCKED}:
            self._offline_since = self._offline_since or self._clock.now()
        else:
            self._offline_since = None
        before, self._status = self._status, status
        self.leaving.show_status(status)
        self._tell_nothing()
        self.control.shut(shut=standing.is_unknown(status))
        if status.state is Link.SIGNED_OUT and before.state is not Link.SIGNED_OUT:
            self.overlays.tell(standing.signed_out(status.problem))
        advice, earlier = standing.way_round(status), standing.way_round(before)
        if advice != earlier:
            self._unsay(earlier)
            self.notice(advice)
        self._soon.start()

    def failed(self, problem: Problem) -> None:
        """A write was refused: nothing was saved, and the item is back, on the desk."""
        self._frame.rail.model.set_waiting(self._desk.waiting)
        if isinstance(problem, Refused):
            self.go_to("desk")
        self._refusing.tell(problem)
        self._recount()  # at once: nothing of what was refused is left to be undone

    def undo(self, entry_id: str = "") -> None:
        """Take back the latest decision that has not been sent, or this one."""
        known = [entry.entry_id for entry in self._held] + self._fresh
        target = DecisionId(entry_id) if entry_id else (known[-1] if known else None)
        if target is not None:
            self._held = [entry for entry in self._held if entry.entry_id != target]
            self._fresh = [fresh for fresh in self._fresh if fresh != target]
            self._desk.undo(target, self._undone)
        else:
            self.notice(tr("Nothing to undo"))

    def notice(self, words: str) -> None:
        """Say something in the status strip for a moment, when what is being said there has had its own."""
        if self._hush.isActive():
            self._coming += [words] if words and words not in {self._notice, *self._coming} else []
        elif words:
            self._say(words)

    def stop(self) -> None:
        """The vault is being closed."""
        for timer in (self._second, self._soon, self._naming, self._hush):
            timer.stop()
        self._frame.rail.set_cards(lambda _ids: {})  # this one and the next look ahead by timers of their own
        self._frame.panes.side.set_last_used(None)
        self.lookout.drop()

    # Inside

    def _tell_nothing(self) -> None:
        self._frame.panes.item.set_empty(*standing.nothing_waits(self._status, lapsed=self.leaving.lapsed))
        self._frame.rail.set_empty(standing.nothing_in_queue(self._status))

    def _say(self, words: str) -> None:
        self._notice = words
        if words:
            self._hush.start()
        self._show_status()

    def _say_next(self) -> None:
        self._say(self._coming.pop(0) if self._coming else "")

    def _unsay(self, words: str) -> None:
        """What was said of something that is over."""
        self._coming = [coming for coming in self._coming if coming != words]
        if words and self._notice == words:
            self._hush.stop()
            self._say_next()

    def _connect(self) -> None:
        frame, overlays = self._frame, self.overlays
        frame.panes.side.set_last_used(self._desk.records.last_used)
        frame.panes.side.unfold_wanted.connect(frame.unfold_side)
        frame.panes.side.left.connect(frame.panes.item.setFocus)
        frame.panes.item.skip_wanted.connect(lambda: self.commands()["decide.skip"](0))
        frame.panes.item.way_wanted.connect(overlays.rejoin_wanted)
        frame.panes.bar.undo_wanted.connect(self.undo)
        frame.top.tab_chosen.connect(self.go_to)
        frame.rail.returned_chosen.connect(self._open_story)
        frame.rail.held_chosen.connect(self.undo)
        frame.rail.chosen.connect(lambda _: self.go_to("desk"))
        frame.strip.clicked.connect(self._strip_clicked)
        self.control.actions_wanted.connect(overlays.open_actions)
        self.control.escalation_wanted.connect(overlays.open_escalation)
        self.control.left.connect(self._left)
        self.control.shown.connect(lambda _: self._show_status())
        overlays.composed.connect(self.control.compose)
        overlays.clause_chosen.connect(frame.panes.side.clause_chosen)
        overlays.item_chosen.connect(self._go_to_item)
        overlays.covered.connect(lambda on: self.lookout.drop() if on else None)
        self._views.dealt.connect(self._deal)
        self._views.story_wanted.connect(self._open_story)
        self._views.undo_wanted.connect(self.undo)
        self._views.settings_changed.connect(self.settings_changed)
        self._views.keys_wanted.connect(lambda: overlays.commands()["station.keys"](0))
        self._second.timeout.connect(self._tick)
        self._soon.timeout.connect(self._recount)
        self._naming.timeout.connect(self._name_queue)
        self._hush.timeout.connect(self._say_next)
        self.control.told.connect(self.notice)
        self.leaving.told.connect(self.notice)
        self.leaving.ended.connect(self._tell_nothing)
        self.leaving.renew_wanted.connect(self.lease_wanted)

    def _name_queue(self) -> None:
        queues = self._desk.records.queues()
        short = tr("{n} queues", n=len(queues)) if len(queues) > 1 else ""
        self._frame.rail.show_queue(standing.queue_title(queues), self._move_keys, short)

    def _left(self, entry_id: DecisionId) -> None:
        """A decision left the desk: the undo is offered before the disk has it."""
        self._fresh.append(entry_id)
        self._frame.panes.bar.set_undo(self._settings.undo_hold_s, max(1, self._settings.undo_hold_s))
        self._soon.start()

    def _undone(self, item_id: ItemId) -> None:
        self.go_to("desk")
        self.control.returned_to_queue(item_id)
        self._recount()

    def _withdrawn(self) -> None:
        self.control.queue_grew()
        self._recount()

    def _tick(self) -> None:
        self.leaving.lapse()
        self._told = self._desk.records.service_time()
        self._views.set_now(self._told.now)
        self._show_standing()
        self._show_status()

    def _recount(self) -> None:
        """Read the outbox and the counts again: they moved."""
        records, undoing = self._desk.records, self._desk.undoing
        # Not all of them: after days without a connection there are thousands, and this runs after each decision.
        held = records.entries(State.HELD, HELD_KNOWN + len(undoing))
        self._held = [entry for entry in held if entry.entry_id not in undoing]
        self._fresh = [fresh for fresh in self._fresh if fresh in self._desk.saving]
        self._returned = records.entries(State.RETURNED)
        self._tally = standing.asking_for_an_answer(records.tally(), self._returned)
        self._frame.top.set_count("returned", self._tally.returned)
        self._frame.rail.set_returned([standing.returned_row(entry) for entry in reversed(self._returned)])
        self._show_standing()
        self._show_status()
        if self.view == "outbox":
            self._show_outbox()
        elif self.view == "returned":
            self._show_returned()

    def _show_standing(self) -> None:
        now, hold_s = self._clock.now(), max(1, self._settings.undo_hold_s)
        self._views.count_down({entry.entry_id: standing.seconds_left(entry, now) for entry in self._held})
        held = standing.undoable(self._held, now)
        self._frame.rail.set_held([standing.held_row(entry, now, hold_s) for entry in reversed(held[-HELD_SHOWN:])])
        self._frame.panes.bar.set_undo(standing.seconds_left(held[-1], now) if held else None, hold_s)

    def _show_status(self) -> None:
        now = self._clock.now()
        opened = self._desk.current if self.view == "desk" else None  # elsewhere nobody sees what its lease is of
        view = standing.status_view(self._status, self._tally, self._offline_since, opened, now, self._told)
        asking, metered = self._asked is self._status, self._settings.metered
        self._frame.strip.show_status(replace(view, notice=self._notice, metered=metered, asking=asking))

    def _show_outbox(self) -> None:
        records = self._desk.records
        now, hold_s = self._clock.now(), max(1, self._settings.undo_hold_s)
        lines = standing.outbox_lines(records.entries(), records.settled(), records, now, hold_s, self.link)
        self._views.outbox.show_lines(lines)
        tally, with_lead = self._tally, len(self._returned) - self._tally.returned
        self._views.outbox.show_counts(tally.saved_here, tally.accepted, tally.returned, with_lead)

    def _open_story(self, entry_id: str) -> None:
        self._open_returned = DecisionId(entry_id)
        self.go_to("returned")

    def _show_returned(self) -> None:
        ids = [entry.entry_id for entry in self._returned]
        if self._open_returned not in ids:
            self._open_returned = ids[-1] if ids else None
        entry = next((entry for entry in self._returned if entry.entry_id == self._open_returned), None)
        if entry is None:
            self._views.returned.show_returned(None)
            return
        card = self._desk.records.cards((entry.item_id,)).get(entry.item_id)
        sentence = standing.said(entry.decision, self._desk.records)
        from modstation.ui.window.story import returned_view  # noqa: PLC0415 - the first item does without

        story = self._desk.records.story(entry)
        view = returned_view(entry, story, sentence, card, self._status.state, self._told.now)
        self._views.returned.show_returned(view)
        self._frame.rail.select_returned(entry.entry_id)

    def _deal(self, command: str) -> None:
        if (entry_id := self._open_returned) is None:
            return
        if command == "returned.withdraw":
            self._desk.withdraw(entry_id, self._withdrawn)
            return
        if not self.control.amend(entry_id, as_it_was=command == "returned.resend"):
            self.control.told.emit(tr("This item is no longer on this computer, so it can only be withdrawn."))
            return
        self.go_to("desk")
        if command == "returned.resend":
            self.control.commit()

    def _go_to_item(self, item_id: ItemId) -> None:
        self.go_to("desk")
        self.control.go(item_id)

    def _extend(self) -> None:
        if self._desk.current is not None:
            self.lease_wanted.emit((self._desk.current.item.item_id,))

    def _way_to(self, view: str) -> Action:
        return lambda _: self.go_to(view)

    def _strip_clicked(self, cell: str) -> None:
        ways = {"saved": "station.outbox", "accepted": "station.outbox", "returned": "station.returned"}
        if command := (ways | {"link": "station.sync"}).get(cell):
            self.commands()[command](0)

    def _ask(self) -> None:
        self._asked = self._status  # until the engine tells another one
        self._show_status()
        self.sync_wanted.emit()
