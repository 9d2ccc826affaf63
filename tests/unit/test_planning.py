"""What an absence costs is told before it begins, and nothing is forgotten in the picture of it."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from modstation.core.ids import ItemId
from modstation.core.item import Lease
from modstation.core.planning import BARS, outlook
from tests.support.builders import NOW

HOUR = 3600


def lease(item_id: str, left_s: int, life_s: int = 8 * HOUR) -> Lease:
    end = NOW + timedelta(seconds=left_s)
    return Lease(ItemId(item_id), 1, end - timedelta(seconds=life_s), end)


leases = st.lists(st.tuples(st.integers(0, 2 * 86400), st.integers(60, 86400))).map(
    lambda given: [lease(f"i{n}", left, life) for n, (left, life) in enumerate(given)]
)


@given(leases, st.integers(1, 86400))
def test_every_item_is_in_one_bar_and_lapses_there_or_not(held: list[Lease], away_s: int) -> None:
    seen = outlook(held, NOW, away_s)
    assert len(seen.bars) == BARS + 1
    assert sum(bar.items for bar in seen.bars) == len(held) == seen.items
    assert sum(bar.lapsing for bar in seen.bars) == len(seen.lapsing)
    back = NOW + timedelta(seconds=away_s)
    assert set(seen.lapsing) == {one.item_id for one in held if one.expires_at <= back}
    assert set(seen.renewable) <= set(seen.lapsing)
    for bar in seen.bars:
        late = bar.to_s is None or bar.to_s > away_s
        assert bar.lapsing == (0 if late else bar.items), "the absence ends between two bars"


def test_what_lapses_is_told_in_its_order_and_a_renewal_is_offered_only_where_it_helps() -> None:
    held = [lease("late", 5 * HOUR), lease("short", 40 * 60, HOUR), lease("soon", 30 * 60), lease("edge", 2 * HOUR)]
    seen = outlook(held, NOW, 2 * HOUR)
    assert seen.lapsing == ("soon", "short", "edge")
    assert seen.renewable == ("soon", "edge"), "a lease of one hour can't bridge two"
