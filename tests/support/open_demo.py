"""``modstation demo`` in a process of its own, with a keyring in a file: says ``open`` when its window stands.

And ``forward`` each time that window is asked to come to the front.
"""

import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from modstation.__main__ import main
from modstation.app import station
from tests.support.keyring_file import FileKeyring


def begin(home: Path) -> int:
    station.SystemKeyring = lambda: FileKeyring(home / "keys")  # type: ignore[assignment,misc]  # there is no other way in
    begun, raised = station.Station.begin, station.Station.come_forward

    def stands(one: station.Station) -> None:
        begun(one)
        QTimer.singleShot(0, lambda: print("open", flush=True))

    def forward(one: station.Station) -> None:
        raised(one)
        print("forward", flush=True)

    station.Station.begin = stands  # type: ignore[method-assign]  # it goes on as it would
    station.Station.come_forward = forward  # type: ignore[method-assign]  # likewise
    return main(["demo", "--home", str(home)])


if __name__ == "__main__":
    sys.exit(begin(Path(sys.argv[1])))
