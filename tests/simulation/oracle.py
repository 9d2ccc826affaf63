"""What the conflict table says of a decision, worked out beside the service from its rows before the request."""

from dataclasses import dataclass, field
from typing import Any

import msgspec

from modstation.wire.decision import Receipt
from modstation.wire.exchange import SyncRequest
from tests.simulation.hosting import Host


@dataclass(slots=True)
class Before:
    """The service's rows as they were before a request."""

    now_us: int
    revoked: bool
    restored: bool
    items: dict[str, tuple[Any, ...]]
    live: dict[str, tuple[Any, ...]]
    granted: set[tuple[str, int]]
    counting: dict[tuple[str, int], tuple[str, str, str, frozenset[str]]]
    accepts_from: int
    receipts: dict[str, tuple[bytes, bytes]]
    unreadable: set[str]
    touched: set[str] = field(default_factory=set)


def look(host: Host, device_id: str, now_us: int) -> Before:
    """Read everything a judgement needs."""
    counting = {}
    sql = (
        "SELECT item_id, item_rev, decision_id, person_id, body FROM decision "
        "WHERE outcome IN ('accepted', 'accepted_late') AND replaced_by IS NULL"
    )
    for item_id, rev, decision_id, person_id, body in host.rows(sql):
        counting[item_id, rev] = (decision_id, person_id, *gist(body))
    return Before(
        now_us=now_us,
        revoked=host.rows("SELECT revoked_at FROM device WHERE device_id = ?", device_id)[0][0] is not None,
        restored=bool(host.rows("SELECT 1 FROM setting WHERE name = 'restored_at'")),
        items={r[0]: r for r in host.rows("SELECT item_id, rev, content_sha256, state FROM item")},
        live={
            r[0]: r
            for r in host.rows("SELECT item_id, device_id, lease_gen, expires_at FROM lease WHERE ended_at IS NULL")
        },
        granted={
            (r[0], r[1]) for r in host.rows("SELECT item_id, lease_gen FROM lease WHERE device_id = ?", device_id)
        },
        counting=counting,
        unreadable={r[0] for r in host.rows("SELECT item_id FROM item_body WHERE length(body) < 40")},
        accepts_from=host.rows("SELECT accepts_from FROM policy ORDER BY version DESC LIMIT 1")[0][0],
        receipts={
            r[0]: (bytes(r[1]), bytes(r[2]))
            for r in host.rows(
                "SELECT d.decision_id, d.body, r.body FROM decision d JOIN receipt r USING (decision_id)"
            )
        },
    )


def gist(body: bytes) -> tuple[str, frozenset[str]]:
    said = msgspec.json.decode(body)
    return said["verdict"], frozenset(f["clause_id"] for f in said.get("findings", ()))


def judge(before: Before, request: SyncRequest, receipts: tuple[Receipt, ...], who: tuple[str, str]) -> list[str]:
    """What is wrong with the answers to a request: nothing, when all is well.

    Args:
        before: the rows before it.
        request, receipts: what was asked and answered.
        who: device and person.
    """
    wrong: list[str] = []
    given = {one.decision_id: one for one in receipts}
    for sent in request.decisions:
        body = bytes(sent.decision)
        said = msgspec.json.decode(body)
        decision_id = said["decision_id"]
        receipt = given.get(decision_id)
        if receipt is None:
            wrong.append(f"I12: {decision_id[-6:]} got no receipt")
            continue
        stored = before.receipts.get(decision_id)
        if stored is not None:
            if stored[0] == body and msgspec.json.decode(stored[1], type=Receipt) != receipt:
                wrong.append(f"I2: {decision_id[-6:]} got another receipt the second time")
            continue
        expected = _expected(before, said, who)
        got = receipt.code
        if expected and not got.startswith(expected):
            wrong.append(f"I3: {decision_id[-6:]} on {said['item_id']} is {got}, the table says {expected}")
        if expected == "superseded.decided_by_other" and got == expected:
            counts = before.counting[said["item_id"], said["item_rev"]]
            if receipt.agrees != (gist(body) == counts[2:]):
                wrong.append(f"{decision_id[-6:]} is told wrongly whether it agrees")
        before.touched.add(said["item_id"])
    return wrong


def _expected(before: Before, said: dict[str, Any], who: tuple[str, str]) -> str:
    """The beginning of the code that the table names; empty when this oracle does not know."""
    item_id, rev, gen = said["item_id"], said["item_rev"], said["lease_gen"]
    known = before.items.get(item_id)
    counts = before.counting.get((item_id, rev))
    replaces = counts is not None and said.get("supersedes") == counts[0] and counts[1] == who[1]
    strange = any(action["action_id"] == "never-offered" for action in said.get("actions", ()))
    table = (
        (before.revoked, "quarantined.device_revoked"),
        (item_id in before.touched, ""),
        (known is None, "refused.unknown_item"),
        (known is not None and known[3] == "deleted", "superseded.item_deleted"),
        ((item_id, gen) not in before.granted and not before.restored, "refused.not_leased"),
        (counts is not None and not replaces, "superseded.decided_by_other"),
        (known is not None and (rev, said["content_sha256"]) != known[1:3], "returned.content_changed"),
        (said["policy_version"] < before.accepts_from, "returned.policy_changed"),
        (strange, "" if item_id in before.unreadable else "refused.foreign_action"),
        (replaces, "accepted.replaces"),
        (True, _by_lease(before, item_id, gen, who)),
    )
    return next(code for holds, code in table if holds)


def _by_lease(before: Before, item_id: str, gen: int, who: tuple[str, str]) -> str:
    live = before.live.get(item_id)
    if live is not None and live[1] != who[0]:
        return "" if before.restored else "second_opinion"
    # After a restore a lease may be known by another number than the one the decision was made under.
    if live is not None and (live[2] == gen or before.restored) and live[3] > before.now_us:
        return "accepted"
    return "accepted_late"
