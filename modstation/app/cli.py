"""`modstation station`: open the window."""

import argparse
import gc
from pathlib import Path

from modstation.system import paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `modstation station`."""
    parser.add_argument("--home", type=Path, help="the station's folder (default: the user's cache folder)")


def run(args: argparse.Namespace) -> int:
    """Open the station and run until its window is closed."""
    # Nothing of what is loaded now will ever be garbage, yet the collector would look through it 150 times: a tenth of
    # the start. `open_station` wakes it up again.
    gc.disable()
    # The window's libraries are loaded only when there is going to be a window.
    from modstation.app.station import open_station  # noqa: PLC0415

    return open_station(args.home or paths.station())
