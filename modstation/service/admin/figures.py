"""The service in numbers, told to people: every figure named so that it can't be taken for another."""

from collections.abc import Mapping

from modstation.service.admin.output import count
from modstation.service.stats import Stats

_PEOPLE = 50  # told by name; --json tells all
_KIB = 1024


def as_words(stats: Stats) -> list[str]:
    """One line for each figure, people last."""
    decisions = sum(stats.decisions.values())
    decided = [one for one in stats.people if one.decisions]
    words = [
        _line("items", sum(stats.items.values()), stats.items),
        _line("queues", len(stats.queues), stats.queues),
        _line("decisions", decisions, stats.decisions),
        f"{'decided items':<16} {stats.accepted_items}",
        f"{'applied twice':<16} {stats.applied_twice}",
        f"{'effects':<16} {stats.effects}{_effects(stats)}",
        f"{'files':<16} {stats.media}, {_size(stats.media_bytes)}",
        f"{'stations':<16} {stats.devices}{_removed(stats)}",
        f"{'people':<16} {len(stats.people)}, of whom {len(decided)} decided something",
    ]
    if stats.unproven:
        them = "it" if stats.unproven == 1 else "them"
        told = count(stats.unproven, "decision")
        words.append(f"{'unproven':<16} {told} out of a journal: nothing proves who made {them}")
    words += [
        f"  {one.person_id:<14} {count(one.decisions, 'decision')}, of which {one.accepted} accepted"
        for one in decided[:_PEOPLE]
    ]
    if len(decided) > _PEOPLE:
        words.append(f"  and {len(decided) - _PEOPLE} more; --json lists them all")
    return words


def _effects(stats: Stats) -> str:
    if not stats.effects:
        return ""
    return f" for your platform to carry out; {stats.effects_waiting} not reported as done"


def _removed(stats: Stats) -> str:
    if not stats.devices_removed:
        return ""
    hold = "it holds" if stats.devices_purged == 1 else "they hold"
    return f"; {stats.devices_removed} removed, of which {stats.devices_purged} said that {hold} nothing any more"


def _line(name: str, total: int, parts: Mapping[str, int]) -> str:
    told = ", ".join(f"{number} {key.replace('_', ' ')}" for key, number in sorted(parts.items()))
    return f"{name:<16} {total}" + (f": {told}" if told else "")


def _size(size: float) -> str:
    if size < _KIB:
        return f"{size:.0f} bytes"
    for unit in ("KiB", "MiB"):
        size /= _KIB
        if size < _KIB:
            return f"{size:.1f} {unit}"
    return f"{size / _KIB:.1f} GiB"
