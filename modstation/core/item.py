"""An item and why it is here: task, flags, context, lease."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from modstation.core.content import KIND_OF, Author, Content, Kind, Post
from modstation.core.ids import ActionId, ClauseId, FlagId, ItemId, PolicyId, QueueName, TeamName


class FlagSource(StrEnum):
    """Who or what raised a flag."""

    CLASSIFIER = "classifier"
    USER_REPORT = "user_report"
    RULE = "rule"
    HASH_MATCH = "hash_match"


@dataclass(frozen=True, slots=True)
class Span:
    """Code points `start` up to, not including, `end` of the part named `part` (see `content.parts`)."""

    part: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Flag:
    """A signal that brought the item here.

    Attributes:
        category: a category of the policy (see `Policy.categories`).
        score: 0 to 1, as the source gives it; None when the source has none.
        threshold: the score from which the source sends items here; None when it has none.
        explanation: the source's own words.
    """

    flag_id: FlagId
    source: FlagSource
    category: str
    title: str
    score: float | None = None
    threshold: float | None = None
    explanation: str = ""
    at: datetime | None = None
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Precedent:
    """An earlier decision on something similar."""

    title: str
    verdict: str
    clause: str = ""
    note: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Context:
    """What a fair decision needs besides the content itself. `before` and `after` are the posts around it."""

    before: tuple[Post, ...] = ()
    after: tuple[Post, ...] = ()
    author: Author | None = None
    precedents: tuple[Precedent, ...] = ()


class Permanence(StrEnum):
    """Whether an action can be taken back by the service."""

    REVERSIBLE = "reversible"
    IRREVERSIBLE = "irreversible"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value an action asks for, chosen from `options`; the first one is the default."""

    name: str
    title: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Action:
    """Something that can be done about this item. `phrase` completes the sentence "Violation of …: <phrase>."."""

    action_id: ActionId
    title: str
    phrase: str
    permanence: Permanence = Permanence.REVERSIBLE
    parameters: tuple[Parameter, ...] = ()
    consequence: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """Does this item break the rules?"""


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """The decision an appeal or a spot check is about."""

    verdict: str
    clauses: tuple[ClauseId, ...]
    policy_version: int
    rationale: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Appeal:
    """Was the first decision right?"""

    first: FirstDecision
    statement: str
    statement_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim of a dispute, with the answer of the other side."""

    claim: str
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Dispute:
    """Which party's account is supported by the evidence, claim by claim?"""

    party_a: str
    party_b: str
    claims: tuple[Claim, ...]
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Ticket:
    """A user's technical problem."""

    question: str
    steps: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SpotCheck:
    """A blind second review. The first decision never travels with it."""

    lot: str


@dataclass(frozen=True, slots=True)
class Practice:
    """A case to learn from; `ruling` is shown after deciding."""

    ruling: str


@dataclass(frozen=True, slots=True)
class Calibration:
    """An item that a whole group decides, answers closed until `opens_at`."""

    session: str
    opens_at: datetime | None = None


Task = Review | Appeal | Dispute | Ticket | SpotCheck | Practice | Calibration


class TaskKind(StrEnum):
    """The kind of task; the tag on the wire."""

    REVIEW = "review"
    APPEAL = "appeal"
    DISPUTE = "dispute"
    TICKET = "ticket"
    SPOT_CHECK = "spot_check"
    PRACTICE = "practice"
    CALIBRATION = "calibration"


TASK_OF: dict[type, TaskKind] = {
    Review: TaskKind.REVIEW,
    Appeal: TaskKind.APPEAL,
    Dispute: TaskKind.DISPUTE,
    Ticket: TaskKind.TICKET,
    SpotCheck: TaskKind.SPOT_CHECK,
    Practice: TaskKind.PRACTICE,
    Calibration: TaskKind.CALIBRATION,
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to review, at a revision.

    Attributes:
        rev: rises by one each time the content changes on the service.
        content_sha256: hash of the content as the service holds it; what a decision was made about.
        language: BCP 47 tag, ``und`` when unknown.
        severity: 1 to 4, as the service expects it; 0 when it has no idea.
        summary: neutral, never quotes the content: it is shown in lists.
        priority: larger comes first.
        restricted: why the service holds the content back; empty when it does not.
        estimate_s: seconds a decision usually takes; for planning work offline, never for judging anyone.
    """

    item_id: ItemId
    rev: int
    content_sha256: str
    queue: QueueName
    policy_id: PolicyId
    language: str
    severity: int
    category: str
    summary: str
    created_at: datetime
    content: Content
    task: Task = Review()
    flags: tuple[Flag, ...] = ()
    context: Context = Context()
    actions: tuple[Action, ...] = ()
    teams: tuple[TeamName, ...] = ()
    priority: int = 0
    restricted: str = ""
    estimate_s: int = 60

    def __repr__(self) -> str:
        """The id only: an item must never reach a log by accident."""
        return f"Item({self.item_id!r}, rev={self.rev})"

    @property
    def kind(self) -> Kind:
        """The kind of its content."""
        return KIND_OF[type(self.content)]

    @property
    def task_kind(self) -> TaskKind:
        """The kind of its task."""
        return TASK_OF[type(self.task)]


@dataclass(frozen=True, slots=True)
class Lease:
    """A dated, fenced right to work on an item. `lease_gen` rises at every grant: an older one is refused."""

    item_id: ItemId
    lease_gen: int
    granted_at: datetime
    expires_at: datetime

    def left_s(self, now: datetime) -> int:
        """Whole seconds left at `now`; never negative."""
        return max(0, int((self.expires_at - now).total_seconds()))


@dataclass(frozen=True, slots=True)
class ItemCard:
    """What a list shows of an item: neutral, small, ready to paint."""

    item_id: ItemId
    rev: int
    kind: Kind
    task_kind: TaskKind
    queue: QueueName
    language: str
    severity: int
    category: str
    summary: str
    n_flags: int
    priority: int
    estimate_s: int
    created_at: datetime
    lease: Lease
