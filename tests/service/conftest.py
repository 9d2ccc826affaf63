"""A fresh service for each test, on SQLite and, where its programs are installed, on PostgreSQL too."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import postgres
from tests.support.central import Central

BACKENDS = ("sqlite", "postgresql") if postgres.AVAILABLE else ("sqlite",)


@pytest.fixture(scope="session")
def cluster() -> Iterator[postgres.Cluster]:
    with postgres.running() as running:
        yield running


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str | None:
    """Where the database is: None for SQLite in the data folder."""
    if request.param == "sqlite":
        return None
    return request.getfixturevalue("cluster").new_database()


@pytest.fixture
def opened() -> Iterator[Callable[..., Central]]:
    """Opens services and closes them after the test."""
    made: list[Central] = []

    def open_one(folder: Path, database: str | None = None, **options: Any) -> Central:
        made.append(Central(folder, database, **options))
        return made[-1]

    yield open_one
    for one in made:
        one.close()


@pytest.fixture
def central(opened: Callable[..., Central], tmp_path: Path, database_url: str | None) -> Central:
    """An empty service, on either database."""
    return opened(tmp_path / "data", database_url)


@pytest.fixture
def on_sqlite(opened: Callable[..., Central], tmp_path: Path) -> Central:
    """An empty service on SQLite, for what does not depend on the database."""
    return opened(tmp_path / "data")
