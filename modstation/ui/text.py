"""Words on the screen: translation with named values, dates and times as the person's country writes them, direction.

Every string a person can read goes through `tr` or `trn`, whole sentences at a time. The extraction tool finds them by
the names of these two functions.
"""

import unicodedata
from datetime import datetime

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt

_CONTEXT = "ModStation"
_ISOLATE, _END = "\u2068", "\u2069"


def tr(source: str, /, **values: object) -> str:
    """`source` in the person's language, ``{name}`` replaced by the values; whole numbers as the country writes them.

    Raises:
        KeyError: a value that the sentence names is missing.
    """
    return _filled(QCoreApplication.translate(_CONTEXT, source), values)


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """The sentence for `n` of something: ``trn("{n} item waits", "{n} items wait", 3)``.

    A translation is asked for by `many` and has as many forms as its language needs.
    """
    found = QCoreApplication.translate(_CONTEXT, many, None, n)
    if n == 1 and found == many:
        found = one
    return _filled(found, {"n": n, **values})


def _filled(sentence: str, values: dict[str, object]) -> str:
    if not values:
        return sentence
    locale = QLocale()
    shown = {
        name: locale.toString(value) if type(value) is int else str(value)  # bool is no number for people
        for name, value in values.items()
    }
    return sentence.format_map(shown)


def isolated(name: str) -> str:
    """`name` so that its direction of writing leaves the sentence around it alone (Unicode isolates)."""
    return f"{_ISOLATE}{name}{_END}"


def first_strong(text: str) -> Qt.LayoutDirection:
    """The direction of `text` by its first strong character (Unicode UAX 9, P2 and P3); left-to-right without one."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind == "L":
            return Qt.LayoutDirection.LeftToRight
        if kind in {"R", "AL"}:
            return Qt.LayoutDirection.RightToLeft
    return Qt.LayoutDirection.LeftToRight


def _local(at: datetime) -> QDateTime:
    return QDateTime.fromSecsSinceEpoch(int(at.timestamp()))


def clock(at: datetime) -> str:
    """The time of day at the person's place: ``10:52``."""
    locale = QLocale()
    if locale.language() == QLocale.Language.C:
        return locale.toString(_local(at), "HH:mm")
    return locale.toString(_local(at).time(), QLocale.FormatType.ShortFormat)


def day(at: datetime) -> str:
    """The date at the person's place: ``14 Nov 2026``."""
    return QLocale().toString(_local(at), "d MMM yyyy")


def day_and_clock(at: datetime) -> str:
    """Date and time at the person's place: ``14 Nov 2026, 18:02``."""
    return tr("{day}, {time}", day=day(at), time=clock(at))


def left(seconds: int) -> str:
    """Time left as hours and minutes: ``2:14``, rounded down: it never promises more than there is."""
    minutes = max(0, seconds) // 60
    return f"{minutes // 60}:{minutes % 60:02d}"


def duration(seconds: int) -> str:
    """A length of time in words: ``40 s``, ``18 min``, ``1 h 50 min``."""
    seconds = max(0, seconds)
    if seconds < 60:
        return tr("{n} s", n=seconds)
    minutes = seconds // 60
    if minutes < 60:
        return tr("{n} min", n=minutes)
    return tr("{h} h {m} min", h=minutes // 60, m=minutes % 60)


def ago(seconds: int) -> str:
    """How long ago: ``40 s ago``; the first two seconds are "just now"."""
    if seconds < 2:
        return tr("just now")
    return tr("{time} ago", time=duration(seconds))


def team_name(team: str) -> str:
    """A team in words: ``legal`` is "Legal"."""
    return category_name(team)


def category_name(category: str) -> str:
    """A category of the policy in words, the same in the rail and at the item: ``off_topic`` is ``Off topic``."""
    words = category.replace("_", " ").replace("-", " ").replace(".", ", ").replace("/", ": ").strip()
    return words[:1].upper() + words[1:]
