"""The operations of the API, and the OpenAPI document generated from the wire types."""

from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

import msgspec

from modstation.wire import PROTOCOL
from modstation.wire.decision import Decision
from modstation.wire.envelope import NONCE_HEADER, PROTOCOL_HEADER, SIGNATURE_HEADER
from modstation.wire.exchange import (
    CheckReply,
    CheckRequest,
    EnrolReply,
    EnrolRequest,
    ItemLeased,
    PolicyPublished,
    ProblemDetails,
    Sent,
    ServiceCard,
    SyncReply,
    SyncRequest,
)
from modstation.wire.item import Item
from modstation.wire.policy import Policy
from modstation.wire.recovery import JournalReply, JournalRequest, ReceiptsReply, ReceiptsRequest


class Status(msgspec.Struct, frozen=True):
    """The answer of the health operations."""

    status: Literal["up", "ready", "not ready"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One row of the API: a path and what it takes and gives."""

    name: str
    method: str
    path: str
    summary: str
    takes: type | None = None
    gives: type | None = None
    needs_token: bool = False
    problems: tuple[int, ...] = ()
    also: dict[int, str] = field(default_factory=dict)


OPERATIONS = (
    Operation("card", "GET", "/v1/service", "Who the service is", gives=ServiceCard),
    Operation("health", "GET", "/healthz", "The process is up", gives=Status),
    Operation(
        "ready", "GET", "/readyz", "The database answers and has the newest schema", gives=Status, also={503: "Not yet"}
    ),
    Operation("openapi", "GET", "/v1/openapi.json", "This document"),
    Operation(
        "check",
        "POST",
        "/v1/enrol/check",
        "Whom a one-time code is for, and until when it holds; it is not used up",
        CheckRequest,
        CheckReply,
        problems=(400, 403, 413, 415, 429),
    ),
    Operation(
        "enrol",
        "POST",
        "/v1/enrol",
        "A one-time code becomes a device",
        EnrolRequest,
        EnrolReply,
        problems=(400, 403, 413, 415, 429),
    ),
    Operation(
        "sync",
        "POST",
        "/v1/sync",
        "The exchange: decisions up; receipts, items and policies down",
        SyncRequest,
        SyncReply,
        needs_token=True,
        problems=(400, 401, 413, 415),
    ),
    Operation(
        "receipts",
        "POST",
        "/v1/receipts",
        "What became of decisions: after the service was restored, or after a station lost its database",
        ReceiptsRequest,
        ReceiptsReply,
        needs_token=True,
        problems=(400, 401, 413, 415),
    ),
    Operation(
        "journal",
        "POST",
        "/v1/journal",
        "Decisions out of a station's sealed journal",
        JournalRequest,
        JournalReply,
        needs_token=True,
        problems=(400, 401, 413, 415),
    ),
    Operation(
        "media",
        "GET",
        "/v1/media/{media_id}",
        "A file of an item this device holds; Range and If-Range are understood",
        needs_token=True,
        problems=(400, 401, 404),
        also={206: "A range", 304: "Unchanged", 416: "No such range"},
    ),
)
"""Every operation. The routes of `app` and the document below are made from this table."""

_REF = "#/components/schemas/{name}"
_TYPES = (
    ServiceCard, CheckRequest, CheckReply, EnrolRequest, EnrolReply, SyncRequest, SyncReply, ProblemDetails, Status,
    Item, Policy, Decision, Sent, ItemLeased, PolicyPublished, ReceiptsRequest, ReceiptsReply, JournalRequest,
    JournalReply,
)  # fmt: skip
_RAW = ((Sent, "decision", Decision), (ItemLeased, "item", Item), (PolicyPublished, "policy", Policy))


@cache
def document() -> bytes:
    """The OpenAPI 3.1 document as JSON."""
    schemas, components = msgspec.json.schema_components(_TYPES, ref_template=_REF)
    ref_of: dict[type, Any] = dict(zip(_TYPES, schemas, strict=True))
    for holder, name, inner in _RAW:  # raw JSON in the envelope: parsed one by one, described all the same
        components[holder.__name__]["properties"][name] = ref_of[inner]
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, ref_of)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {
                "title": "ModStation service",
                "version": str(PROTOCOL),
                "description": f"Every reply carries {PROTOCOL_HEADER} and, media excepted, {SIGNATURE_HEADER}.",
            },
            "paths": paths,
            "components": {
                "schemas": components,
                "securitySchemes": {"device": {"type": "http", "scheme": "bearer"}},
            },
        }
    )


def _operation(one: Operation, ref_of: dict[type, Any]) -> dict[str, Any]:
    nonce = "16 to 64 random hex digits, which the reply's signature covers; anything else counts as none"
    parameters: list[dict[str, Any]] = [
        {"name": NONCE_HEADER, "in": "header", "description": nonce, "schema": {"type": "string"}}
    ]
    if "{media_id}" in one.path:
        sha256 = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
        parameters.append({"name": "media_id", "in": "path", "required": True, "schema": sha256})
    ok: dict[str, Any] = {"description": "Done"}
    if one.gives is not None:
        ok["content"] = {"application/json": {"schema": ref_of[one.gives]}}
    elif one.name == "media":
        ok["content"] = {"application/octet-stream": {}}
    else:
        ok["content"] = {"application/json": {}}
    responses: dict[str, Any] = {"200": ok}
    for status, description in one.also.items():
        responses[str(status)] = {"description": description}
    for status in one.problems:
        body = {"application/problem+json": {"schema": ref_of[ProblemDetails]}}
        responses[str(status)] = {"description": "A problem", "content": body}
    made: dict[str, Any] = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": parameters,
        "responses": responses,
    }
    if one.takes is not None:
        made["requestBody"] = {"required": True, "content": {"application/json": {"schema": ref_of[one.takes]}}}
    if one.needs_token:
        made["security"] = [{"device": []}]
    return made
