"""Finding things by a few words: clauses of the policy at hand, items on this computer by their neutral summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from modstation.core.ids import ItemId
from modstation.core.item import ItemCard
from modstation.core.policy import Clause, Policy
from modstation.store import items
from modstation.store.driver import Database

AT_MOST = 8


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, best first."""

    clauses: tuple[Clause, ...] = ()
    items: tuple[ItemCard, ...] = ()


class Finder:
    """Searches what is on this computer; never the network, never content that is not on screen."""

    def __init__(self, reader: Database) -> None:
        self._reader = reader

    def find(self, words: str, policy: Policy | None, waiting: Sequence[ItemId]) -> Found:
        """Look for `words` in the clauses of `policy` and in the summaries of the items waiting."""
        wanted = words.casefold().split()
        if not wanted:
            return Found()
        # Of clauses only the title counts here: a word in the small print must not come before an item of that name.
        titles = (c for c in (policy.search(words) if policy else ()) if _has(f"{c.number} {c.title}", wanted))
        clauses = tuple(islice(titles, AT_MOST))
        return Found(clauses, tuple(self._items(wanted, waiting)))

    def _items(self, wanted: Iterable[str], waiting: Sequence[ItemId]) -> Iterable[ItemCard]:
        left = AT_MOST
        for start in range(0, len(waiting), 500):
            cards = items.cards(self._reader, tuple(waiting[start : start + 500]))
            for item_id in waiting[start : start + 500]:
                card = cards.get(item_id)
                if card is None:
                    continue
                text = f"{card.summary} {card.category} {card.kind}"
                if _has(text, wanted):
                    yield card
                    left -= 1
                    if not left:
                        return


def _has(text: str, wanted: Iterable[str]) -> bool:
    folded = text.casefold()
    return all(word in folded for word in wanted)
