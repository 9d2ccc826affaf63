"""Backup and restore: consistent while the service writes, whole or not at all, and nothing decided is lost by it."""

import hashlib
import json
import os
import random
import shutil
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import OperationalError
from sqlcipher3 import dbapi2

from modstation.__main__ import main
from modstation.core.problem import Problem
from modstation.service import devices, folder, identity, keys
from modstation.service.admin import backup
from modstation.service.admin import restore as restoring
from modstation.service.admin.restored import Missing, Restored, as_data, as_words
from modstation.service.tables import item_media, media
from modstation.wire.recovery import ReceiptsReply, ReceiptsRequest
from tests.support.builders import NOW
from tests.support.central import QUEUE, Central, Post, one_item

KEPT = "replaced-"


@pytest.fixture
def admin(capsys: Any) -> Callable[..., tuple[int, Any, str]]:
    """Run a command on a data folder; gives exit code, the JSON answer, standard error."""

    def run(data: Path, *words: str) -> tuple[int, Any, str]:
        code = main(["admin", *words, "--data", str(data), "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return run


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def make(data: Path, file: Path, *, with_media: bool = False) -> backup.Contents:
    return backup.make(data, file, NOW, with_media=with_media, advance=lambda _done: None)


def put_back(data: Path, file: Path) -> Restored:
    return restoring.restore(data, file, NOW, os.urandom, lambda _done: None)


def tables(file: Path) -> dict[str, list[Any]]:
    """Everything in a database."""
    with closing(dbapi2.connect(str(file))) as conn:
        names = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: conn.execute(f"SELECT * FROM {name} ORDER BY 1").fetchall() for name in names}


def kept(data: Path) -> list[Path]:
    return sorted(data.glob(KEPT + "*/service.db"))


def decide(post: Post, *numbers: int) -> list[Any]:
    return [post.decide(post.decision(f"item-{n:05}"))[0] for n in numbers]


def test_a_restored_backup_loses_no_decision_and_applies_none_twice(opened: Any, data: Path, tmp_path: Path) -> None:
    central = opened(data)
    central.furnish(items=10)
    post = central.post()
    post.pull(room=10)
    made = [post.decision(f"item-{n:05}") for n in range(10)]
    early = post.decide(*made[:4])
    make(data, tmp_path / "backup")
    post.decide(*made[4:])
    post.sync()
    central.close()
    done = put_back(data, tmp_path / "backup")
    post.central = again = opened(data)
    reply = ask(post, *[one.decision_id for one in made])
    assert reply.epoch == done.epoch != post.epoch
    assert reply.receipts == tuple(early)
    assert reply.unknown == tuple(one.decision_id for one in made[4:])
    post.held = {}
    sent_again = post.decide(*made[4:])
    assert {one.outcome.value for one in sent_again} == {"accepted"}, "the backup knows their leases"
    assert tuple(post.decide(*made)) == (*early, *sent_again)
    now = again.stats()
    assert (now.accepted_items, now.effects, now.applied_twice) == (10, 10, 0)
    post.pull(room=10)
    assert not post.held


def ask(post: Post, *ids: str) -> ReceiptsReply:
    status, _, body = post.central.ask(
        "POST", "/v1/receipts", headers=post.bearer, content=msgspec.json.encode(ReceiptsRequest(ids))
    )
    assert status == 200, body
    return msgspec.json.decode(body, type=ReceiptsReply, strict=True)


def put_both(conn: Any, value: str) -> None:
    identity.put(conn, "zz-one", value)
    identity.put(conn, "aa-two", value)


def test_a_backup_made_while_the_service_writes_is_of_one_moment(opened: Any, data: Path, tmp_path: Path) -> None:
    central = opened(data)
    central.furnish(items=400)
    stop = threading.Event()

    def write() -> None:
        # Two rows that belong together, always changed in one transaction.
        counted = count()
        while not stop.is_set():
            central.write(lambda conn: put_both(conn, str(next(counted))))

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for n in range(4):
            make(data, tmp_path / f"backup-{n}")
    finally:
        stop.set()
        writer.join()
    for n in range(4):
        put_back(tmp_path / f"restored-{n}", tmp_path / f"backup-{n}")
        found = tables(tmp_path / f"restored-{n}" / "service.db")
        pair = [value for name, value in found["setting"] if name in {"zz-one", "aa-two"}]
        assert len(set(pair)) <= 1
        assert len(found["item"]) == 400


def test_files_that_are_missing_after_a_restore_are_named_with_an_item(opened: Any, data: Path, tmp_path: Path) -> None:
    central = opened(data)
    central.furnish(items=3)
    picture = tmp_path / "picture"
    picture.write_bytes(b"not really a picture")
    media_id, size = central.service.files.add(picture)

    def unit(conn: Any) -> None:
        conn.execute(insert(media).values(media_id=media_id, mime="image/png", size=size))
        conn.execute(insert(item_media), [{"media_id": media_id, "item_id": f"item-{n:05}"} for n in (2, 1)])

    central.write(unit)
    file = tmp_path / "backup"
    make(data, file)
    done = put_back(tmp_path / "elsewhere", file)
    assert (done.media_missing, done.missing) == (1, (Missing(media_id, "item-00001"),))
    assert as_words(done)[1:3] == [
        "Media that are missing: 1. Copy them into the folder `media`, to these names:",
        f"  {media_id[:2]}/{media_id}, of the item item-00001",
    ]
    assert list(as_data(done)["missing"]) == [{"media_id": media_id, "item_id": "item-00001"}]
    many = replace(done, missing=done.missing * 30)
    assert "  and 10 more; --json lists them all" in as_words(many)


def test_a_backup_brings_a_service_back_on_an_empty_computer(
    opened: Any, data: Path, tmp_path: Path, admin: Any
) -> None:
    central = opened(data)
    central.furnish(items=3)
    picture = tmp_path / "picture"
    picture.write_bytes(b"not really a picture")
    media_id, size = central.service.files.add(picture)
    central.write(
        lambda conn: conn.execute(
            text("INSERT INTO media (media_id, mime, size) VALUES (:id, 'image/png', :size)"),
            {"id": media_id, "size": size},
        )
    )
    post = central.post()
    file = tmp_path / "backup"
    code, told, err = admin(data, "backup", str(file), "--with-media")
    assert (code, told["keys"], told["media"], err) == (0, True, 1, "")
    assert file.stat().st_mode & 0o777 == 0o600
    key = central.service.keys.signing_public
    shutil.rmtree(data)
    elsewhere = tmp_path / "elsewhere"
    code, told, err = admin(elsewhere, "restore", str(file))
    assert (code, told["stations"], told["media_missing"], told["kept"], err) == (0, 1, 0, None, "")
    assert any("modstation serve" in line for line in told["next"])
    again = opened(elsewhere)
    assert again.service.keys.signing_public == key
    assert again.service.files.path(media_id).read_bytes() == b"not really a picture"
    post.central = again
    post.pull(room=3)
    assert len(post.held) == 3


def test_a_backup_never_writes_over_a_file_and_leaves_nothing_when_it_fails(
    opened: Any, data: Path, tmp_path: Path, admin: Any, monkeypatch: Any
) -> None:
    opened(data).furnish()
    there = tmp_path / "there"
    there.write_text("mine")
    assert admin(data, "backup", str(there))[0] == 1
    assert there.read_text() == "mine"
    assert "no service here" in admin(tmp_path / "nowhere", "backup", str(tmp_path / "new"))[2]
    before = sorted(tmp_path.iterdir())
    monkeypatch.setattr(backup.os, "link", raising(OSError(28, "No space left on device")))
    with pytest.raises(OSError, match="No space"):
        make(data, tmp_path / "new")
    assert sorted(tmp_path.iterdir()) == before


def test_a_file_that_is_removed_meanwhile_is_told_and_no_backup_is_left(
    opened: Any, data: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    central = opened(data)
    central.furnish()
    media_id = central.service.files.keep(b"not really a picture")
    central.write(lambda conn: conn.execute(text(f"INSERT INTO media VALUES ('{media_id}', 'image/png', 20)")))
    pack = backup._pack

    def late(*given: Any) -> None:
        central.service.files.path(media_id).unlink()
        pack(*given)

    monkeypatch.setattr(backup, "_pack", late)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(Problem, match=r"backup\.changed"):
        make(data, tmp_path / "new", with_media=True)
    assert sorted(tmp_path.iterdir()) == before


def raising(error: BaseException) -> Callable[..., Any]:
    def fail(*_args: Any, **_options: Any) -> Any:
        raise error

    return fail


def test_nothing_is_restored_under_a_running_service(opened: Any, data: Path, tmp_path: Path, admin: Any) -> None:
    opened(data).furnish(items=1)
    make(data, tmp_path / "backup")
    with folder.lock(data):
        code, _, err = admin(data, "restore", str(tmp_path / "backup"))
        assert (code, "The service is running on this data folder." in err) == (1, True)
        assert "Stop the service, then give the command again." in err
        assert admin(data, "restore")[0] == 1
    assert kept(data) == []


def test_the_replaced_database_is_kept_whole(opened: Any, data: Path, tmp_path: Path) -> None:
    central = opened(data)
    central.furnish(items=2)
    make(data, tmp_path / "backup")
    central.add(one_item(7))
    central.close()
    before = tables(data / "service.db")
    done = put_back(data, tmp_path / "backup")
    assert done.kept is not None
    assert tables(done.kept / "service.db") == before
    assert len(tables(data / "service.db")["item"]) == 2
    second = put_back(data, tmp_path / "backup")
    assert second.kept not in {None, done.kept}
    assert tables(done.kept / "service.db") == before


def test_a_damaged_database_is_kept_too_and_replaced(opened: Any, data: Path, tmp_path: Path) -> None:
    central = opened(data)
    central.furnish(items=2)
    make(data, tmp_path / "backup")
    central.close()
    spoilt = bytes(4096) + (data / "service.db").read_bytes()[4096:]
    (data / "service.db").write_bytes(spoilt)
    (data / "service.db-wal").write_bytes(b"what was left of a log")
    done = put_back(data, tmp_path / "backup")
    assert done.kept is not None
    assert (done.kept / "service.db").read_bytes() == spoilt
    assert (done.kept / "service.db-wal").read_bytes() == b"what was left of a log"
    assert done.joined_since is None
    assert opened(data).stats().queues == {QUEUE: 2}


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), OperationalError("", {}, Exception())])
def test_a_restore_that_fails_late_leaves_no_second_name_of_the_live_database(
    opened: Any, data: Path, tmp_path: Path, monkeypatch: Any, error: Exception
) -> None:
    central = opened(data)
    central.furnish(items=1)
    make(data, tmp_path / "backup")
    central.close()

    def fails(*_args: Any) -> None:
        raise error

    monkeypatch.setattr(restoring, "_renew", fails)
    with pytest.raises(type(error)):
        put_back(data, tmp_path / "backup")
    assert not list(data.glob("replaced-*"))
    assert (data / "service.db").stat().st_nlink == 1


def test_a_damaged_or_foreign_file_changes_nothing(opened: Any, data: Path, tmp_path: Path) -> None:
    central = opened(data)
    central.furnish(items=1)
    make(data, tmp_path / "backup")
    central.close()
    whole = (tmp_path / "backup").read_bytes()
    (data / folder.FILE_NAME).touch()
    before = sorted(data.iterdir()), hashlib.sha256((data / "service.db").read_bytes()).digest()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for spoilt in (b"", b"hello", whole[: len(whole) // 2], bytes(flipped)):
        (tmp_path / "spoilt").write_bytes(spoilt)
        with pytest.raises(Problem) as found:
            put_back(data, tmp_path / "spoilt")
        assert found.value.code == "restore.damaged"
    another = tmp_path / "another"
    another.mkdir()
    keys.open_keys(another, random.Random(99).randbytes, None)
    with pytest.raises(Problem) as found:
        put_back(another, tmp_path / "backup")
    assert found.value.code == "restore.other_service"
    assert before == (sorted(data.iterdir()), hashlib.sha256((data / "service.db").read_bytes()).digest())


def test_a_database_that_is_not_the_one_listed_is_refused(
    opened: Any, data: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    opened(data).furnish(items=1)
    monkeypatch.setattr(backup, "_part", lambda file: backup.Part(file.name, file.stat().st_size, "0" * 64))
    make(data, tmp_path / "backup")
    with pytest.raises(Problem) as found:
        put_back(tmp_path / "new", tmp_path / "backup")
    assert found.value.code == "restore.damaged"


class Killed(BaseException):
    """Stands for the end of the process."""


STEPS = ((os, "link"), (os, "fsync"), (Path, "replace"), (Path, "unlink"), (shutil, "rmtree"))


@pytest.mark.parametrize("folder_was", ["a service", "a service without its key", "empty"])
def test_killed_between_any_two_steps_leaves_the_old_service_or_the_new_one(
    opened: Any, data: Path, tmp_path: Path, monkeypatch: Any, folder_was: str
) -> None:
    central = opened(data)
    central.furnish(items=2)
    file = tmp_path / "backup"
    make(data, file)
    central.add(one_item(7))
    central.close()
    if folder_was == "a service without its key":
        (data / "service.key").unlink()
    elif folder_was == "empty":
        shutil.rmtree(data)
        data.mkdir()
    start = tmp_path / "start"
    data.rename(start)
    seen: set[int] = set()
    step = 0
    while True:
        shutil.rmtree(data, ignore_errors=True)
        shutil.copytree(start, data)
        step += 1
        with monkeypatch.context() as patched:
            finished = killed_at(patched, step, lambda: put_back(data, file))
        if finished:
            break
        seen.add(state_of(opened, data))
        put_back(data, file)  # and giving the command again does it
        assert state_of(opened, data) == 2
    assert step > 8
    assert seen == {"a service": {3, 2}, "a service without its key": {0, 3, 2}, "empty": {0, 2}}[folder_was]


def state_of(opened: Any, data: Path) -> int:
    """How many items the service in the folder has: 3 the old one, 2 the new one; 0 when it can't be started."""
    if not (data / "service.db").is_file():
        assert not (data / "service.key").exists()  # or a new, empty service could begin with it
        return 0
    try:
        central = opened(data)
    except Problem as problem:
        return {"service.keys_missing": 0}[problem.code]
    try:
        return sum(central.stats().items.values())
    finally:
        central.close()


def killed_at(patched: Any, step: int, work: Callable[[], Any]) -> bool:
    """Run `work`, ended before its nth change of the disk; whether it came to its end before that."""
    done = 0

    def counting(real: Callable[..., Any]) -> Callable[..., Any]:
        def change(*args: Any, **options: Any) -> Any:
            nonlocal done
            done += 1
            if done == step:
                raise Killed
            return real(*args, **options)

        return change

    for owner, name in STEPS:
        patched.setattr(owner, name, counting(getattr(owner, name)))
    try:
        work()
    except Killed:
        return False
    return True


def test_what_was_decided_about_stations_since_the_backup_is_done_again_or_told(
    opened: Any, data: Path, tmp_path: Path
) -> None:
    central = opened(data)
    central.furnish(items=1)
    stays, removed = central.post(), central.post()
    unused = central.code()
    make(data, tmp_path / "backup")
    central.write(lambda conn: devices.revoke_device(conn, removed.device_id, central.clock.now()))
    joined = central.post()
    central.close()
    done = put_back(data, tmp_path / "backup")
    assert (done.stations, done.removed_again, done.joined_since) == (1, 1, 1)
    again = opened(data)
    for post in (stays, removed, joined):
        post.central = again
    assert stays.sync().device_state.value == "active"
    assert removed.sync().device_state.value == "revoked"
    assert again.ask("POST", "/v1/sync", headers=joined.bearer)[0] == 401
    asked = {"code": unused, "device_name": "Desk", "device_key": "AAAA"}  # it may have been used since
    assert again.ask("POST", "/v1/enrol", json=asked)[0] == 403


def test_content_that_was_destroyed_since_the_backup_does_not_come_back(
    opened: Any, data: Path, tmp_path: Path, admin: Any
) -> None:
    central = opened(data)
    central.furnish(items=3)
    media_id = central.service.files.keep(b"not really a picture")

    def name_file(conn: Any) -> None:
        conn.execute(text(f"INSERT INTO media VALUES ('{media_id}', 'image/png', 20)"))
        conn.execute(text(f"INSERT INTO item_media VALUES ('item-00001', '{media_id}')"))

    central.write(name_file)
    post = central.post()
    post.pull(room=3)
    make(data, tmp_path / "backup", with_media=True)
    assert admin(data, "item", "remove", "item-00001", "--yes")[1]["removed"] == 1
    central.close()
    done = put_back(data, tmp_path / "backup")
    assert (done.items_removed_again, done.media_missing) == (1, 0)
    again = opened(data)
    post.central = again
    post.pull()
    assert sorted(post.held) == ["item-00000", "item-00002"]
    assert again.stats().items == {"leased": 2, "deleted": 1}
    assert not again.service.files.has(media_id)


def test_a_database_put_back_by_other_means_gets_its_epoch_without_a_file(
    central: Central, data: Path, admin: Any, request: Any
) -> None:
    central.furnish(items=1)
    before = central.database.read(identity.epoch)
    url = central.database.engine.url.render_as_string(hide_password=False)
    where = ["--database", url.replace("+psycopg", "")] if url.startswith("postgresql") else []
    code, told, err = admin(data, "restore", *where)
    assert (code, err, told["kept"]) == (0, "", None)
    assert central.database.read(identity.epoch) == told["epoch"] != before
    if where:
        for words, program in ((["backup", "file"], "pg_dump"), (["restore", "file"], "pg_restore")):
            code, _, err = admin(data, *words, *where)
            assert (code, program in err) == (1, True)


def test_a_backup_of_a_service_that_never_started_lets_it_start(
    data: Path, tmp_path: Path, admin: Any, opened: Any
) -> None:
    assert admin(data, "queue", "add", "market")[0] == 0
    assert admin(data, "backup", str(tmp_path / "backup"))[1]["keys"] is False
    put_back(data, tmp_path / "backup")
    first = opened(data)
    key = first.service.keys.signing_public
    assert first.database.read(lambda conn: identity.get(conn, "signing_key")) == key


def test_a_restore_that_is_refused_leaves_no_folder_behind(tmp_path: Path, admin: Any) -> None:
    (tmp_path / "no-backup").write_bytes(b"nothing of the kind")
    code, _, err = admin(tmp_path / "a" / "new", "restore", str(tmp_path / "no-backup"))
    assert (code, "Nothing was changed" in err) == (1, True)
    assert not (tmp_path / "a").exists()
    (tmp_path / "empty").mkdir()
    assert admin(tmp_path / "empty", "restore", str(tmp_path / "no-backup"))[0] == 1
    assert (tmp_path / "empty").is_dir()
