"""Policy versions as the service published them: the newest of each, and those that unsettled decisions name."""

from modstation.core.changes import Changes
from modstation.core.ids import PolicyId
from modstation.store.driver import Database


def put(db: Database, policy_id: PolicyId, version: int, body: bytes) -> Changes:
    """Keep a version. Older ones go, unless a decision in the outbox was made under them."""
    db.conn.execute("INSERT OR REPLACE INTO policies VALUES (?, ?, ?)", (policy_id, version, body))
    db.conn.execute(
        """DELETE FROM policies WHERE policy_id = :id
           AND version < (SELECT max(version) FROM policies WHERE policy_id = :id)
           AND version NOT IN (SELECT policy_version FROM outbox WHERE policy_id = :id)""",
        {"id": policy_id},
    )
    return Changes(policies=frozenset({policy_id}))


def newest(db: Database, policy_id: PolicyId) -> bytes | None:
    """The highest version of a policy, as raw JSON; None when there is none."""
    row = db.conn.execute(
        "SELECT body FROM policies WHERE policy_id = ? ORDER BY version DESC LIMIT 1", (policy_id,)
    ).fetchone()
    return None if row is None else bytes(row[0])


def version(db: Database, policy_id: PolicyId, number: int) -> bytes | None:
    """One version of a policy, as raw JSON; None when it is not kept."""
    row = db.conn.execute(
        "SELECT body FROM policies WHERE policy_id = ? AND version = ?", (policy_id, number)
    ).fetchone()
    return None if row is None else bytes(row[0])


def known(db: Database) -> dict[PolicyId, int]:
    """The newest version number of every policy held."""
    rows = db.conn.execute("SELECT policy_id, max(version) FROM policies GROUP BY policy_id").fetchall()
    return {PolicyId(policy_id): number for policy_id, number in rows}
