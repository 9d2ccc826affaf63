"""What recovery leaves behind: records nobody could prove, and when a removed device said that it holds nothing.

Revision ID: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table and the column."""
    op.add_column("device", sa.Column("purged_at", sa.BigInteger(), nullable=True))
    op.create_table(
        "unproven",
        sa.Column("decision_id", sa.String(length=36), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("item_id", sa.String(length=120), nullable=False),
        sa.Column("device_id", sa.String(length=120), nullable=False),
        sa.Column("person_id", sa.String(length=120), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("receipt", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["device_id"], ["device.device_id"], name=op.f("unproven_device_id_fk")),
        sa.ForeignKeyConstraint(["person_id"], ["person.person_id"], name=op.f("unproven_person_id_fk")),
        sa.PrimaryKeyConstraint("decision_id", "body_sha256", name=op.f("unproven_pk")),
    )
