"""A policy: a versioned tree of clauses, flattened in reading order."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from modstation.core.ids import ActionId, ClauseId, PolicyId
from modstation.core.item import Flag


@dataclass(frozen=True, slots=True)
class Example:
    """A case that `breaks` the clause, `stays` within it, or `depends`."""

    bearing: str
    text: str


@dataclass(frozen=True, slots=True)
class Clause:
    """One rule, or a heading over rules.

    Attributes:
        clause_id: stable over versions; what a finding names.
        number: as printed, ``4.2``.
        depth: 0 for the topmost.
        text: plain text or the Markdown subset of paragraphs, lists, emphasis and links.
        citable: whether a finding may name it; headings may not be citable.
        severity: the usual one, 1 to 4.
        severities: what each severity means here, from 1 up; may be empty.
        actions: the usual actions, in order.
        categories: flag categories that recommend this clause.
        changed_in: the version in which its text last changed.
    """

    clause_id: ClauseId
    number: str
    title: str
    text: str
    depth: int = 0
    citable: bool = True
    severity: int = 1
    severities: tuple[str, ...] = ()
    actions: tuple[ActionId, ...] = ()
    categories: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    changed_in: int = 1


@dataclass(frozen=True)
class Policy:
    """One version of a policy.

    Attributes:
        version: rises by one at every publication.
        accepts_from: the oldest version whose decisions are still taken.
        licence: who wrote it and under which licence; shown beneath the text.
    """

    policy_id: PolicyId
    version: int
    accepts_from: int
    title: str
    published_at: datetime
    clauses: tuple[Clause, ...]
    licence: str = ""
    language: str = "en"

    @cached_property
    def by_id(self) -> dict[ClauseId, Clause]:
        """Every clause by its id."""
        return {clause.clause_id: clause for clause in self.clauses}

    @cached_property
    def _citable(self) -> dict[str, list[int]]:
        """The places of the citable clauses, by category: asked for at each item, so not searched for each time."""
        found: dict[str, list[int]] = {}
        for n, clause in enumerate(self.clauses):
            for category in clause.categories if clause.citable else ():
                found.setdefault(category, []).append(n)
        return found

    @cached_property
    def notes(self) -> frozenset[ClauseId]:
        """What is no rule and stands among rules: it says how to read them, and is read with the clause above it."""
        above: list[Clause] = []
        leaves: list[tuple[Clause, Clause]] = []
        ruling: set[ClauseId] = set()  # citable, or something right beneath is
        for clause, following in zip(self.clauses, (*self.clauses[1:], None), strict=True):
            while above and above[-1].depth >= clause.depth:
                above.pop()
            if clause.citable:
                ruling |= {one.clause_id for one in (clause, *above[-1:])}
            elif above and (following is None or following.depth <= clause.depth):
                leaves.append((clause, above[-1]))
            above.append(clause)
        return frozenset(leaf.clause_id for leaf, over in leaves if over.clause_id in ruling)

    @cached_property
    def _read_with(self) -> dict[ClauseId, str]:
        """The texts of the clauses that have notes, together with these."""
        found: dict[ClauseId, str] = {}
        for note in (clause for clause in self.clauses if clause.clause_id in self.notes):
            over = self.parents(note.clause_id)[-1]
            found[over.clause_id] = f"{found.get(over.clause_id, over.text)}\n{note.title}\n{note.text}"
        return found

    def parents(self, clause_id: ClauseId) -> tuple[Clause, ...]:
        """The headings above a clause, topmost first."""
        found: list[Clause] = []
        for clause in self.clauses:
            while found and found[-1].depth >= clause.depth:
                found.pop()
            if clause.clause_id == clause_id:
                return tuple(found)
            found.append(clause)
        return ()

    def children(self, clause_id: ClauseId) -> tuple[Clause, ...]:
        """The clauses right beneath a clause, in order, without its notes."""
        return tuple(clause for clause in self._beneath(clause_id) if clause.clause_id not in self.notes)

    def notes_of(self, clause_id: ClauseId) -> tuple[Clause, ...]:
        """The notes right beneath a clause, in order."""
        return tuple(clause for clause in self._beneath(clause_id) if clause.clause_id in self.notes)

    def _beneath(self, clause_id: ClauseId) -> tuple[Clause, ...]:
        found: list[Clause] = []
        above: Clause | None = None
        for clause in self.clauses:
            if above is None:
                above = clause if clause.clause_id == clause_id else None
            elif clause.depth <= above.depth:
                break
            elif clause.depth == above.depth + 1:
                found.append(clause)
        return tuple(found)

    def recommended(self, flags: Iterable[Flag], at_most: int = 9) -> tuple[Clause, ...]:
        """The clauses the flags point at: strongest flag first, then the most specific, then in the policy's order."""
        strength: dict[str, float] = {}
        for flag in flags:
            score = 1.0 if flag.score is None else flag.score
            strength[flag.category] = max(score, strength.get(flag.category, 0.0))
        numbers = {n for category in strength for n in self._citable.get(category, ())}
        hits = [
            (-max(strength[c] for c in self.clauses[n].categories if c in strength), len(self.clauses[n].categories), n)
            for n in numbers
        ]
        return tuple(self.clauses[n] for _, _, n in sorted(hits)[:at_most])

    def search(self, words: str) -> tuple[Clause, ...]:
        """Clauses that contain every word, or the beginning of it, hits in the title first.

        The words of a note count as those of the clause it is read with.
        """
        wanted = words.casefold().split()
        if not wanted:
            return ()
        in_title: list[Clause] = []
        in_text: list[Clause] = []
        for clause in self.clauses:
            if clause.clause_id in self.notes:
                continue
            title = f"{clause.number} {clause.title}".casefold()
            if all(word in title for word in wanted):
                in_title.append(clause)
            else:
                text = self._read_with.get(clause.clause_id, clause.text).casefold()
                if all(word in title or word in text for word in wanted):
                    in_text.append(clause)
        return (*in_title, *in_text)
