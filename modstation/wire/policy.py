"""Policies on the wire. Meanings: `core.policy`."""

from typing import Annotated, Literal

from msgspec import Meta

from modstation.wire.content import Moment, Strict
from modstation.wire.limits import FoundSeverity, Id, Language, Line, Note, Ordinal, Text, Word


class Example(Strict, frozen=True):
    """See `core.policy.Example`."""

    bearing: Literal["breaks", "stays", "depends"]
    text: Note


class Clause(Strict, frozen=True):
    """See `core.policy.Clause`."""

    clause_id: Id
    number: Word
    title: Line
    text: Text
    depth: Annotated[int, Meta(ge=0, le=8)] = 0
    citable: bool = True
    severity: FoundSeverity = 1
    severities: Annotated[tuple[Line, ...], Meta(max_length=4)] = ()
    actions: Annotated[tuple[Id, ...], Meta(max_length=10)] = ()
    categories: Annotated[tuple[Word, ...], Meta(max_length=30)] = ()
    examples: Annotated[tuple[Example, ...], Meta(max_length=50)] = ()
    changed_in: Ordinal = 1


class Policy(Strict, frozen=True):
    """See `core.policy.Policy`."""

    policy_id: Id
    version: Ordinal
    accepts_from: Ordinal
    title: Line
    published_at: Moment
    clauses: Annotated[tuple[Clause, ...], Meta(min_length=1, max_length=2_000)]
    licence: Note = ""
    language: Language = "en"
