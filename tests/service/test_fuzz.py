"""Every operation of the API, driven by its own description: whatever comes in, the service does not fail."""

import json
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.core import NOT_SET

from modstation.service import openapi
from tests.support.central import Central


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("name", [one.name for one in openapi.OPERATIONS if one.takes or "{" in one.path])
def test_whatever_comes_in_is_answered_and_nothing_fails(
    on_sqlite: Central, logged: Any, name: str, mode: GenerationMode
) -> None:
    on_sqlite.furnish(items=3)
    post = on_sqlite.post()
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", on_sqlite.client.app)
    (operation,) = [one.ok() for one in schema.get_all_operations() if one.ok().definition.raw["operationId"] == name]
    answered: list[int] = []

    @settings(
        max_examples=10,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def send(case: Any) -> None:
        body = None if case.body is NOT_SET else case.body
        headers = {"ModStation-Nonce": str((case.headers or {}).get("ModStation-Nonce", ""))[:64]} | post.bearer
        if isinstance(body, dict) and "wait_s" in body:
            body = body | {
                "wait_s": 0 if isinstance(body["wait_s"], int) else body["wait_s"]
            }  # the test shall not wait
        content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        reply = on_sqlite.client.request(case.method, case.formatted_path, headers=printable(headers), content=content)
        answered.append(reply.status_code)
        assert reply.status_code < 500, reply.text

    send()
    assert answered
    logged.clear()  # sequence holes and malformed decisions are what it makes


def printable(headers: dict[str, str]) -> dict[str, str]:
    return {name: "".join(c for c in value if " " <= c <= "~") for name, value in headers.items()}
