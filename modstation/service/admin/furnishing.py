"""``queue add`` and ``person add``: what is named is made or changed, and everything else stays as it was."""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, func, select

from modstation.core.problem import Problem
from modstation.service import catalogue, policy_source
from modstation.service.admin import lists
from modstation.service.admin.desk import Desk
from modstation.service.admin.output import Output
from modstation.service.leases import primary
from modstation.service.tables import person
from modstation.service.terms import LEASE_S, LIMITS, Limits
from modstation.wire import limits


@dataclass(frozen=True, slots=True)
class QueueTerms:
    """What is named of a queue; None is not named."""

    title: str | None = None
    lease_s: int | None = None
    lease_max_s: int | None = None
    severe_s: int | None = None
    severe_hold: int | None = None
    skills: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class PersonTerms:
    """What is named of a person; None is not named."""

    name: str | None = None
    queues: Sequence[str] | None = None
    languages: Sequence[str] | None = None
    skills: Sequence[str] | None = None


@dataclass(frozen=True, slots=True)
class Furnished:
    """What was done: whether it was there before, how it is now, and which of that is not as it was."""

    existed: bool
    now: Mapping[str, Any]
    changed: tuple[str, ...]


_QUEUE: dict[str, Any] = {
    "lease_s": LEASE_S,
    "lease_max_s": LIMITS.lease_max_s,
    "severe_s": LIMITS.severe_ttl_s,
    "severe_hold": LIMITS.severe_hold,
    "skills": [],
}
_PERSON: dict[str, Any] = {"queues": [], "languages": [], "skills": []}
_NONE = {"languages": "every language", "queues": "no queues", "skills": "no skills"}
_WORDS = {
    "title": "title",
    "name": "name",
    "lease_s": "lease",
    "lease_max_s": "lease at most",
    "severe_s": "severe lease",
    "severe_hold": "severe items at once",
    "queues": "queues",
    "languages": "languages",
    "skills": "skills",
}


def add_queue(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``queue add NAME``."""
    name = as_id(args.name, "queue.name")
    skills = None if args.skill is None else [as_id(skill, "queue.skill") for skill in args.skill]
    title = None if args.title is None else as_line(args.title)
    terms = QueueTerms(title, args.lease, args.lease_max, args.severe_lease, args.severe_hold, skills)
    done = desk.database.write(lambda conn: put_queue(conn, name, terms))
    output.answer({"queue": name} | _plain(done), _told(f"Queue {name}", done))
    return 0


def add_person(desk: Desk, output: Output, args: argparse.Namespace) -> int:
    """``person add NAME``."""
    terms = PersonTerms(args.name, args.queue, args.language, args.skill)
    person_id, done = make_person(desk, args.id, terms)
    output.answer({"person_id": person_id} | _plain(done), _told(f"Person {person_id}", done))
    return 0


def put_queue(conn: Connection, name: str, terms: QueueTerms) -> Furnished:
    """Make a queue, or change what is named of one.

    Raises:
        Problem: see `catalogue.add_queue`.
    """
    before = next((one for one in lists.queues(conn) if one["queue"] == name), None)
    now = _merged(before or {**_QUEUE, "title": name}, asdict(terms), _QUEUE | {"title": name})
    catalogue.add_queue(
        conn,
        name,
        now["title"],
        lease_ttl_s=now["lease_s"],
        limits=Limits(now["lease_max_s"], now["severe_s"], now["severe_hold"]),
        skills=now["skills"],
    )
    return _compared(before, now)


def make_person(desk: Desk, person_id: str, terms: PersonTerms) -> tuple[str, Furnished]:
    """Make a person, or change what is named of one; gives the id, made of the name when `person_id` is empty.

    A name that is the id of somebody who is there means that person, and is no new name.

    Raises:
        Problem: ``admin.argument``; ``admin.other_case`` when the id differs only in case from one that is there; see
            `catalogue.add_person`.
    """
    name = as_line(terms.name or "")
    if not name.strip():
        raise Problem("admin.argument", "A person needs a name.", place="name")
    if person_id:
        as_id(person_id, "person.id")
    for language in terms.languages or ():
        _fits(language, limits.Language, "person.language", "This is not a language tag.")
    for skill in terms.skills or ():
        as_id(skill, "person.skill")

    def unit(conn: Connection) -> tuple[str, Furnished]:
        chosen, meant = (person_id, terms) if person_id else _meant(conn, name, terms)
        return chosen, _put_person(conn, desk, chosen, meant)

    return desk.database.write(unit)


def as_id(text: str, place: str) -> str:
    """The text, if it can be an id.

    Raises:
        Problem: ``admin.argument``.
    """
    advice = "Use letters, digits and . _ : / @ + - without spaces."
    return _fits(text, limits.Id, place, "This can't be an id.", advice)


def as_line(text: str) -> str:
    """The text, if it is a line of bearable length.

    Raises:
        Problem: ``admin.argument``.
    """
    return _fits(text, limits.Line, "name", "This is too long.")


def _meant(conn: Connection, words: str, terms: PersonTerms) -> tuple[str, PersonTerms]:
    """Whose terms they are when no id is given; where the words are an id, they name nothing but the person."""
    for known in (words, policy_source.slug(words)):
        if known.lower() == words.lower() and conn.scalar(select(person.c.name).where(person.c.person_id == known)):
            return known, replace(terms, name=None)
    return policy_source.slug(words), terms


def _put_person(conn: Connection, desk: Desk, chosen: str, terms: PersonTerms) -> Furnished:
    alike = conn.execute(
        select(person.c.person_id, person.c.name).where(func.lower(person.c.person_id) == chosen.lower())
    )
    there = {row.person_id: row.name for row in alike}
    if there and chosen not in there:
        (known, name), *_ = there.items()
        advice = f"To change that person, give --id {known}; for somebody else, another id."
        raise Problem("admin.other_case", f"{known} exists already: {name}.", advice, chosen)
    before = next((one for one in lists.people(conn) if one["person_id"] == chosen), None)
    asked = asdict(terms)
    if terms.languages is not None:
        asked["languages"] = [primary(tag) for tag in terms.languages]
    now = _merged(before or {**_PERSON, "name": chosen}, asked, {**_PERSON, "name": chosen})
    catalogue.add_person(
        conn,
        chosen,
        now["name"],
        desk.clock.now(),
        queues=now["queues"],
        languages=now["languages"],
        skills=now["skills"],
    )
    return _compared(before, now)


def _merged(before: Mapping[str, Any], asked: Mapping[str, Any], names: Mapping[str, Any]) -> dict[str, Any]:
    """What was there, with what is named in place of it; sets in order."""
    now = {name: before[name] if asked[name] is None else asked[name] for name in names}
    return {name: sorted(set(value)) if isinstance(value, (list, tuple)) else value for name, value in now.items()}


def _compared(before: Mapping[str, Any] | None, now: Mapping[str, Any]) -> Furnished:
    changed = [name for name in _WORDS if name in now and (before is None or before[name] != now[name])]
    return Furnished(before is not None, now, tuple(changed))


def _told(what: str, done: Furnished) -> str:
    words = [_one(name, done.now[name]) for name in done.changed]
    if not done.existed:
        return f"{what} is ready: {', '.join(words)}."
    if not words:
        return f"{what} exists already; everything is as it was."
    return f"{what} exists already. Changed: {', '.join(words)}; everything else as it was."


def _one(name: str, value: Any) -> str:
    if isinstance(value, list):
        return f"{_WORDS[name]} {', '.join(value)}" if value else _NONE[name]
    return f"{_WORDS[name]} {value}" + (" s" if name.endswith("_s") else "")


def _plain(done: Furnished) -> dict[str, Any]:
    return {"existed": done.existed, "changed": list(done.changed)}


def _fits(text: str, kind: Any, place: str, title: str, advice: str = "") -> str:
    try:
        return str(msgspec.convert(text, kind))
    except msgspec.ValidationError:
        raise Problem("admin.argument", title, advice, place) from None
