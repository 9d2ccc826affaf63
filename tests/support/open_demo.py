"""``modstation demo`` in a process of its own, with a keyring in a file, that says how far it is.

``open`` when its window stands, ``desk`` or ``joining`` for what that shows, ``online`` after the first exchange; and
``forward`` each time the window is asked to come to the front. It can be made to end in the middle of joining, at once,
as a power cut would end it.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import QTimer

from modstation.__main__ import main
from modstation.app import station
from modstation.core.status import Link
from modstation.store import header
from modstation.sync import enrol
from modstation.ui.window.joining import Joining
from tests.support.keyring_file import FileKeyring

ENDS = ("vault", "keeping")
_said: set[str] = set()


def say(word: str) -> None:
    """Once, whatever may follow."""
    if word not in _said:
        _said.add(word)
        print(word, flush=True)


def begin(home: Path, end: str) -> int:
    station.SystemKeyring = lambda: FileKeyring(home / "keys")  # type: ignore[assignment,misc]  # there is no other way in
    raised = station.Station.come_forward

    def forward(one: station.Station) -> None:
        raised(one)
        print("forward", flush=True)

    def status(shell: Any, now: Any) -> None:
        if now.state is Link.ONLINE:
            say("online")

    station.Station.come_forward = forward  # type: ignore[method-assign]  # it goes on as it would
    station.Station.begin = then(station.Station.begin, lambda *_: QTimer.singleShot(0, lambda: say("open")))  # type: ignore[method-assign]
    station.Shell.show_desk = then(station.Shell.show_desk, lambda *_: say("desk"))  # type: ignore[method-assign]
    station.Shell.show_status = then(station.Shell.show_status, status)  # type: ignore[method-assign]
    Joining.begin = then(Joining.begin, lambda *_: say("joining"))  # type: ignore[method-assign]
    if end == "vault":
        header.write = lambda *_: os._exit(9)  # type: ignore[assignment]
    elif end == "keeping":
        enrol.enrol = then(enrol.enrol, lambda *_, **__: os._exit(9))
    return main(["demo", "--home", str(home)])


def then(act: Any, also: Any) -> Any:
    """`act`, and then `also`."""

    def both(*given: Any, **named: Any) -> Any:
        done = act(*given, **named)
        also(*given, **named)
        return done

    return both


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--end-in", choices=ENDS, default="")
    asked = parser.parse_args()
    sys.exit(begin(asked.home, asked.end_in))
