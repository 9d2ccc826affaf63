"""``modstation serve``: its arguments, and running it."""

import argparse
import sys
from pathlib import Path

import platformdirs

from modstation.service.server import serve
from modstation.system import log


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``modstation serve``."""
    parser.add_argument(
        "--data", type=Path, default=default_data(), metavar="DIR", help="keys, files and database; made when not there"
    )
    parser.add_argument("--host", default="127.0.0.1", help="address to listen at (default: this machine only)")
    parser.add_argument("--port", type=int, default=8765, help="0 takes any free port (default: 8765)")
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
    serve(args.data, args.host, args.port, database=args.database, name=args.name, alive=alive)
    return 0


def default_data() -> Path:
    """Where a service keeps its data unless told otherwise."""
    return platformdirs.user_data_path("modstation", appauthor=False) / "service"
