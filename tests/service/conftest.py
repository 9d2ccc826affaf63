"""A fresh service for each test, on SQLite and, where its programs are installed, on PostgreSQL too."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modstation.service.database import FILE_NAME, open_database
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
    return request.getfixturevalue("cluster").empty_database()


@pytest.fixture(scope="session")
def empty_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite database with the newest schema and nothing in it: copying it is quicker than migrating."""
    folder = tmp_path_factory.mktemp("empty")
    open_database(folder).close()
    return folder / FILE_NAME


@pytest.fixture
def opened(empty_file: Path) -> Iterator[Callable[..., Central]]:
    """Opens services and closes them after the test."""
    made: list[Central] = []

    def open_one(folder: Path, database: str | None = None, **options: Any) -> Central:
        folder.mkdir(exist_ok=True)
        if database is None and not (folder / FILE_NAME).exists():
            shutil.copyfile(empty_file, folder / FILE_NAME)
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
