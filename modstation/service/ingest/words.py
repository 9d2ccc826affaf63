"""What is wrong with a line, in words for whoever wrote the file; the decoder speaks of regular expressions."""

import re
from collections.abc import Callable
from typing import Any

from modstation.core.content import Kind
from modstation.core.item import FlagSource, Permanence
from modstation.wire import limits

_LANGUAGE = 'It must be a language tag (BCP 47), such as "en", "pt-BR" or "zh-Hant"; "und" when it is not known.'
_TIME = "It must be a time with its zone, such as 2026-11-14T18:02:00Z."
CUT = "The line ends before its object does. An item stands on one line, whole."

_IN_JSON = {
    "object keys must be strings": "a name must stand in double quotes",
    "trailing comma in object": "a comma stands before the closing brace",
    "trailing comma in array": "a comma stands before the closing bracket",
    "expected ':'": "a colon is missing after a name",
    "expected ',' or '}'": "a comma or the closing brace is missing",
    "expected ',' or ']'": "a comma or the closing bracket is missing",
    "trailing characters": "something follows the end of the object",
    "invalid character": "this character can't stand there",
    "invalid escape character in string": "a backslash is followed by something JSON does not know",
    "invalid character in unicode escape": "a backslash and u must be followed by four hex digits",
    "invalid number": "this is not how JSON writes a number",
}
_TYPES = {
    "int": "a whole number",
    "float": "a number",
    "str": "text in double quotes",
    "bool": "true or false",
    "array": "a list",
    "object": "an object in braces",
    "null": "null",
    "datetime": "a time",
}


def _pattern(kind: Any) -> str:
    """The pattern as a complaint quotes it: backslashes doubled."""
    return repr(kind.__metadata__[0].pattern)[1:-1]


_SHAPES = {
    _pattern(limits.Id): "It may have letters, digits and . _ : / @ + - only, and begins with a letter or a digit.",
    _pattern(limits.Name): "It must not be empty, nor begin or end with a space.",
    _pattern(limits.Language): _LANGUAGE,
    _pattern(limits.Mime): "It must be a media type, such as image/jpeg.",
    _pattern(limits.Sha256): "It must be 64 hex digits in lower case.",
}
_ONE_OF = {"content.kind": Kind, "source": FlagSource, "permanence": Permanence}


def plain(what: str, place: str) -> str:
    """A complaint of the decoder in plain words; one that isn't known stays as it is.

    Args:
        what: the complaint.
        place: where in the line, such as ``flags[0].score``.
    """
    if place.rpartition(".")[2] == "language" and re.match(r"Expected `str` (of|matching)", what):
        return _LANGUAGE
    for form, say in _FORMS:
        if found := re.fullmatch(form, what, flags=re.DOTALL):
            return say(found, place)
    return what


def _malformed(found: re.Match[str], _place: str) -> str:
    known = _IN_JSON.get(found[1])
    return f"This is not JSON at byte {int(found[2]) + 1} or just before it" + (f": {known}." if known else ".")


def _other_type(found: re.Match[str], _place: str) -> str:
    wanted, got = (" or ".join(_TYPES.get(one, one) for one in group.split(" | ")) for group in found.groups())
    return f"It must be {wanted}, and is {got}."


def _bound(found: re.Match[str], _place: str) -> str:
    what = _TYPES.get(found[1], found[1])
    return f"It must be {what} of at {'least' if found[2] == '>=' else 'most'} {found[3]}."


def _length(found: re.Match[str], _place: str) -> str:
    unit = "characters" if found[1] == "str" else "entries"
    if (found[2], found[3]) == (">=", "1"):
        return "It must not be empty."
    return f"It must have {'at least' if found[2] == '>=' else 'at most'} {found[3]} {unit}."


def _one_of(_found: re.Match[str], place: str) -> str:
    allowed = next((kinds for end, kinds in _ONE_OF.items() if f".{place}".endswith(f".{end}")), None)
    if allowed is None:
        return "The value is not one of those allowed; the manual of the import lists them."
    return f"It must be one of: {', '.join(one.value for one in allowed)}."


_FORMS: tuple[tuple[str, Callable[[re.Match[str], str], str]], ...] = (
    (r"JSON is malformed: (.*) \(byte (\d+)\)", _malformed),
    (r"Input data was truncated", lambda _found, _place: CUT),
    (r"maximum recursion depth exceeded.*", lambda _found, _place: "Lists or objects are nested too deeply."),
    (r"Object missing required field (`.*`)", lambda found, _place: f"The field {found[1]} is missing."),
    (r"Object contains unknown field (`.*`)", lambda found, _place: f"There is no field {found[1]} here."),
    (r"Expected `str` matching regex '(.*)'", lambda found, _place: _SHAPES.get(found[1], found[0])),
    (r"Expected `(str|array)` of length (>=|<=) (\d+)", _length),
    (r"Expected `(int|float)` (>=|<=) (\S+)", _bound),
    (r"Invalid RFC3339 encoded datetime|Expected `datetime`.*", lambda _found, _place: _TIME),
    (r"Expected `([^`]+)`, got `([^`]+)`", _other_type),
    (r"Invalid (?:enum )?value .*", _one_of),
)
