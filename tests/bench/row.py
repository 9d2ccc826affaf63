"""What a benchmark is: a piece of our work and a named baseline, measured in turn in the same run.

A module of this package offers ``rows(quick: bool) -> list[Row]``; `__main__` finds it in its list of modules.
"""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was measured, in the row's unit. The k-th figure of the baseline was taken beside the k-th of ours.

    Attributes:
        baseline: as many figures as `ours`; empty when the budget names nothing to compare with.
        notes: anything else worth telling, by name; goes to the JSON, and beneath the table.
    """

    ours: Sequence[float]
    baseline: Sequence[float] = ()
    notes: Mapping[str, float | str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Budget:
    """What must hold; None where nothing was promised.

    Attributes:
        ratio: of ours to the baseline's: the median over the pairs.
        share: the same, where ours is a part of the baseline's; told in percent.
        p50, p99: of our figures, in the row's unit.
    """

    ratio: float | None = None
    share: float | None = None
    p50: float | None = None
    p99: float | None = None

    def told(self, unit: str) -> str:
        """In the words of the table."""
        percent = None if self.share is None else 100 * self.share
        told = ("× {}", self.ratio), ("{} %", percent), (f"p50 {{}} {unit}", self.p50), (f"p99 {{}} {unit}", self.p99)
        return ", ".join(words.format(f"{limit:g}") for words, limit in told if limit is not None) or "none"


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        name: what ``--only`` takes; words joined by ``_``, rows of one family begin alike (``next_item.image``).
        against: the baseline, in words.
        measure: does the work; called once.
        unit: of the figures.
    """

    name: str
    against: str
    budget: Budget
    measure: Callable[[], Pairs]
    unit: str = "ms"


@dataclass(frozen=True, slots=True)
class Result:
    """A measured row, summed up."""

    row: Row
    pairs: Pairs

    @property
    def ratio(self) -> float | None:
        """The median of the pair ratios."""
        both = zip(self.pairs.ours, self.pairs.baseline, strict=True) if self.pairs.baseline else ()
        ratios = [ours / baseline for ours, baseline in both]
        return statistics.median(ratios) if ratios else None

    @property
    def held(self) -> bool:
        """Whether the budget holds."""
        budget = self.row.budget
        told = (
            (budget.ratio, self.ratio),
            (budget.share, self.ratio),
            (budget.p50, at(self.pairs.ours, 0.50)),
            (budget.p99, at(self.pairs.ours, 0.99)),
        )
        return all(limit is None or (figure is not None and figure <= limit) for limit, figure in told)


def at(figures: Sequence[float], share: float) -> float | None:
    """The smallest figure that `share` of all of them do not exceed; None of none."""
    ordered = sorted(figures)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)] if ordered else None
