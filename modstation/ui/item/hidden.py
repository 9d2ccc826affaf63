"""Characters that cannot be seen: direction controls, zero-width characters, tags, fillers, control codes.

Those that do their ordinary work are left alone: joiners inside emoji, Arabic and Indic words, a variation selector
after a character, the tags of a flag.
"""

import re
from dataclasses import dataclass
from functools import cache

_RUN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u202a-\u202e"
    "\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]+"
)
_CONTROL_CODES = re.compile("[\x00-\x08\x0e-\x1f\x7f]+")
_JOINED_SCRIPTS = re.compile("[\u0600-\u08ff\u0900-\u0dff\u0f00-\u109f\u1780-\u17ff\u1800-\u18af\ufb50-\ufefc]")
_PICTURES = re.compile("[\u00a9\u00ae\u203c-\u3299\U0001f000-\U0001faff\U000e0020-\U000e007f]")
_NAMES = {
    0xAD: "SHY", 0x34F: "CGJ", 0x61C: "ALM", 0x115F: "HCF", 0x1160: "HJF", 0x17B4: "KIV", 0x17B5: "KIV", 0x180E: "MVS",
    0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ", 0x200E: "LRM", 0x200F: "RLM", 0x202A: "LRE", 0x202B: "RLE",
    0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO", 0x2060: "WJ", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI",
    0x2069: "PDI", 0x3164: "HF", 0xFEFF: "BOM", 0xFFA0: "HHF",
}  # fmt: skip
_LONGEST_TAG_TEXT = 24


@dataclass(frozen=True, slots=True)
class Hidden:
    """A run of one hidden character, or of tags. Code points `start` up to `end`; `label` names it."""

    start: int
    end: int
    label: str


def find(text: str) -> tuple[Hidden, ...]:
    """The hidden characters of `text` that do no ordinary work, in order."""
    found: list[Hidden] = []
    for hit in (_CONTROL_CODES if text.isascii() else _RUN).finditer(text):
        start, end = hit.span()
        start += _at_work(text, start, end)
        while start < end:
            stop = _same(text, start, end)
            found.append(Hidden(start, stop, _label(text[start:stop])))
            start = stop
    return tuple(found)


def _at_work(text: str, start: int, end: int) -> int:
    """How many characters at the head of the run do ordinary work."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    run = text[start:end]
    if before == "\U0001f3f4" and run[-1] == "\U000e007f":
        return len(run)
    done = 1 if _selects(run[0]) and not before.isspace() else 0
    rest = run[done:]
    if rest == "\u200d" and _PICTURES.match(before) and _PICTURES.match(after):
        return len(run)
    if rest in ("\u200c", "\u200d") and _JOINED_SCRIPTS.match(before):
        return len(run)
    return done


def _selects(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _is_tag(char: str) -> bool:
    return "\U000e0000" <= char <= "\U000e007f"


def _same(text: str, start: int, end: int) -> int:
    first, stop = text[start], start + 1
    while stop < end and (text[stop] == first or (_is_tag(first) and _is_tag(text[stop]))):
        stop += 1
    return stop


def _label(run: str) -> str:
    """``RLM U+200F``, ``ZWSP U+200B x12``, or for tags the text that they spell."""
    if _is_tag(run[0]):
        spelt = "".join(chr(ord(char) - 0xE0000) for char in run if 0xE0020 <= ord(char) < 0xE007F)
        return f"TAG “{spelt[:_LONGEST_TAG_TEXT]}{'…' if len(spelt) > _LONGEST_TAG_TEXT else ''}”"
    label = _named(run[0])
    return label if len(run) == 1 else f"{label} \u00d7{len(run)}"


@cache
def _named(char: str) -> str:
    code = ord(char)
    name = _NAMES.get(code, "VS" if _selects(char) else "")
    return f"{name} U+{code:04X}".strip()
