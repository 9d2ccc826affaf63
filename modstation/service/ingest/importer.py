"""Importing a file of items into the service: every line checked, good ones stored in batches, bad ones reported.

An item is taken as a whole or not at all: its files are copied in before its row is written, and its row is written
in one transaction with those of its batch. The same file twice changes nothing the second time.
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from modstation.core.problem import Problem
from modstation.service import catalogue, media
from modstation.service.catalogue import Added, Change
from modstation.service.database import Database
from modstation.service.ingest import words
from modstation.service.ingest.form import Formed, discreet
from modstation.service.ingest.form import form as modstation_form
from modstation.service.ingest.lines import Line, Refusal, read
from modstation.service.ingest.openai_moderation import convert as openai_moderation
from modstation.service.ingest.previews import Previews
from modstation.service.media import MediaFolder
from modstation.system.clock import Clock
from modstation.wire import translate

BATCH = 200
Convert = Callable[[bytes, Path], Formed]

FORMATS: dict[str, Convert] = {"modstation": modstation_form, "openai-moderation": openai_moderation}
"""What `import --format` may say."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a line would do."""

    line: int
    item_id: str
    change: Change


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file.

    Attributes:
        lines: lines that were not empty.
        added: what was done to the service; after a dry run, what would be.
        stored: False when nothing was stored: for a dry run, or because something was refused and all or nothing was
            asked for.
        planned: of a dry run: the lines that would change something, in their order.
    """

    lines: int
    added: Added
    refused: tuple[Refusal, ...]
    stored: bool = True
    planned: tuple[Planned, ...] = ()


@dataclass(slots=True)
class _Seen:
    """What has come so far in this file."""

    digests: dict[str, bytes] = field(default_factory=dict)  # of the item as JSON, by item id
    refused: list[Refusal] = field(default_factory=list)
    planned: list[Planned] = field(default_factory=list)
    lines: int = 0


class ServiceStore:
    """The service's own database and media folder. To be closed."""

    def __init__(self, database: Database, files: MediaFolder, clock: Clock) -> None:
        self._database = database
        self._files = files
        self._clock = clock
        self._previews = Previews(files)

    def close(self) -> None:
        """Let go of what made the previews; the database and the folder belong to somebody else."""
        self._previews.close()

    def queues(self, names: set[str]) -> set[str]:
        """Those of `names` that exist."""
        return self._database.read(lambda conn: {name for name in names if catalogue.has_queue(conn, name)})

    def has_policy(self, policy_id: str) -> bool:
        """Whether a version of it was published."""
        return self._database.read(lambda conn: catalogue.newest_policy(conn, policy_id)) is not None

    def compare(self, batch: list[Formed]) -> list[Change]:
        """What `put` would do to each. Reads only."""
        return self._database.read(lambda conn: catalogue.compare_items(conn, [formed.item for formed in batch]))

    def put(self, batch: list[Formed]) -> Added:
        """Copy the files of a batch in, make the previews of what is new, then write its rows in one transaction.

        Raises:
            Problem: ``import.media_changed`` when a file is no longer the one that was read before.
        """
        try:
            return self._put(batch)
        except Problem as problem:
            if problem.code != "catalogue.media_missing":
                raise
        # A file that was here was dropped before our rows named it, by a removal or an import that failed.
        self._previews.forget()
        return self._put(batch)

    def _put(self, batch: list[Formed]) -> Added:
        self._files.written.clear()
        try:
            self._copy(batch)
            changes = zip(batch, self.compare(batch), strict=True)
            items = [f.item if change is Change.SAME else self._previews.add(f.item) for f, change in changes]
            now = self._clock.now()
            return self._database.write(lambda conn: catalogue.add_items(conn, items, self._files, now))
        except BaseException:
            self._sweep()
            raise

    def _copy(self, batch: list[Formed]) -> None:
        for formed in batch:
            for media_id, path in formed.files.items():
                if not self._files.has(media_id) and self._files.add(path)[0] != media_id:
                    raise Problem("import.media_changed", "A file changed while it was imported.", "Import it again.")

    def _sweep(self) -> None:
        """Delete what was copied for a batch that was not stored. What can't be deleted now, `item remove` finds."""
        copied = [self._files.path(media_id) for media_id in sorted(self._files.written)]
        with suppress(DatabaseError, OSError):
            self._database.write(lambda conn: media.sweep(conn, copied))
        self._previews.forget()


def import_file(
    path: Path,
    store: ServiceStore,
    *,
    convert: Convert = modstation_form,
    all_or_nothing: bool = False,
    dry_run: bool = False,
    on_progress: Callable[[int], None] = lambda _bytes: None,
) -> Report:
    """Import a file.

    Args:
        path: JSON Lines; media are looked for beside it.
        store: where to put the items.
        convert: makes an item of a line, see `FORMATS`.
        all_or_nothing: store nothing when any line is refused, and everything in one transaction otherwise.
        dry_run: store nothing, and say what would change.
        on_progress: is told how far into the file (in bytes) the import has come.

    Raises:
        Problem: ``import.no_file``, ``import.binary``.
    """
    seen = _Seen()
    added = Added()
    batch: list[tuple[int, Formed]] = []
    for number, formed in _wanted(path, convert, store, seen, on_progress):
        digest = hashlib.sha256(translate.dump(formed.item)).digest()
        earlier = seen.digests.get(formed.item.item_id)
        seen.digests.setdefault(formed.item.item_id, digest)
        if earlier is not None and earlier != digest:
            why = "An earlier line has the same id and says something else."
            seen.refused.append(Refusal(number, "import.twice", "item_id", why))
        if earlier is not None:
            added += Added(same=1 if earlier == digest else 0)
            continue
        batch.append((number, formed))
        if len(batch) == BATCH and (dry_run or not all_or_nothing):
            added += _take(store, batch, seen, dry_run=dry_run)
            batch = []
    stopped = all_or_nothing and bool(seen.refused)
    if batch and (dry_run or not stopped):
        added += _take(store, batch, seen, dry_run=dry_run)
    if stopped:
        return Report(seen.lines, Added(), tuple(seen.refused), stored=False)
    return Report(seen.lines, added, tuple(seen.refused), not dry_run, tuple(seen.planned))


def _take(store: ServiceStore, batch: list[tuple[int, Formed]], seen: _Seen, *, dry_run: bool) -> Added:
    """Store a batch, or note what storing it would do."""
    some = [formed for _, formed in batch]
    if not dry_run:
        return store.put(some)
    changes = store.compare(some)
    seen.planned += [
        Planned(number, formed.item.item_id, change)
        for (number, formed), change in zip(batch, changes, strict=True)
        if change is not Change.SAME
    ]
    count = Counter(changes)
    revised = count[Change.REVISED] + count[Change.REOPENED]
    return Added(count[Change.NEW], revised, count[Change.SAME], count[Change.REOPENED])


def _wanted(
    path: Path, convert: Convert, store: ServiceStore, seen: _Seen, on_progress: Callable[[int], None]
) -> Iterator[tuple[int, Formed]]:
    """The items whose queue and policy are known to the service."""
    queues: dict[str, bool] = {}
    policies: dict[str, bool] = {}
    for number, formed in _formed(path, convert, seen, on_progress):
        queue, policy = formed.item.queue, formed.item.policy_id
        if queue not in queues:
            queues[queue] = bool(store.queues({queue}))
        if policy not in policies:
            policies[policy] = store.has_policy(policy)
        if not queues[queue]:
            why = "There is no such queue. Create it: modstation admin queue add"
            seen.refused.append(Refusal(number, "import.no_queue", "queue", why))
        elif not policies[policy]:
            why = "No such policy is published. Publish it: modstation admin policy publish"
            seen.refused.append(Refusal(number, "import.no_policy", "policy_id", why))
        else:
            yield number, formed


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
        line.body.decode()
    except UnicodeDecodeError as error:
        why = _in_characters(f"This is not UTF-8 at byte {error.start + 1}.", line.body)
        return Refusal(line.number, "wire.malformed", _place_in(line.body, why), why)
    try:
        return convert(line.body, folder)
    except Problem as problem:
        told = discreet(problem)
        why = _in_characters(f"{told.title} {told.advice}".strip(), line.body)
        return Refusal(line.number, told.code, told.place or _place_in(line.body, why), why)


def _place_in(body: bytes, why: str) -> str:
    """Where a line stops being JSON: the character that the words name, or its end; empty when it is JSON."""
    if why == words.CUT:
        return f"character {len(body.decode())}"
    found = re.search(r"\bcharacter \d+", why)
    return found[0] if found else ""


def _in_characters(why: str, body: bytes) -> str:
    """The words with the place in the line as an editor counts it."""

    def counted(found: re.Match[str]) -> str:
        return f"character {len(body[: int(found[1])].decode(errors='replace'))}"

    return re.sub(r"\bbyte (\d+)", counted, why)
