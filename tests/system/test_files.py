"""Small files are replaced wholly or not at all."""

import os
from pathlib import Path

import pytest

from modstation.system.files import write_whole


def test_a_file_is_replaced_and_only_its_owner_may_read_it(tmp_path: Path):
    write_whole(tmp_path / "a", b"one")
    write_whole(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"two"
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_when_the_disk_refuses_the_old_file_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write_whole(tmp_path / "a", b"one")

    def refuse(_: int) -> None:
        raise OSError("no")

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(OSError, match="no"):
        write_whole(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one"
