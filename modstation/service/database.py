"""Opening the service's database: one SQLite file by default, PostgreSQL by URL; brought to the newest schema.

SQLite runs through sqlcipher3 (without a key) because it brings a current SQLite: the system's may carry the WAL-reset
bug (fixed in 3.51.3), which needs the two connections we have.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any, TypeVar

import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, event, text
from sqlalchemy.exc import DatabaseError, OperationalError
from sqlcipher3 import dbapi2

from modstation.core.problem import Problem

T = TypeVar("T")

FILE_NAME = "service.db"
_MIGRATIONS = Path(__file__).parent / "migrations"
_ATTEMPTS = 3
_TRY_AGAIN = ("40P01", "40001")  # PostgreSQL: deadlock detected, serialisation failure
# PostgreSQL lets writers run side by side; one that runs again after a deadlock runs alone, so that there is no third.
_TOGETHER = "SELECT pg_advisory_xact_lock_shared(7105001)"
_ALONE = "SELECT pg_advisory_xact_lock(7105001)"
# SQLite's driver begins nothing by itself (see `connected`). A writer takes its turn at once, not at its first write.
_BEGIN_WRITING = "BEGIN IMMEDIATE"
_BEGIN_READING = "BEGIN"
_READ_POSTGRESQL = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}  # one look, one picture

_log = structlog.get_logger(__name__)


class Database:
    """An open database. Units of work are functions of a connection; a writing one may run again after a deadlock."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        # SQLite has one writer at a time and lets others poll for their turn: within this process we queue instead.
        self._turn = Lock() if self._is_sqlite else nullcontext()

    def write(self, unit: Callable[[Connection], T]) -> T:
        """Run `unit` in one writing transaction: all of it happens, or nothing."""
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._turn, self.engine.begin() as conn:
                    first = _BEGIN_WRITING if self._is_sqlite else _TOGETHER if attempt == 1 else _ALONE
                    conn.exec_driver_sql(first)
                    return unit(conn)
            except OperationalError as error:
                if attempt == _ATTEMPTS or getattr(error.orig, "sqlstate", "") not in _TRY_AGAIN:
                    raise
                _log.info("transaction_again", attempt=attempt)
        raise AssertionError  # the loop returns or raises

    def read(self, unit: Callable[[Connection], T]) -> T:
        """Run `unit` in a transaction that never waits for a writer and must not write."""
        with self.engine.connect() as conn:
            if self._is_sqlite:
                conn.exec_driver_sql(_BEGIN_READING)
            else:
                conn.execution_options(**_READ_POSTGRESQL)
            return unit(conn)

    def is_ready(self) -> bool:
        """Whether the database answers and has the newest schema."""
        found = self.read(lambda conn: conn.scalar(text("SELECT version_num FROM alembic_version")))
        return bool(found == _newest())

    def close(self) -> None:
        """Give every connection back."""
        self.engine.dispose()


def open_database(where: str | Path, *, make: bool = True) -> Database:
    """Open the database in a data folder or at a SQLAlchemy URL, and bring it to the newest schema.

    Args:
        where: a data folder (the file is ``service.db`` in it), or ``postgresql://…`` / ``postgresql+psycopg://…``.
        make: whether it is made when there is none.

    Raises:
        Problem: ``service.nothing_here`` when there is none and it is not to be made; nothing is written then.
        Problem: ``service.database_unknown`` for any other URL, ``service.database_from_future`` when a newer
            ModStation has written it, ``service.database_unreachable`` when it does not answer,
            ``service.database_unusable`` when it is damaged or does not let us in.
    """
    text_of = str(where)
    if text_of.startswith(("postgresql://", "postgresql+psycopg://")):
        url = "postgresql+psycopg://" + text_of.split("://", 1)[1]
        engine = create_engine(url, hide_parameters=True, pool_size=10, max_overflow=10, pool_pre_ping=True)
    elif "://" in text_of:
        raise Problem("service.database_unknown", "This kind of database is not supported.", "Use postgresql://…")
    else:
        if not make and not (Path(where) / FILE_NAME).is_file():
            raise _nothing_here(text_of)
        engine = _sqlite(Path(where) / FILE_NAME)
    try:
        with engine.begin() as conn:
            if engine.dialect.name == "sqlite":
                conn.exec_driver_sql(_BEGIN_WRITING)
            _migrate(conn, make=make)
    except OperationalError as error:
        engine.dispose()
        raise Problem("service.database_unreachable", "The database does not answer.", str(error.orig)) from error
    except DatabaseError as error:
        engine.dispose()
        advice = str(error.orig)
        if engine.dialect.name == "sqlite":
            advice += ". Put the last backup back: modstation admin restore."
        raise Problem("service.database_unusable", "The database can't be used.", advice) from error
    except Problem:
        engine.dispose()
        raise
    return Database(engine)


def connect(file: Path) -> Any:
    """A SQLite file by itself, as it is: for copying and looking, without a pool and without migrations."""
    conn = dbapi2.connect(str(file), timeout=30)
    conn.isolation_level = None
    return conn


def insert_many(conn: Connection, table: Table, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert many plain rows with little ado: times as microseconds, everything else as the driver takes it."""
    if rows:
        mark = "%s" if conn.dialect.paramstyle in {"format", "pyformat"} else "?"
        marks = ", ".join([mark] * len(columns))
        # Only names from `tables` go into the text; values are bound.
        conn.exec_driver_sql(f"INSERT INTO {table.name} ({', '.join(columns)}) VALUES ({marks})", list(rows))  # noqa: S608


def _sqlite(file: Path) -> Engine:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not file.exists():
        with suppress(OSError):  # SQLite says it better
            file.touch(mode=0o600)  # and what SQLite puts beside it gets the same mode
    engine = create_engine(f"sqlite:///{file}", module=dbapi2, hide_parameters=True, pool_size=20, max_overflow=40)

    def connected(raw: Any, _record: Any) -> None:
        raw.isolation_level = None  # transactions begin by our own word
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            "busy_timeout=30000",
            "cache_size=-65536",
            "temp_store=MEMORY",
        ):
            raw.execute(f"PRAGMA {pragma}")

    event.listen(engine, "connect", connected)
    return engine


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@cache
def _newest() -> str | None:
    """The newest schema there is a script for; asked for by every health check."""
    return ScriptDirectory.from_config(_config()).get_current_head()


def _nothing_here(where: str) -> Problem:
    return Problem(
        "service.nothing_here",
        "There is no service here.",
        "Look at the spelling of --data (or --database); `modstation serve` or `modstation admin queue add` makes one.",
        where,
    )


def _migrate(conn: Connection, *, make: bool) -> None:
    """Bring the schema to the newest version, inside the caller's transaction."""
    current = MigrationContext.configure(conn).get_current_revision()
    if current == _newest():
        return
    config = _config()
    scripts = ScriptDirectory.from_config(config)
    if current is None and not make:
        raise _nothing_here("the database")  # its URL may hold a password
    if current is not None and current not in {script.revision for script in scripts.walk_revisions()}:
        raise Problem(
            "service.database_from_future",
            "A newer ModStation has written this database.",
            "Install that version or a later one; nothing was changed.",
        )
    config.attributes["connection"] = conn
    command.upgrade(config, "head")
