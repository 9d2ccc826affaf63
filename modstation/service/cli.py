"""``modstation serve``: its arguments, and running it."""

import argparse
import sys
from pathlib import Path

import platformdirs

from modstation.core.problem import Problem
from modstation.service.server import serve
from modstation.system import log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``modstation serve``."""
    parser.add_argument(
        "--data", type=Path, default=default_data(), metavar="DIR", help="keys, files and database; made when not there"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    parser.add_argument("--port", type=_port, default=8765, help="0 takes any free port (default: 8765)")
    parser.add_argument("--database", metavar="URL", help="postgresql://… instead of a SQLite file in DIR")
    parser.add_argument("--name", default="ModStation", help="what the service calls itself; used at the first start")
    parser.add_argument(
        "--while-stdin-open", action="store_true", help="also stop when standard input ends, as when its maker is gone"
    )


def run(args: argparse.Namespace) -> int:
    """Serve until told to stop.

    Raises:
        Problem: see `server.serve`.
    """
    log.to_stderr("info")
    alive = sys.stdin.buffer if args.while_stdin_open else None
    try:
        serve(args.data, args.host, args.port, database=args.database, name=args.name, alive=alive)
    except OSError as error:
        raise not_taken(error) from error
    return 0


def not_taken(error: OSError) -> Problem:
    """What the system would not do with a file or folder, for the person at the command line."""
    return Problem("service.system", "The system did not take it.", error.strerror or str(error), error.filename or "")


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text) < 2**16):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number between 0 and 65535")
    return int(text)


def default_data() -> Path:
    """Where a service keeps its data unless told otherwise."""
    return platformdirs.user_data_path("modstation", appauthor=False) / "service"
