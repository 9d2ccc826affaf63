"""How an import is told: in words for people, as an object for programs."""

from typing import Any

import msgspec

from modstation.service.admin.output import count
from modstation.service.catalogue import Change
from modstation.service.ingest.importer import Report
from modstation.service.ingest.lines import Refusal

_SHOWN = 50  # lines told to people, of each sort; --json tells all
_PLAN = {
    Change.NEW: "new",
    Change.REVISED: "changed: gets a new revision",
    Change.REOPENED: "changed: gets a new revision and waits again, although it was closed",
}


def as_data(report: Report) -> dict[str, Any]:
    """The report as ``--json`` answers it."""
    return {
        "lines": report.lines,
        "new": report.added.new,
        "revised": report.added.revised,
        "reopened": report.added.reopened,
        "same": report.added.same,
        "refused": len(report.refused),
        "stored": report.stored,
        "planned": [msgspec.to_builtins(planned) for planned in report.planned],
        "refusals": [msgspec.to_builtins(refusal) for refusal in report.refused],
    }


def as_words(report: Report, *, all_or_nothing: bool = False, dry_run: bool = False) -> list[str]:
    """The report line by line: what matters most first, then every line that is worth a look."""
    refused = len(report.refused)
    words = []
    if all_or_nothing and refused:
        were = "was" if refused == 1 else "were"
        why = f"{refused} of {count(report.lines, 'line')} {were} refused, and all or nothing was asked for"
        words.append(f"Nothing {'would be' if dry_run else 'was'} stored: {why}.")
    elif dry_run:
        words.append("A dry run: nothing was stored. An import would do this:")
    if dry_run or not (all_or_nothing and refused):
        words += _sum(report)
    words += _first(
        [f"  line {one.line}, {one.item_id}: {_PLAN[one.change]}" for one in report.planned], "would change something"
    )
    words += _first([_refusal(one) for one in report.refused], "refused")
    return words


def _sum(report: Report) -> list[str]:
    added = report.added
    kept = f"{added.new} new, {added.revised} changed, {added.same} the same"
    words = [f"{count(report.lines, 'line')}: {kept}, {len(report.refused)} refused."]
    if added.reopened:
        wait = "it waits" if added.reopened == 1 else "they wait"
        words.append(f"Of the changed items {added.reopened} had been closed: {wait} again, for a new decision.")
    return words


def _refusal(refusal: Refusal) -> str:
    said = f" at {refusal.place}" in refusal.why  # where it is not JSON the words name the character
    place = f", {refusal.place}" if refusal.place and not said else ""
    return f"  line {refusal.line}{place}: {refusal.why} [{refusal.code}]"


def _first(words: list[str], what: str) -> list[str]:
    left = len(words) - _SHOWN
    return words[:_SHOWN] + ([f"  and {left} more {what}; --json lists them all"] if left > 0 else [])
