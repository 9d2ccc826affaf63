"""The rows of the conflict table, and how often each was met: not planned, but seen to happen."""

from collections import Counter

ROWS = (
    "lease expired, item untouched",
    "reassigned, not yet decided",
    "reassigned, decided",
    "policy changed",
    "item revised",
    "item deleted",
    "device revoked",
    "clock wrong",
    "service restored",
    "duplicate upload",
    "reply lost",
    "batch partly failed",
    "killed in mid-write",
    "disk full",
    "database damaged",
    "key missing",
    "two instances",
    "captive portal",
    "app downgraded",
)

BY_CODE = {
    "accepted_late": "lease expired, item untouched",
    "second_opinion": "reassigned, not yet decided",
    "superseded.decided_by_other": "reassigned, decided",
    "returned.policy_changed": "policy changed",
    "returned.content_changed": "item revised",
    "superseded.item_deleted": "item deleted",
    "quarantined.device_revoked": "device revoked",
}

TWO_SIDED = ("policy changed, compatible", "reassigned, decided, agrees", "reassigned, decided, differs")
"""Sides of rows that are counted beside the rows themselves."""


class Met(Counter[str]):
    """How often each row was met."""

    def missing(self) -> list[str]:
        return [row for row in (*ROWS, *TWO_SIDED) if not self[row]]
