"""``modstation admin`` beside a service: stations signed out, items destroyed, unproven decisions ruled on."""

import base64
import io
import json
import os
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import func, select

from modstation.__main__ import main
from modstation.core.content import Image
from modstation.core.decision import Decision
from modstation.core.ids import MediaId
from modstation.core.receipt import Outcome
from modstation.service.admin.removing import stations
from modstation.service.tables import effect, item_body, receipt, unproven, unproven_end
from modstation.system.sealed import Sealer
from modstation.wire import translate
from modstation.wire.decision import Receipt
from modstation.wire.envelope import receipt_bytes, record_bytes
from modstation.wire.exchange import DeviceState
from modstation.wire.recovery import JournalReply, JournalRequest
from tests.support.builders import a_media
from tests.support.central import Central, Post, one_item

FOLLOWS = "Decisions it has not delivered yet are kept for a lead"
Admin = Callable[..., tuple[int, Any, str]]
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""Where the database makes no difference."""


@pytest.fixture
def admin(central: Central, tmp_path: Any, database_url: str | None, capsys: Any, monkeypatch: Any) -> Admin:
    """Run a command beside the service; gives exit code, the JSON answer, standard error."""

    def run(*words: str, says: str = "") -> tuple[int, Any, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(says))
        where = ("--data", str(tmp_path / "data"), *(("--database", database_url) if database_url else ()))
        code = main(["admin", *words, *where, "--json"])
        out, err = capsys.readouterr()
        return code, json.loads(out) if out else None, err

    return run


def ruled(central: Central, table: Any) -> int:
    return central.database.read(lambda conn: conn.scalar(select(func.count()).select_from(table))) or 0


def unproven_record(central: Central, post: Post, decision: Decision) -> Receipt:
    """Bring a record to the service that a key nobody knows has signed."""
    body = translate.dump(decision)
    sealer = Sealer(base64.b64decode(central.service.keys.sealing_public), central.rng.randbytes)
    signature = Ed25519PrivateKey.generate().sign(record_bytes(decision.decision_id, body))
    segment = sealer.header + sealer.record(decision.decision_id, signature + body)
    asked = JournalRequest(base64.b64encode(segment).decode(), (decision.decision_id,))
    status, _, told = central.ask("POST", "/v1/journal", headers=post.bearer, content=msgspec.json.encode(asked))
    assert status == 200, told
    (given,) = msgspec.json.decode(told, type=JournalReply).receipts
    return given


@on_sqlite
@pytest.mark.parametrize("says", ["", "no", "no\n"])
def test_what_became_of_it_stands_on_a_line_of_its_own_also_when_nobody_answers(
    central: Central, admin: Admin, says: str
):
    central.furnish(1)
    code, _, err = admin("station", "remove", central.post().device_id, says=says)
    assert code == 1
    assert err.splitlines()[-3:] == [
        "Type yes to go on: ",
        "modstation: Nothing was changed.",
        "  Answer yes, or give --yes.",
    ]


@on_sqlite
def test_every_station_is_listed_with_what_a_lead_must_know(central: Central, admin: Admin):
    central.furnish(items=3)
    post = central.post()
    central.post("ben")
    post.pull(room=2)
    _, listed, _ = admin("station", "list")
    ann, ben = listed["stations"]
    assert (ann["station"], ann["name"], ann["computer"], ann["holds"]) == (post.device_id, "Ann", "Desk", 2)
    assert (ann["removed"], ann["purged"], ben["last_seen"]) == (None, None, None)
    assert datetime.fromisoformat(ann["joined"]) == datetime.fromisoformat(ann["last_seen"]) == central.clock.now()


def test_a_removed_station_gives_its_items_back_and_says_when_it_is_empty(central: Central, admin: Admin, logged: Any):
    central.furnish(items=3)
    post = central.post()
    post.pull(room=3)
    code, told, err = admin("station", "remove", post.device_id, says="yes\n")
    assert (code, told) == (0, {"station": post.device_id, "removed": True, "held": 3})
    assert FOLLOWS in err
    late = post.decide(post.decision("item-00000"))
    assert [one.outcome for one in late] == [Outcome.QUARANTINED]
    other = central.post("ben")
    other.pull(room=3)
    assert len(other.held) == 3
    assert admin("station", "list")[1]["stations"][0]["removed"]
    assert admin("station", "list")[1]["stations"][0]["purged"] is None
    post.held.clear()
    assert post.sync().device_state is DeviceState.REVOKED
    assert admin("station", "list")[1]["stations"][0]["purged"]
    assert admin("station", "remove", post.device_id)[1] == {"station": post.device_id, "removed": False}


@on_sqlite
@pytest.mark.parametrize("says", ["", "no\n", "yes please\n"])
def test_without_a_clear_yes_nothing_is_removed(central: Central, admin: Admin, says: str):
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    for words in (("station", "remove", "Desk"), ("item", "remove", "item-00000")):
        code, out, err = admin(*words, says=says)
        assert (code, out) == (1, None)
        assert "Nothing was changed" in err
    assert post.sync().device_state is DeviceState.ACTIVE
    assert central.stats().items == {"leased": 1}


@on_sqlite
def test_a_station_is_named_by_its_computer_only_when_one_alone_has_that_name(central: Central, admin: Admin):
    central.furnish()
    central.post()
    second = central.post()
    assert "Several stations" in admin("station", "remove", "Desk", "--yes")[2]
    assert admin("station", "remove", second.device_id, "--yes")[0] == 0
    assert admin("station", "remove", "Desk", "--yes")[1]["removed"]
    assert "no such station" in admin("station", "remove", "Desk", "--yes")[2]


@on_sqlite
def test_a_removed_item_leaves_no_content_here_and_goes_from_its_station(central: Central, admin: Admin):
    central.furnish(items=3)
    post = central.post()
    post.pull(room=2)
    held = sorted(post.held)
    assert admin("item", "remove", held[0], "nowhere", "--yes")[0] == 1
    assert ruled(central, item_body) == 3, "a misspelt id removes nothing"
    code, told, _ = admin("item", "remove", held[0], held[0], "--yes")
    assert (code, told) == (0, {"removed": 1, "files": 0, "asked": 1})
    assert ruled(central, item_body) == 2
    post.pull()
    assert (sorted(post.held), post.gone) == (held[1:], {held[0]: "deleted"})
    assert admin("item", "remove", held[0], "--yes")[1]["removed"] == 0


@on_sqlite
def test_files_that_an_import_left_when_it_was_killed_go_with_a_removal_and_young_ones_stay(
    central: Central, admin: Admin
):
    central.furnish(items=1)
    files = central.service.files
    old, young, named = (files.path(files.keep(words)) for words in (b"old", b"young", b"named"))
    unfinished = files.folder / "tmp-unfinished"
    unfinished.touch()
    image = Image(a_media(media_id=MediaId(named.name), size=5))
    central.add(one_item(5, content=image))
    for file in (old, named, unfinished):
        os.utime(file, (0, 0))
    os.utime(young, (2**32, 2**32))
    assert admin("item", "remove", "item-00000", "--yes")[1]["files"] == 2
    assert [file.exists() for file in (old, young, named, unfinished)] == [False, True, True, False]


def test_an_accepted_unproven_decision_counts_once_with_its_effect_and_the_ruling_stays(
    central: Central, admin: Admin, logged: Any
):
    central.furnish(items=2)
    post = central.post()
    post.pull(room=2)
    made = post.decision("item-00000")
    assert unproven_record(central, post, made).code == "quarantined.unproven"
    logged.expect("recovered_unproven")
    (listed,) = admin("unproven", "list")[1]["unproven"]
    assert (listed["record"], listed["name"], listed["verdict"]) == (made.decision_id, "Ann", "no_violation")
    assert central.stats().unproven == 1
    code, told, _ = admin("unproven", "accept", made.decision_id, says="yes\n")
    assert (code, told) == (0, {"record": made.decision_id, "outcome": "accepted_late", "code": "accepted_late"})
    assert (ruled(central, effect), ruled(central, receipt), ruled(central, unproven)) == (1, 1, 1)
    assert (ruled(central, unproven_end), central.stats().unproven, central.stats().accepted_items) == (1, 0, 1)
    assert admin("unproven", "list")[1] == {"unproven": []}
    assert "no such record" in admin("unproven", "accept", made.decision_id, "--yes")[2]
    again = unproven_record(central, post, made)
    assert again.outcome is Outcome.ACCEPTED_LATE, "from now on the station hears what counts"
    central.verifier.verify(base64.b64decode(again.signature), receipt_bytes(again))


@on_sqlite
def test_an_unproven_decision_is_judged_by_the_rules_and_not_simply_taken(central: Central, admin: Admin, logged: Any):
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    first, second = post.decision("item-00000"), post.decision("item-00000")
    unproven_record(central, post, second)
    logged.expect("recovered_unproven")
    post.decide(first)
    assert admin("unproven", "accept", second.decision_id, "--yes")[1]["outcome"] == "superseded"
    assert central.stats().applied_twice == 0


@on_sqlite
def test_a_discarded_record_never_counts_and_is_kept(central: Central, admin: Admin, logged: Any):
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000")
    unproven_record(central, post, made)
    logged.expect("recovered_unproven")
    sha256 = admin("unproven", "list")[1]["unproven"][0]["sha256"]
    assert admin("unproven", "discard", sha256, says="no")[0] == 1
    assert admin("unproven", "discard", sha256, says="yes")[1] == {"record": made.decision_id, "discarded": True}
    assert admin("unproven", "list")[1] == {"unproven": []}
    assert unproven_record(central, post, made).code == "quarantined.unproven"
    assert (ruled(central, unproven), central.stats().unproven, central.stats().accepted_items) == (1, 0, 0)


@on_sqlite
def test_what_came_back_for_a_removed_station_is_leased_to_nobody(central: Central, admin: Admin, logged: Any):
    central.furnish(items=1)
    post = central.post()
    post.pull(room=1)
    made = post.decision("item-00000", content_sha256="1" * 64)
    unproven_record(central, post, made)
    logged.expect("recovered_unproven")
    admin("station", "remove", "Desk", "--yes")
    assert admin("unproven", "accept", made.decision_id, "--yes")[1]["code"] == "returned.content_changed"
    assert central.stats().items == {"waiting": 1}


def test_a_station_that_only_listens_is_seen_to_within_a_minute_or_two(on_sqlite: Central) -> None:
    on_sqlite.furnish()
    post = on_sqlite.post("ann")
    post.pull()
    for _ in range(4):
        on_sqlite.clock.move(30)
        post.sync()
    (ann,) = on_sqlite.database.read(stations)
    assert on_sqlite.clock.now() - datetime.fromisoformat(ann["last_seen"]) <= timedelta(minutes=1)
