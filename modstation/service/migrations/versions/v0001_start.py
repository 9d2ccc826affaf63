"""The schema of the first release.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table."""
    _people()
    _devices()
    _items()
    _policies_and_leases()
    _decisions()
    _indexes()


def _people() -> None:
    """Who works here, on what."""
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("setting_pk")),
    )
    op.create_table(
        "queue",
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("lease_ttl_s", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("queue", name=op.f("queue_pk")),
    )
    op.create_table(
        "queue_skill",
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("skill", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queue.queue"], name=op.f("queue_skill_queue_fk")),
        sa.PrimaryKeyConstraint("queue", "skill", name=op.f("queue_skill_pk")),
    )
    op.create_table(
        "person",
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("person_pk")),
    )
    op.create_table(
        "person_queue",
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("person_queue_person_id_fk")),
        sa.ForeignKeyConstraint(["queue"], ["queue.queue"], name=op.f("person_queue_queue_fk")),
        sa.PrimaryKeyConstraint("person_id", "queue", name=op.f("person_queue_pk")),
    )
    op.create_table(
        "person_skill",
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("skill", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("person_skill_person_id_fk")),
        sa.PrimaryKeyConstraint("person_id", "skill", name=op.f("person_skill_pk")),
    )
    op.create_table(
        "person_language",
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("person_language_person_id_fk")),
        sa.PrimaryKeyConstraint("person_id", "language", name=op.f("person_language_pk")),
    )


def _devices() -> None:
    """Devices, their codes and their feeds."""
    op.create_table(
        "device",
        sa.Column("device_id", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("name", sa.String(length=400), nullable=False),
        sa.Column("device_key", sa.String(length=4096), nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("seen_at", sa.BigInteger(), nullable=True),
        sa.Column("feed_head", sa.BigInteger(), nullable=False),
        sa.Column("feed_floor", sa.BigInteger(), nullable=False),
        sa.Column("reset_seq", sa.BigInteger(), nullable=False),
        sa.Column("reset_at", sa.BigInteger(), nullable=True),
        sa.Column("decision_seq", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("device_person_id_fk")),
        sa.PrimaryKeyConstraint("device_id", name=op.f("device_pk")),
        sa.UniqueConstraint("token_sha256", name=op.f("device_token_sha256_uq")),
    )
    op.create_table(
        "enrol_code",
        sa.Column("code_sha256", sa.String(length=64), nullable=False),
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("issued_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("device_id", sa.String(length=120), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("enrol_code_person_id_fk")),
        sa.PrimaryKeyConstraint("code_sha256", name=op.f("enrol_code_pk")),
    )
    op.create_table(
        "feed",
        sa.Column("device_id", sa.String(length=120), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("op", sa.String(length=10), nullable=False),
        sa.Column("item_id", sa.String(length=120), nullable=True),
        sa.Column("because", sa.String(length=20), nullable=True),
        sa.Column("policy_id", sa.String(length=120), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("feed_device_id_fk")),
        sa.PrimaryKeyConstraint("device_id", "seq", name=op.f("feed_pk")),
        sqlite_with_rowid=False,
    )


def _items() -> None:
    """Items and their files."""
    op.create_table(
        "item",
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("queue", sa.String(length=120), nullable=False),
        sa.Column("rev", sa.BigInteger(), nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("policy_id", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=35), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lease_gen", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["queue"], ["queue.queue"], name=op.f("item_queue_fk")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("item_pk")),
    )
    op.create_table(
        "item_body",
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("item_body_item_id_fk")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("item_body_pk")),
    )
    op.create_table(
        "media",
        sa.Column("media_id", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=120), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("media_id", name=op.f("media_pk")),
    )
    op.create_table(
        "item_media",
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("media_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("item_media_item_id_fk")),
        sa.ForeignKeyConstraint(["media_id"], ["media.media_id"], name=op.f("item_media_media_id_fk")),
        sa.PrimaryKeyConstraint("item_id", "media_id", name=op.f("item_media_pk")),
    )


def _policies_and_leases() -> None:
    """The rules items are decided by, and who holds which item."""
    op.create_table(
        "policy",
        sa.Column("policy_id", sa.String(length=120), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("accepts_from", sa.BigInteger(), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("policy_id", "version", name=op.f("policy_pk")),
    )
    op.create_table(
        "lease",
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("lease_gen", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("device_id", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("granted_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_because", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("lease_device_id_fk")),
        sa.ForeignKeyConstraint(["item_id"], ["item.item_id"], name=op.f("lease_item_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("lease_person_id_fk")),
        sa.PrimaryKeyConstraint("item_id", "lease_gen", name=op.f("lease_pk")),
        sqlite_with_rowid=False,
    )


def _decisions() -> None:
    """Decisions, receipts, what follows from them."""
    op.create_table(
        "decision",
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("item_rev", sa.BigInteger(), nullable=False),
        sa.Column("lease_gen", sa.BigInteger(), nullable=False),
        sa.Column("device_id", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("device_seq", sa.BigInteger(), nullable=False),
        sa.Column("policy_id", sa.String(length=120), nullable=False),
        sa.Column("policy_version", sa.BigInteger(), nullable=False),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(length=120), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("supersedes", sa.String(length=36), nullable=True),
        sa.Column("replaced_by", sa.String(length=36), nullable=True),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("decision_device_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("decision_person_id_fk")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("decision_pk")),
    )
    op.create_table(
        "receipt",
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.decision_id"], name=op.f("receipt_decision_id_fk")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("receipt_pk")),
    )
    op.create_table(
        "effect",
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("done_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.decision_id"], name=op.f("effect_decision_id_fk")),
        sa.PrimaryKeyConstraint("decision_id", name=op.f("effect_pk")),
    )


def _indexes() -> None:
    """Two of them keep promises: `lease_live` (one holder at a time) and `decision_counts` (one decision counts)."""
    waiting = sa.text("state = 'waiting'")
    columns = ["queue", "rank", "created_at", "item_id"]
    op.create_index("item_waiting", "item", columns, sqlite_where=waiting, postgresql_where=waiting)
    live = sa.text("ended_at IS NULL")
    op.create_index("lease_live", "lease", ["item_id"], unique=True, sqlite_where=live, postgresql_where=live)
    held = ["device_id", "expires_at"]
    op.create_index("lease_held", "lease", held, sqlite_where=live, postgresql_where=live)
    op.create_index("item_media_file", "item_media", ["media_id"])
    counts = sa.text("outcome IN ('accepted', 'accepted_late') AND replaced_by IS NULL")
    pair = ["item_id", "item_rev"]
    op.create_index("decision_counts", "decision", pair, unique=True, sqlite_where=counts, postgresql_where=counts)
    op.create_index("decision_item", "decision", ["item_id"])
