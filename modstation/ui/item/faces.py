"""Fonts for the text under review: the ui's font, with companions that draw other scripts in the same manner.

Left to itself, font fallback picks what comes first in the system's list, often a face of another weight and width. Han
characters also look different in Chinese, Japanese and Korean: the item's language decides.
"""

from dataclasses import dataclass
from functools import cache

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF

from modstation.ui import theme

_COMPANIONS = ("Noto Sans Arabic", "Noto Sans Hebrew")
_HAN = {"zh": "SC", "zh-hant": "TC", "zh-tw": "TC", "zh-hk": "HK", "ja": "JP", "ko": "KR"}


@dataclass(frozen=True, slots=True)
class Face:
    """A font, ready to lay out with: its metrics, its size in px, and the height of a line."""

    font: QFont
    metrics: QFontMetricsF
    px: float
    line: int


@cache
def _installed(family: str) -> bool:
    return bool(QFontDatabase.hasFamily(family))


def _han(language: str) -> str:
    tag = language.lower()
    return _HAN.get(tag) or _HAN.get(tag.split("-")[0], "SC")


@cache
def _made(role: str, weight: int, zoom: float, han: str) -> Face:
    font = QFont(theme.font(role, weight, zoom))
    wanted = (*_COMPANIONS, f"Noto Sans CJK {han}")
    font.setFamilies([*font.families(), *(family for family in wanted if _installed(family))])
    metrics = QFontMetricsF(font)
    return Face(font, metrics, float(QFontInfo(font).pixelSize()), theme.line(role, zoom))


def face(role: str, weight: int = 400, zoom: float = 1.0, language: str = "und") -> Face:
    """The face of `role` (see `theme.font`) for text in `language` (BCP 47)."""
    return _made(role, weight, zoom, _han(language))


def forget() -> None:
    """Drop every face: the zoom or the system's font has changed."""
    _made.cache_clear()
