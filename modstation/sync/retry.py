"""How long to wait before trying again: pure."""

from random import Random

FIRST_S = 1.0
LONGEST_S = 60.0
LONGEST_NEAR_S = 15.0
"""For a failure that never reached the service."""


def delay_s(attempt: int, rng: Random, asked_s: float = 0.0, longest_s: float = LONGEST_S) -> float:
    """Seconds to wait after the failure numbered `attempt` (from 1): full jitter between 1 s and a doubling ceiling.

    Full jitter spreads a crowd of stations that lost the service at the same moment (AWS Architecture Blog,
    "Exponential Backoff And Jitter", 2015).

    Args:
        attempt: how many tries have failed in a row, this one included.
        rng: the caller's random source.
        asked_s: what the service asked for (``Retry-After``); the wait is never shorter than that.
        longest_s: the highest ceiling.
    """
    ceiling = min(longest_s, FIRST_S * 2.0 ** min(attempt, 16))
    return max(asked_s, rng.uniform(FIRST_S, ceiling))


def smaller(batch: int) -> int:
    """The next batch size after one that was too large or too slow."""
    return max(1, batch // 2)


def larger(batch: int, most: int) -> int:
    """The next batch size after one that went through."""
    return min(most, batch * 2)
