"""Importing a file of items into the service: every line checked, good ones stored in batches, bad ones reported.

An item is taken as a whole or not at all: its files are copied in before its row is written, and its row is written
in one transaction with those of its batch. The same file twice changes nothing the second time.
"""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from modstation.core.problem import Problem
from modstation.service import catalogue
from modstation.service.catalogue import Added
from modstation.service.database import Database
from modstation.service.ingest.form import Formed, discreet
from modstation.service.ingest.form import form as modstation_form
from modstation.service.ingest.lines import Line, Refusal, read
from modstation.service.ingest.openai_moderation import convert as openai_moderation
from modstation.service.media import MediaFolder
from modstation.system.clock import Clock
from modstation.wire import translate

BATCH = 200
Convert = Callable[[bytes, Path], Formed]

FORMATS: dict[str, Convert] = {"modstation": modstation_form, "openai-moderation": openai_moderation}
"""What `import --format` may say."""


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file.

    Attributes:
        lines: lines that were not empty.
        stored: False when nothing was stored because something was refused and all or nothing was asked for.
    """

    lines: int
    added: Added
    refused: tuple[Refusal, ...]
    stored: bool = True


@dataclass(slots=True)
class _Seen:
    """What has come so far in this file."""

    digests: dict[str, bytes] = field(default_factory=dict)  # of the item as JSON, by item id
    refused: list[Refusal] = field(default_factory=list)
    lines: int = 0


class ServiceStore:
    """The service's own database and media folder."""

    def __init__(self, database: Database, files: MediaFolder, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock

    def queues(self, names: set[str]) -> set[str]:
        """Those of `names` that exist."""
        return self._database.read(lambda conn: {name for name in names if catalogue.has_queue(conn, name)})

    def has_policy(self, policy_id: str) -> bool:
        """Whether a version of it was published."""
        return self._database.read(lambda conn: catalogue.newest_policy(conn, policy_id)) is not None

    def put(self, batch: list[Formed]) -> Added:
        """Copy the files of a batch in, then write its rows in one transaction.

        Raises:
            Problem: ``import.media_changed`` when a file is no longer the one that was read before.
        """
        for formed in batch:
            for media_id, path in formed.files.items():
                if not self._files.has(media_id) and self._files.add(path)[0] != media_id:
                    raise Problem("import.media_changed", "A file changed while it was imported.", "Import it again.")
        items = [formed.item for formed in batch]
        now = self._clock.now()
        return self._database.write(lambda conn: catalogue.add_items(conn, items, self._files, now))


def import_file(
    path: Path,
    store: ServiceStore,
    *,
    convert: Convert = modstation_form,
    all_or_nothing: bool = False,
    on_progress: Callable[[int], None] = lambda _bytes: None,
) -> Report:
    """Import a file.

    Args:
        path: JSON Lines; media are looked for beside it.
        store: where to put the items.
        convert: makes an item of a line, see `FORMATS`.
        all_or_nothing: store nothing when any line is refused, and everything in one transaction otherwise.
        on_progress: is told how far into the file (in bytes) the import has come.

    Raises:
        Problem: ``import.no_file``.
    """
    seen = _Seen()
    added = Added()
    batch: list[Formed] = []
    known: dict[str, bool] = {}
    published: dict[str, bool] = {}
    for number, formed in _formed(path, convert, seen, on_progress):
        queue = formed.item.queue
        if queue not in known:
            known[queue] = bool(store.queues({queue}))
        if not known[queue]:
            seen.refused.append(Refusal(number, "import.no_queue", "queue", "There is no such queue."))
            continue
        policy = formed.item.policy_id
        if policy not in published:
            published[policy] = store.has_policy(policy)
        if not published[policy]:
            seen.refused.append(Refusal(number, "import.no_policy", "policy_id", "No such policy is published."))
            continue
        digest = hashlib.sha256(translate.dump(formed.item)).digest()
        earlier = seen.digests.get(formed.item.item_id)
        seen.digests.setdefault(formed.item.item_id, digest)
        if earlier is not None and earlier != digest:
            why = "An earlier line has the same id and says something else."
            seen.refused.append(Refusal(number, "import.twice", "item_id", why))
        if earlier is not None:
            added += Added(same=1 if earlier == digest else 0)
            continue
        batch.append(formed)
        if len(batch) == BATCH and not all_or_nothing:
            added += store.put(batch)
            batch = []
    stored = not (all_or_nothing and seen.refused)
    if batch and stored:
        added += store.put(batch)
    return Report(seen.lines, added if stored else Added(), tuple(seen.refused), stored)


def _formed(
    path: Path, convert: Convert, seen: _Seen, on_progress: Callable[[int], None]
) -> Iterator[tuple[int, Formed]]:
    """The items of a file with their line numbers; what is refused goes to `seen`."""
    folder = path.parent
    for line in read(path):
        seen.lines += 1
        if isinstance(line, Refusal):
            seen.refused.append(line)
            continue
        on_progress(line.end)
        formed = _one(line, convert, folder)
        if isinstance(formed, Refusal):
            seen.refused.append(formed)
        else:
            yield line.number, formed


def _one(line: Line, convert: Convert, folder: Path) -> Formed | Refusal:
    try:
        return convert(line.body, folder)
    except Problem as problem:
        told = discreet(problem)
        why = f"{told.title} {told.advice}".strip()
        return Refusal(line.number, told.code, told.place, why)
