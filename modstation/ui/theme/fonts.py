"""Fonts by role, derived from the system's font; kept, because making one costs more than painting with it."""

from functools import cache, lru_cache

from PySide6.QtGui import QFont, QFontDatabase, QFontInfo, QFontMetricsF, QGuiApplication

from modstation.ui.theme.active import zoom as ui_zoom
from modstation.ui.theme.tokens import type_scale

_PREFERRED = ("Inter", "Noto Sans", "DejaVu Sans")
_GENERIC = frozenset({"", "Sans", "Sans Serif", "sans-serif"})
_UI_PX = 13.0  # the size the design is drawn at; a smaller system font is raised to it


@cache
def _family() -> str:
    """The system's family; where the platform has none of its own, the best one that is installed."""
    family = QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()
    if QGuiApplication.platformName() not in {"offscreen", "minimal"} and family not in _GENERIC:
        return family
    installed = set(QFontDatabase.families())
    return next((name for name in _PREFERRED if name in installed), family)


@cache
def _points_per_px() -> float:
    screen = QGuiApplication.primaryScreen()
    return 72.0 / screen.logicalDotsPerInch() if screen is not None else 0.75


@cache
def _ui_px() -> float:
    """Size of ordinary text in px at 100 %."""
    system = QFontInfo(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
    return max(_UI_PX, system.pointSizeF() / _points_per_px())


def scale(zoom: float = 1.0) -> float:
    """What a px of the design is on this machine: system font size, zoom of the ui, and `zoom` of the one asking."""
    return _ui_px() / _UI_PX * ui_zoom() * zoom


@cache
def scaled(px: float, zoom: float = 1.0) -> int:
    """`px` of the design in px of this machine, for heights that must follow the text."""
    return round(px * scale(zoom))


@cache
def font(role: str, weight: int = 400, zoom: float = 1.0) -> QFont:
    """The font of `role` (caption, meta, ui, reading, item, sentence, title, figure), digits all of one width.

    Args:
        role: a name of the type scale.
        weight: 400 text, 500 label, 600 strong.
        zoom: the asker's own zoom (item and policy zoom apart from the ui).

    Raises:
        KeyError: there is no such role.
    """
    made = QFont(_family())
    made.setPointSizeF(type_scale()[role].ratio * _UI_PX * scale(zoom) * _points_per_px())
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    return made


@cache
def metrics(role: str, weight: int = 400, zoom: float = 1.0) -> QFontMetricsF:
    """The metrics of `font(role, weight, zoom)`."""
    return QFontMetricsF(font(role, weight, zoom))


def mono() -> QFont:
    """The system's fixed-width font at the ui's size, for fingerprints and codes."""
    made = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    made.setPointSizeF(_UI_PX * scale() * _points_per_px())
    return made


@cache
def line(role: str, zoom: float = 1.0) -> int:
    """The line height of `role` in px: as designed, and never less than the font itself needs."""
    return max(round(type_scale()[role].line * scale(zoom)), round(metrics(role, 400, zoom).height()))


@lru_cache(4096)
def width(text: str, role: str = "ui", weight: int = 400) -> int:
    """The width of a short, recurring `text` in px, rounded up. Kept: not for item text."""
    return -int(-metrics(role, weight).horizontalAdvance(text) // 1)


def forget() -> None:
    """Drop everything kept: the zoom or the system's font has changed."""
    for kept in (_family, _points_per_px, _ui_px, scaled, font, metrics, line, width):
        kept.cache_clear()
