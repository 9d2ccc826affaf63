"""``modstation admin``: its arguments, and which command answers them.

Every command works on the data folder itself, beside a running service or without one. Three make a service where there
is none: ``queue add``, ``policy publish`` and ``init-demo``; a misspelt folder is told by all others.
"""

import argparse
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.exc import OperationalError

from modstation.core.problem import Problem
from modstation.service.admin import backup, commands, furnishing, proving, removing, restore
from modstation.service.admin.desk import Desk, open_desk
from modstation.service.admin.output import Output
from modstation.service.cli import default_data, not_taken
from modstation.service.ingest.importer import FORMATS
from modstation.service.terms import LEASE_S, LIMITS
from modstation.system import paths


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of ``modstation admin``."""
    shared = _shared("the service's data folder; it must be there", makes=False)
    making = _shared("the service's data folder; made when it is not there", makes=True)
    parser.epilog = "`queue add`, `policy publish` and `init-demo` make the data folder; the others want it there."
    topics = parser.add_subparsers(dest="topic", metavar="TOPIC", required=True)
    _items(topics, shared)
    _policies(topics, shared, making)
    _queues(topics, shared, making)
    _people(topics, shared)
    _stations(topics, shared)
    _unproven(topics, shared)
    stats = topics.add_parser("stats", parents=[shared], help="count items, decisions, people, files")
    stats.set_defaults(answer=commands.stats)
    _safety(topics)
    demo = topics.add_parser("init-demo", parents=[making], help="set up the sample service and issue a code")
    demo.add_argument("--person", default="Heron 12", metavar="NAME", help="who will work (default: Heron 12)")
    demo.add_argument("--resources", type=Path, default=paths.resources(), metavar="DIR", help="where the sample is")
    demo.add_argument("--items", type=Path, metavar="FILE", help="import this file in place of the sample queue")
    demo.add_argument("--format", choices=sorted(FORMATS), default="modstation", help="of FILE (default: modstation)")
    demo.set_defaults(answer=commands.init_demo)


def run(args: argparse.Namespace) -> int:
    """Answer one command.

    Returns:
        0; 1 when lines of an import were refused.

    Raises:
        Problem: what the person has to know; the caller tells it and returns 1.
    """
    makes = args.makes and not vars(args).get("dry_run")
    try:
        with open_desk(args.data, args.database, makes=makes) as desk:
            code: int = args.answer(desk, Output(as_json=args.json), args)
    except OSError as error:  # a full disk, a folder that is nobody's to write
        raise not_taken(error) from error
    except OperationalError as error:  # a full disk, a lock that nobody lets go of, a server that went away
        raise Problem("service.database_refused", "The database did not take it.", str(error.orig)) from error
    return code


_Topics = argparse._SubParsersAction  # noqa: SLF001 - argparse has no public name for what add_subparsers gives


def _shared(data_help: str, *, makes: bool) -> argparse.ArgumentParser:
    """What every command takes; some may make a service where there is none."""
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--data", type=Path, default=default_data(), metavar="DIR", help=data_help)
    shared.add_argument("--database", metavar="URL", help="postgresql://… instead of the SQLite file in DIR")
    shared.add_argument("--json", action="store_true", help="answer as one JSON object")
    shared.set_defaults(makes=makes)
    return shared


def _items(topics: "_Topics[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    items = topics.add_parser(
        "import", parents=[shared], help="import items from JSON Lines; a changed one waits again"
    )
    items.add_argument("file", type=Path, metavar="FILE", help="media files are looked for beside it")
    items.add_argument("--format", choices=sorted(FORMATS), default="modstation", help="form of the lines")
    items.add_argument("--all-or-nothing", action="store_true", help="store nothing when any line is refused")
    items.add_argument("--dry-run", action="store_true", help="list what would change, store nothing")
    items.set_defaults(answer=commands.import_items)
    verbs = topics.add_parser("item", help="remove items").add_subparsers(metavar="VERB", required=True)
    remove = verbs.add_parser("remove", parents=[shared], help="destroy the content of items, here and at the stations")
    remove.add_argument("items", nargs="+", metavar="ITEM", help="ids")
    _asks(remove, removing.remove_items)


def _policies(
    topics: "_Topics[argparse.ArgumentParser]", shared: argparse.ArgumentParser, making: argparse.ArgumentParser
) -> None:
    verbs = topics.add_parser("policy", help="publish and list policies").add_subparsers(metavar="VERB", required=True)
    publish = verbs.add_parser("publish", parents=[making], help="publish the next version from a folder of Markdown")
    publish.add_argument("folder", type=Path, metavar="DIR", help="policy.toml and the files it names")
    publish.add_argument("--dry-run", action="store_true", help="say what would change, publish nothing")
    publish.set_defaults(answer=commands.publish_policy)
    listing = verbs.add_parser("list", parents=[shared], help="list every published version")
    listing.set_defaults(answer=commands.list_policies)


def _queues(
    topics: "_Topics[argparse.ArgumentParser]", shared: argparse.ArgumentParser, making: argparse.ArgumentParser
) -> None:
    verbs = topics.add_parser("queue", help="create and list queues").add_subparsers(metavar="VERB", required=True)
    add = verbs.add_parser("add", parents=[making], help="create a queue, or change what is named of one")
    add.add_argument("name", metavar="NAME", help="letters, digits, dashes; items name it")
    add.add_argument("--title", help="as shown to people (at first: the name)")
    add.add_argument("--lease", type=_seconds, metavar="SECONDS", help=f"how long a lease lasts (at first {LEASE_S})")
    add.add_argument(
        "--lease-max",
        type=_seconds,
        metavar="SECONDS",
        help=f"at most, with all renewals (at first {LIMITS.lease_max_s})",
    )
    add.add_argument(
        "--severe-lease",
        type=_seconds,
        metavar="SECONDS",
        help=f"from severity 3 on (at first {LIMITS.severe_ttl_s})",
    )
    add.add_argument(
        "--severe-hold",
        type=_number,
        metavar="N",
        help=f"severe items a device may hold (at first {LIMITS.severe_hold})",
    )
    _set_of(add, "skill", "a skill people need")
    add.set_defaults(answer=furnishing.add_queue)
    listing = verbs.add_parser("list", parents=[shared], help="list queues")
    listing.set_defaults(answer=commands.list_queues)


def _people(topics: "_Topics[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    verbs = topics.add_parser("person", help="create and list people").add_subparsers(metavar="VERB", required=True)
    add = verbs.add_parser("add", parents=[shared], help="create a person, or change what is named of one")
    add.add_argument("name", metavar="NAME", help="as shown at the station; need not be a real name")
    add.add_argument("--id", default="", help="(default: made of the name, in small letters)")
    _set_of(add, "queue", "a queue they work on")
    _set_of(add, "language", "a language they read; none means every language")
    _set_of(add, "skill", "a skill they have")
    add.set_defaults(answer=furnishing.add_person)
    listing = verbs.add_parser("list", parents=[shared], help="list people")
    listing.set_defaults(answer=commands.list_people)
    code = topics.add_parser("enrol-code", parents=[shared], help="issue a one-time code for a new station")
    code.add_argument("person", metavar="PERSON", help="id or name")
    code.set_defaults(answer=commands.enrol_code)


def _stations(topics: "_Topics[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    verbs = topics.add_parser("station", help="list and remove stations").add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", parents=[shared], help="list every computer that has joined")
    listing.set_defaults(answer=removing.list_stations)
    remove = verbs.add_parser("remove", parents=[shared], help="sign a computer out; its items go back to the queue")
    remove.add_argument("station", metavar="STATION", help="id, or the name of the computer")
    _asks(remove, removing.remove_station)


def _unproven(topics: "_Topics[argparse.ArgumentParser]", shared: argparse.ArgumentParser) -> None:
    topic = topics.add_parser("unproven", help="rule on decisions out of a journal that nobody could prove")
    verbs = topic.add_subparsers(metavar="VERB", required=True)
    listing = verbs.add_parser("list", parents=[shared], help="list those that wait for a lead")
    listing.set_defaults(answer=proving.list_unproven)
    for verb, answer, help_text in (
        ("accept", proving.accept, "have one judged like any other decision of its person"),
        ("discard", proving.discard, "say that one will never count"),
    ):
        ruling = verbs.add_parser(verb, parents=[shared], help=help_text)
        ruling.add_argument("record", metavar="ID", help="id of the record, or how its sha256 begins")
        _asks(ruling, answer)


def _asks(verb: argparse.ArgumentParser, answer: Callable[[Desk, Output, argparse.Namespace], int]) -> None:
    """This one says what follows, and waits for a yes."""
    verb.add_argument("--yes", action="store_true", help="don't ask")
    verb.set_defaults(answer=answer)


def _safety(topics: "_Topics[argparse.ArgumentParser]") -> None:
    own = _shared("the service's data folder", makes=True)  # they open the database by themselves
    saving = topics.add_parser("backup", parents=[own], help="save the whole service in one file, while it runs")
    saving.add_argument("file", type=Path, metavar="FILE", help="to write; it must not be there")
    saving.add_argument("--with-media", action="store_true", help="put the media files in as well")
    saving.set_defaults(answer=backup.answer)
    back = topics.add_parser("restore", parents=[own], help="put a backup back and let the stations notice")
    back.add_argument("file", type=Path, nargs="?", metavar="FILE", help="(default: the database was put back already)")
    back.set_defaults(answer=restore.answer)


def _set_of(add: argparse.ArgumentParser, name: str, told: str) -> None:
    """Several values of one kind. Those that are named take the place of all that were there."""
    add.add_argument(f"--{name}", action="append", metavar=name.upper(), help=f"{told}; repeat it to name them all")
    add.add_argument(f"--no-{name}", dest=name, action="store_const", const=[], help=f"take every {name} away")


def _number(text: str) -> int:
    return _between(text, 0, 10_000, "a number between 0 and 10000")


def _seconds(text: str) -> int:
    return _between(text, 60, 30 * 24 * 3600, "a number of seconds between 60 and 2592000 (30 days)")


def _between(text: str, least: int, most: int, wanted: str) -> int:
    try:
        number = int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {wanted}") from None
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"{number} is not {wanted}")
    return number
