"""The service's HTTP side: one table of routes, and what each does."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import msgspec
import structlog
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from modstation.core.problem import Problem
from modstation.service import devices, identity, media, openapi
from modstation.service.answers import answer, problem
from modstation.service.database import Database
from modstation.service.devices import Device
from modstation.service.envelope import MAX_JOURNAL_REQUEST, Signed, read_body, shallow
from modstation.service.exchange import Answer, Exchange, authenticate
from modstation.service.guesses import Guesses
from modstation.service.keys import Keys
from modstation.service.media import MediaFolder
from modstation.service.recovery import Recovery
from modstation.service.waiting import Bell
from modstation.system.clock import Clock
from modstation.wire import PROTOCOL
from modstation.wire.exchange import CheckReply, CheckRequest, EnrolReply, EnrolRequest, ServiceCard, SyncRequest
from modstation.wire.limits import KIB, MAX_UPLOAD
from modstation.wire.recovery import JournalRequest, ReceiptsRequest
from modstation.wire.translate import strictly

LOOK_EVERY_S = 1.0  # while waiting: what another process (`modstation admin`) wrote is noticed within this time
MAX_ENROLLING = 64 * KIB  # of anybody's request, who need not be known here

_log = structlog.get_logger(__name__)
_SYNC = msgspec.json.Decoder(SyncRequest, strict=True)
_RECEIPTS = msgspec.json.Decoder(ReceiptsRequest, strict=True)
_JOURNAL = msgspec.json.Decoder(JournalRequest, strict=True)
_CHECK = msgspec.json.Decoder(CheckRequest, strict=True)
_ENROL = msgspec.json.Decoder(EnrolRequest, strict=True)


@dataclass(frozen=True, slots=True)
class Service:
    """The parts of a running service."""

    database: Database
    keys: Keys
    files: MediaFolder
    exchange: Exchange
    recovery: Recovery
    clock: Clock
    random: Callable[[int], bytes]
    bell: Bell

    def card(self) -> ServiceCard:
        """Who the service is."""
        name = self.database.read(lambda conn: identity.get(conn, "name")) or "ModStation"
        return ServiceCard(
            name=name, protocol=PROTOCOL, signing_key=self.keys.signing_public, sealing_key=self.keys.sealing_public
        )


Handler = Callable[[Request], Awaitable[Response]]


def make_app(service: Service) -> Starlette:
    """The ASGI application over a service's parts."""
    desk = _Desk(service)
    handlers: dict[str, Handler] = {
        "card": desk.card,
        "health": desk.health,
        "ready": desk.ready,
        "openapi": desk.openapi,
        "check": desk.check,
        "enrol": desk.enrol,
        "sync": desk.sync,
        "receipts": desk.receipts,
        "journal": desk.journal,
        "media": desk.media,
    }
    routes = [Route(one.path, handlers[one.name], methods=[one.method]) for one in openapi.OPERATIONS]
    return Starlette(
        routes=routes,
        middleware=[Middleware(Signed, sign=service.keys.sign)],
        exception_handlers={Problem: _on_problem, HTTPException: _on_http},
    )


class _Desk:
    """The handlers."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._card: ServiceCard | None = None
        self._guesses = Guesses(service.clock.ticks)

    async def card(self, _request: Request) -> Response:
        """Who the service is."""
        if self._card is None:
            self._card = await run_in_threadpool(self._service.card)
        return answer(self._card)

    async def health(self, _request: Request) -> Response:
        """The process is up."""
        return answer({"status": "up"})

    async def ready(self, _request: Request) -> Response:
        """The database answers and has the newest schema."""
        ready = not self._service.bell.stopped and await run_in_threadpool(self._service.database.is_ready)
        return answer({"status": "ready" if ready else "not ready"}, 200 if ready else 503)

    async def openapi(self, _request: Request) -> Response:
        """The description of this API."""
        return Response(openapi.document(), media_type="application/json")

    async def check(self, request: Request) -> Response:
        """What a one-time code would do."""
        asked = strictly(_CHECK.decode, await read_body(request, MAX_ENROLLING))
        service = self._service

        def unit() -> CheckReply:
            now = service.clock.now()
            good = service.database.read(lambda conn: devices.check(conn, asked.code, now))
            return CheckReply(person_name=good.person_name, expires_at=good.expires_at)

        with self._guesses.one(_address(request)):
            return answer(await run_in_threadpool(unit))

    async def enrol(self, request: Request) -> Response:
        """A one-time code becomes a device."""
        asked = strictly(_ENROL.decode, await read_body(request, MAX_ENROLLING))
        service = self._service

        def unit() -> EnrolReply:
            now = service.clock.now()
            made, epoch = service.database.write(
                lambda conn: (
                    devices.enrol(
                        conn,
                        asked.code,
                        name=asked.device_name,
                        key=asked.device_key,
                        now=now,
                        random=service.random,
                        wanted=asked.person_id,
                    ),
                    identity.epoch(conn),
                )
            )
            _log.info("device_enrolled", device_id=made.device_id)
            return EnrolReply(
                device_id=made.device_id,
                token=made.token,
                person_id=made.person_id,
                person_name=made.person_name,
                epoch=epoch,
                card=service.card(),
            )

        with self._guesses.one(_address(request)):
            return answer(await run_in_threadpool(unit))

    async def sync(self, request: Request) -> Response:
        """The exchange; when there is nothing to say it waits a while for something."""
        who = await self._who(request)
        asked = _asked(await read_body(request))
        if sum(len(bytes(one.decision)) for one in asked.decisions) > MAX_UPLOAD and len(asked.decisions) > 1:
            raise Problem("request.too_large", "Too many decisions at once.", "Send fewer.", place="decisions")
        service = self._service
        loop = asyncio.get_running_loop()
        deadline = loop.time() + asked.wait_s
        while True:
            given: Answer = await run_in_threadpool(service.exchange.answer, who, asked)
            if given.wrote:
                service.bell.ring()
            left = deadline - loop.time()
            if not given.quiet or left <= 0 or service.bell.stopped or await request.is_disconnected():
                return answer(given.reply)
            if given.wrote:  # what was asked is done: only the looking goes on
                asked = msgspec.structs.replace(asked, decisions=(), release=(), skipped=(), renew=())
            await service.bell.wait(min(LOOK_EVERY_S, left))

    async def receipts(self, request: Request) -> Response:
        """What became of the decisions a station remembers."""
        who = await self._who(request)
        asked = strictly(_RECEIPTS.decode, await read_body(request))
        return answer(await run_in_threadpool(self._service.recovery.receipts, who, asked))

    async def journal(self, request: Request) -> Response:
        """Decisions out of a station's journal."""
        who = await self._who(request)
        asked = strictly(_JOURNAL.decode, await read_body(request, MAX_JOURNAL_REQUEST))
        given = await run_in_threadpool(self._service.recovery.journal, who, asked)
        self._service.bell.ring()
        return answer(given)

    async def media(self, request: Request) -> Response:
        """A file, or a range of it."""
        who = await self._who(request)
        media_id = request.path_params["media_id"]
        path = await run_in_threadpool(self._file, who, media_id)
        etag = f'"{media_id}"'
        headers = {"etag": etag, "cache-control": "no-store", "x-content-type-options": "nosniff"}
        if request.headers.get("if-none-match") in {etag, "*"}:
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="application/octet-stream", headers=headers)

    def _file(self, who: Device, media_id: str) -> Path:
        path = self._service.files.path(media_id)
        now = self._service.clock.now()
        if not self._service.database.read(lambda conn: media.may_read(conn, who.device_id, media_id, now)):
            raise Problem("media.unknown", "There is no such file for this device.", place="media_id")
        if not path.is_file():
            _log.error("media_missing", media_id=media_id)
            raise Problem("media.unknown", "The file is missing at the service.", place="media_id")
        return path

    async def _who(self, request: Request) -> Device:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        who = None
        if scheme.lower() == "bearer" and 0 < len(token) <= 200:
            who = await run_in_threadpool(authenticate, self._service.database, token)
        if who is None:
            raise Problem("auth.token", "The service does not know this device.", "Enrol it again.")
        return who


def _asked(body: bytes) -> SyncRequest:
    try:
        return strictly(_SYNC.decode, body)
    except Problem:
        cut = shallow(body)
        if cut is body:
            raise
        return strictly(_SYNC.decode, cut)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _on_problem(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Problem):
        raise error
    return problem(error)


async def _on_http(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    codes = {404: "request.path", 405: "request.method"}
    made = Problem(codes.get(error.status_code, "request.wrong"), str(error.detail))
    response = problem(made, error.status_code)
    response.headers.update(error.headers or {})
    return response
