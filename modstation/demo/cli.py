"""`modstation demo`: a sample queue, the service, and the enrolled station beside it."""

import argparse
import contextlib
import json
import os
import shutil
import signal
import sys
import time
from pathlib import Path

from modstation.core.problem import Problem
from modstation.demo.keeper import Keeper
from modstation.demo.process import ServiceProcess, admin, answers, wait_until_free
from modstation.system import display, log
from modstation.system.clock import SystemClock
from modstation.system.filelock import FileLock
from modstation.system.paths import private

OPENING_S = 60

NO_DISPLAY = f"""\
{display.NONE}
  On this machine without a screen:  make demo-headless
  On a virtual screen:               sudo apt-get install xvfb xauth, then xvfb-run -a make demo
  On the screen you sit at:          ssh -X to this machine, or DISPLAY=… make demo"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `modstation demo`."""
    parser.add_argument("--home", type=Path, required=True, help="folder that keeps service and station between runs")
    parser.add_argument("--headless", action="store_true", help="drive the real window offscreen and print JSON")
    parser.add_argument("--reset", action="store_true", help="forget the demo, if neither of its windows is open")
    parser.add_argument("--items", type=Path, help="import this file instead of the sample queue")
    parser.add_argument("--format", default="modstation", help="format of --items, see `modstation admin import -h`")
    parser.add_argument("--decisions", type=int, default=0, help="headless: decide at most this many (0: all)")


def run(args: argparse.Namespace) -> int:
    """Run the demo; with --headless print one JSON object and return 0 only when nothing was lost."""
    home: Path = args.home.resolve()
    if args.reset:
        return reset(home)
    if args.headless:
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    elif not display.is_there():
        print(NO_DISPLAY, file=sys.stderr)
        return 1
    only = None
    if not args.headless and (only := _only_window(home)) is None:
        return 0
    service = ServiceProcess(home / "service")
    keeper = Keeper(service, _say)
    prepare(home, args.items, args.format)
    for name in ("SIGTERM", "SIGHUP"):  # so that the service is stopped then, too; Windows has no SIGHUP
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda *_: sys.exit(1))
    try:
        service.start()
        if args.headless:
            from modstation.demo.headless import Journey  # noqa: PLC0415  # Qt is loaded once the platform is chosen

            report = Journey(home, service, args.decisions).run()
            print(json.dumps(report, indent=1))
            return 0 if report["lost"] == report["applied_twice"] == report["plaintext_hits"] == 0 else 1
        from modstation.app import station  # noqa: PLC0415
        from modstation.demo.member import take_part  # noqa: PLC0415

        log.configure(private(home / "station"))
        take_part(home, service.address, SystemClock(), station.usable_keyring)
        print(f"The service is at {service.address}, its log is {home / 'service' / 'service.log'}", flush=True)
        keeper.begin()
        return station.open_station(home / "station", only)
    finally:
        keeper.end()


def _say(words: str) -> None:
    with contextlib.suppress(OSError):  # the terminal may be gone; the service is wanted all the same
        print(words, flush=True)


def _only_window(home: Path) -> FileLock | None:
    """Be the one demo of this folder; None when there is one already, and its window was brought forward.

    Raises:
        Problem: ``vault.in_use`` when a process has the folder and no window that can be raised.
    """
    from modstation.app import single  # noqa: PLC0415  # a window's libraries: only when there is going to be one
    from modstation.app.station import application  # noqa: PLC0415

    station = private(home / "station")
    until = time.monotonic() + OPENING_S
    while True:
        try:
            return single.take(station)
        except Problem:
            application()
            if single.ping(station):
                print("The demo is open already: its window comes forward.")
                if not answers(home / "service"):
                    print("Its service does not answer. If the window stays offline, close it, then: make demo")
                return None
            if time.monotonic() > until:
                raise
            time.sleep(0.2)  # it is still opening, or about to end


def reset(home: Path) -> int:
    """Delete service and station, unless one of them is at work.

    Raises:
        Problem: ``demo.open``; ``demo.service_running``.
    """
    station = home / "station"
    is_open = Problem("demo.open", "The demo is open; nothing was deleted.", "Close its window, then: make demo-reset")
    for lock in (station / "lock", station / "window.lock"):
        if lock.exists():
            FileLock(lock, is_open).release()  # which is refused while somebody holds it
    wait_until_free(home / "service")
    shutil.rmtree(home, ignore_errors=True)
    print("The next make demo starts over.")
    return 0


def prepare(home: Path, items: Path | None, items_format: str) -> None:
    """Set the service up on the first run.

    Raises:
        Problem: what went wrong; a half-made service is not taken for a made one.
    """
    ready = home / "prepared"
    if (home / "station" / "vault.json").exists() or ready.exists():
        return
    print("Setting up the service with a sample queue …", file=sys.stderr)
    admin(home / "service", "init-demo", *(["--items", str(items), "--format", items_format] if items else []))
    ready.touch()
