"""What the person was told, held against what the service has."""

import sqlite3
from collections import Counter
from pathlib import Path

from modstation.core.receipt import ACCEPTED
from modstation.demo.process import admin


def judge(home: Path, notes: list[tuple[str, str]]) -> dict[str, int]:
    """Hold what the person was told against what the service has."""
    told: dict[str, set[str]] = {word: set() for word in ("made", "saved", "undoing", "undone")}
    for word, entry_id in notes:
        told.setdefault(word, set()).add(entry_id)
    counted = admin(home / "service", "stats")
    rows = _decisions(home / "service")
    accepted = Counter(decision_id for decision_id, _, outcome in rows if outcome in set(ACCEPTED))
    items = Counter(item_id for _, item_id, outcome in rows if outcome in set(ACCEPTED))
    # Killed in the middle of an undo it may or may not be taken back; both are what the person may expect.
    owed = told["saved"] - told["undoing"]
    owed |= {entry_id for entry_id in told["saved"] & told["undoing"] if _too_late(entry_id, notes)}
    ghosts = [entry_id for entry_id in told["undone"] if accepted[entry_id]]
    twice = sum(n - 1 for n in items.values()) + sum(n - 1 for n in accepted.values())
    return {
        "decided": len(told["made"]),
        "saved": len(told["saved"]),
        "undone": len(told["undone"]),
        "owed": len(owed),
        "accepted": sum(accepted.values()),
        "lost": len([entry_id for entry_id in owed if accepted[entry_id] != 1]),
        "applied_twice": max(twice, int(counted["applied_twice"])) + len(ghosts),
        "accepted_items": int(counted["accepted_items"]),
    }


def _too_late(entry_id: str, notes: list[tuple[str, str]]) -> bool:
    """Whether the person was told that it can't be undone any more, or more was noted after the wish, and no undo."""
    if ("late", entry_id) in notes:
        return True
    at = notes.index(("undoing", entry_id))
    after = [word for word, other in notes[at + 1 :] if other != entry_id]
    return ("undone", entry_id) not in notes and bool(after) and after[0] == "made"


def _decisions(data: Path) -> list[tuple[str, str, str]]:
    (path,) = [one for one in data.glob("*.db") if one.is_file()]
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        found = db.execute("SELECT decision_id, item_id, outcome FROM decision").fetchall()
    db.close()
    return found
