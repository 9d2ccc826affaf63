"""Guessing enrolment codes is slow: an address from which wrong ones came waits before it is listened to again.

A code has 40 bits (`devices`), too few to be safe from a machine that tries a thousand in a second. Here an address
has ten wrong codes at once and one more every six seconds after that: 14,410 in the 24 hours that a code holds, which
find a given one with 1 : 76 million. Who has thousands of addresses has that many times more guesses. Right codes cost
nothing, and don't make good what wrong ones have cost: who has one code may not use it to guess another.

What is counted is in memory, for this process, and for so many addresses at once: it slows guessing down and is no list
of who was here. Behind a TLS proxy on this machine the address is the one that the proxy names in ``X-Forwarded-For``
(uvicorn believes a proxy at 127.0.0.1, and others when the variable ``FORWARDED_ALLOW_IPS`` names them).
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from modstation.core.problem import Problem

AT_ONCE = 10
EVERY_S = 6
REMEMBERED = 10_000
_LONGEST = 100  # signs of what a proxy names and is no address: what is remembered stays small
_IPV6_NETWORK = 64  # bits: one computer may use every address of its network


class Guesses:
    """How many more wrong codes each address may send. For one thread, that of the event loop.

    Args:
        ticks: seconds that never go back.
    """

    def __init__(self, ticks: Callable[[], float]) -> None:
        self._ticks = ticks
        self._paid_at: OrderedDict[str, float] = OrderedDict()  # when the last wrong code of an address is made good

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """Around the use of one code: it counts while it is looked at, and goes on counting if it was a wrong one.

        Raises:
            Problem: ``enrol.too_often`` when this address has to wait; the code was not looked at then.
        """
        place = _network(address)
        now = self._ticks()
        owed_s = max(0.0, self._paid_at.get(place, now) - now)
        if owed_s > (AT_ONCE - 1) * EVERY_S:
            title, advice = "Too many wrong codes were tried from here.", "Wait a minute, then try again."
            raise Problem("enrol.too_often", title, advice, place="code")
        self._owe(place, now + owed_s + EVERY_S)
        wrong = False
        try:
            yield
        except Problem as problem:
            wrong = problem.code == "enrol.code_unknown"
            raise
        finally:
            if not wrong:
                self._give_back(place)

    def _owe(self, place: str, paid_at: float) -> None:
        self._paid_at[place] = paid_at
        self._paid_at.move_to_end(place)
        while len(self._paid_at) > REMEMBERED:
            self._paid_at.popitem(last=False)

    def _give_back(self, place: str) -> None:
        paid_at = self._paid_at.get(place, 0.0) - EVERY_S
        if paid_at > self._ticks():
            self._paid_at[place] = paid_at
        else:
            self._paid_at.pop(place, None)


def _network(address: str) -> str:
    """What counts as one address."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:_LONGEST]
    if isinstance(known, ipaddress.IPv6Address) and known.ipv4_mapped is None:
        return str(ipaddress.ip_network((int(known), _IPV6_NETWORK), strict=False))
    return address
