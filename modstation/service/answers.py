"""Answers as Starlette responses: JSON from wire types, and problems as RFC 9457."""

import msgspec
from starlette.responses import Response

from modstation.core.problem import Problem
from modstation.service.guesses import EVERY_S
from modstation.wire.exchange import ProblemDetails

STATUS = {
    "auth.token": 401,
    "enrol.code_of_other": 403,
    "enrol.code_unknown": 403,
    "enrol.too_often": 429,
    "media.unknown": 404,
    "request.path": 404,
    "request.method": 405,
    "request.too_large": 413,
    "request.encoding": 415,
    "service.stopping": 503,
}
"""The HTTP status of each problem code; 400 for any other."""

_HEADERS = {401: {"www-authenticate": "Bearer"}, 429: {"retry-after": str(EVERY_S)}}


def answer(body: object, status: int = 200) -> Response:
    """A wire type (or a plain dict) as JSON."""
    return Response(msgspec.json.encode(body), status, media_type="application/json")


def problem(error: Problem, status: int | None = None) -> Response:
    """A problem as ``application/problem+json``."""
    status = status or STATUS.get(error.code, 400)
    return Response(problem_body(error, status), status, _HEADERS.get(status), media_type="application/problem+json")


def problem_body(error: Problem, status: int) -> bytes:
    """The JSON of a problem."""
    details = ProblemDetails(
        code=error.code[:120],
        title=error.title[:400],
        status=status,
        detail=error.advice[:8_000],
        place=error.place[:400],
    )
    return msgspec.json.encode(details)
