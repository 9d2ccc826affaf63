"""Which ids moved in a write: what screens need to look up again, and nothing else."""

from dataclasses import dataclass

from modstation.core.ids import DecisionId, ItemId, MediaId, PolicyId


@dataclass(frozen=True, slots=True)
class Changes:
    """The ids a write touched. Adding two gives what both touched."""

    items: frozenset[ItemId] = frozenset()
    gone: frozenset[ItemId] = frozenset()
    decisions: frozenset[DecisionId] = frozenset()
    policies: frozenset[PolicyId] = frozenset()
    media: frozenset[MediaId] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.items or self.gone or self.decisions or self.policies or self.media)

    def __or__(self, other: "Changes") -> "Changes":
        return Changes(
            self.items | other.items,
            self.gone | other.gone,
            self.decisions | other.decisions,
            self.policies | other.policies,
            self.media | other.media,
        )
