"""A policy as a folder: ``policy.toml`` beside Markdown files, read into a numbered tree of clauses.

``policy.toml`` names the files in order; each file is one topmost clause, its headings are the clauses beneath it, and
each item of its lists is a rule of its own that a finding can cite. What Markdown can't say (usual severity, actions,
flag categories, examples) stands in ``policy.toml``, for a file as a whole and clause by clause. The manual page
``resources/manual/policies.md`` describes the format.
"""

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, get_args, get_type_hints

import msgspec
from msgspec import Meta

from modstation.core.ids import ActionId, ClauseId, PolicyId
from modstation.core.policy import Clause, Example, Policy
from modstation.core.problem import Problem
from modstation.service.ingest.words import plain
from modstation.service.policy_markdown import Piece, Role, body, pieces
from modstation.wire import policy as wire
from modstation.wire import translate
from modstation.wire.limits import MIB, FoundSeverity, Id, Language, Line, Note, Ordinal, Word

MAX_FILE = 2 * MIB
_DEPTH = 8
_SLUG = 48
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # all but tab and the ends of lines
_SEVERITY = 2  # usual severity where the folder names none

Severities = Annotated[tuple[Line, ...], Meta(max_length=4)]
Actions = Annotated[tuple[Id, ...], Meta(max_length=10)]
Categories = Annotated[tuple[Word, ...], Meta(max_length=30)]


class FileEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[[files]]``: one Markdown file and what holds for all its clauses.

    Attributes:
        path: relative to the folder.
        prefix: id of the file's own clause, and the beginning of every id beneath it.
        title: instead of the one in the file's front matter.
        citable: whether a finding may name the file's own clause and its headings; rules always may be named.
        plain_lists: headings whose lists are text and not rules; ``*`` for all.
        skip: headings left out, with all beneath them.
    """

    path: Annotated[str, Meta(min_length=1, max_length=400)]
    prefix: Annotated[str, Meta(max_length=40, pattern=r"^[a-z0-9][a-z0-9-]*$")]
    title: Line = ""
    citable: bool = True
    severity: FoundSeverity = _SEVERITY
    actions: Actions = ()
    categories: Categories = ()
    plain_lists: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()


class ClauseEntry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """``[clauses."id"]``: what differs for one clause. `id` keeps an older id when the words have changed."""

    id: Id = ""
    title: Line = ""
    citable: bool | None = None
    severity: FoundSeverity | None = None
    severities: Severities = ()
    actions: Actions | None = None
    categories: Categories | None = None
    examples: Annotated[tuple[wire.Example, ...], Meta(max_length=50)] = ()


class Contents(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of ``policy.toml``."""

    policy_id: Id
    title: Line
    files: Annotated[tuple[FileEntry, ...], Meta(min_length=1, max_length=500)]
    licence: Note = ""
    language: Language = "en"
    accepts_from: Ordinal = 1
    notes_title: Line = "How to read this"
    replace: dict[str, str] = {}
    clauses: dict[str, ClauseEntry] = {}


@dataclass(frozen=True, slots=True)
class PolicySource:
    """A policy as its folder has it: everything but version and date. Its clauses say ``changed_in=1``."""

    policy_id: PolicyId
    title: str
    licence: str
    language: str
    accepts_from: int
    clauses: tuple[Clause, ...]


def read(folder: Path) -> PolicySource:
    """Read a policy folder.

    Raises:
        Problem: ``policy.*`` with file and line of the first thing that does not fit.
    """
    if not folder.is_dir():
        raise Problem("policy.no_folder", "There is no such folder.", "Look at the spelling.", str(folder))
    toml = _text(folder, "policy.toml", "policy.toml")
    contents = _contents(toml)
    pending = dict(contents.clauses)
    clauses: list[Clause] = []
    for n, entry in enumerate(contents.files):
        place = f"policy.toml: {_line_of(toml, '[[files]]', n)}"
        clauses.extend(_clauses_of(folder, entry, str(n + 1), contents, pending, place=place))
    for name in pending:
        place = f"policy.toml: {_line_of(toml, f'[clauses.{_quoted(toml, name)}')}"
        raise Problem("policy.no_clause", f"No clause has the id “{name}”.", "Compare the ids listed.", place)
    seen: set[str] = set()
    for clause in clauses:
        if clause.clause_id in seen:
            raise Problem("policy.same_id", f"Two clauses have the id “{clause.clause_id}”.", place="policy.toml")
        seen.add(clause.clause_id)
    _refuse_controls(toml)
    return PolicySource(
        PolicyId(contents.policy_id),
        contents.title,
        contents.licence,
        contents.language,
        contents.accepts_from,
        tuple(clauses),
    )


def next_version(source: PolicySource, previous: Policy | None, published_at: datetime) -> Policy | None:
    """The version to publish after `previous`; None when nothing would change.

    `changed_in` of a clause is the new version where its words differ from the previous ones, else what it was.

    Raises:
        Problem: ``policy.accepts_from`` when the folder demands a version later than the one to be published;
            ``policy.other`` when `previous` is another policy.
    """
    if previous is not None and previous.policy_id != source.policy_id:
        raise Problem("policy.other", "The folder holds another policy than the one to follow.")
    version = previous.version + 1 if previous else 1
    if source.accepts_from > version:
        raise Problem(
            "policy.accepts_from",
            f"accepts_from is {source.accepts_from}, but the version to publish is {version}.",
            "Lower accepts_from.",
            "policy.toml",
        )
    before = previous.by_id if previous else {}
    clauses = tuple(
        replace(c, changed_in=before[c.clause_id].changed_in if _same_words(c, before.get(c.clause_id)) else version)
        for c in source.clauses
    )
    made = Policy(
        policy_id=source.policy_id,
        version=version,
        accepts_from=source.accepts_from,
        title=source.title,
        published_at=published_at,
        clauses=clauses,
        licence=source.licence,
        language=source.language,
    )
    if previous is not None and replace(made, version=previous.version, published_at=previous.published_at) == previous:
        return None
    return translate.load(Policy, translate.dump(made))


def slug(words: str) -> str:
    """`words` as part of an id: ASCII letters and digits with dashes, at most 48; a hash where nothing is left."""
    folded = unicodedata.normalize("NFKD", words.casefold()).encode("ascii", "ignore").decode()
    dashed = re.sub(r"[^a-z0-9]+", "-", folded).strip("-")
    if not dashed:
        return "c-" + hashlib.sha256(words.encode()).hexdigest()[:12]
    if len(dashed) <= _SLUG:
        return dashed
    cut = dashed.rfind("-", 0, _SLUG + 1)
    return dashed[: cut if cut > 0 else _SLUG]


def _clauses_of(
    folder: Path, entry: FileEntry, number: str, contents: Contents, pending: dict[str, ClauseEntry], *, place: str
) -> Iterator[Clause]:
    source = _text(folder, entry.path, place)
    for old, new in contents.replace.items():
        source = source.replace(old, new)
    front, text = body(source, entry.path)
    plain_lists = {slug(name) for name in entry.plain_lists if name != "*"}
    skipped = {slug(name) for name in entry.skip}
    every = "*" in entry.plain_lists
    intro, found = pieces(text, entry.path, lambda heading: not every and slug(heading) not in plain_lists)
    found = tuple(_without(found, skipped))
    if not intro and not found:
        raise Problem("policy.empty_file", "The file has no text.", place=entry.path)
    title = entry.title or front.get("shortTitle") or front.get("title") or entry.prefix
    top = Piece(Role.HEADING, 0, "", title[:400], intro, 1)
    counts: list[int] = []
    used: dict[str, int] = {}
    for piece in (top, *found):
        if piece.depth > _DEPTH:
            raise Problem("policy.too_deep", "Headings lie too deep.", place=f"{entry.path}: line {piece.line}")
        counts = [*counts[: piece.depth - 1], (counts[piece.depth - 1 : piece.depth] or [0])[0] + 1]
        counts = counts if piece.depth else []
        clause_id = _unique(f"{entry.prefix}/{slug(piece.name)}" if piece.depth else entry.prefix, used)
        printed = ".".join([number, *map(str, counts)])
        yield _clause(
            piece,
            clause_id,
            printed,
            entry,
            notes_title=contents.notes_title,
            differs=pending.pop(clause_id, None),
        )


def _clause(
    piece: Piece, clause_id: str, number: str, entry: FileEntry, *, notes_title: str, differs: ClauseEntry | None
) -> Clause:
    """One clause: what the file says for all, then what ``[clauses]`` says for this one."""
    differs = differs or ClauseEntry()
    is_notes = piece.role is Role.NOTES
    citable = piece.role is Role.RULE or (entry.citable and not is_notes)
    return Clause(
        clause_id=ClauseId(differs.id or clause_id),
        number=number,
        title=differs.title or (notes_title if is_notes else piece.title),
        text=piece.text,
        depth=piece.depth,
        citable=citable if differs.citable is None else differs.citable,
        severity=differs.severity or entry.severity,
        severities=differs.severities,
        actions=tuple(ActionId(a) for a in (entry.actions if differs.actions is None else differs.actions)),
        categories=() if is_notes else (entry.categories if differs.categories is None else differs.categories),
        examples=tuple(Example(example.bearing, example.text) for example in differs.examples),
    )


def _without(found: tuple[Piece, ...], skipped: set[str]) -> Iterator[Piece]:
    """`found` without the headings to be skipped and without what lies beneath them."""
    depth = _DEPTH + 1
    for piece in found:
        if piece.depth <= depth:
            depth = _DEPTH + 1
        if depth > _DEPTH and piece.role is Role.HEADING and slug(piece.name) in skipped:
            depth = piece.depth
        if depth > _DEPTH:
            yield piece


def _unique(clause_id: str, used: dict[str, int]) -> str:
    used[clause_id] = used.get(clause_id, 0) + 1
    return clause_id if used[clause_id] == 1 else f"{clause_id}-{used[clause_id]}"


def _same_words(clause: Clause, before: Clause | None) -> bool:
    def words(of: Clause) -> tuple[Any, ...]:
        return (of.title, of.text, of.severities, of.examples, of.citable)

    return before is not None and words(before) == words(clause)


def _refuse_controls(toml: str) -> None:
    """Refuse signs that nobody sees and no database need take, written as escapes."""
    for path, words in _words(tomllib.loads(toml), ""):
        if found := _CONTROL.search(words):
            place = f"policy.toml: {_place(toml, path.removeprefix('.'))}"
            raise _control(found[0], place)


def _words(value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Every text of a parsed ``policy.toml``, names too, with its path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for name, inside in value.items():
            yield f"{path}.{_CONTROL.sub('?', name)}", name
            yield from _words(inside, f"{path}.{_CONTROL.sub('?', name)}")
    elif isinstance(value, list):
        for n, inside in enumerate(value):
            yield from _words(inside, f"{path}[{n}]")


def _control(sign: str, place: str) -> Problem:
    return Problem("policy.control", f"There is a control character, U+{ord(sign):04X}.", "Take it out.", place)


def _text(folder: Path, name: str, place: str) -> str:
    """A file of the folder as text; never one outside it."""
    try:
        path = (folder / name).resolve()
        is_inside, is_file = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, RuntimeError, ValueError):  # a name no file system takes; links that lead round in a circle
        is_inside, is_file = True, False
    if not is_inside:
        raise Problem("policy.outside", "The file lies outside the policy's folder.", place=place)
    if not is_file:
        raise Problem("policy.no_file", f"There is no file “{name}” in the folder.", "Check its path.", place)
    raw = path.read_bytes()
    if len(raw) > MAX_FILE:
        raise Problem("policy.too_large", f"The file is larger than {MAX_FILE // MIB} MiB.", place=name)
    try:
        text = raw.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise Problem("policy.not_utf8", "The file is not UTF-8 text.", place=f"{name}: line {line}") from None
    if found := _CONTROL.search(text):
        raise _control(found[0], f"{name}: line {text.count(chr(10), 0, found.start()) + 1}")
    return text


def _contents(toml: str) -> Contents:
    try:
        return msgspec.convert(tomllib.loads(toml), Contents, strict=True)
    except tomllib.TOMLDecodeError as error:
        what, _, where = str(error).partition(" (at ")
        raise Problem("policy.toml", f"{what}.", place=f"policy.toml: {where.rstrip(')') or 'end'}") from None
    except RecursionError:
        raise Problem("policy.toml", "Lists are nested too deeply.", place="policy.toml") from None
    except msgspec.ValidationError as error:
        what, _, path = str(error).partition(" - at `$.")
        path = path.rstrip("`")
        advice = (
            "Nothing was published. Correct it, then publish again; the manual, policies.md, says what may stand there."
        )
        raise Problem("policy.toml", _plain(what, path), advice, f"policy.toml: {_place(toml, path)}") from None


def _plain(what: str, path: str) -> str:
    """A complaint of the decoder in plain words."""
    if path.endswith("prefix") and "matching regex" in what:
        return "It may have small letters, digits and dashes only, and begins with a letter or a digit."
    if path.endswith("bearing") and "value" in what:
        return f"It must be one of: {', '.join(get_args(get_type_hints(wire.Example)['bearing']))}."
    return plain(what, path)


def _place(toml: str, path: str) -> str:
    """A path of msgspec (``files[2].severity``) with the line it means, as near as it can be told."""
    head = re.match(r"files\[(\d+)\]", path)
    if head:
        return f"{_line_of(toml, '[[files]]', int(head[1]))}: {path}"
    if path in {"policy_id", "title", "licence"}:
        return f"{_line_of(toml, path)}: {path}"
    return path or "top"


def _line_of(toml: str, start: str, nth: int = 0) -> str:
    lines = [n for n, line in enumerate(toml.split("\n"), 1) if line.strip().startswith(start)]
    return f"line {lines[nth]}" if nth < len(lines) else start.strip("[")


def _quoted(toml: str, name: str) -> str:
    return f'"{name}"]' if f'[clauses."{name}"]' in toml else f"{name}]"


def ids(source: PolicySource) -> Mapping[str, str]:
    """Number of every clause by its id: what an author compares when an id is not found."""
    return {clause.clause_id: clause.number for clause in source.clauses}
