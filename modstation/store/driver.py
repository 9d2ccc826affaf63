"""The one place that chooses the database driver, because choosing it wrongly loses data without a word.

sqlite-utils catches the exception classes of the module it was imported with: ``pysqlite3`` if there is one, else the
standard library's ``sqlite3``. sqlcipher3 raises classes of its own. With the wrong pair, a failed
``INSERT … RETURNING`` leaves a savepoint open, and every later insert looks fine and vanishes on close. So sqlcipher3
is registered under the name ``pysqlite3`` before sqlite-utils is imported, here, and everybody else in this package
takes `Database` from here. ``tests/store/test_driver.py`` proves the trap closed.
"""

import sys
from typing import Any

import sqlcipher3
from sqlcipher3 import dbapi2

if "sqlite_utils" in sys.modules and getattr(sys.modules.get("sqlite_utils.utils"), "sqlite3", None) is not sqlcipher3:
    raise ImportError(
        "sqlite_utils was imported before modstation.store.driver, so it works with another driver and would lose data."
    )
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

from sqlite_utils import Database  # noqa: E402 - the two lines above must come first; that is what this module is for

DatabaseError: type[Exception] = dbapi2.DatabaseError
OperationalError: type[Exception] = dbapi2.OperationalError
IntegrityError: type[Exception] = dbapi2.IntegrityError

__all__ = ["Database", "DatabaseError", "IntegrityError", "OperationalError", "connection"]


def connection(address: str) -> Any:
    """A bare connection to a ``file:`` address, every statement its own transaction until BEGIN is said.

    It may be handed from the thread that opened it to the one that works with it; never shared by two at a time.
    """
    return dbapi2.connect(address, uri=True, isolation_level=None, check_same_thread=False)
