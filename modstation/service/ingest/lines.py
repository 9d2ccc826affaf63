"""A file of JSON Lines, read line by line; what can't be read is refused with its line number."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from modstation.core.problem import Problem
from modstation.wire.limits import MIB

MAX_LINE = 8 * MIB
_LOOK = 8_192  # bytes looked at: JSON has no zero byte, and whatever is no text nearly always has one there


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken.

    Attributes:
        line: its number in the file, from 1.
        code: stable and dotted, see `core.problem`.
        place: where in the line (``flags[0].score``), or the character at which it stops being JSON (``character 17``);
            empty when it is the line as a whole.
        why: in words that never repeat anything of the line.
    """

    line: int
    code: str
    place: str
    why: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it stands in the file, and the offset just behind it."""

    number: int
    body: bytes
    end: int


def read(path: Path) -> Iterator[Line | Refusal]:
    """The lines of a file that are not empty, in order.

    Raises:
        Problem: ``import.no_file`` when it can't be opened; ``import.binary`` when it is no text at all.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise Problem("import.no_file", "The file can't be read.", error.strerror or "", str(path)) from None
    with file:
        if b"\0" in file.read(_LOOK):
            advice = "Nothing was stored. Give a file of JSON Lines."
            raise Problem("import.binary", "This is no text file.", advice, str(path))
        file.seek(0)
        yield from _lines(file)


def _lines(file: BinaryIO) -> Iterator[Line | Refusal]:
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if len(line) > MAX_LINE and not line.endswith(b"\n"):
            while line and not line.endswith(b"\n"):
                line = file.readline(MAX_LINE)
            yield Refusal(number, "import.long_line", "", f"The line is longer than {MAX_LINE // MIB} MiB.")
        elif line.strip():
            yield Line(number, line.rstrip(b"\r\n"), file.tell())
