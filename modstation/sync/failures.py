"""The three ways in which an exchange fails, because a person can do three different things about it.

- `Offline`: nobody answered. Wait.
- `Blocked`: somebody answered, but not the service (a sign-in page, a proxy, an intercepting TLS box). Nothing changes
  here; the network wants something from the person.
- `Refused`: the service itself said no, signed, with a code.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from modstation.core.problem import Problem
from modstation.core.status import Link

_GATEWAY_DOWN = frozenset({502, 503, 504})


class Offline(Problem):
    """Nobody answered."""


class Blocked(Problem):
    """Something answered that is not our service."""


class Refused(Problem):
    """The service said no. `status` is the HTTP status; `asked_s` the wait it asked for, 0 when it did not."""

    def __init__(
        self, code: str, title: str, advice: str = "", place: str = "", *, status: int, asked_s: float = 0.0
    ) -> None:
        super().__init__(code, title, advice, place)
        self.status = status
        self.asked_s = asked_s


@contextmanager
def told() -> Iterator[None]:
    """Turn the client's errors into ours."""
    # Here, not above: the station shows its first item before it loads what speaks HTTP.
    import httpx2  # noqa: PLC0415

    try:
        yield
    except httpx2.ProxyError as error:
        raise Blocked(
            "sync.proxy", "A proxy stands between this computer and the service.", "Check the network's proxy settings."
        ) from error
    except httpx2.TimeoutException as error:
        code = "sync.no_connection" if isinstance(error, httpx2.ConnectTimeout) else "sync.stalled"
        raise Offline(code, "The service does not answer.") from error
    except httpx2.TransportError as error:
        if isinstance(error, httpx2.ConnectError) and _is_about_trust(error):
            raise Blocked(
                "sync.untrusted",
                "The connection is not trusted: something presents itself as the service.",
                "Try another network, or ask whoever runs this one.",
            ) from error
        raise Offline("sync.no_connection", "The service can't be reached.") from error


def _is_about_trust(error: BaseException | None) -> bool:
    import ssl  # noqa: PLC0415 - as above

    while error is not None:
        if isinstance(error, ssl.SSLCertVerificationError):
            return True
        error = error.__cause__ or error.__context__
    return False


def stranger(status: int) -> Problem:
    """The error for an answer that our service did not give: mostly `Blocked`."""
    if status in _GATEWAY_DOWN:
        return Offline("sync.gateway", "The service is not running at the moment.")
    return blocked(status)


def blocked(status: int) -> Blocked:
    """The error for an answer that somebody else gave, in the words for what it looks like."""
    if status == 407:
        title, advice = "The network's proxy wants a password.", "Check the network's proxy settings."
    elif status == 511 or 200 <= status < 400:
        title, advice = "The network needs a sign-in.", "Open a web browser and sign in to the network."
    else:
        title, advice = (
            "Something answers in the service's place.",
            "Try another network, or ask whoever runs this one.",
        )
    return Blocked("sync.blocked", title, advice, f"HTTP {status}")


def other_protocol(status: int) -> Refused:
    """The error for an answer in another version of the contract."""
    return Refused(
        "sync.protocol", "The service speaks another version.", "Install the current ModStation.", status=status
    )


REVOKED = Problem(
    "sync.revoked",
    "This computer was signed out by the service; its items are removed.",
    "Ask whoever runs the service. Decisions not sent yet are kept.",
)


def state_for(problem: Problem) -> Link:
    """What a failure says about the connection."""
    if isinstance(problem, Blocked):
        return Link.BLOCKED
    if isinstance(problem, Offline) or (isinstance(problem, Refused) and problem.status >= 500):
        return Link.OFFLINE
    return Link.ONLINE  # the service is there; the problem says what is wrong
