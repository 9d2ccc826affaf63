"""Taking away: stations that were lost or left, and items with their content. Both ask first."""

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select

from modstation.core.problem import Problem
from modstation.service import catalogue, devices, media
from modstation.service.admin.desk import Desk
from modstation.service.admin.output import Output, count
from modstation.service.tables import device, item, lease, person

_SOME = 500  # items in one transaction: stations wait no longer than that
_COLUMNS = ("station", "computer", "person_id", "name", "joined", "last_seen", "holds", "removed", "purged")


def list_stations(desk: Desk, output: Output, _args: argparse.Namespace) -> int:
    """``station list``."""
    output.table("stations", _COLUMNS, desk.database.read(stations))
    return 0


def remove_station(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``station remove STATION``."""
    found = _one(desk.database.read(stations), args.station)
    name = f"{found['computer']} of {found['name']} ({found['station']})"
    if found["removed"]:
        output.answer({"station": found["station"], "removed": False}, f"{name} was removed already.")
        return 0
    follows = (
        f"{count(found['holds'], 'item')} it holds will go back to the queue.",
        "Decisions it has not delivered yet are kept for a lead, and don't count.",
        "The station empties itself of items when it next connects; `station list` says when it has.",
        "To let this computer work again, issue a new code: it joins again with what it has kept.",
    )
    confirm(f"Remove {name}?", follows, yes=args.yes)
    said = follows if args.yes else ()  # else it was said with the question
    now = desk.clock.now()
    done = desk.database.write(lambda conn: devices.revoke_device(conn, found["station"], now))
    output.answer({"station": found["station"], "removed": done, "held": found["holds"]}, f"Removed {name}.", *said)
    return 0


def remove_items(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``item remove ITEM...``."""
    wanted = sorted(set(args.items))
    known = desk.database.read(lambda conn: _known(conn, wanted))
    unknown = [one for one in wanted if one not in known]
    if unknown:
        title = "There is no such item; nothing was removed."
        raise Problem("admin.unknown_item", title, place=", ".join(unknown[:10]))
    its, them, hold = ("Its", "it", "it") if len(wanted) == 1 else ("Their", "them", "one of them")
    follows = (
        f"{its} content is destroyed here, and leaves every station that holds {hold} when it next connects.",
        f"Decisions about {them} are kept, with their receipts.",
    )
    confirm(f"Remove {count(len(wanted), 'item')} for good?", follows, yes=args.yes)
    now = desk.clock.now()
    removed = sum(
        desk.database.write(lambda conn, some=wanted[at : at + _SOME]: catalogue.remove_items(conn, some, now))  # type: ignore[misc]  # mypy can't infer a lambda with defaults
        for at in range(0, len(wanted), _SOME)
    )
    files = desk.database.write(lambda conn: catalogue.drop_files(conn, desk.files))
    old = list(desk.files.before(now - media.STRAY_AFTER))  # an import that was killed may have left some
    files += desk.database.write(lambda conn: media.sweep(conn, old))
    output.answer(
        {"removed": removed, "files": files, "asked": len(wanted)},
        f"{count(removed, 'item')} removed, and {count(files, 'file')} nothing else needs.",
        *(follows if args.yes else ()),  # else they were said with the question
    )
    return 0


def stations(conn: Connection) -> list[dict[str, Any]]:
    """Every computer that ever joined, by person and time: whose, when last seen, what it holds, whether removed."""
    held = select(lease.c.device_id, func.count().label("holds")).where(lease.c.ended_at.is_(None))
    holds = held.group_by(lease.c.device_id).subquery()
    rows = conn.execute(
        select(device, person.c.name.label("person"), func.coalesce(holds.c.holds, 0).label("holds"))
        .join_from(device, person, device.c.person_id == person.c.person_id)
        .outerjoin(holds, holds.c.device_id == device.c.device_id)
        .order_by(device.c.person_id, device.c.created_at, device.c.device_id)
    )
    return [
        {
            "station": row.device_id,
            "computer": row.name,
            "person_id": row.person_id,
            "name": row.person,
            "joined": _when(row.created_at),
            "last_seen": _when(row.seen_at),
            "holds": row.holds,
            "removed": _when(row.revoked_at),
            "purged": _when(row.purged_at),
        }
        for row in rows
    ]


def confirm(question: str, follows: Sequence[str], *, yes: bool) -> None:
    """Say what follows and wait for "yes", on standard error: standard output is for answers.

    Raises:
        Problem: ``admin.not_confirmed`` for any other answer, and where nobody can answer.
    """
    if yes:
        return
    sys.stderr.write("\n  ".join((question, *follows)) + "\nType yes to go on: ")
    sys.stderr.flush()
    said = sys.stdin.readline()
    if not (sys.stdin.isatty() and said.endswith("\n")):  # no Enter was shown: what follows begins a line of its own
        sys.stderr.write("\n")
    if said.strip().lower() not in {"yes", "y"}:
        raise Problem("admin.not_confirmed", "Nothing was changed.", "Answer yes, or give --yes.")


def _one(every: list[dict[str, Any]], wanted: str) -> dict[str, Any]:
    """The station with this id, else the only one that is not removed whose computer has this name."""
    by_id = [one for one in every if one["station"] == wanted]
    found = by_id or [one for one in every if one["computer"] == wanted and not one["removed"]]
    if not found:
        raise Problem("catalogue.unknown_device", "There is no such station.", "See: modstation admin station list")
    if len(found) > 1:
        title = "Several stations have this name."
        raise Problem("admin.several_stations", title, "Use the id: modstation admin station list")
    return found[0]


def _known(conn: Connection, wanted: list[str]) -> set[str]:
    found: set[str] = set()
    for at in range(0, len(wanted), _SOME):
        found |= set(conn.scalars(select(item.c.item_id).where(item.c.item_id.in_(wanted[at : at + _SOME]))))
    return found


def _when(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat(timespec="seconds")
