"""The station's program in a process of its own, nobody before it: says ``open`` when its window stands, and waits.

With items, the desk of a vault that has joined a service which never answers; without, the first screen, which does
nothing at all by itself.
"""

import argparse
import sys
from pathlib import Path

from PySide6.QtCore import QTimer

from modstation.app import station
from tests.bench.furnished import furnish, keyring


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--items", type=int, default=0)
    given = parser.parse_args()
    station.SystemKeyring = lambda: keyring(given.home)  # type: ignore[assignment,misc]  # there is no other way in
    station.STARTED_MS = 24 * 3600 * 1000  # or it would wake by itself before it is told anything
    if not given.items:
        QTimer.singleShot(0, lambda: print("open", flush=True))
        return station.open_station(given.home / "station")
    furnish(given.home, given.items)
    show = station.Shell.show_desk

    def shown(shell: station.Shell) -> None:
        show(shell)
        print("open", flush=True)

    station.Shell.show_desk = shown  # type: ignore[method-assign]  # the vault is open by then
    return station.open_station(given.home / "station")


if __name__ == "__main__":
    sys.exit(main())
