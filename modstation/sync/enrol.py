"""Making this computer a device of a service: once, with a code from whoever runs it."""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from modstation.core.ids import DeviceId, PersonId
from modstation.core.problem import Problem
from modstation.sync.enrolment import Enrolment
from modstation.sync.failures import Refused
from modstation.sync.transport import LOOPBACK, Transport, keys_of
from modstation.system.clock import Clock
from modstation.wire.envelope import fingerprint
from modstation.wire.exchange import CheckReply, CheckRequest, EnrolRequest, ServiceCard

__all__ = ["Introduction", "card", "check", "enrol", "keys_of"]

if TYPE_CHECKING:
    import httpx2  # only its name: `transport` says when it is loaded


@dataclass(frozen=True, slots=True)
class Introduction:
    """Who answers at an address. `fingerprint` is compared by eye with the one on the invitation."""

    base_url: str
    card: ServiceCard
    fingerprint: str


def with_scheme(typed: str) -> str:
    """An address as a person types it, protected unless it says otherwise or is this very machine."""
    if "://" in typed:
        return typed
    host = typed.partition("/")[0]
    if not host.startswith("[") and host.count(":") > 1:  # an IPv6 address that nobody put in brackets
        host = f"[{host}]"
        typed = host + typed[len(host) - 2 :]
    name = host[1:].partition("]")[0] if host.startswith("[") else host.partition(":")[0]
    return ("http://" if name.lower() in LOOPBACK else "https://") + typed


def card(base_url: str, clock: Clock, client: "httpx2.Client | None" = None) -> Introduction:
    """Ask who is at `base_url`; one without a scheme is completed, see `with_scheme`.

    Raises:
        Problem: ``sync.insecure_address``; `Offline`, `Blocked`, `Refused` as `Transport` tells them.
    """
    transport = Transport(with_scheme(base_url.strip()), None, "", clock, client)
    try:
        told = transport.card()
    finally:
        transport.close()
    return Introduction(transport.base_url, told, fingerprint(keys_of(told).signing))


def check(met: Introduction, code: str, clock: Clock, client: "httpx2.Client | None" = None) -> CheckReply | None:
    """Ask what the one-time `code` would do, which stays as good as it was; None from a service too old to be asked.

    Raises:
        Problem: what `Transport` tells, among it the refusal that `enrol` would give.
    """
    transport = Transport(met.base_url, keys_of(met.card), "", clock, client)
    try:
        return transport.check(CheckRequest(code=_as_issued(code)))
    except Refused as refused:
        if refused.status != 404:
            raise
        return None
    finally:
        transport.close()


def enrol(
    met: Introduction,
    code: str,
    device_name: str,
    clock: Clock,
    *,
    client: "httpx2.Client | None" = None,
    new_key: Callable[[], Ed25519PrivateKey] = Ed25519PrivateKey.generate,
    person_id: PersonId | None = None,
) -> Enrolment:
    """Trade the one-time `code` for a device. The key pair is made here and its private half never leaves.

    `person_id` says whom the code must be for; the service refuses another person's, and does not use it up.

    Raises:
        Problem: ``sync.other_service`` when the service's keys changed between the two answers; what `Transport`
            tells, among it the service's own refusal of the code.
    """
    key = new_key()
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    request = EnrolRequest(code=_as_issued(code), device_name=device_name, device_key=public, person_id=person_id)
    pinned = keys_of(met.card)
    transport = Transport(met.base_url, pinned, "", clock, client)
    try:
        reply = transport.enrol(request)
    finally:
        transport.close()
    if keys_of(reply.card) != pinned:
        raise Problem("sync.other_service", "The service's keys changed while enrolling.", "Start the enrolment again.")
    return Enrolment(
        base_url=met.base_url,
        service_name=reply.card.name,
        device_id=DeviceId(reply.device_id),
        person_id=PersonId(reply.person_id),
        person_name=reply.person_name,
        signing_key=pinned.signing,
        sealing_key=pinned.sealing,
        token=reply.token,
        device_key=key.private_bytes_raw(),
    )


def _as_issued(typed: str) -> str:
    return typed.strip().upper()
