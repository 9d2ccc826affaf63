"""The keys the bar and the panel show before anybody told them which ones are in force (`set_keys`)."""

from collections.abc import Mapping, Sequence

DEFAULT: Mapping[str, str] = {
    "decide.no_violation": "N",
    "decide.violation": "V",
    "decide.cannot_decide": "C",
    "decide.severity": "S",
    "decide.actions": "A",
    "decide.note": "T",
    "decide.commit": "D",
    "decide.escalate": "E",
    "decide.skip": "X",
    "decide.undo": "U",
    "read.search": "/",
    "read.flags": "F",
}


def caps(names: Sequence[str], keys: Mapping[str, str]) -> tuple[str, ...]:
    """The caps to paint for `names`: a command id becomes its key (nothing when it has none), the rest stay."""
    found = (keys.get(name, "" if "." in name else name) for name in names)
    return tuple(cap for cap in found if cap)
