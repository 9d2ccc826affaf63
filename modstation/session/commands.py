"""The command table: everything a person can do by key, declared once.

Menus, shortcuts, the palette, the key sheet, the settings page and the manual are made from it. Keys are written as
Qt's portable text (``Ctrl+Shift+S``); letters are bound by character. A command that takes a digit has one key per
number: the key's place in the tuple, counted from 1, is the number.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from modstation.core.problem import Problem


class Scope(StrEnum):
    """Where a command works. A view is made of several scopes, see `VIEWS`."""

    REVIEW = "review"
    DECIDE = "decide"
    LOOK = "look"
    DESK = "desk"
    HELD = "held"
    RETURNED = "returned"
    EVERYWHERE = "everywhere"


class Group(StrEnum):
    """Where a command stands on the key sheet; the value is the heading."""

    DECIDE = "Decide"
    LOOK = "Look"
    READ = "Read and move"
    RETURNED = "Returned to you"
    STATION = "Station"


class Preset(StrEnum):
    """A whole set of keys to start from."""

    STANDARD = "standard"
    LEFT_HAND = "left_hand"


@dataclass(frozen=True, slots=True)
class Command:
    """One thing a person can do.

    Attributes:
        id: stable, dotted: what the desk is asked to do.
        title: as in menus and on the key sheet; sentence case.
        keys: the default keys.
        left_hand: the keys of the left-hand preset.
        scope: where the keys work.
        group: the heading it stands under.
        help: one sentence for the manual and for assistive technology.
        takes_digit: whether the key also says a number (see the module).
        own_key: whether only its own key (or its own button) may run it: the palette shows such a command, and which
            key it wants, but never runs it. Deciding is always meant.
    """

    id: str
    title: str
    keys: tuple[str, ...]
    left_hand: tuple[str, ...]
    scope: Scope
    group: Group
    help: str
    takes_digit: bool = False
    own_key: bool = False


COMMANDS: tuple[Command, ...] = (
    Command(
        "decide.no_violation", "No violation", ("N",), ("Q",), Scope.REVIEW, Group.DECIDE,
        "Composes the verdict that this item breaks no rule; nothing is decided yet.",
    ),
    Command(
        "decide.violation", "Violation", ("V",), ("W",), Scope.REVIEW, Group.DECIDE,
        "Composes the verdict that this item breaks a rule; a clause says which.",
    ),
    Command(
        "decide.cannot_decide", "Cannot decide", ("C",), ("R",), Scope.REVIEW, Group.DECIDE,
        "Composes the verdict that you can't tell; a note or an escalation says why.",
    ),
    Command(
        "decide.clause", "Clause with this number", tuple("123456789"), tuple("12345"), Scope.REVIEW, Group.DECIDE,
        "Chooses or drops the recommended clause with this number, with its usual severity and actions.",
        takes_digit=True,
    ),
    Command(
        "decide.severity", "Severity up", ("S",), ("S",), Scope.DECIDE, Group.DECIDE,
        "Raises the severity of the clause chosen last; after 4 comes 1.",
    ),
    Command(
        "decide.severity_down", "Severity down", ("Shift+S",), ("Shift+S",), Scope.DECIDE, Group.DECIDE,
        "Lowers the severity of the clause chosen last; below 1 comes 4.",
    ),
    Command(
        "decide.actions", "Choose actions", ("A",), ("A",), Scope.DECIDE, Group.DECIDE,
        "Opens the list of what can be done about this item.",
    ),
    Command(
        "decide.note", "Write a note", ("T",), ("T",), Scope.DECIDE, Group.DECIDE,
        "Opens the note across the bar; Esc leaves it and keeps the words.",
    ),
    Command(
        "decide.flag_holds", "The flag in hand holds", ("=",), ("Shift+R",), Scope.DECIDE, Group.DECIDE,
        "Says that the flag chosen in the Flags tab is right; once more takes it back.",
    ),
    Command(
        "decide.flag_wrong", "The flag in hand is wrong", ("-",), ("Shift+T",), Scope.DECIDE, Group.DECIDE,
        "Says that the flag chosen in the Flags tab is wrong, and asks why; once more takes it back.",
    ),
    Command(
        "decide.commit", "Decide and next", ("D",), ("D",), Scope.DECIDE, Group.DECIDE,
        "Decides what the sentence says and shows the next item; serious decisions ask for a digit first.",
        own_key=True,
    ),
    Command(
        "decide.escalate", "Escalate to a team", ("E",), ("E",), Scope.DECIDE, Group.DECIDE,
        "Hands this item to a named team.",
    ),
    Command(
        "decide.skip", "Skip, no reason asked", ("X",), ("X",), Scope.DECIDE, Group.DECIDE,
        "Gives this item back to the queue for somebody else; nobody asks why.",
    ),
    Command(
        "decide.undo", "Undo the held decision", ("U",), ("Z",), Scope.HELD, Group.DECIDE,
        "Takes the last decision back while it is held and has not been sent.",
    ),
    Command(
        "decide.lease", "Extend the lease", ("L",), ("Shift+E",), Scope.DECIDE, Group.DECIDE,
        "Asks the service for more time with this item.",
    ),
    Command(
        "look.hold", "Hold to look", ("Space",), ("Space",), Scope.LOOK, Group.LOOK,
        "Shows a covered picture for as long as the key is down.",
    ),
    Command(
        "look.more", "Show one step more", ("B",), ("B",), Scope.LOOK, Group.LOOK,
        "Shows a picture one step clearer: outline, grey, blurred, clear.",
    ),
    Command(
        "look.less", "Show one step less", ("Shift+B",), ("Shift+B",), Scope.LOOK, Group.LOOK,
        "Shows a picture one step less clearly.",
    ),
    Command(
        "look.span", "Next marked span", ("H",), ("G",), Scope.LOOK, Group.LOOK,
        "Moves to the next passage that a flag points at.",
    ),
    Command(
        "look.span_back", "Previous marked span", ("Shift+H",), ("Shift+G",), Scope.LOOK, Group.LOOK,
        "Moves to the previous passage that a flag points at.",
    ),
    Command(
        "look.hidden", "Hidden characters", ("I",), ("Shift+C",), Scope.LOOK, Group.LOOK,
        "Shows characters that usually have no shape, such as direction marks, as labelled boxes.",
    ),
    Command(
        "read.policy", "Policy", ("P",), ("V",), Scope.DESK, Group.READ,
        "Opens the rules that apply to this item.",
    ),
    Command(
        "read.context", "Context", ("O",), ("C",), Scope.DESK, Group.READ,
        "Opens what stood around this item, and earlier decisions on similar ones.",
    ),
    Command(
        "read.flags", "Flags", ("F",), ("F",), Scope.DESK, Group.READ,
        "Opens who or what flagged this item, and why.",
    ),
    Command(
        "read.search", "Search the policy", ("/",), ("Ctrl+F",), Scope.DESK, Group.READ,
        "Looks for words in the rules kept on this computer.",
    ),
    Command(
        "move.next", "Next item", ("J",), ("F3",), Scope.DESK, Group.READ,
        "Goes to the next item of the queue; the draft of this one is kept.",
    ),
    Command(
        "move.previous", "Previous item", ("K",), ("Shift+F3",), Scope.DESK, Group.READ,
        "Goes to the previous item of the queue; the draft of this one is kept.",
    ),
    Command(
        "station.pane", "Next pane", ("F6",), ("F6",), Scope.EVERYWHERE, Group.READ,
        "Moves the focus round: queue, item, side panel, bar.",
    ),
    Command(
        "station.rail", "Fold the queue", ("Ctrl+B",), ("Ctrl+B",), Scope.EVERYWHERE, Group.READ,
        "Makes the queue narrow, or wide again.",
    ),
    Command(
        "station.side", "Fold the side panel", ("Ctrl+.",), ("Ctrl+G",), Scope.EVERYWHERE, Group.READ,
        "Folds the side panel away, or opens it again.",
    ),
    Command(
        "returned.amend", "Amend", ("M",), ("W",), Scope.RETURNED, Group.RETURNED,
        "Opens the item as it is now with your decision as a draft; the new decision replaces the old one.",
    ),
    Command(
        "returned.resend", "Send again as it is", ("R",), ("R",), Scope.RETURNED, Group.RETURNED,
        "Applies the same decision to the item as it is now.",
        own_key=True,
    ),
    Command(
        "returned.withdraw", "Withdraw", ("W",), ("E",), Scope.RETURNED, Group.RETURNED,
        "Takes the decision back; the item returns to the queue.",
        own_key=True,
    ),
    Command(
        "station.cover", "Cover everything", ("F4",), ("F4",), Scope.EVERYWHERE, Group.STATION,
        "Hides everything at once; any key but a decision key lifts the cover.",
    ),
    Command(
        "station.lock", "Lock ModStation", ("Shift+F4",), ("Shift+F4",), Scope.EVERYWHERE, Group.STATION,
        "Hides everything and locks what is kept on this computer.",
    ),
    Command(
        "station.palette", "Command palette", ("Ctrl+K",), ("Ctrl+E",), Scope.EVERYWHERE, Group.STATION,
        "Finds commands, clauses and items by a few letters.",
    ),
    Command(
        "station.keys", "This sheet", ("?",), ("Ctrl+F1",), Scope.EVERYWHERE, Group.STATION,
        "Shows all keys.",
    ),
    Command(
        "station.sync", "Exchange now", ("Ctrl+R",), ("Ctrl+R",), Scope.EVERYWHERE, Group.STATION,
        "Sends what is saved here and fetches what is new, without waiting for the next turn.",
    ),
    Command(
        "station.rejoin", "Join again with a code", ("Ctrl+J",), ("Ctrl+D",), Scope.EVERYWHERE, Group.STATION,
        "Takes a new code from your lead when the service has signed this computer out.",
    ),
    Command(
        "station.away", "Going away", ("Ctrl+Shift+A",), ("Ctrl+Shift+A",), Scope.EVERYWHERE, Group.STATION,
        "Shows what can be done without a connection and what lapses before you are back.",
    ),
    Command(
        "station.end", "End the shift", ("Ctrl+Shift+E",), ("Ctrl+Shift+E",), Scope.EVERYWHERE, Group.STATION,
        "Gives back what is undecided, which may come again later, sends what is decided, and locks; asks first.",
    ),
    Command(
        "station.desk", "Desk", ("Ctrl+1",), ("Ctrl+1",), Scope.EVERYWHERE, Group.STATION,
        "Goes to the item at hand; from another view Esc does, too.",
    ),
    Command(
        "station.returned", "Returned", ("Ctrl+2",), ("Ctrl+2",), Scope.EVERYWHERE, Group.STATION,
        "Goes to what came back.",
    ),
    Command(
        "station.outbox", "Outbox", ("Ctrl+3",), ("Ctrl+3",), Scope.EVERYWHERE, Group.STATION,
        "Goes to all decisions of this computer.",
    ),
    Command(
        "station.settings", "Settings", ("Ctrl+,",), ("Ctrl+Shift+S",), Scope.EVERYWHERE, Group.STATION,
        "Opens looks, text size, the hold before sending, pictures and keys.",
    ),
)  # fmt: skip

BY_ID: dict[str, Command] = {command.id: command for command in COMMANDS}

VIEWS: dict[str, frozenset[Scope]] = {
    "review": frozenset({Scope.REVIEW, Scope.DECIDE, Scope.LOOK, Scope.DESK, Scope.HELD, Scope.EVERYWHERE}),
    "returned": frozenset({Scope.RETURNED, Scope.DESK, Scope.HELD, Scope.EVERYWHERE}),
    "beside": frozenset({Scope.HELD, Scope.EVERYWHERE}),
}
"""The scopes that are awake together: within a view no two commands share a key. Where the item at hand is not on the
screen, nothing that is done to it has a key."""

RESERVED = frozenset({"Esc", "Return", "Enter", "Tab", "Shift+Tab", "Ctrl+Return", "Ctrl+Enter", "Backspace"})
"""Keys that always mean the same: leave, press the focused button, move on, decide from within the note."""

_MODIFIERS = ("Meta", "Ctrl", "Alt", "Shift")  # Qt's portable order


def canonical(key: str) -> str:
    """`key` as Qt writes it: modifiers in Qt's order, letters in upper case: ``shift+ctrl+s`` → ``Ctrl+Shift+S``."""
    *held, last = key.split("+") if not key.endswith("+") else [*key[:-2].split("+"), "+"]
    names = {name.capitalize() for name in held if name}
    strange = names - set(_MODIFIERS)
    if strange or not last:
        raise Problem("keys.unreadable", "This is not a key.", "Press the key you want to use.", key)
    last = last.upper() if len(last) == 1 else last[0].upper() + last[1:]
    return "+".join([name for name in _MODIFIERS if name in names] + [last])


def is_single(key: str) -> bool:
    """Whether `key` is one character, with or without Shift: what WCAG 2.1.4 wants to be able to switch off."""
    return len(key.removeprefix("Shift+")) == 1


def keymap(
    preset: str, overrides: Mapping[str, tuple[str, ...]], *, single_keys: bool = True
) -> dict[str, tuple[str, ...]]:
    """The keys of every command: those of the preset, replaced by the person's own.

    Args:
        preset: a value of `Preset`.
        overrides: command id → keys; an empty tuple leaves the command without a key.
        single_keys: False puts Alt before every key that is a single character.

    Raises:
        Problem: ``keys.unknown`` for an id that is no command, ``keys.reserved`` for a key that is not free to give,
            ``keys.clash`` when two commands that are awake together want the same key, ``keys.unreadable``.
    """
    strange = sorted(set(overrides) - set(BY_ID))
    if strange:
        raise Problem("keys.unknown", "There is no such command.", "Remove it from your own keys.", strange[0])
    left = Preset(preset) is Preset.LEFT_HAND
    keys: dict[str, tuple[str, ...]] = {}
    for command in COMMANDS:
        wanted = overrides.get(command.id, command.left_hand if left else command.keys)
        own = tuple(canonical(key) for key in wanted)
        for key in own:
            if key in RESERVED:
                raise Problem("keys.reserved", f"{key} always means the same.", "Choose another key.", command.id)
        keys[command.id] = own if single_keys else tuple(f"Alt+{key}" if is_single(key) else key for key in own)
    for view in VIEWS:
        by_key(view, keys)
    return keys


def by_key(view: str, keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, int]]:
    """What each key means in `view`: (command id, number); the number is 0 for a command that takes none.

    Raises:
        Problem: ``keys.clash``; its place names both commands.
    """
    meant: dict[str, tuple[str, int]] = {}
    for command in commands_in(view):
        for n, key in enumerate(keys[command.id], 1):
            if key in meant:
                other = BY_ID[meant[key][0]]
                raise taken(key, other, command)
            meant[key] = (command.id, n if command.takes_digit else 0)
    return meant


def taken(key: str, owner: Command, wanted_by: Command) -> Problem:
    """The `Problem` that `key` is the key of `owner` already."""
    return Problem(
        "keys.clash",
        f"{key} is already the key of “{owner.title}”.",
        "Choose another key, or change that one first.",
        f"{owner.id}, {wanted_by.id}",
    )


def commands_in(view: str) -> tuple[Command, ...]:
    """The commands that are awake in `view`, in the order of the table."""
    return tuple(command for command in COMMANDS if command.scope in VIEWS[view])


def needs_desk(command_id: str) -> bool:
    """Whether a command is about the item at hand or what stands beside it: nobody runs it without seeing that."""
    scope = BY_ID[command_id].scope if command_id in BY_ID else Scope.EVERYWHERE
    return scope in {Scope.REVIEW, Scope.DECIDE, Scope.LOOK, Scope.DESK}


def decision_keys(keys: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    """The keys that compose, decide or deal with a returned decision: a cover is never lifted by one of them."""
    wary = {Group.DECIDE, Group.RETURNED}
    return frozenset(key for command in COMMANDS if command.group in wary for key in keys[command.id])


def shown(keys: tuple[str, ...]) -> str:
    """`keys` as on a key cap: ``Ctrl K``; a run of digits as ``1…9``; nothing when there is no key."""
    if not keys:
        return ""
    first = keys[0].replace("+", " ") if not keys[0].endswith("+") else keys[0][:-1].replace("+", " ") + "+"
    stems = {key[:-1] for key in keys}
    if len(keys) > 1 and len(stems) == 1 and "".join(key[-1] for key in keys) in "123456789":
        return f"{first}…{keys[-1][-1]}"
    return first
