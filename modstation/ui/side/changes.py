"""What is said of a version: which one it is, and what changed in it since the person last used a clause."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QDate, QLocale

from modstation.core.ids import ClauseId
from modstation.core.policy import Clause, Policy
from modstation.ui import theme
from modstation.ui.text import day, tr

LastUsed = Callable[[ClauseId], tuple[datetime, int] | None]
"""When the person last used a clause, and in which version; None for never."""


def change_words(policy: Policy, clause: Clause, used: tuple[datetime, int] | None) -> str:
    """The change mark of a clause and of the notes read with it, in words; empty when there is nothing to say."""
    changed_in = max(one.changed_in for one in (clause, *policy.notes_of(clause.clause_id)))
    current = changed_in == policy.version
    if used is not None:
        if used[1] >= changed_in:
            return ""
        if current:
            return tr(
                "Changed {day}, after you last used it on {used}",
                day=_short(policy.published_at, used[0]),
                used=_short(used[0], policy.published_at),
            )
        return tr("Changed in version {n}, after you last used it on {used}", n=changed_in, used=day(used[0]))
    if not current or policy.version == 1:
        return ""
    return tr("Changed {day}, with this version", day=day(policy.published_at))


def version_words(policy: Policy, room: int, *, deciding: bool = True) -> str:
    """Which version this is: its number always, its date and what it is for as far as they fit into `room` px."""
    published = day(policy.published_at)
    number = tr("Version {n}", n=policy.version)
    longer = tr("Version {n}, {day}", n=policy.version, day=published)
    longest = tr("Version {n}, {day}, kept with your decision", n=policy.version, day=published)
    return next(
        (words for words in ((longest, longer) if deciding else (longer,)) if theme.width(words, "caption") <= room),
        number,
    )


def _short(at: datetime, other: datetime) -> str:
    """The date, without its year when the other one is of the same year."""
    if at.year != other.year:
        return day(at)
    return QLocale().toString(QDate(at.year, at.month, at.day), "d MMM")
