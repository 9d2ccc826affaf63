"""What comes up over the desk: palette, key sheet, pickers, cover.

The cover is there from the beginning, because it must hide everything at once. The others are loaded and built when
they are first opened, so that the first item does not wait for them.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast

from PySide6.QtCore import QObject, Signal

from modstation.core import decision as trade
from modstation.core.decision import ChosenAction, Draft, Escalation
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.session.commands import BY_ID, Preset, commands_in, decision_keys
from modstation.session.desk import Desk
from modstation.session.finder import Finder
from modstation.session.views import Opened
from modstation.ui.overlay.cover import Cover
from modstation.ui.overlay.finding import PaletteEntry, PaletteGroup, command_group
from modstation.ui.overlay.overlay import Overlay
from modstation.ui.rail import icon_of
from modstation.ui.text import tr, trn
from modstation.ui.window.frame import Frame

if TYPE_CHECKING:
    from modstation.ui.overlay.keysheet import KeySheet
    from modstation.ui.overlay.palette import Palette
    from modstation.ui.overlay.picker import ActionPicker, EscalatePicker
    from modstation.ui.overlay.telling import Telling

Keys = Mapping[str, tuple[str, ...]]
Made = TypeVar("Made", bound=Overlay)


class Overlays(QObject):
    """Opens overlays with what they need and passes on what was chosen in them.

    Signals:
        command(str): run this command.
        clause_chosen(str), item_chosen(object): found in the palette.
        composed(object): a picker made this `Draft`.
        covered(bool): the cover came up, or was lifted.
        told(): a problem that was told has been read.
        preset_chosen(str), single_keys_chosen(bool): on the key sheet.
        key_chosen(str, str): on the key sheet: a command, and its new key.
        rejoin_wanted(): the person wants to join again.
    """

    command = Signal(str)
    clause_chosen = Signal(str)
    item_chosen = Signal(object)
    composed = Signal(object)
    covered = Signal(bool)
    told = Signal()
    preset_chosen = Signal(str)
    single_keys_chosen = Signal(bool)
    key_chosen = Signal(str, str)
    rejoin_wanted = Signal()

    def __init__(self, frame: Frame, desk: Desk, finder: Finder) -> None:
        super().__init__(frame)
        self._desk = desk
        self._finder = finder
        self._keys: Keys = {}
        self._preset = Preset.STANDARD.value
        self._single_keys = True
        self._frame = frame
        self._built: list[Overlay] = []
        self._cover = self.keep(Cover(frame))
        self._cover.closed.connect(lambda: self.covered.emit(False))

    @property
    def is_open(self) -> bool:
        """Whether something is over the desk now: its keys sleep then."""
        return any(overlay.is_open for overlay in self._built)

    @property
    def is_covered(self) -> bool:
        """Whether everything is hidden."""
        return self._cover.is_open

    def takes(self, command: str) -> bool:
        """Whether what is over the desk offers this command itself: its key does what the button does."""
        above = [overlay for overlay in self._built if overlay.is_open]
        return command == "station.rejoin" and self._offers_code and above == [self._telling]

    def commands(self) -> Mapping[str, Callable[[int], object]]:
        """The commands that open something."""
        return {
            "station.palette": lambda _: self.open_palette(),
            "station.keys": lambda _: self._open_sheet(),
            "station.cover": lambda _: self.cover(),
            "station.rejoin": lambda _: self._rejoin(),
        }

    def set_keys(self, keys: Keys, preset: str, *, single_keys: bool) -> None:
        """The keys in force: shown in palette and sheet; those that decide never lift the cover."""
        self._keys, self._preset, self._single_keys = keys, preset, single_keys
        self._cover.set_wary_keys(decision_keys(keys))
        if "_sheet" in vars(self) and self._sheet.is_open:  # where a cached property keeps what it made
            self._sheet.show_keys(preset, keys, single_keys=single_keys)

    def open_palette(self) -> None:
        """Find an item, a clause or a command."""
        self._palette.open_for(tr("Find an item, a clause or a command"), self._search)

    def open_actions(self, opened: Opened) -> None:
        """Choose what to do about the item."""
        self._actions.open_for(opened.item.actions, opened.draft.actions)

    def open_escalation(self, opened: Opened) -> None:
        """Choose the team that takes over."""
        self._escalate.open_for(opened.item.teams, opened.draft.escalation)

    def tell(self, problem: Problem) -> None:
        """Say what went wrong, and wait until it is read."""
        self._telling.open_for(problem, tr("Join again with a code") if problem.code == "sync.signed_out" else "")

    def cover(self) -> None:
        """Hide everything at once."""
        self.covered.emit(True)
        self._cover.open()

    def refuse_key(self, problem: Problem) -> None:
        """A key chosen on the sheet can't be given."""
        self._sheet.show_problem(" ".join(filter(None, (problem.title, problem.advice))))

    @cached_property
    def _palette(self) -> "Palette":
        from modstation.ui.overlay.palette import Palette  # noqa: PLC0415 - see the top

        palette = self.keep(Palette(self._frame))
        palette.chosen.connect(self._found)
        return palette

    @cached_property
    def _sheet(self) -> "KeySheet":
        from modstation.ui.overlay.keysheet import KeySheet  # noqa: PLC0415 - see the top

        sheet = self.keep(KeySheet(self._frame))
        sheet.preset_chosen.connect(self.preset_chosen)
        sheet.single_keys_chosen.connect(self.single_keys_chosen)
        sheet.key_chosen.connect(self.key_chosen)
        return sheet

    @cached_property
    def _actions(self) -> "ActionPicker":
        from modstation.ui.overlay.picker import ActionPicker  # noqa: PLC0415 - see the top

        actions = self.keep(ActionPicker(self._frame))
        actions.chosen.connect(self._acted)
        return actions

    @cached_property
    def _escalate(self) -> "EscalatePicker":
        from modstation.ui.overlay.picker import EscalatePicker  # noqa: PLC0415 - see the top

        escalate = self.keep(EscalatePicker(self._frame))
        escalate.chosen.connect(self._escalated)
        return escalate

    @cached_property
    def _telling(self) -> "Telling":
        from modstation.ui.overlay.telling import Telling  # noqa: PLC0415 - see the top

        telling = self.keep(Telling(self._frame))
        telling.other_wanted.connect(self.rejoin_wanted)
        telling.closed.connect(self.told)
        return telling

    def keep(self, overlay: Made) -> Made:
        """Count `overlay` among those that put the desk's keys to sleep."""
        self._built.append(overlay)
        return overlay

    @property
    def _offers_code(self) -> bool:
        return "_telling" in vars(self) and self._telling.offers

    def _rejoin(self) -> None:
        if self._offers_code:
            self._telling.take()
        else:
            self.rejoin_wanted.emit()

    def _open_sheet(self) -> None:
        self._sheet.show_keys(self._preset, self._keys, single_keys=self._single_keys)
        self._sheet.open()

    def _search(self, words: str) -> Sequence[PaletteGroup]:
        opened = self._desk.current
        policy = opened.policy if opened else None
        found = self._finder.find(words, policy, self._desk.waiting)
        groups = [command_group(words, commands_in("review"), self._keys)]
        clauses = tuple(
            PaletteEntry(
                id=clause.clause_id,
                title=f"{clause.number} {clause.title}",
                icon="policy",
                detail=tr("severity {n}", n=clause.severity) if clause.citable else "",
            )
            for clause in found.clauses
        )
        items = tuple(
            PaletteEntry(id=card.item_id, title=card.summary, icon=icon_of(card.kind, card.task_kind))
            for card in found.items
        )
        groups.append(PaletteGroup("clauses", tr("Clauses"), clauses))
        groups.append(PaletteGroup("items", trn("Item on this computer", "Items on this computer", 2), items))
        return [group for group in groups if group.entries]

    def _found(self, group: str, found: str) -> None:
        if group == "clauses":
            self.clause_chosen.emit(found)
        elif group == "items":
            self.item_chosen.emit(ItemId(found))
        elif found in BY_ID:
            self.command.emit(found)

    def _acted(self, chosen: object) -> None:
        opened = self._desk.current
        if opened is not None:
            self.composed.emit(trade.with_actions(opened.draft, cast("tuple[ChosenAction, ...]", chosen)))

    def _escalated(self, chosen: object) -> None:
        opened = self._desk.current
        if opened is not None:
            draft: Draft = trade.with_escalation(opened.draft, cast("Escalation", chosen))
            self.composed.emit(draft)
