"""What a person has set on this computer: looks, keys, exposure, the time to undo."""

import json
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from modstation.core.exposure import Exposure, Step
from modstation.core.problem import Problem
from modstation.system.files import write_whole

FILE = "settings.json"


@dataclass(frozen=True, slots=True)
class Settings:
    """Local settings. What the service decides is not here.

    Attributes:
        theme: ``system``, ``light``, ``dark`` or ``high_contrast``.
        zoom, item_zoom: percent of the usual text size, for everything and for the content under review.
        undo_hold_s: seconds a decision waits before its first sending.
        exposure: what appears of a picture before more is asked for.
        keys: the preset, ``standard`` or ``left_hand``.
        key_overrides: own keys by command id; an empty tuple takes a command's keys away.
        single_keys: whether keys without Ctrl or Alt do something (WCAG 2.1.4).
        repeat_guard_ms: milliseconds after an item is painted in which no key decides it (a double press).
        hold_items: how many items this computer holds at most; what it holds nobody else gets until a lease ends.
        wait_s: seconds of one long poll; 0 for none.
        metered: whether the connection costs by the byte: then only the files needed next are fetched.
        unknown: settings of another version, kept as they were.
    """

    theme: str = "system"
    zoom: int = 100
    item_zoom: int = 100
    undo_hold_s: int = 30
    exposure: Exposure = field(default_factory=Exposure)
    keys: str = "standard"
    key_overrides: dict[str, tuple[str, ...]] = field(default_factory=dict)
    single_keys: bool = True
    repeat_guard_ms: int = 250
    hold_items: int = 500
    wait_s: int = 25
    metered: bool = False
    unknown: dict[str, Any] = field(default_factory=dict)


def _whole(low: int, high: int) -> Any:
    def check(value: Any) -> int:
        if type(value) is not int or not low <= value <= high:
            raise ValueError(f"a whole number from {low} to {high}")
        return value

    return check


def _one_of(*words: str) -> Any:
    def check(value: Any) -> str:
        if value not in words:
            raise ValueError("one of " + ", ".join(words))
        return str(value)

    return check


def _flag(value: Any) -> bool:
    if type(value) is not bool:
        raise ValueError("true or false")
    return value


def _exposure(value: Any) -> Exposure:
    steps = {step.name.lower(): step for step in Step}
    try:
        first = tuple(steps[name] for name in value["first_step"])
        one, two, three, four, five = first
        width_px = value["width_px"]
        width_px = 0 if width_px == 0 else _whole(40, 4000)(width_px)
        return Exposure((one, two, three, four, five), steps[value["hold_step"]], width_px)
    except (KeyError, TypeError, ValueError):
        raise ValueError(
            "first_step (five of " + ", ".join(steps) + "), hold_step and width_px (0, or 40 to 4000)"
        ) from None


def _keys(value: Any) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, dict) or not all(
        isinstance(keys, list) and all(isinstance(key, str) and len(key) <= 40 for key in keys)
        for keys in value.values()
    ):
        raise ValueError("a list of keys for each command")
    return {command: tuple(keys) for command, keys in value.items()}


_CHECKS: dict[str, Any] = {
    "theme": _one_of("system", "light", "dark", "high_contrast"),
    "zoom": _whole(50, 400),
    "item_zoom": _whole(50, 400),
    "undo_hold_s": _whole(0, 600),
    "exposure": _exposure,
    "keys": _one_of("standard", "left_hand"),
    "key_overrides": _keys,
    "single_keys": _flag,
    "repeat_guard_ms": _whole(0, 2000),
    "hold_items": _whole(1, 20_000),
    "wait_s": _whole(0, 25),
    "metered": _flag,
}


def load(folder: Path) -> tuple[Settings, list[Problem]]:
    """Read the settings of a station folder; the usual ones when there are none.

    Returns:
        The settings, and what was wrong: for each of these the usual value is used, and the file is left as it is.
    """
    path = folder / FILE
    try:
        told = json.loads(path.read_bytes())
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError, RecursionError) as error:  # the disk or its rights, not JSON, or a bottomless one
        return Settings(), [_problem("The settings file can't be read.", f"{FILE}: {error}")]
    if not isinstance(told, dict):
        return Settings(), [_problem("The settings file can't be read.", f"{FILE}: not an object")]
    good: dict[str, Any] = {}
    wrong: list[Problem] = []
    for name, check in _CHECKS.items():
        if name in told:
            try:
                good[name] = check(told[name])
            except ValueError as error:
                wrong.append(
                    _problem(f"A setting has a value that does not fit; it must be {error}.", f"{FILE}: {name}")
                )
    unknown = {name: value for name, value in told.items() if name not in _CHECKS}
    return replace(Settings(), **good, unknown=unknown), wrong


def _problem(title: str, place: str) -> Problem:
    return Problem("settings.wrong", title, "The usual value is used until you choose another.", place)


def save(folder: Path, settings: Settings) -> None:
    """Write the settings, wholly or not at all.

    Raises:
        OSError: the old file stands.
    """
    told = dict(settings.unknown)
    told |= {f.name: getattr(settings, f.name) for f in fields(settings) if f.name != "unknown"}
    told["exposure"] = {
        "first_step": [step.name.lower() for step in settings.exposure.first_step],
        "hold_step": settings.exposure.hold_step.name.lower(),
        "width_px": settings.exposure.width_px,
    }
    write_whole(folder / FILE, json.dumps(told, indent=2, ensure_ascii=False).encode() + b"\n")
