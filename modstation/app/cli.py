"""`modstation station`: open the window."""

import argparse
import gc
import sys
from pathlib import Path

from modstation.system import display, paths

NO_DISPLAY = f"""\
{display.NONE}
  On a virtual screen:         sudo apt-get install xvfb xauth, then xvfb-run -a modstation
  On the screen you sit at:    ssh -X to this machine, or DISPLAY=… modstation"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `modstation station`."""
    parser.add_argument("--home", type=Path, help="the station's folder (default: the user's cache folder)")


def run(args: argparse.Namespace) -> int:
    """Open the station and run until its window is closed."""
    if not display.is_there():
        sys.stderr.write(NO_DISPLAY + "\n")
        return 1
    # Nothing of what is loaded now will ever be garbage, yet the collector would look through it 150 times: a tenth of
    # the start. `open_station` wakes it up again.
    gc.disable()
    # The window's libraries are loaded only when there is going to be a window.
    from modstation.app.station import open_station  # noqa: PLC0415

    return open_station(args.home or paths.station())
