"""A private PostgreSQL cluster for tests, where its programs are installed: own data, own socket, no TCP."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

BIN = Path("/usr/lib/postgresql/15/bin")
AVAILABLE = (BIN / "initdb").exists() and (os.getuid() != 0 or shutil.which("runuser") is not None)


class Cluster:
    """A running cluster with one database, emptied for each test: that is quicker than making new ones."""

    def __init__(self, socket: Path, user: str) -> None:
        self.url = f"postgresql://{user}@/postgres?host={socket}"

    def empty_database(self) -> str:
        with psycopg.connect(self.url, autocommit=True) as conn:
            rows = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
            names = ", ".join(name for (name,) in rows if name != "alembic_version")
            if names:
                conn.execute(f"TRUNCATE {names} CASCADE")
        return self.url

    def bare_database(self) -> str:
        """Without any table, as before the first service."""
        with psycopg.connect(self.url, autocommit=True) as conn:
            conn.execute("DROP SCHEMA public CASCADE")
            conn.execute("CREATE SCHEMA public")
        return self.url


@contextmanager
def running() -> Iterator[Cluster]:
    as_root = os.getuid() == 0
    user = "postgres" if as_root else os.environ.get("USER", "postgres")
    before = ["runuser", "-u", "postgres", "--"] if as_root else []
    home = Path(tempfile.mkdtemp(prefix="mspg-"))
    data = home / "data"
    if as_root:
        shutil.chown(home, "postgres", "postgres")

    def run(*command: str) -> None:
        done = subprocess.run([*before, *command], cwd=home, check=False, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(f"{command[0]} failed: {done.stderr or done.stdout}")

    try:
        run(str(BIN / "initdb"), "-D", str(data), "-U", user, "-A", "trust", "--no-sync", "-E", "UTF8", "--no-locale")
        options = f"-c listen_addresses= -c unix_socket_directories={home} -c fsync=off -c max_connections=60"
        run(str(BIN / "pg_ctl"), "-D", str(data), "-w", "-l", str(home / "log"), "-o", options, "start")
        try:
            yield Cluster(home, user)
        finally:
            run(str(BIN / "pg_ctl"), "-D", str(data), "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
