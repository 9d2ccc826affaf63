"""The service's tables, in SQL that SQLite and PostgreSQL both take.

Times are whole microseconds since 1970 UTC in the database and aware datetimes in Python. Two promises are kept by the
database itself and not by care: `lease_live` (an item is held by at most one device) and `decision_counts` (an item
revision has at most one decision that counts).
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    text,
)

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Whole microseconds since 1970 UTC."""
    return (moment - _ZERO) // _MICROSECOND


def from_us(microseconds: int) -> datetime:
    """The aware datetime for microseconds since 1970 UTC."""
    return _ZERO + timedelta(microseconds=microseconds)


class Moment(TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 - SQLAlchemy's
        """To the database."""
        return None if value is None else to_us(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 - as above
        """From the database."""
        return None if value is None else from_us(value)


metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pk",
        "fk": "%(table_name)s_%(column_0_name)s_fk",
        "uq": "%(table_name)s_%(column_0_name)s_uq",
    }
)

setting = Table(
    "setting",
    metadata,
    Column("name", String(60), primary_key=True),  # epoch, name, signing_key (the public half)
    Column("value", Text, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("queue", String(120), primary_key=True),
    Column("title", String(400), nullable=False),
    Column("lease_ttl_s", Integer, nullable=False),
    Column("lease_max_s", Integer, nullable=False, default=24 * 3600),  # from the grant, however often it is renewed
    Column("severe_ttl_s", Integer, nullable=False, default=3600),  # instead of lease_ttl_s from severity 3 on
    Column("severe_hold", Integer, nullable=False, default=10),  # how many of those one device may hold
)

queue_skill = Table(  # a person needs all of them
    "queue_skill",
    metadata,
    Column("queue", ForeignKey("queue.queue"), primary_key=True),
    Column("skill", String(120), primary_key=True),
)

person = Table(
    "person",
    metadata,
    Column("person_id", String(120), primary_key=True),
    Column("name", String(400), nullable=False),
    Column("created_at", Moment, nullable=False),
)

person_queue = Table(
    "person_queue",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("queue", ForeignKey("queue.queue"), primary_key=True),
)

person_skill = Table(
    "person_skill",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("skill", String(120), primary_key=True),
)

person_language = Table(  # none at all means every language
    "person_language",
    metadata,
    Column("person_id", ForeignKey("person.person_id"), primary_key=True),
    Column("language", String(35), primary_key=True),  # primary subtag, lower case
)

enrol_code = Table(
    "enrol_code",
    metadata,
    Column("code_sha256", String(64), primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), nullable=False),
    Column("issued_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("used_at", Moment),
    Column("device_id", String(120)),
)

device = Table(
    "device",
    metadata,
    Column("device_id", String(120), primary_key=True),
    Column("person_id", ForeignKey("person.person_id"), nullable=False),
    Column("name", String(400), nullable=False),
    Column("device_key", String(4096), nullable=False),
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("created_at", Moment, nullable=False),
    Column("revoked_at", Moment),
    Column("seen_at", Moment),
    Column("feed_head", BigInteger, nullable=False),  # the highest feed number given out
    Column("feed_floor", BigInteger, nullable=False),  # rows up to here are trimmed
    Column("reset_seq", BigInteger, nullable=False),  # the newest `reset` of the feed: reading from it is always whole
    Column("reset_at", Moment),
    Column("decision_seq", BigInteger, nullable=False),  # the highest `Sent.seq` seen
    Column("purged_at", Moment),  # a revoked device said that it holds nothing any more
)

item = Table(
    "item",
    metadata,
    Column("item_id", String(120), primary_key=True),
    Column("queue", ForeignKey("queue.queue"), nullable=False),
    Column("rev", BigInteger, nullable=False),
    Column("content_sha256", String(64), nullable=False),
    Column("policy_id", String(120), nullable=False),
    Column("language", String(35), nullable=False),  # primary subtag, lower case
    Column("rank", Integer, nullable=False),  # minus the priority: small comes first
    Column("created_at", Moment, nullable=False),
    Column("state", String(10), nullable=False),  # see catalogue.ItemState
    Column("lease_gen", BigInteger, nullable=False),  # the fencing number given out last; 0 before the first lease
    Column("fingerprint", String(64), nullable=False),  # sha256 of the body as revision 1: what "changed" means
    Column("severity", Integer, nullable=False, default=0),  # 1 to 4; 0 when nobody has an idea
    Index(
        "item_waiting",
        "queue",
        "rank",
        "created_at",
        "item_id",
        "severity",
        sqlite_where=text("state = 'waiting'"),
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "item_waiting_severe",
        "queue",
        "rank",
        "created_at",
        "item_id",
        sqlite_where=text("state = 'waiting' AND severity >= 3"),
        postgresql_where=text("state = 'waiting' AND severity >= 3"),
    ),
)

item_body = Table(  # apart from `item`, whose small rows change often
    "item_body",
    metadata,
    Column("item_id", ForeignKey("item.item_id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # the wire Item, canonical JSON, spliced into replies as it is
)

media = Table(
    "media",
    metadata,
    Column("media_id", String(64), primary_key=True),
    Column("mime", String(120), nullable=False),
    Column("size", BigInteger, nullable=False),
)

item_media = Table(
    "item_media",
    metadata,
    Column("item_id", ForeignKey("item.item_id"), primary_key=True),
    Column("media_id", ForeignKey("media.media_id"), primary_key=True),
    Index("item_media_file", "media_id"),
)

policy = Table(
    "policy",
    metadata,
    Column("policy_id", String(120), primary_key=True),
    Column("version", BigInteger, primary_key=True, autoincrement=False),
    Column("accepts_from", BigInteger, nullable=False),
    Column("title", String(400), nullable=False),
    Column("published_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),  # the wire Policy, canonical JSON
)

lease = Table(  # every grant there ever was; at most one per item is live
    "lease",
    metadata,
    Column("item_id", ForeignKey("item.item_id"), primary_key=True),
    Column("lease_gen", BigInteger, primary_key=True, autoincrement=False),
    Column("device_id", ForeignKey("device.device_id"), nullable=False),
    Column("person_id", ForeignKey("person.person_id"), nullable=False),
    Column("granted_at", Moment, nullable=False),
    Column("expires_at", Moment, nullable=False),
    Column("ended_at", Moment),
    Column("ended_because", String(20)),
    Index(
        "lease_live",
        "item_id",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(
        "lease_held",
        "device_id",
        "expires_at",
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    sqlite_with_rowid=False,
)

feed = Table(  # what each device is to be told, gapless per device
    "feed",
    metadata,
    Column("device_id", ForeignKey("device.device_id"), primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("op", String(10), nullable=False),  # see feed.Op
    Column("item_id", String(120)),
    Column("because", String(20)),
    Column("policy_id", String(120)),
    Column("version", BigInteger),
    sqlite_with_rowid=False,
)

decision = Table(  # append-only, but for `replaced_by`
    "decision",
    metadata,
    Column("decision_id", String(36), primary_key=True),
    Column("item_id", String(120), nullable=False),
    Column("item_rev", BigInteger, nullable=False),
    Column("lease_gen", BigInteger, nullable=False),
    Column("device_id", ForeignKey("device.device_id"), nullable=False),
    Column("person_id", ForeignKey("person.person_id"), nullable=False),
    Column("device_seq", BigInteger, nullable=False),
    Column("policy_id", String(120), nullable=False),
    Column("policy_version", BigInteger, nullable=False),
    Column("verdict", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("code", String(120), nullable=False),
    Column("decided_at", Moment, nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("supersedes", String(36)),
    Column("replaced_by", String(36)),
    Column("body_sha256", String(64), nullable=False),
    Column("body", LargeBinary, nullable=False),  # exactly the bytes the station sent
    Index(
        "decision_counts",
        "item_id",
        "item_rev",
        unique=True,
        sqlite_where=text("outcome IN ('accepted', 'accepted_late') AND replaced_by IS NULL"),
        postgresql_where=text("outcome IN ('accepted', 'accepted_late') AND replaced_by IS NULL"),
    ),
    Index("decision_item", "item_id"),
)

receipt = Table(
    "receipt",
    metadata,
    Column("decision_id", ForeignKey("decision.decision_id"), primary_key=True),
    Column("body", LargeBinary, nullable=False),  # the signed wire Receipt; a replay gets these bytes
)

effect = Table(  # what follows from a decision outside this database, to be carried out once and only after acceptance
    "effect",
    metadata,
    Column("decision_id", ForeignKey("decision.decision_id"), primary_key=True),
    Column("item_id", String(120), nullable=False),
    Column("created_at", Moment, nullable=False),
    Column("done_at", Moment),
)

unproven = Table(  # recovered records that no device of their person has signed: kept for a lead, and in nobody's way
    "unproven",
    metadata,
    Column("decision_id", String(36), primary_key=True),
    Column("body_sha256", String(64), primary_key=True),
    Column("item_id", String(120), nullable=False),
    Column("device_id", ForeignKey("device.device_id"), nullable=False),  # which brought it
    Column("person_id", ForeignKey("person.person_id"), nullable=False),
    Column("received_at", Moment, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("receipt", LargeBinary, nullable=False),  # as in `receipt`
)

unproven_end = Table(  # what a lead made of such a record; both rows stay
    "unproven_end",
    metadata,
    Column("decision_id", String(36), primary_key=True),
    Column("body_sha256", String(64), primary_key=True),
    Column("ended_at", Moment, nullable=False),
    Column("accepted", Boolean, nullable=False),  # False: discarded
    Column("code", String(120), nullable=False),  # of the receipt it got when it was judged; empty when discarded
)
