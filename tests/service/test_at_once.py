"""Two transactions at one moment on PostgreSQL, which lets them run side by side: neither spoils the other's work."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import OperationalError

from modstation.core.content import Image
from modstation.service import catalogue, devices, leases
from modstation.service.leases import Holder
from modstation.service.tables import item, item_body, lease
from tests.support import postgres
from tests.support.builders import a_media, a_policy
from tests.support.central import Central, Post, one_item

pytestmark = pytest.mark.skipif(not postgres.AVAILABLE, reason="PostgreSQL is not installed")

_BLOCKED = text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")


@pytest.fixture
def central(opened: Callable[..., Central], tmp_path: Path, cluster: postgres.Cluster) -> Central:
    return opened(tmp_path / "data", cluster.empty_database())


def overlapping(central: Central, first: Callable[[Connection], Any], second: Callable[[Connection], Any]) -> None:
    """Begin `second` when `first` has done its work, and commit that when the other waits for it."""
    failed: list[BaseException] = []

    def run() -> None:
        try:
            central.write(second)
        except BaseException as error:  # noqa: BLE001 - told by the thread that waits for this one
            failed.append(error)

    other = threading.Thread(target=run)
    with central.database.engine.begin() as conn:
        first(conn)
        other.start()
        while other.is_alive() and not central.database.read(lambda look: look.scalar(_BLOCKED)):
            pass
    other.join()
    assert not failed, failed


def live(central: Central) -> list[tuple[str, str]]:
    wanted = select(lease.c.item_id, lease.c.device_id).where(lease.c.ended_at.is_(None)).order_by(lease.c.item_id)
    return [tuple(row) for row in central.database.read(lambda conn: conn.execute(wanted).all())]


def states(central: Central) -> dict[str, str]:
    wanted = select(item.c.item_id, item.c.state)
    return {row[0]: row[1] for row in central.database.read(lambda conn: conn.execute(wanted).all())}


def test_a_lease_that_ran_out_is_taken_over_by_one_of_two_who_ask_at_once(central: Central) -> None:
    central.furnish(1)
    away, one, two = central.post(), central.post("ben"), central.post("ben")
    away.pull(room=1)
    central.clock.move(2 * 3600)
    now = central.clock.now()

    def ask(device_id: str) -> Callable[[Connection], int]:
        return lambda conn: leases.grant(conn, Holder(device_id, "ben"), 1, now)

    overlapping(central, ask(one.device_id), ask(two.device_id))
    assert live(central) == [("item-00000", one.device_id)]
    assert states(central) == {"item-00000": leases.LEASED}


def test_two_imports_of_one_item_at_once_give_it_two_revisions(central: Central) -> None:
    central.furnish(1)
    now = central.clock.now()

    def revise(summary: str) -> Callable[[Connection], Any]:
        return lambda conn: catalogue.add_items(conn, [one_item(0, summary=summary)], central.service.files, now)

    overlapping(central, revise("One"), revise("Two"))
    wanted = select(item.c.rev, item_body.c.body).join_from(item, item_body, item.c.item_id == item_body.c.item_id)
    (row,) = central.database.read(lambda conn: conn.execute(wanted).all())
    assert row.rev == 3
    assert b'"Two"' in row.body


def test_who_joins_while_a_policy_is_published_is_told_of_it(central: Central) -> None:
    central.furnish()
    code, now = central.code(), central.clock.now()
    joined: list[devices.Enrolled] = []

    def join(conn: Connection) -> None:
        given = {"name": "Desk", "key": "AAAA", "now": now, "random": central.rng.randbytes}
        joined.append(devices.enrol(conn, code, **given))

    overlapping(central, lambda conn: catalogue.publish_policy(conn, a_policy(version=9)), join)
    post = Post(central, joined[0].device_id, joined[0].token)
    post.pull()
    assert post.policies == [("market", 9)]


def test_what_runs_again_after_a_deadlock_runs_alone(central: Central) -> None:
    held = text("SELECT mode FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
    modes: list[str] = []

    def unit(conn: Connection) -> None:
        modes.append(conn.scalar(held))
        if len(modes) == 1:
            deadlock = psycopg.errors.DeadlockDetected()
            raise OperationalError("", {}, deadlock)

    central.write(unit)
    assert modes == ["ShareLock", "ExclusiveLock"]


def test_two_imports_of_one_new_item_at_once_wait_for_each_other(central: Central) -> None:
    central.furnish()
    now = central.clock.now()

    def add(summary: str) -> Callable[[Connection], Any]:
        return lambda conn: catalogue.add_items(conn, [one_item(0, summary=summary)], central.service.files, now)

    overlapping(central, add("One"), add("Two"))
    assert states(central) == {"item-00000": leases.WAITING}
    assert central.database.read(lambda conn: conn.scalar(select(item.c.rev))) == 2


def test_a_file_that_an_import_is_about_to_name_is_not_dropped(central: Central, tmp_path: Path) -> None:
    central.furnish()
    files, now = central.service.files, central.clock.now()
    (tmp_path / "a.bin").write_bytes(b"bytes of a file")
    media_id, size = files.add(tmp_path / "a.bin")
    named = one_item(0, content=Image(a_media(media_id=media_id, size=size)))
    central.add(named)
    central.write(lambda conn: catalogue.remove_items(conn, [named.item_id], now))
    overlapping(
        central,
        lambda conn: catalogue.add_items(conn, [named], files, now),
        lambda conn: catalogue.drop_files(conn, files),
    )
    assert files.has(media_id)
