"""What this station holds, kept in step with the cache so that no exchange has to read all of it."""

from collections.abc import Iterable

from modstation.core.ids import ItemId
from modstation.wire.envelope import held_hash
from modstation.wire.exchange import Held


class Holding:
    """Item ids with lease generation and revision, and the running XOR of `wire.envelope.digest` over them."""

    def __init__(self, held: Iterable[tuple[ItemId, int, int]] = ()) -> None:
        self._held: dict[ItemId, tuple[int, int]] = {}
        self._digest = 0
        for item_id, lease_gen, rev in held:
            self.put(item_id, lease_gen, rev)

    def __len__(self) -> int:
        return len(self._held)

    def __contains__(self, item_id: ItemId) -> bool:
        return item_id in self._held

    def put(self, item_id: ItemId, lease_gen: int, rev: int) -> None:
        """An item is held from now on, or held anew."""
        self.drop((item_id,))
        self._held[item_id] = (lease_gen, rev)
        self._digest ^= held_hash(item_id, lease_gen, rev)

    def drop(self, ids: Iterable[ItemId]) -> None:
        """Items are no longer held; unknown ones are ignored."""
        for item_id in ids:
            known = self._held.pop(item_id, None)
            if known is not None:
                self._digest ^= held_hash(item_id, *known)

    def told(self) -> Held:
        """As the service is told."""
        return Held(len(self._held), f"{self._digest:064x}")
