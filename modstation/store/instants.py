"""Points in time as the database keeps them: whole microseconds since 1970-01-01 UTC."""

from datetime import UTC, datetime, timedelta

_ZERO = datetime(1970, 1, 1, tzinfo=UTC)
_STEP = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Microseconds of an aware datetime."""
    return (moment - _ZERO) // _STEP


def from_us(us: int) -> datetime:
    """The datetime in UTC."""
    return _ZERO + timedelta(microseconds=us)
