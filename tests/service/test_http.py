"""What goes over the line: signatures, compression, refusals, files, the description of the API."""

import hashlib
import threading
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import zstandard

from modstation.core.content import Image, Media
from modstation.core.ids import MediaId
from modstation.service import app, openapi
from modstation.service.envelope import MAX_REQUEST
from modstation.wire.exchange import EnrolReply, ServiceCard, SyncReply
from modstation.wire.limits import MAX_DECISIONS
from tests.support.central import Central, Post, one_item


def test_the_card_names_the_key_that_signs_every_reply(on_sqlite: Central) -> None:
    status, _, body = on_sqlite.ask("GET", "/v1/service")
    card = msgspec.json.decode(body, type=ServiceCard, strict=True)
    assert (status, card.signing_key) == (200, on_sqlite.service.keys.signing_public)


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nowhere", 404, "request.path"),
        ("DELETE", "/v1/sync", 405, "request.method"),
        ("POST", "/v1/sync", 401, "auth.token"),
        ("GET", f"/v1/media/{'0' * 64}", 401, "auth.token"),
        ("POST", "/v1/enrol", 400, "wire.malformed"),
    ],
)
def test_errors_are_signed_problems_too(on_sqlite: Central, method: str, path: str, status: int, code: str) -> None:
    got, headers, body = on_sqlite.ask(method, path)
    assert (got, headers["content-type"]) == (status, "application/problem+json")
    assert msgspec.json.decode(body)["code"] == code


def test_a_bug_is_answered_by_a_signed_500_and_logged(on_sqlite: Central, monkeypatch: Any, logged: Any) -> None:
    monkeypatch.setattr(app.identity, "get", lambda *_: 1 / 0)
    status, _, body = on_sqlite.ask("GET", "/v1/service")
    assert (status, msgspec.json.decode(body)["code"]) == (500, "service.failed")
    logged.expect("request_failed")


def test_a_code_makes_one_device_and_then_no_other(on_sqlite: Central) -> None:
    on_sqlite.furnish()
    asked = {"code": on_sqlite.code(), "device_name": "Desk", "device_key": "AAAA"}
    status, _, body = on_sqlite.ask("POST", "/v1/enrol", json=asked)
    made = msgspec.json.decode(body, type=EnrolReply, strict=True)
    assert (status, made.person_name) == (200, "Ann")
    status, _, body = on_sqlite.ask("POST", "/v1/enrol", json=asked)
    assert (status, msgspec.json.decode(body)["code"]) == (403, "enrol.code_unknown")


@pytest.mark.parametrize("name", ["Desk\0top", "\x1b[2JDesk", "Desk\r\nhere"])
def test_a_computers_name_can_not_steer_the_terminal_it_is_listed_in(on_sqlite: Central, name: str) -> None:
    on_sqlite.furnish()
    asked = {"code": on_sqlite.code(), "device_name": name, "device_key": "AAAA"}
    status, _, body = on_sqlite.ask("POST", "/v1/enrol", json=asked)
    assert (status, msgspec.json.decode(body)["place"]) == (400, "device_name")


def test_a_code_grows_old(on_sqlite: Central) -> None:
    on_sqlite.furnish()
    asked = {"code": on_sqlite.code(), "device_name": "Desk", "device_key": "AAAA"}
    on_sqlite.clock.move(timedelta(hours=25).total_seconds())
    assert on_sqlite.ask("POST", "/v1/enrol", json=asked)[0] == 403


def test_neither_code_nor_token_can_be_read_in_the_data_folder(on_sqlite: Central, tmp_path: Path) -> None:
    on_sqlite.furnish()
    code, post = on_sqlite.code(), on_sqlite.post()
    kept = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert post.device_id.encode() in kept
    for secret in (code, code.replace("-", ""), post.token):
        assert secret.encode() not in kept


@pytest.mark.parametrize(
    "token", ["", "Bearer", "Bearer x", "Basic abc", "Bearer " + "a" * 500, "Bearer ms1_" + "0" * 64]
)
def test_a_forged_or_missing_token_is_not_let_in(on_sqlite: Central, token: str) -> None:
    headers = {"Authorization": token} if token else {}
    assert on_sqlite.ask("POST", "/v1/sync", headers=headers, content=b"{}")[0] == 401


def a_post(central: Central, items: int = 0) -> Post:
    central.furnish(items=items)
    return central.post()


def test_a_packed_request_is_understood_and_a_large_reply_is_packed(on_sqlite: Central) -> None:
    post = a_post(on_sqlite, items=3)
    body = zstandard.ZstdCompressor().compress(msgspec.json.encode(post.request(room=3)))
    headers = post.bearer | {"Content-Encoding": "zstd", "Accept-Encoding": "zstd"}
    status, got, plain = on_sqlite.ask("POST", "/v1/sync", headers=headers, content=body)
    assert (status, got["content-encoding"]) == (200, "zstd")
    assert len(msgspec.json.decode(plain, type=SyncReply, strict=True).changes) == 5
    _, got, _ = on_sqlite.ask("POST", "/v1/sync", headers=post.bearer, content=msgspec.json.encode(post.request()))
    assert "content-encoding" not in got


@pytest.mark.parametrize(
    ("headers", "body", "status"),
    [
        ({}, b"not json", 400),
        ({}, b'{"epoch": ""}', 400),
        ({}, b"\xff\xfe", 400),
        ({}, b"[" * 100_000, 400),
        ({}, b" " * (MAX_REQUEST + 1), 413),
        ({"Content-Encoding": "gzip"}, b"{}", 415),
        ({"Content-Encoding": "zstd"}, b"not zstd", 400),
        ({"Content-Encoding": "zstd"}, zstandard.ZstdCompressor().compress(b" " * (MAX_REQUEST * 40)), 413),
    ],
)
def test_a_body_that_does_not_fit_is_refused(on_sqlite: Central, headers: Any, body: bytes, status: int) -> None:
    post = a_post(on_sqlite)
    assert on_sqlite.ask("POST", "/v1/sync", headers=post.bearer | headers, content=body)[0] == status


def test_more_decisions_than_allowed_are_refused_as_a_whole(on_sqlite: Central) -> None:
    post = a_post(on_sqlite)
    request = post.request(decisions=tuple(post.sent(b"{}") for _ in range(MAX_DECISIONS + 1)))
    status, _, body = on_sqlite.ask("POST", "/v1/sync", headers=post.bearer, content=msgspec.json.encode(request))
    assert (status, msgspec.json.decode(body)["place"]) == (400, "decisions")


def test_an_idle_exchange_waits_and_is_woken_by_what_another_writes(on_sqlite: Central) -> None:
    post = a_post(on_sqlite)
    post.pull()
    got: list[SyncReply] = []
    waiting = threading.Thread(target=lambda: got.append(post.sync(room=1, wait_s=20)))
    waiting.start()
    on_sqlite.add(one_item(1))
    waiting.join(timeout=15)
    assert [change.lease.item_id for change in got[0].changes] == ["item-00001"]


def test_a_stopping_service_lets_waiting_exchanges_go(on_sqlite: Central) -> None:
    post = a_post(on_sqlite)
    post.pull()
    waiting = threading.Thread(target=lambda: post.sync(wait_s=25))
    waiting.start()
    on_sqlite.service.bell.stop()
    waiting.join(timeout=15)
    assert not waiting.is_alive()
    assert on_sqlite.ask("GET", "/readyz")[0] == 503
    assert on_sqlite.ask("GET", "/healthz")[0] == 200


BYTES = bytes(range(256)) * 4096


@pytest.fixture
def with_file(on_sqlite: Central, tmp_path: Path) -> tuple[Central, Post, str]:
    """A service with one picture, and a post that holds its item."""
    source = tmp_path / "picture.jpg"
    source.write_bytes(BYTES)
    media_id, size = on_sqlite.service.files.add(source)
    assert (media_id, size) == (hashlib.sha256(BYTES).hexdigest(), len(BYTES))
    assert on_sqlite.service.files.add(source) == (media_id, size)
    on_sqlite.furnish()
    on_sqlite.add(replace(one_item(1), content=Image(Media(MediaId(media_id), "image/jpeg", size)), flags=()))
    post = on_sqlite.post()
    post.pull(room=1)
    return on_sqlite, post, media_id


def fetch(central: Central, post: Post, media_id: str, **headers: str) -> Any:
    return central.client.get(f"/v1/media/{media_id}", headers=post.bearer | headers)


def test_a_file_comes_whole_or_in_part_under_its_hash(with_file: tuple[Central, Post, str]) -> None:
    central, post, media_id = with_file
    whole = fetch(central, post, media_id)
    assert (whole.status_code, whole.content == BYTES) == (200, True)
    assert (whole.headers["etag"], whole.headers["cache-control"]) == (f'"{media_id}"', "no-store")
    part = fetch(central, post, media_id, Range="bytes=1000-", **{"If-Range": f'"{media_id}"'})
    assert (part.status_code, part.content == BYTES[1000:]) == (206, True)
    assert part.headers["content-range"] == f"bytes 1000-{len(BYTES) - 1}/{len(BYTES)}"
    assert part.headers["etag"] == f'"{media_id}"'
    other = fetch(central, post, media_id, Range="bytes=1000-", **{"If-Range": '"another"'})
    assert (other.status_code, len(other.content)) == (200, len(BYTES))
    assert fetch(central, post, media_id, Range=f"bytes={len(BYTES)}-").status_code == 416
    assert fetch(central, post, media_id, **{"If-None-Match": f'"{media_id}"'}).status_code == 304


def test_a_file_is_for_those_who_hold_its_item_only(with_file: tuple[Central, Post, str]) -> None:
    central, post, media_id = with_file
    stranger = central.post("ben")
    assert fetch(central, stranger, media_id).status_code == 404
    assert fetch(central, post, "0" * 64).status_code == 404
    assert fetch(central, post, "../service.key").status_code == 404
    assert fetch(central, post, "..%2Fservice.key").status_code == 404
    post.sync(release=("item-00001",))
    assert fetch(central, post, media_id).status_code == 404


def test_an_item_is_not_taken_without_its_file(on_sqlite: Central) -> None:
    on_sqlite.furnish()
    lacking = replace(one_item(1), content=Image(Media(MediaId("e" * 64), "image/jpeg", 3)), flags=())
    with pytest.raises(Exception, match="media_missing"):
        on_sqlite.add(one_item(2), lacking)
    assert on_sqlite.stats().items == {}


def test_the_description_covers_every_route_and_every_reference_in_it_leads_somewhere(on_sqlite: Central) -> None:
    status, _, body = on_sqlite.ask("GET", "/v1/openapi.json")
    document = msgspec.json.decode(body)
    assert status == 200
    assert set(document["paths"]) == {one.path for one in openapi.OPERATIONS}
    names = set(document["components"]["schemas"])
    assert {"Item", "Decision", "Policy", "SyncReply"} <= names
    refs = {part.split('"')[0] for part in body.decode().split("#/components/schemas/")[1:]}
    assert refs <= names
