"""The API as it really runs: a process on a port, and every operation driven by its own description.

The one operation that is not driven is the description itself, which everything here is made of.
"""

import base64
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from modstation.service import devices, openapi
from modstation.service.server import open_service
from tests.support.live_service import fill, texts

SERVE = "import sys, pathlib; from modstation.service.server import serve; serve(pathlib.Path(sys.argv[1]), port=0)"
GOOD = {"card", "health", "ready", "sync", "receipts"}  # what fits their description is also taken
CASES = [
    *((one.name, GenerationMode.POSITIVE) for one in openapi.OPERATIONS if one.name != "openapi"),
    *((one.name, GenerationMode.NEGATIVE) for one in openapi.OPERATIONS if one.takes or "{" in one.path),
]
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
)


@dataclass(frozen=True)
class Running:
    """The service's address, a known device's token, the device's description of the API."""

    url: str
    token: str
    operations: dict[str, Any]


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("running") / "data"
    service = open_service(folder)
    fill(service, texts(20), [b"a picture, more or less"])
    code = service.database.write(
        lambda conn: devices.issue_code(conn, "person-1", service.clock.now(), service.random)
    )
    service.database.close()
    with subprocess.Popen(
        [sys.executable, "-c", SERVE, str(folder)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[-1]
        try:
            asked = {"code": code, "device_name": "Desk", "device_key": base64.b64encode(bytes(range(32))).decode()}
            token = httpx2.post(f"{url}/v1/enrol", json=asked).json()["token"]
            schema = schemathesis.openapi.from_url(f"{url}/v1/openapi.json")
            found = [one.ok() for one in schema.get_all_operations()]
            yield Running(url, token, {one.definition.raw["operationId"]: one for one in found})
            assert process.poll() is None
        finally:
            process.kill()


@pytest.mark.parametrize(("name", "mode"), CASES)
def test_every_operation_answers_as_it_is_described(running: Running, name: str, mode: GenerationMode) -> None:
    operation = running.operations[name]
    statuses: set[int] = set()

    @settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(operation.as_strategy(mode))
    def send(case: Any) -> None:
        headers = {name: printable(str(value)) for name, value in (case.headers or {}).items()}
        if len(statuses) % 4 != 3 or 401 in statuses:
            headers["Authorization"] = f"Bearer {running.token}"
        case.headers = headers
        if isinstance(case.body, dict) and isinstance(case.body.get("wait_s"), int):
            case.body = case.body | {"wait_s": 0}  # the test shall not wait
        response = case.call(base_url=running.url)
        statuses.add(response.status_code)
        case.validate_response(response, checks=CHECKS)
        assert "modstation-protocol" in response.headers

    send()
    assert statuses & ({200} if mode is GenerationMode.POSITIVE and name in GOOD else statuses)


def printable(text: str) -> str:
    return "".join(c for c in text if " " < c <= "~")[:64]
