"""Finding things by a few words: clauses of the policy at hand, items on this computer by their neutral summary."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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
        clauses = policy.search(words)[:AT_MOST] if policy else ()
        return Found(clauses, tuple(self._items(wanted, waiting)))

    def _items(self, wanted: Iterable[str], waiting: Sequence[ItemId]) -> Iterable[ItemCard]:
        left = AT_MOST
        for start in range(0, len(waiting), 500):
            cards = items.cards(self._reader, tuple(waiting[start : start + 500]))
            for item_id in waiting[start : start + 500]:
                card = cards.get(item_id)
                if card is None:
                    continue
                text = f"{card.summary} {card.category} {card.kind}".casefold()
                if all(word in text for word in wanted):
                    yield card
                    left -= 1
                    if not left:
                        return
