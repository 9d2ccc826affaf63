"""How admin commands answer: words and tables for people, one JSON object for programs."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec
from rich import box
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

_WIDTH = 160  # of a table that goes to a file or another program


class Advance(Protocol):
    """Tells how far something has come."""

    def __call__(self, done: int, /) -> None:
        """`done` of the total, in bytes."""
        ...


class Output:
    """Standard output of one command."""

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json
        width = None if sys.stdout.isatty() else _WIDTH
        self._console = Console(file=sys.stdout, width=width, markup=False, highlight=False, emoji=False)

    def answer(self, data: Mapping[str, Any], *words: str) -> None:
        """The JSON object, or the words, one line each."""
        if self.as_json:
            sys.stdout.write(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n")
            return
        for line in words:
            self._console.print(line, soft_wrap=True)

    def table(self, name: str, columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
        """A list of objects under `name`, or a table with these keys as columns."""
        if self.as_json:
            self.answer({name: rows})
            return
        table = Table(*[column.replace("_", " ") for column in columns], box=box.SIMPLE_HEAD, pad_edge=False)
        for row in rows:
            table.add_row(*[_cell(row[column]) for column in columns])
        self._console.print(table)

    @contextmanager
    def progress(self, title: str, total: int) -> Iterator[Advance]:
        """A bar on standard error while something runs; nothing when that is not a terminal."""
        if not sys.stderr.isatty():
            yield _silent
            return
        columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(title, total=total)

            def advance(done: int, /) -> None:
                bar.update(task, completed=done)

            yield advance


def count(number: int, what: str) -> str:
    """The number with its noun, which takes an s unless it is one."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def _silent(done: int, /) -> None:
    del done


def _cell(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
