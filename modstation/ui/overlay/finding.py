"""What the palette shows: groups of entries, and how words are found in their titles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modstation.session.commands import Command, shown
from modstation.ui.text import tr

COMMANDS_GROUP = "commands"


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One thing that can be found.

    Attributes:
        id: what the window is told when it is chosen.
        title: searched and shown, hits underlined.
        icon: name of a drawing.
        detail: short words at the end of the row.
        keys: its key cap.
        own_key: it is shown, but only its own key runs it.
    """

    id: str
    title: str
    icon: str = ""
    detail: str = ""
    keys: str = ""
    own_key: bool = False


@dataclass(frozen=True, slots=True)
class PaletteGroup:
    """Entries under one heading. `name` is for the program, `title` for the person."""

    name: str
    title: str
    entries: tuple[PaletteEntry, ...]


_ICONS = {
    "decide.no_violation": "verdict-none",
    "decide.violation": "verdict-violation",
    "decide.cannot_decide": "verdict-unsure",
    "decide.clause": "policy",
    "decide.note": "note",
    "decide.flag_holds": "flag",
    "decide.flag_wrong": "flag",
    "decide.commit": "check",
    "decide.escalate": "escalate",
    "decide.skip": "skip",
    "decide.undo": "undo",
    "decide.lease": "lease",
    "look.hold": "reveal",
    "look.more": "reveal",
    "look.less": "blur",
    "read.policy": "policy",
    "read.context": "context",
    "read.flags": "flag",
    "read.search": "search",
    "returned.amend": "note",
    "returned.resend": "swap",
    "returned.withdraw": "close",
    "station.cover": "cover",
    "station.lock": "lock",
    "station.palette": "search",
    "station.keys": "key",
    "station.sync": "online",
    "station.desk": "brand",
    "station.returned": "returned",
    "station.outbox": "saved",
    "station.settings": "settings",
    "station.rejoin": "device",
}


_ALSO = {
    "look.hold": "picture image photo",
    "look.more": "picture image photo",
    "look.less": "picture image photo",
    "station.keys": "keys shortcuts",
    "station.settings": "pictures images photos",
    "station.sync": "sync refresh",
}
"""What else some commands are looked for as."""
_SAYS_ENOUGH = 3  # letters: fewer begin too many words to mean one of those


def is_also(command_id: str, words: str) -> bool:
    """Whether each of `words` begins another name of this command."""
    also = tr(_ALSO.get(command_id, "")).casefold().split()
    wanted = words.casefold().split()
    return bool(wanted) and all(
        len(word) >= _SAYS_ENOUGH and any(name.startswith(word) for name in also) for word in wanted
    )


def hits(title: str, words: str) -> tuple[tuple[int, int], ...] | None:
    """Where each of `words` begins in `title` and how long it is; None when one of them is missing.

    Positions count code points. Overlapping hits are joined.
    """
    folded = title.casefold()
    if len(folded) != len(title):  # a letter that folds into two would shift every place after it
        folded = title.lower() if len(title.lower()) == len(title) else title
    found: list[tuple[int, int]] = []
    for word in words.casefold().split():
        at = folded.find(word)
        if at < 0:
            return None
        found.append((at, at + len(word)))
    joined: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((start, end))
    return tuple((start, end - start) for start, end in joined)


def command_group(words: str, commands: Sequence[Command], keys: Mapping[str, tuple[str, ...]]) -> PaletteGroup:
    """The commands that are meant by `words`, with their keys.

    First those whose title begins with them, then those whose title has all of them, then those with another name.
    """
    found: list[tuple[int, PaletteEntry]] = []
    for command in commands:
        title = tr(command.title)
        where = hits(title, words)
        if where is None and not is_also(command.id, words):
            continue
        entry = PaletteEntry(
            command.id,
            title,
            _ICONS.get(command.id, "chevron"),
            keys=shown(keys.get(command.id, ())),
            own_key=command.own_key or command.takes_digit,
        )
        found.append((2 if where is None else int(bool(where) and where[0][0] > 0), entry))
    found.sort(key=lambda hit: hit[0])
    return PaletteGroup(COMMANDS_GROUP, tr("Commands"), tuple(entry for _, entry in found))
