"""The items a person is at or about to reach, parsed ahead, so that the next one is painted without a read."""

from collections import OrderedDict
from collections.abc import Iterable

from modstation.core.decision import Draft
from modstation.core.ids import ItemId
from modstation.core.item import Item
from modstation.session.library import Library
from modstation.session.views import Opened
from modstation.store import drafts, items
from modstation.store.driver import Database
from modstation.wire import translate

HELD = 8  # the one on the desk, a few on either side


class Shelf:
    """A small cache of opened items, newest use last."""

    def __init__(self, reader: Database, library: Library) -> None:
        self._reader = reader
        self._library = library
        self._held: OrderedDict[ItemId, Opened] = OrderedDict()

    def open(self, item_id: ItemId) -> Opened | None:
        """The item with its policy and draft; None when it is not on this computer any more."""
        opened = self._held.get(item_id)
        if opened is None:
            opened = self._read(item_id)
            if opened is None:
                return None
            self._held[item_id] = opened
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        else:
            self._held.move_to_end(item_id)
        return opened

    def warm(self, wanted: Iterable[ItemId]) -> None:
        """Read these ahead."""
        for item_id in wanted:
            self.open(item_id)

    def put(self, opened: Opened) -> None:
        """Keep what has just been edited."""
        self._held[opened.item.item_id] = opened
        self._held.move_to_end(opened.item.item_id)

    def drop(self, moved: Iterable[ItemId]) -> None:
        """Forget these: they changed, or they are done with."""
        for item_id in moved:
            self._held.pop(item_id, None)

    def clear(self) -> None:
        """Forget everything: a policy changed, or the vault locks."""
        self._held.clear()

    def _read(self, item_id: ItemId) -> Opened | None:
        body = items.body(self._reader, item_id)
        card = items.cards(self._reader, (item_id,)).get(item_id)
        if body is None or card is None:
            return None
        item = translate.load(Item, body)
        policy = self._library.newest(item.policy_id)
        kept = drafts.get(self._reader, item_id)
        return Opened(
            item=item,
            card=card,
            policy=policy,
            recommended=policy.recommended(item.flags) if policy else (),
            draft=translate.load(Draft, kept) if kept else Draft(),
        )
