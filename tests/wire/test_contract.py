"""The contract is strict, complete and stable."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core.content import Kind
from modstation.core.decision import Decision, Draft, Identity, TextSpan, decide, with_clause
from modstation.core.ids import DecisionId, uuid7
from modstation.core.item import Item, Span
from modstation.core.policy import Policy
from modstation.core.problem import Problem
from modstation.wire import translate
from modstation.wire.envelope import digest, fingerprint
from tests.support.builders import NOW, a_card, a_policy, an_item

GOLDEN = Path(__file__).parent / "golden"
ITEMS = {kind: an_item(kind) for kind in Kind}


def a_decision() -> Decision:
    item, policy = ITEMS[Kind.TEXT], a_policy()
    draft = with_clause(
        Draft(rationale="Aimed at a person."), next(c for c in policy.clauses if c.citable), item, policy
    )
    finding = draft.findings[0]
    seen = replace(finding, evidence=(TextSpan(Span("text", 0, 8)),))
    return decide(
        replace(draft, findings=(seen,)), item, a_card().lease, policy, Identity(DecisionId(uuid7(1, 2)), NOW)
    )


@pytest.mark.parametrize(("wire_type", "core_type"), translate.PAIRS, ids=lambda t: t.__name__)
def test_wire_and_core_name_the_same_fields_in_the_same_order(wire_type, core_type) -> None:
    assert wire_type.__struct_fields__ == tuple(core_type.__dataclass_fields__)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_item_survives_the_road(kind) -> None:
    body = translate.dump(ITEMS[kind])
    assert translate.load(Item, body) == ITEMS[kind]
    assert translate.dump(translate.load(Item, body)) == body


@pytest.mark.parametrize(
    ("name", "value"), [("item", ITEMS[Kind.REVIEW]), ("policy", a_policy()), ("decision", a_decision())]
)
def test_version_1_is_read_and_written_as_ever(name, value) -> None:
    """Never regenerate these files to make this pass: a changed message is a new version of the contract."""
    golden = (GOLDEN / f"{name}.v1.json").read_bytes().strip()
    assert translate.load(type(value), golden) == value
    assert json.loads(translate.dump(value)) == json.loads(golden)


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (("content", "kind"), "hologram", "content.kind"),
        (("severity",), 5, "severity"),
        (("severity",), "2", "severity"),
        (("created_at",), "2026-11-20T10:00:00", "created_at"),
        (("content", "text"), "x" * 200_001, "content.text"),
        (("flags", 0, "score"), 1.5, "flags[0].score"),
        (("flags", 0, "spans", 0, "end"), 9999, "flags[0].spans[0]"),
        (("surprise",), 1, ""),
        (("item_id",), "../etc", "item_id"),
        (("item_id",), "item-1\n", "item_id"),
    ],
)
def test_what_does_not_fit_is_refused_with_its_place(path, value, place) -> None:
    tree = json.loads(translate.dump(ITEMS[Kind.TEXT]))
    at = tree
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    with pytest.raises(Problem) as refused:
        translate.load(Item, json.dumps(tree).encode())
    assert refused.value.code in {"wire.malformed", "wire.senseless"}
    assert refused.value.place == place


@given(st.data())
def test_mangled_bytes_are_refused_or_mean_the_same_and_never_crash(data) -> None:
    body = bytearray(translate.dump(data.draw(st.sampled_from(list(ITEMS.values())))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body) - 1))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    try:
        item = translate.load(Item, bytes(body))
    except Problem:
        return
    assert translate.load(Item, translate.dump(item)) == item


def test_a_policy_with_a_clause_twice_is_senseless() -> None:
    tree = json.loads(translate.dump(a_policy()))
    tree["clauses"].append(tree["clauses"][0])
    with pytest.raises(Problem, match=r"wire\.senseless"):
        translate.load(Policy, json.dumps(tree).encode())


@given(st.lists(st.tuples(st.text(min_size=1), st.integers(1, 99), st.integers(1, 99)), unique=True), st.randoms())
def test_what_is_held_has_one_digest_in_any_order(held, random) -> None:
    shuffled = random.sample(held, len(held))
    assert digest(held) == digest(shuffled)
    if held:
        assert digest(held[1:]) != digest(held)


def test_a_fingerprint_is_six_groups_of_four() -> None:
    groups = fingerprint(b"key").split()
    assert [len(group) for group in groups] == [4] * 6
