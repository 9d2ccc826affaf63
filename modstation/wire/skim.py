"""An arriving item: checked as strictly as `translate.load` does, and only its card and its files made of it.

Half of an item's bytes are the actions it offers, and a queue's items all offer the same ones: a `Skimmer` checks those
bytes when it first meets them and not again.
"""

import msgspec

from modstation.core.content import KIND_OF, Media, media_of
from modstation.core.ids import ItemId, QueueName
from modstation.core.item import TASK_OF, ItemCard, Lease
from modstation.core.problem import Problem
from modstation.wire import item
from modstation.wire.content import Strict
from modstation.wire.translate import PAIRS, check_item, strictly, to_core

_TASK_KIND = {ours: TASK_OF[theirs] for ours, theirs in PAIRS if theirs in TASK_OF}


class _Arriving(item.Item, frozen=True):
    """An item whose actions are still to be checked."""

    actions: msgspec.Raw = msgspec.Raw(b"[]")  # type: ignore[assignment] # the point of this type


class _Actions(Strict, frozen=True):
    """The limits on actions are those of the field, so it takes a struct to check them."""

    actions: item.Actions


_ITEM = msgspec.json.Decoder(_Arriving, strict=True)
_ACTIONS = msgspec.json.Decoder(_Actions, strict=True)


class Skimmer:
    """Reads the items of one page; one thread at a time."""

    def __init__(self) -> None:
        self._good_actions: set[bytes] = set()

    def read(self, body: bytes | memoryview, lease: item.Lease) -> tuple[ItemCard, tuple[Media, ...]]:
        """The card of an item under its lease, and every file that belongs to the item.

        Raises:
            Problem: as `translate.load`; ``wire.senseless`` also when the lease is for another item.
        """
        parsed = strictly(_ITEM.decode, body)
        actions = bytes(parsed.actions)
        if actions not in self._good_actions:
            strictly(_ACTIONS.decode, b'{"actions":%s}' % actions)
            self._good_actions.add(actions)
        content = to_core(parsed.content)
        check_item(parsed.flags, content)
        if parsed.item_id != lease.item_id:
            raise Problem("wire.senseless", "The lease is for another item.", place="lease.item_id")
        item_id = ItemId(parsed.item_id)
        held = Lease(item_id, lease.lease_gen, lease.granted_at, lease.expires_at)
        card = ItemCard(
            item_id, parsed.rev, KIND_OF[type(content)], _TASK_KIND[type(parsed.task)],
            QueueName(parsed.queue), parsed.language, parsed.severity, parsed.category, parsed.summary,
            len(parsed.flags), parsed.priority, parsed.estimate_s, parsed.created_at, held,
        )  # fmt: skip
        return card, media_of(content)
