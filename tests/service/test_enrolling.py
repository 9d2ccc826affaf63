"""Enrolling: a code is looked at without being used, guessing is slow, and nonsense is refused in words."""

import json
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from modstation.core.problem import Problem
from modstation.service.guesses import AT_ONCE, EVERY_S, REMEMBERED, Guesses
from modstation.wire.exchange import CheckReply
from tests.support.central import Central
from tests.support.station import HandClock

WRONG = {"code": "WRNG-2345"}
KEY = "A" * 43 + "="
PATHS = ("/v1/enrol/check", "/v1/enrol")


def ask(central: Central, path: str, body: Any, **headers: str) -> tuple[int, Any]:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    status, _, reply = central.ask("POST", path, content=content, headers=headers)
    return status, msgspec.json.decode(reply)


def for_enrolling(code: str, name: str = "Desk") -> dict[str, str]:
    return {"code": code, "device_name": name, "device_key": KEY}


def written(central: Central) -> Any:
    """Everything that enrolling writes."""
    tables = ("enrol_code", "device", "feed")
    return [central.database.read(lambda conn, t=t: conn.execute(text(f"SELECT * FROM {t}")).all()) for t in tables]


def test_a_code_says_for_whom_it_is_and_until_when_and_stays_as_good_as_it_was(central: Central) -> None:
    central.furnish()
    code = central.code("ben")
    before = written(central)
    for asked in (code, code.replace("-", "")):
        status, _, body = central.ask("POST", "/v1/enrol/check", json={"code": asked})
        got = msgspec.json.decode(body, type=CheckReply, strict=True)
        assert (status, got.person_name) == (200, "Ben")
        assert got.expires_at == central.clock.now() + timedelta(hours=24)
    assert written(central) == before
    assert ask(central, "/v1/enrol", for_enrolling(code))[0] == 200


def test_a_code_that_cannot_be_used_is_refused_as_it_is_when_it_is_used(central: Central) -> None:
    central.furnish()
    used, old = central.code(), central.code()
    central.clock.move(timedelta(hours=1).total_seconds())
    assert ask(central, "/v1/enrol", for_enrolling(used))[0] == 200
    refusals = []
    for code, hours in ((used, 0), ("WRNG-2345", 0), (old, 23)):
        central.clock.move(timedelta(hours=hours).total_seconds())
        refusals += [ask(central, "/v1/enrol/check", {"code": code}), ask(central, "/v1/enrol", for_enrolling(code))]
    assert refusals == [refusals[0]] * 6  # nobody learns from it whether there ever was such a code
    assert (refusals[0][0], refusals[0][1]["code"]) == (403, "enrol.code_unknown")


@pytest.mark.parametrize("path", PATHS)
def test_who_guesses_waits_and_a_good_code_waits_with_them_and_is_not_used_up(on_sqlite: Central, path: str) -> None:
    on_sqlite.furnish()
    good = on_sqlite.code()
    for _ in range(AT_ONCE):
        assert ask(on_sqlite, path, WRONG if path.endswith("check") else for_enrolling("WRNG-2345"))[0] == 403
    for other, body in zip(PATHS, ({"code": good}, for_enrolling(good)), strict=True):
        status, headers, told = on_sqlite.ask("POST", other, json=body)
        assert (status, headers["retry-after"]) == (429, str(EVERY_S))
        assert msgspec.json.decode(told)["code"] == "enrol.too_often"
    on_sqlite.clock.move(EVERY_S)
    assert ask(on_sqlite, path, WRONG if path.endswith("check") else for_enrolling("WRNG-2345"))[0] == 403
    assert ask(on_sqlite, "/v1/enrol/check", {"code": good})[0] == 429
    on_sqlite.clock.move(EVERY_S)
    assert ask(on_sqlite, "/v1/enrol/check", {"code": good})[0] == 200
    assert ask(on_sqlite, "/v1/enrol", for_enrolling(good))[0] == 200


def test_good_codes_cost_nothing_and_pay_for_no_wrong_ones(on_sqlite: Central) -> None:
    on_sqlite.furnish()
    good = on_sqlite.code()
    for _ in range(3 * AT_ONCE):
        assert ask(on_sqlite, "/v1/enrol/check", {"code": good})[0] == 200
    for _ in range(AT_ONCE - 1):
        assert ask(on_sqlite, "/v1/enrol/check", WRONG)[0] == 403
        assert ask(on_sqlite, "/v1/enrol/check", {"code": good})[0] == 200
    assert ask(on_sqlite, "/v1/enrol/check", WRONG)[0] == 403
    assert ask(on_sqlite, "/v1/enrol/check", {"code": good})[0] == 429


@pytest.fixture
def hands() -> tuple[Guesses, HandClock]:
    clock = HandClock()
    return Guesses(clock.ticks), clock


def guess(guesses: Guesses, address: str) -> str:
    """A wrong code from there: the code of what is told."""
    with pytest.raises(Problem) as told, guesses.one(address):
        raise Problem("enrol.code_unknown", "No.")
    return told.value.code


def test_each_address_has_its_own_patience_and_a_network_of_the_sixth_version_has_one(hands: Any) -> None:
    guesses, _ = hands
    for n in range(AT_ONCE):
        assert guess(guesses, "203.0.113.5") == "enrol.code_unknown"
        assert guess(guesses, f"2001:db8::{n:x}") == "enrol.code_unknown"
    assert guess(guesses, "203.0.113.5") == "enrol.too_often"
    assert guess(guesses, "2001:db8:0:0:ffff::1") == "enrol.too_often"
    for other in ("203.0.113.6", "2001:db8:0:1::1", "::ffff:203.0.113.5", "no address", ""):
        assert guess(guesses, other) == "enrol.code_unknown"


def test_guesses_that_are_under_way_count_and_nothing_is_kept_of_whoever_was_right(hands: Any) -> None:
    guesses, _ = hands
    at_once = [guesses.one("203.0.113.5") for _ in range(AT_ONCE)]
    for one in at_once:
        one.__enter__()
    assert guess(guesses, "203.0.113.5") == "enrol.too_often"
    for one in at_once:
        one.__exit__(None, None, None)
    assert not guesses._paid_at


def test_what_is_remembered_has_an_end(hands: Any) -> None:
    guesses, _ = hands
    for n in range(REMEMBERED + 10):
        guess(guesses, f"place-{n}")
    assert len(guesses._paid_at) == REMEMBERED
    guess(guesses, "x" * 60_000)
    assert max(map(len, guesses._paid_at)) <= 100


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
bodies = st.fixed_dictionaries(
    {"code": st.text(max_size=30) | st.from_regex(r"[A-Z0-9-]{8,20}\s?") | values},
    optional={"device_name": st.text(max_size=500) | values, "device_key": st.text(max_size=90) | values,
              "person_id": st.text(max_size=130) | values, "surprise": values},
)  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_whatever_is_asked_is_answered_with_a_signed_refusal_and_never_with_a_failure(
    central: Central, path: str
) -> None:
    central.furnish()

    @settings(max_examples=60, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.binary(max_size=200) | bodies | values)
    @example({"code": "A" * 1_000_000})
    @example(for_enrolling("ABCD-2345\n"))
    @example(for_enrolling("ABCD\x002345"))
    @example(for_enrolling("ABCD-2345", "\ud800"))
    @example(for_enrolling("ABCD-2345") | {"person_id": "ann\n"})
    @example(b'{"code": "ABCD-2345", "code": "ABCD-2345"}')
    @example(b"[" * 60_000)
    @example(b"\xff\xfe{}")
    @example(b"")
    def send(body: Any) -> None:
        central.clock.move(EVERY_S)
        status, told = ask(central, path, body)
        assert status in {400, 403, 413}, (status, told)
        assert told["code"]
        assert told["title"]
        assert told["status"] == status

    send()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 400), (64 * 1024 + 1, 413), (3 * 1024 * 1024, 413)])
def test_a_request_larger_than_any_of_its_kind_is_not_read_to_its_end(
    on_sqlite: Central, path: str, size: int, status: int
) -> None:
    got, told = ask(on_sqlite, path, b" " * size)
    assert (got, told["status"]) == (status, status)


@pytest.mark.parametrize("name", ["De\x00sk", "De\x1b[2Jsk", "Desk\n", "\x7f", "\x9b", "x" * 401])
def test_a_computer_with_a_name_that_no_list_can_show_is_refused_and_the_code_stays_good(
    central: Central, name: str
) -> None:
    central.furnish()
    code = central.code()
    status, told = ask(central, "/v1/enrol", for_enrolling(code, name))
    assert (status, told["code"], told["place"]) == (400, "wire.malformed", "device_name")
    assert central.stats().devices == 0
    assert ask(central, "/v1/enrol", for_enrolling(code, "Müller’s 机"))[0] == 200
