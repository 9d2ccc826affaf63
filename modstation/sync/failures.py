"""The three ways in which an exchange fails, because a person can do three different things about it.

- `Offline`: nobody answered. Wait.
- `Blocked`: somebody answered, but not the service (a sign-in page, a proxy, an intercepting TLS box). Nothing changes
  here; the network wants something from the person.
- `Refused`: the service itself said no, signed, with a code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from random import Random

from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.sync import retry

_GATEWAY_DOWN = frozenset({502, 503, 504})
_PROXY = "Give it in this computer's network settings, or ask whoever runs the network."


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
        if str(error).startswith("407"):  # its answer to the wish for a tunnel
            raise blocked(407) from error
        title = "The network's proxy does not let this through."
        raise Blocked("sync.proxy", title, _PROXY) from error
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
    place = f"HTTP {status}"
    if status == 407:
        return Blocked("sync.proxy_password", "The network's proxy wants a password.", _PROXY, place)
    if status == 511 or 200 <= status < 400:
        advice = "Open a web browser and sign in to the network."
        return Blocked("sync.sign_in", "The network needs a sign-in.", advice, place)
    return _in_its_place(place)


def unusable_proxy() -> Blocked:
    """The error for a proxy in the machine's settings that the client can't speak to: SOCKS, or a mistyped one."""
    title = "The proxy in this computer's network settings can't be used."
    return Blocked("sync.proxy_setting", title, "Give an HTTP proxy there, or ask whoever runs the network.")


def impostor(status: int) -> Blocked:
    """The error for an answer that has the form of the service's, and not its signature: no sign-in page does that."""
    return _in_its_place(f"HTTP {status}")


def _in_its_place(place: str) -> Blocked:
    title, advice = (
        "Something else answers in the service's place.",
        "Try another network, or ask whoever runs this one.",
    )
    return Blocked("sync.blocked", title, advice, place)


def other_protocol(status: int) -> Refused:
    """The error for an answer in another version of the contract."""
    return Refused(
        "sync.protocol", "The service speaks another version.", "Install the current ModStation.", status=status
    )


def delay_after(problem: Problem | None, failures: int, rng: Random) -> float:
    """Seconds to wait after so many failures in a row, the last of which was `problem`.

    Short for one that lies between here and the service: trying again costs the service nothing, and somebody may just
    have signed in or plugged a cable in. One that reached the service waits longer, and as long as it asked for.
    """
    near = isinstance(problem, Blocked) or (problem is not None and problem.code == "sync.no_connection")
    asked_s = problem.asked_s if isinstance(problem, Refused) else 0.0
    longest_s = retry.LONGEST_NEAR_S if near else retry.LONGEST_S
    return retry.delay_s(max(1, failures), rng, asked_s, longest_s)


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
