"""The design's tokens, read once from ``resources/styles/tokens.json``: colours by role, sizes, type scale, times."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Any, Literal

from PySide6.QtGui import QColor

from modstation.system import paths

ThemeName = Literal["light", "dark", "high_contrast"]
Choice = Literal["light", "dark", "high_contrast", "system"]


@dataclass(frozen=True, slots=True)
class Tokens:
    """One theme. Colours are roles, never looks; contrast of the pairs is computed in ``tokens.json``.

    Attributes:
        px: sizes in px at 100 %: ``topbar``, ``rail``, ``side``, ``rail_row``, ``control``, ``key_cap``, ``icon`` …
        radius: corner radii in px: ``key``, ``control``, ``card``, ``sheet``, ``pill``.
        stroke: line widths in px: ``hair``, ``selected_bar``, ``focus``, ``focus_gap``.
        ms: durations: ``hover``, ``panel``, ``sheet``, ``undo_hold``, ``repeat_guard``.
    """

    name: ThemeName
    px: Mapping[str, int]
    radius: Mapping[str, int]
    stroke: Mapping[str, int]
    ms: Mapping[str, int]
    bg_window: QColor
    bg_panel: QColor
    bg_content: QColor
    bg_raised: QColor
    bg_sunken: QColor
    bg_hover: QColor
    bg_selected: QColor
    bg_key: QColor
    scrim: QColor
    media_backdrop: QColor
    line_subtle: QColor
    line_control: QColor
    line_key: QColor
    text_primary: QColor
    text_secondary: QColor
    text_muted: QColor
    accent: QColor
    accent_hover: QColor
    accent_text: QColor
    accent_on: QColor
    accent_tint: QColor
    focus_ring: QColor
    sev_1: QColor
    sev_2: QColor
    sev_3: QColor
    sev_4: QColor
    mark_saved: QColor
    mark_accepted: QColor
    mark_returned: QColor
    flag_bg: QColor
    flag_line: QColor
    flag_text: QColor
    ins_bg: QColor
    ins_text: QColor
    del_bg: QColor
    del_text: QColor

    def sev(self, severity: int) -> QColor:
        """The colour of a severity; 0 (unknown) is muted text."""
        return (self.text_muted, self.sev_1, self.sev_2, self.sev_3, self.sev_4)[min(4, max(0, severity))]

    def colour(self, role: str) -> QColor:
        """A colour by the name of its role, for example ``text_secondary``.

        Raises:
            AttributeError: there is no such role.
        """
        found: QColor = getattr(self, role)
        return found


@dataclass(frozen=True, slots=True)
class TypeSize:
    """One size of the type scale: ratio to the ui size, and line height in px at 100 %."""

    ratio: float
    line: int


@cache
def _source() -> dict[str, Any]:
    text = (paths.resources() / "styles" / "tokens.json").read_text("utf-8")
    source: dict[str, Any] = json.loads(text)
    return source


def _colour(text: str) -> QColor:
    """``#RRGGBB`` or ``#RRGGBBAA`` (Qt itself reads eight digits as ``#AARRGGBB``)."""
    return QColor(text) if len(text) == 7 else QColor(f"#{text[7:]}{text[1:7]}")


@cache
def load(name: ThemeName) -> Tokens:
    """The theme called `name`."""
    source = _source()
    colours = {role: _colour(text) for role, text in source["themes"][name]["colours"].items()}

    def numbers(key: str) -> Mapping[str, int]:
        return MappingProxyType({k: v for k, v in source[key].items() if isinstance(v, int)})

    return Tokens(
        name=name,
        px=numbers("size_px"),
        radius=numbers("radius_px"),
        stroke=numbers("line_px"),
        ms=numbers("duration_ms"),
        **colours,
    )


@cache
def type_scale() -> Mapping[str, TypeSize]:
    """The type scale by role: caption, meta, ui, reading, item, sentence, title, figure."""
    scale = _source()["type"]["scale"]
    return MappingProxyType({role: TypeSize(size["ratio"], size["line"]) for role, size in scale.items()})
