"""The command line: `modstation` opens the station; `serve`, `admin` and `demo` are beside it."""

import argparse
import importlib
import sys
from collections.abc import Sequence
from typing import Any

from modstation import __version__
from modstation.core.problem import Problem
from modstation.system import log

COMMANDS = {
    "station": ("modstation.app.cli", "open the station (the default)"),
    "serve": ("modstation.service.cli", "run the central service"),
    "admin": ("modstation.service.admin.cli", "import items, publish policies, manage people, show statistics"),
    "demo": ("modstation.demo.cli", "run service and station together on a sample queue"),
}


class _Parser(argparse.ArgumentParser):
    """A parser that complains itself: else the topmost one would, with a usage that says nothing of the command."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> tuple[Any, list[str]]:
        found, left = super().parse_known_args(args, namespace)
        if left:
            self.error(f"unrecognized arguments: {' '.join(left)}")
        return found, left


def _parser(chosen: str | None) -> argparse.ArgumentParser:
    parser = _Parser(prog="modstation", description=__doc__)
    parser.add_argument("--version", action="version", version=f"ModStation {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, (module, help_text) in COMMANDS.items():
        sub = commands.add_parser(name, help=help_text, description=help_text)
        if name == chosen:
            # Only the chosen room is imported: the station does not pay for the service's libraries, nor the reverse.
            room = importlib.import_module(module)
            room.add_arguments(sub)
            sub.set_defaults(run=room.run)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Returns:
        The exit code: 0 done, 1 a `Problem` (told on standard error), 2 a command line that can't be read.
    """
    given = list(sys.argv[1:] if argv is None else argv)
    if not given or (given[0] not in COMMANDS and given[0] not in {"-h", "--help", "--version"}):
        given.insert(0, "station")
    args = _parser(given[0]).parse_args(given)
    log.to_stderr()
    try:
        return int(args.run(args))
    except Problem as problem:
        where = f" ({problem.place})" if problem.place else ""
        print(f"modstation: {problem.title}{where}", file=sys.stderr)
        if problem.advice:
            print(f"  {problem.advice}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
