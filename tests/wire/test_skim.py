"""An arriving item is checked as strictly as one that is opened, however many came before it."""

from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core.content import Kind, media_of
from modstation.core.item import Item, ItemCard, Lease
from modstation.core.problem import Problem
from modstation.wire import translate
from modstation.wire.skim import Skimmer
from tests.support.builders import a_lease, an_item

ITEMS = {kind: an_item(kind) for kind in Kind}
LEASE = translate.to_wire(a_lease())


@pytest.mark.parametrize("kind", Kind)
def test_card_and_files_are_those_of_the_item(kind) -> None:
    skimmer = Skimmer()
    for _ in range(2):
        card, media = skimmer.read(translate.dump(ITEMS[kind]), LEASE)
        assert_of(card, ITEMS[kind], a_lease())
        assert media == media_of(ITEMS[kind].content)


@given(st.data())
def test_mangled_bytes_are_refused_exactly_when_opening_would_refuse_them(data) -> None:
    skimmer = Skimmer()
    body = bytearray(translate.dump(data.draw(st.sampled_from(list(ITEMS.values())))))
    skimmer.read(bytes(body), LEASE)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    opened = outcome(lambda: translate.load(Item, bytes(body)))
    if isinstance(opened, str):
        assert outcome(lambda: skimmer.read(bytes(body), LEASE)) == opened
    else:
        lease = a_lease(opened.item_id)
        assert_of(skimmer.read(bytes(body), translate.to_wire(lease))[0], opened, lease)


def assert_of(card: ItemCard, item: Item, lease: Lease) -> None:
    """Every field of the card says what the opened item says."""
    counted = {"n_flags": len(item.flags), "lease": lease}
    for field in fields(ItemCard):
        assert getattr(card, field.name) == counted.get(field.name, getattr(item, field.name, None)), field.name


def outcome(read):
    try:
        return read()
    except Problem as problem:
        return problem.code


@pytest.mark.parametrize(
    ("was", "becomes", "place"),
    [
        (b'"action_id":"warn"', b'"action_id":"../w"', "actions[1].action_id"),
        (b'"action_id":"warn"', b'"action_id":"warn","surprise":1', "actions[1]"),
    ],
)
def test_a_bad_action_is_refused_with_its_place(was, becomes, place) -> None:
    body = translate.dump(ITEMS[Kind.TEXT]).replace(was, becomes)
    with pytest.raises(Problem) as refused:
        Skimmer().read(body, LEASE)
    assert refused.value.place == place


def test_a_lease_for_another_item_is_senseless() -> None:
    with pytest.raises(Problem, match="another item"):
        Skimmer().read(translate.dump(ITEMS[Kind.TEXT]), translate.to_wire(a_lease("item-2")))
