"""A keyring in a file, so that a process of its own can open the vault. Imports nothing, as its import is timed."""

from pathlib import Path


class FileKeyring:
    """Keeps worthless keys in the open."""

    backend = "file"

    def __init__(self, path: Path) -> None:
        self._path = path

    def get(self, name: str) -> bytes | None:
        path = self._path / name.replace("/", "_")
        return path.read_bytes() if path.exists() else None

    def put(self, name: str, secret: bytes) -> None:
        self._path.mkdir(parents=True, exist_ok=True)
        (self._path / name.replace("/", "_")).write_bytes(secret)

    def delete(self, name: str) -> None:
        (self._path / name.replace("/", "_")).unlink(missing_ok=True)
