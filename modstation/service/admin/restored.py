"""What a restore has done, and how it is told: in words with what comes next, as an object for programs."""

from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec

_SHOWN = 20  # files told to people by name; --json tells all


@dataclass(frozen=True, slots=True)
class Missing:
    """A file that is not in the folder: its id, which is its name there, and an item that names it."""

    media_id: str
    item_id: str


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore has done.

    Attributes:
        epoch: the new one.
        made_at: when the backup was made; None when the database was put back by other means.
        kept: where the replaced database is; None when there was none.
        stations: devices of the backup, not removed.
        removed_again: devices that had been removed since, read from the replaced database and removed again.
        items_removed_again: items likewise.
        joined_since: devices the replaced database knew and the backup does not; None when it could not be read.
        missing: files that items name and that are not in the folder.
    """

    epoch: str
    made_at: datetime | None
    kept: Path | None
    stations: int
    removed_again: int
    items_removed_again: int
    joined_since: int | None
    missing: tuple[Missing, ...]

    @property
    def media_missing(self) -> int:
        """How many files are missing."""
        return len(self.missing)


def as_data(done: Restored) -> dict[str, Any]:
    """The restore as ``--json`` answers it."""
    kept = str(done.kept) if done.kept else None
    told = asdict(done) | {"kept": kept, "media_missing": done.media_missing}
    return msgspec.to_builtins(told) | {"next": _next(done)}  # type: ignore[no-any-return]  # it gives what it is given


def as_words(done: Restored) -> list[str]:
    """What was done, and then what is to be done, in its order."""
    return [*_done(done), "Next:", *(f"  {n}. {line}" for n, line in enumerate(_next(done), 1))]


def _done(done: Restored) -> list[str]:
    words = ["The service has a new epoch: its stations will notice that it was restored."]
    if done.made_at is not None:
        words = [f"The backup of {done.made_at:%Y-%m-%d %H:%M} UTC is in place. {words[0]}"]
    if done.kept is not None:
        words.append(f"The replaced database is kept in {done.kept}.")
    if done.removed_again:
        words.append(f"Stations removed since the backup are removed again: {done.removed_again}.")
    if done.items_removed_again:
        words.append(f"Items removed since the backup are removed again: {done.items_removed_again}.")
    if done.media_missing:
        words += _missing(done.missing)
    return words


def _next(done: Restored) -> list[str]:
    words = [
        "Publish and import again what came after the backup: policies, items, people, queues.",
        "Start the service: modstation serve.",
        f"Wait: the stations ({done.stations}) ask what became of their decisions and send again what is not known.",
    ]
    if done.joined_since is None:
        words.append("Stations that joined after the backup are unknown now and say so: give them new codes.")
        words.append("Stations and items removed after the backup are back: remove them again.")
    elif done.joined_since:
        words.append(
            f"Stations that joined after the backup ({done.joined_since}) are unknown now: give them new codes."
        )
    return words


def _missing(files: tuple[Missing, ...]) -> list[str]:
    words = [f"Media that are missing: {len(files)}. Copy them into the folder `media`, to these names:"]
    words += [f"  {one.media_id[:2]}/{one.media_id}, of the item {one.item_id}" for one in files[:_SHOWN]]
    left = len(files) - _SHOWN
    return words + ([f"  and {left} more; --json lists them all"] if left > 0 else [])
