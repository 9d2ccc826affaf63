"""Leases a person can plan with: a hard maximum, and shorter and fewer ones for severe content.

Revision ID: 0002
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_SOME = 500  # bodies read at once


def upgrade() -> None:
    """Give each queue its limits, and each item the severity they go by."""
    op.add_column("queue", sa.Column("lease_max_s", sa.Integer(), nullable=False, server_default="86400"))
    op.add_column("queue", sa.Column("severe_ttl_s", sa.Integer(), nullable=False, server_default="3600"))
    op.add_column("queue", sa.Column("severe_hold", sa.Integer(), nullable=False, server_default="10"))
    op.add_column("item", sa.Column("severity", sa.Integer(), nullable=False, server_default="0"))
    _fill()
    op.drop_index("item_waiting", "item")
    columns = ["queue", "rank", "created_at", "item_id", "severity"]
    waiting = sa.text("state = 'waiting'")
    op.create_index("item_waiting", "item", columns, sqlite_where=waiting, postgresql_where=waiting)
    severe = sa.text("state = 'waiting' AND severity >= 3")
    op.create_index("item_waiting_severe", "item", columns[:4], sqlite_where=severe, postgresql_where=severe)


def _fill() -> None:
    """Copy the severity out of the items that are here already."""
    conn = op.get_bind()
    last = ""
    while True:
        rows = conn.execute(
            sa.text("SELECT item_id, body FROM item_body WHERE item_id > :last ORDER BY item_id LIMIT :some"),
            {"last": last, "some": _SOME},
        ).all()
        if not rows:
            return
        last = rows[-1].item_id
        found = [{"item_id": row.item_id, "severity": json.loads(bytes(row.body)).get("severity", 0)} for row in rows]
        conn.execute(sa.text("UPDATE item SET severity = :severity WHERE item_id = :item_id"), found)
