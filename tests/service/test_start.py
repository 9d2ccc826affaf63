"""Starting, stopping and starting again: keys, schema, data folder, and the process itself."""

import os
import re
import signal
import socket
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import text

from modstation.core.problem import Problem
from modstation.service import folder, server
from modstation.service.database import FILE_NAME, open_database
from modstation.service.keys import open_keys
from modstation.service.tables import metadata
from tests.support.central import Central

SERVE = "import sys, pathlib; from modstation.service.server import serve; serve(pathlib.Path(sys.argv[1]), port=0)"


@pytest.fixture
def process(tmp_path: Path) -> Iterator[Callable[[], tuple[subprocess.Popen[str], str]]]:
    """Starts a service process; gives it and its address."""
    started: list[subprocess.Popen[str]] = []

    def start() -> tuple[subprocess.Popen[str], str]:
        one = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(tmp_path / "data")],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        started.append(one)
        assert one.stdout is not None
        line = one.stdout.readline()
        found = re.fullmatch(r"ModStation service ready at (http://127\.0\.0\.1:\d+)\n", line)
        assert found, line + (one.stderr.read() if one.stderr else "")
        return one, found.group(1)

    yield start
    for one in started:
        one.kill()
        one.communicate()


def test_the_process_says_where_it_is_keeps_its_keys_and_stops_when_told(process: Any, tmp_path: Path) -> None:
    one, url = process()
    card = httpx2.get(f"{url}/v1/service").json()
    assert httpx2.get(f"{url}/readyz").json() == {"status": "ready"}
    second = subprocess.run(
        [sys.executable, "-c", SERVE, str(tmp_path / "data")], capture_output=True, text=True, check=False
    )
    assert "service.folder_in_use" in second.stderr
    one.send_signal(signal.SIGTERM)
    assert one.wait(timeout=20) == 0
    again, url = process()
    assert httpx2.get(f"{url}/v1/service").json() == card
    again.kill()
    again.wait(timeout=20)
    _, url = process()
    assert httpx2.get(f"{url}/v1/service").json() == card


def test_the_key_file_is_for_its_owner_only(on_sqlite: Central, tmp_path: Path) -> None:
    mode = (tmp_path / "data" / "service.key").stat().st_mode
    assert stat.S_IMODE(mode) == 0o600


def test_the_database_is_for_its_owner_only_whatever_the_process_allows_others(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        tmp_path.chmod(0o755)
        database = open_database(tmp_path)
        database.write(lambda conn: conn.execute(text("CREATE TABLE something (n INTEGER)")))
        made = {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.iterdir()}
        database.close()
    finally:
        os.umask(before)
    assert made == {FILE_NAME + end: 0o600 for end in ("", "-wal", "-shm")}


@pytest.mark.parametrize(
    ("broken", "code"), [(None, "keys_missing"), ("{}", "keys_unreadable"), ("x", "keys_unreadable")]
)
def test_lost_keys_are_never_replaced_by_new_ones(opened: Any, tmp_path: Path, broken: str | None, code: str) -> None:
    opened(tmp_path / "data").close()
    key = tmp_path / "data" / "service.key"
    key.unlink() if broken is None else key.write_text(broken)
    with pytest.raises(Problem) as found:
        opened(tmp_path / "data")
    assert found.value.code == f"service.{code}"
    assert key.exists() == (broken is not None)


def test_another_services_keys_are_not_taken(opened: Any, tmp_path: Path) -> None:
    opened(tmp_path / "data").close()
    (tmp_path / "other").mkdir()
    open_keys(tmp_path / "other", os.urandom, None)
    (tmp_path / "other" / "service.key").replace(tmp_path / "data" / "service.key")
    with pytest.raises(Problem) as found:
        opened(tmp_path / "data")
    assert found.value.code == "service.keys_foreign"


def test_the_migrations_make_exactly_the_tables_the_code_expects(central: Central) -> None:
    with central.database.engine.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), metadata) == []
    assert central.database.is_ready()


def test_opening_again_changes_nothing_and_a_database_from_the_future_is_left_alone(tmp_path: Path) -> None:
    open_database(tmp_path).close()
    database = open_database(tmp_path)
    database.write(lambda conn: conn.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    assert not database.is_ready()
    database.close()
    before = (tmp_path / FILE_NAME).read_bytes()
    with pytest.raises(Problem) as found:
        open_database(tmp_path)
    assert found.value.code == "service.database_from_future"
    assert (tmp_path / FILE_NAME).read_bytes() == before


@pytest.mark.parametrize(
    ("url", "code"), [("mysql://x/y", "database_unknown"), ("postgresql://127.0.0.1:1/no", "database_unreachable")]
)
def test_a_database_that_can_not_be_used_is_named(url: str, code: str) -> None:
    with pytest.raises(Problem) as found:
        open_database(url)
    assert found.value.code == f"service.{code}"


def test_a_file_that_is_no_database_is_told_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(bytes(range(256)) * 16)
    with pytest.raises(Problem) as found:
        open_database(tmp_path)
    assert found.value.code == "service.database_unusable"
    assert (tmp_path / FILE_NAME).read_bytes() == bytes(range(256)) * 16


def test_sqlite_is_current_durable_and_strict(on_sqlite: Central) -> None:
    def pragmas(conn: Any) -> list[Any]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [conn.scalar(text(f"PRAGMA {name}")) for name in names]

    assert on_sqlite.database.read(pragmas) == ["wal", 2, 1]
    version = on_sqlite.database.read(lambda conn: conn.scalar(text("SELECT sqlite_version()")))
    assert tuple(map(int, version.split("."))) >= (3, 51, 3)


def test_small_replies_are_not_held_back_by_the_socket() -> None:
    with server._listen("127.0.0.1", 0) as listening:
        assert listening.proto == socket.IPPROTO_TCP  # else asyncio leaves Nagle's algorithm on


def test_a_port_that_is_taken_is_named() -> None:
    with server._listen("127.0.0.1", 0) as taken:
        taken.listen()
        with pytest.raises(Problem, match="port_taken"):
            server._listen("127.0.0.1", taken.getsockname()[1])


def test_one_service_at_a_time_uses_a_folder(tmp_path: Path) -> None:
    with folder.lock(tmp_path), pytest.raises(Problem, match="folder_in_use"):
        folder.lock(tmp_path)
    folder.lock(tmp_path).release()
