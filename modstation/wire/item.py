"""Items, tasks, flags, context and leases on the wire. Meanings: `core.item`."""

from typing import Annotated

from msgspec import Meta

from modstation.core.item import FlagSource, Permanence
from modstation.wire.content import Author, Content, Moment, Posts, Strict
from modstation.wire.limits import (
    Count,
    Id,
    Language,
    Line,
    Name,
    Note,
    Ordinal,
    Severity,
    Sha256,
    Share,
    Text,
    Word,
)


class Span(Strict, frozen=True):
    """See `core.item.Span`."""

    part: Word
    start: Count
    end: Count


class Flag(Strict, frozen=True):
    """See `core.item.Flag`."""

    flag_id: Id
    source: FlagSource
    category: Word
    title: Line
    score: Share | None = None
    threshold: Share | None = None
    explanation: Note = ""
    at: Moment | None = None
    spans: Annotated[tuple[Span, ...], Meta(max_length=200)] = ()


class Precedent(Strict, frozen=True):
    """See `core.item.Precedent`."""

    title: Line
    verdict: Word
    clause: Line = ""
    note: Note = ""
    at: Moment | None = None


class Context(Strict, frozen=True):
    """See `core.item.Context`."""

    before: Posts = ()
    after: Posts = ()
    author: Author | None = None
    precedents: Annotated[tuple[Precedent, ...], Meta(max_length=20)] = ()


class Parameter(Strict, frozen=True):
    """See `core.item.Parameter`."""

    name: Id
    title: Line
    options: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=50)]


class Action(Strict, frozen=True):
    """See `core.item.Action`."""

    action_id: Id
    title: Line
    phrase: Line
    permanence: Permanence = Permanence.REVERSIBLE
    parameters: Annotated[tuple[Parameter, ...], Meta(max_length=5)] = ()
    consequence: Line = ""


Actions = Annotated[tuple[Action, ...], Meta(max_length=30)]


class Review(Strict, frozen=True, tag_field="task", tag="review"):
    """See `core.item.Review`."""


class FirstDecision(Strict, frozen=True):
    """See `core.item.FirstDecision`."""

    verdict: Word
    clauses: Annotated[tuple[Id, ...], Meta(max_length=20)]
    policy_version: Count
    rationale: Note = ""
    at: Moment | None = None


class Appeal(Strict, frozen=True, tag_field="task", tag="appeal"):
    """See `core.item.Appeal`."""

    first: FirstDecision
    statement: Text
    statement_at: Moment | None = None


class Claim(Strict, frozen=True):
    """See `core.item.Claim`."""

    claim: Note
    answer: Note = ""


class Dispute(Strict, frozen=True, tag_field="task", tag="dispute"):
    """See `core.item.Dispute`."""

    party_a: Line
    party_b: Line
    claims: Annotated[tuple[Claim, ...], Meta(min_length=1, max_length=50)]
    due_at: Moment | None = None


class Ticket(Strict, frozen=True, tag_field="task", tag="ticket"):
    """See `core.item.Ticket`."""

    question: Text
    steps: Annotated[tuple[Note, ...], Meta(max_length=50)] = ()


class SpotCheck(Strict, frozen=True, tag_field="task", tag="spot_check"):
    """See `core.item.SpotCheck`."""

    lot: Id


class Practice(Strict, frozen=True, tag_field="task", tag="practice"):
    """See `core.item.Practice`."""

    ruling: Note


class Calibration(Strict, frozen=True, tag_field="task", tag="calibration"):
    """See `core.item.Calibration`."""

    session: Id
    opens_at: Moment | None = None


Task = Review | Appeal | Dispute | Ticket | SpotCheck | Practice | Calibration


class Item(Strict, frozen=True):
    """See `core.item.Item`."""

    item_id: Id
    rev: Ordinal
    content_sha256: Sha256
    queue: Name
    policy_id: Id
    language: Language
    severity: Severity
    category: Word
    summary: Line
    created_at: Moment
    content: Content
    task: Task = Review()
    flags: Annotated[tuple[Flag, ...], Meta(max_length=50)] = ()
    context: Context = Context()
    actions: Actions = ()
    teams: Annotated[tuple[Name, ...], Meta(max_length=30)] = ()
    priority: Annotated[int, Meta(ge=-1_000_000, le=1_000_000)] = 0
    restricted: Line = ""
    estimate_s: Annotated[int, Meta(ge=1, le=86_400)] = 60


class Lease(Strict, frozen=True):
    """See `core.item.Lease`."""

    item_id: Id
    lease_gen: Ordinal
    granted_at: Moment
    expires_at: Moment
