"""The admin commands: each is given the desk, where to answer, and its arguments; it returns the exit code."""

import argparse
import base64
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from sqlalchemy import Connection

from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.service import catalogue, devices, identity, policy_source
from modstation.service import stats as counts
from modstation.service.admin import figures, furnishing, lists, told
from modstation.service.admin.desk import Desk
from modstation.service.admin.output import Output, count
from modstation.service.ingest.importer import FORMATS, Report, ServiceStore, import_file
from modstation.service.terms import Limits
from modstation.wire.envelope import fingerprint

DEMO_QUEUES = (("marketplace", "Marketplace"), ("community", "Community"))
DEMO_LIMITS = Limits(severe_hold=1_000)  # harmless samples: all of them may be looked at
DEMO_POLICY = Path("policies") / "github-site-policy"
DEMO_ITEMS = Path("sample") / "items.jsonl"


def import_items(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``import FILE``."""
    report = _import(desk, output, args.file, args.format, all_or_nothing=args.all_or_nothing, dry_run=args.dry_run)
    words = told.as_words(report, all_or_nothing=args.all_or_nothing, dry_run=args.dry_run)
    output.answer(told.as_data(report), *words)
    return 1 if report.refused else 0


def publish_policy(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``policy publish DIR``."""
    done = _publish(desk, args.folder, dry_run=args.dry_run)
    if not done["published"]:
        unchanged = "would be published" if args.dry_run and done["changed"] else "is published already"
        output.answer(done, f"{done['policy_id']} version {done['version']} {unchanged}.")
    else:
        changed = len(done["changed"])
        told = f"{changed} of {count(done['clauses'], 'clause')} {'is' if changed == 1 else 'are'} new or changed"
        output.answer(done, f"{done['policy_id']} version {done['version']} is published: {told}.")
    return 0


def list_policies(desk: Desk, output: Output, _args: argparse.Namespace) -> int:
    """``policy list``."""
    columns = ("policy_id", "version", "accepts_from", "title", "published_at")
    output.table("policies", columns, desk.database.read(lists.policies))
    return 0


def list_queues(desk: Desk, output: Output, _args: argparse.Namespace) -> int:
    """``queue list``."""
    columns = ("queue", "title", "items", "waiting", "lease_s", "lease_max_s", "severe_s", "severe_hold", "skills")
    output.table("queues", columns, desk.database.read(lists.queues))
    return 0


def list_people(desk: Desk, output: Output, _args: argparse.Namespace) -> int:
    """``person list``."""
    columns = ("person_id", "name", "queues", "languages", "skills", "devices", "removed", "purged")
    output.table("people", columns, desk.database.read(lists.people))
    return 0


def enrol_code(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``enrol-code PERSON``.

    Raises:
        Problem: ``service.not_started``; for a person that is not to be found, ``catalogue.unknown_person`` or
            ``admin.several_people``.
    """
    key = desk.database.read(lambda conn: identity.get(conn, "signing_key"))
    if key is None:  # without the fingerprint nobody could tell this service from another
        title = "This service has no key yet, so a code would come without a fingerprint."
        raise Problem(
            "service.not_started", title, "No code was issued. Start it once, then ask again: modstation serve"
        )
    person_id, code = _issue(desk, args.person)
    hours = int(devices.CODE_LIFE.total_seconds() // 3600)
    known = fingerprint(base64.b64decode(key))
    output.answer(
        {"person_id": person_id, "code": code, "valid_hours": hours, "fingerprint": known},
        code,
        f"For {person_id}; valid once, for {hours} hours.",
        f"The service's fingerprint: {known}",
    )
    return 0


def stats(desk: Desk, output: Output, _args: argparse.Namespace) -> int:
    """``stats``."""
    found = desk.database.read(counts.collect)
    output.answer(msgspec.to_builtins(found), *figures.as_words(found))
    return 0


def init_demo(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``init-demo``: queues, policy, items, person; safe to repeat, each time with a new code."""
    desk.database.write(_demo_queues)
    policy = _publish(desk, args.resources / DEMO_POLICY, dry_run=False)
    items = args.items or args.resources / DEMO_ITEMS
    report = _import(desk, output, items, args.format, all_or_nothing=True)
    who = furnishing.PersonTerms(args.person, [name for name, _ in DEMO_QUEUES])
    person_id, _ = furnishing.make_person(desk, "", who)
    person_id, code = _issue(desk, person_id)
    done = {
        "person_id": person_id,
        "person": args.person,
        "code": code,
        "policy": policy,
        "items": told.as_data(report),
    }
    output.answer(
        done,
        *told.as_words(report, all_or_nothing=True),
        f"Policy {policy['policy_id']}, version {policy['version']}, {count(policy['clauses'], 'clause')}.",
        f"Enrolment code for {args.person}: {code}",
    )
    return 1 if report.refused else 0


def _demo_queues(conn: Connection) -> None:
    """Those that are not there yet: one that was changed since stays as it is."""
    for name, title in DEMO_QUEUES:
        if not catalogue.has_queue(conn, name):
            catalogue.add_queue(conn, name, title, limits=DEMO_LIMITS)


def _import(
    desk: Desk, output: Output, path: Path, form: str, *, all_or_nothing: bool, dry_run: bool = False
) -> Report:
    total = path.stat().st_size if path.is_file() else 0
    with (
        closing(ServiceStore(desk.database, desk.files, desk.clock)) as store,
        output.progress("Reading" if dry_run else "Importing", total) as advance,
    ):
        return import_file(
            path, store, convert=FORMATS[form], all_or_nothing=all_or_nothing, dry_run=dry_run, on_progress=advance
        )


def _publish(desk: Desk, folder: Path, *, dry_run: bool) -> dict[str, Any]:
    source = policy_source.read(folder)

    def unit(conn: Connection) -> tuple[Policy | None, Policy | None]:
        previous = catalogue.newest_policy(conn, source.policy_id)
        new = policy_source.next_version(source, previous, desk.clock.now())
        if new is not None and not dry_run:
            catalogue.publish_policy(conn, new)
        return previous, new

    previous, new = desk.database.write(unit)
    current = new or previous
    assert current is not None
    changed = [clause for clause in current.clauses if new is not None and clause.changed_in == new.version]
    return {
        "policy_id": current.policy_id,
        "version": current.version,
        "published": new is not None and not dry_run,
        "clauses": len(current.clauses),
        "changed": [{"clause_id": clause.clause_id, "number": clause.number} for clause in changed],
    }


def _issue(desk: Desk, wanted: str) -> tuple[str, str]:
    found = desk.database.read(lambda conn: lists.persons_named(conn, wanted))
    if len(found) != 1:
        _no_person(wanted, several=len(found) > 1)
    now = desk.clock.now()
    return found[0], desk.database.write(lambda conn: devices.issue_code(conn, found[0], now, desk.entropy))


def _no_person(wanted: str, *, several: bool) -> NoReturn:
    if several:
        raise Problem(
            "admin.several_people", "Several people have this name.", "Use the id: modstation admin person list"
        )
    raise Problem("catalogue.unknown_person", "There is no such person.", "See: modstation admin person list", wanted)
