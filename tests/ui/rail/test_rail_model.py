"""The model of the queue: right rows, few look-ups."""

from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QAbstractItemModelTester

from modstation.core.ids import ItemId
from modstation.ui.rail import RailModel
from modstation.ui.rail.model import BLOCK, PAGE
from tests.support.builders import NOW, a_card

IDS = [ItemId(f"i{n}") for n in range(10_000)]


class Store:
    """Counts what it is asked for."""

    def __init__(self):
        self.asked = []

    def __call__(self, ids):
        self.asked.append(list(ids))
        return {item_id: a_card(item_id, summary=f"Summary of {item_id}") for item_id in ids if item_id != "i13"}


def a_model(ids=()):
    model, store = RailModel(), Store()
    model.set_cards(store)
    model.set_waiting(ids)
    return model, store


class Mirror:
    """What a view would believe after the model's signals alone."""

    def __init__(self, model):
        self.model = model
        self.rows = self._now()
        model.rowsInserted.connect(self._inserted)
        model.rowsRemoved.connect(self._removed)
        model.modelReset.connect(self._reset)

    def _now(self):
        return list(self.model.ids()[: self.model.rowCount()])

    def _inserted(self, _parent, first, last):
        self.rows[first:first] = self.model.ids()[first : last + 1]

    def _removed(self, _parent, first, last):
        del self.rows[first : last + 1]

    def _reset(self):
        self.rows = self._now()

    def agrees(self):
        return self.rows == self._now()


few = st.lists(st.sampled_from(IDS[:12]), unique=True, max_size=12)
change = st.one_of(
    st.tuples(st.just("set"), few),
    st.tuples(st.just("remove"), st.sampled_from(IDS[:12])),
    st.tuples(st.just("insert"), st.tuples(st.sampled_from(IDS[:12]), st.integers(-1, 14))),
)


@settings(max_examples=150, deadline=None)
@given(few, st.lists(change, max_size=12))
def test_a_view_that_follows_the_signals_knows_the_queue(qapp, first, changes):
    model, _ = a_model(first)
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal, model)
    mirror, wanted = Mirror(model), list(first)
    for what, value in changes:
        if what == "set":
            model.set_waiting(value)
            wanted = list(value)
        elif what == "remove":
            model.remove(value)
            wanted = [item_id for item_id in wanted if item_id != value]
        elif value[0] not in wanted:
            model.insert(*value)
            wanted.insert(min(max(0, value[1]), len(wanted)), value[0])
        assert list(model.ids()) == wanted
        assert mirror.agrees()


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1500), st.integers(0, 700), st.integers(0, 1500), st.integers(0, 700))
def test_long_queues_cut_or_filled_anywhere_stay_right(qapp, cut, cut_many, fill, fill_many):
    model, _ = a_model(IDS[:1500])
    mirror = Mirror(model)
    shorter = IDS[:cut] + IDS[cut + cut_many : 1500]
    model.set_waiting(shorter)
    assert mirror.agrees()
    model.set_waiting(shorter[:fill] + IDS[2000 : 2000 + fill_many] + shorter[fill:])
    assert mirror.agrees()
    assert model.rowCount() >= min(BLOCK, len(model.ids()))


def test_ten_thousand_items_are_told_to_the_view_in_blocks(qapp):
    model, store = a_model(IDS)
    assert model.rowCount() == BLOCK
    assert len(model.ids()) == 10_000
    model.fetchMore(QModelIndex())
    assert model.rowCount() == 2 * BLOCK
    model.show_row(9_999)
    assert model.rowCount() == 10_000
    assert not model.canFetchMore(QModelIndex())
    assert store.asked == []


def test_cards_are_looked_up_a_page_at_a_time_and_once(qapp):
    model, store = a_model(IDS)
    for row in range(2 * PAGE):
        model.card(row)
    for row in range(2 * PAGE):
        model.card(row)
    assert [len(ids) for ids in store.asked] == [PAGE, PAGE]


def test_deciding_an_item_asks_for_nothing_that_is_known(qapp):
    model, store = a_model(IDS)
    model.card(0)
    model.remove(IDS[0])
    assert [model.card(row).item_id for row in range(10)] == IDS[1:11]
    assert len(store.asked) == 1


def test_a_changed_card_is_looked_up_again_and_the_others_are_not(qapp, qtbot):
    model, store = a_model(IDS)
    model.card(0)
    with qtbot.waitSignal(model.dataChanged):
        model.moved([IDS[3]])
    model.card(3)
    model.card(4)
    assert store.asked[1:] == [[IDS[3]]]


def test_an_item_the_store_no_longer_has_is_an_empty_row(qapp):
    model, _ = a_model(IDS[:20])
    assert model.card(13) is None
    assert model.data(model.index(13)) == ""


def test_a_row_is_read_aloud_with_all_it_shows(qapp):
    model, _ = a_model(IDS[:5])
    model.now = NOW
    spoken = model.data(model.index(0), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "Summary of i0, severity 2, Off topic · 2 flags, lease 2 h 14 min"
