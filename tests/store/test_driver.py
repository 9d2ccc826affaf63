"""sqlite-utils and sqlcipher3 together: the trap that loses data is closed."""

import subprocess
import sys
from pathlib import Path

import pytest

from modstation.store.cipher import open_database
from modstation.store.driver import Database, IntegrityError

KEY = bytes(32)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    db = open_database(tmp_path / "trap.db", KEY, "new")
    db.execute("CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)")
    return db


def test_a_failed_insert_returning_leaves_no_savepoint_and_later_inserts_persist(db: Database, tmp_path: Path):
    db["t"].insert({"id": 1, "a": "first"})
    with pytest.raises(IntegrityError):
        list(db.query("INSERT INTO t VALUES (1, 'again') RETURNING id"))
    assert not db.conn.in_transaction
    db["t"].insert({"id": 2, "a": "later"})
    db.close()
    again = open_database(tmp_path / "trap.db", KEY, "read")
    assert [row["id"] for row in again["t"].rows] == [1, 2]
    again.close()


def test_sqlite_utils_catches_the_errors_of_our_driver(db: Database):
    db["t"].insert({"id": 1, "a": "x", "new": 1}, alter=True)
    db["missing"].drop(ignore=True)
    assert db.cached_counts() == {}
    db["t"].create_index(["a"], index_name="i")
    db["t"].create_index(["a"], index_name="i", find_unique_name=True)
    db.close()


def test_importing_sqlite_utils_first_is_refused():
    tried = subprocess.run(
        [sys.executable, "-c", "import sqlite_utils, modstation.store.driver"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert tried.returncode != 0
    assert "would lose data" in tried.stderr


def test_nobody_but_the_driver_imports_a_database_module():
    package = Path(__file__).parents[2] / "modstation" / "store"
    guilty = [
        path.name
        for path in package.glob("*.py")
        if path.name != "driver.py" and any(f"import {name}" in path.read_text() for name in ("sqlite", "sqlcipher"))
    ]
    assert guilty == []
