"""Identifiers that carry their type, and the one way to make new ones."""

from typing import NewType

ItemId = NewType("ItemId", str)
MediaId = NewType("MediaId", str)  # the sha256 of the bytes, 64 lower-case hex digits
FlagId = NewType("FlagId", str)
PolicyId = NewType("PolicyId", str)
ClauseId = NewType("ClauseId", str)
ActionId = NewType("ActionId", str)
DecisionId = NewType("DecisionId", str)
PersonId = NewType("PersonId", str)
DeviceId = NewType("DeviceId", str)
QueueName = NewType("QueueName", str)
TeamName = NewType("TeamName", str)


def uuid7(unix_ms: int, random_80: int) -> str:
    """A UUID version 7 (RFC 9562, 5.7): sortable by time, made from what the caller passes in.

    Args:
        unix_ms: milliseconds since 1970-01-01 UTC; 48 bits are used.
        random_80: random bits; the low 74 are used.
    """
    value = (unix_ms & (1 << 48) - 1) << 80
    value |= 0x7 << 76
    value |= (random_80 >> 62 & 0xFFF) << 64
    value |= 0b10 << 62
    value |= random_80 & (1 << 62) - 1
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
