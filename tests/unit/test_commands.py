"""The command table: no clash in any preset, none let in, and everything explained."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core.problem import Problem
from modstation.session import commands
from modstation.session.commands import BY_ID, COMMANDS, RESERVED, VIEWS, Preset


@pytest.mark.parametrize("preset", list(Preset))
@pytest.mark.parametrize("single_keys", [True, False])
def test_both_presets_are_free_of_clashes_in_every_view(preset, single_keys):
    keys = commands.keymap(preset, {}, single_keys=single_keys)
    for view in VIEWS:
        bound = commands.by_key(view, keys)
        assert len(bound) == sum(len(keys[c.id]) for c in commands.commands_in(view))


def test_every_command_has_its_own_id_a_title_a_key_and_one_whole_sentence_of_help():
    assert len(BY_ID) == len(COMMANDS)
    for command in COMMANDS:
        assert command.keys
        assert command.left_hand
        assert command.title[0].isupper()
        assert command.help.endswith(".")
        assert command.help.count(". ") == 0


def test_every_scope_is_awake_in_some_view():
    assert {c.scope for c in COMMANDS} <= frozenset.union(*VIEWS.values())


def test_the_left_hand_never_leaves_its_half_for_a_bare_letter():
    right = set("YUIOPHJKLNM67890")
    assert not [k for c in COMMANDS for k in c.left_hand if k.removeprefix("Shift+") in right]


def test_nothing_is_decided_by_one_reserved_or_repeated_key():
    assert not [k for c in COMMANDS for k in (*c.keys, *c.left_hand) if k in RESERVED]
    assert BY_ID["decide.commit"].own_key


def test_a_clash_within_a_view_is_refused_and_names_both_commands():
    with pytest.raises(Problem) as refused:
        commands.keymap("standard", {"look.span": ("d",)})
    assert refused.value.code == "keys.clash"
    assert refused.value.place == "decide.commit, look.span"


def test_the_same_key_in_two_views_that_are_never_awake_together_is_allowed():
    keys = commands.keymap("standard", {"returned.amend": ("N",)})
    assert commands.by_key("review", keys)["N"] == ("decide.no_violation", 0)
    assert commands.by_key("returned", keys)["N"] == ("returned.amend", 0)


def test_two_commands_can_swap_their_keys():
    keys = commands.keymap("standard", {"decide.no_violation": ("V",), "decide.violation": ("N",)})
    assert commands.by_key("review", keys)["N"] == ("decide.violation", 0)


@pytest.mark.parametrize(
    ("overrides", "code"),
    [
        ({"decide.commit": ("return",)}, "keys.reserved"),
        ({"decide.note": ("Esc",)}, "keys.reserved"),
        ({"play.loudly": ("Y",)}, "keys.unknown"),
        ({"decide.note": ("Hyper+T",)}, "keys.unreadable"),
        ({"decide.note": ("",)}, "keys.unreadable"),
        ({"decide.note": ("Y", "Y")}, "keys.clash"),
    ],
)
def test_a_key_that_can_not_be_given_is_refused_with_its_reason(overrides, code):
    with pytest.raises(Problem) as refused:
        commands.keymap("standard", overrides)
    assert refused.value.code == code


def test_a_command_may_be_left_without_a_key():
    keys = commands.keymap("standard", {"decide.skip": ()})
    assert keys["decide.skip"] == ()
    assert "X" not in commands.by_key("review", keys)


def test_digits_say_their_number():
    bound = commands.by_key("review", commands.keymap("standard", {}))
    assert bound["7"] == ("decide.clause", 7)
    assert bound["Ctrl+2"] == ("station.returned", 0)
    assert bound["D"] == ("decide.commit", 0)


def test_without_single_keys_no_bare_character_does_anything():
    keys = commands.keymap("standard", {}, single_keys=False)
    for view in VIEWS:
        assert not [k for k in commands.by_key(view, keys) if commands.is_single(k)]
    assert keys["decide.severity_down"] == ("Alt+Shift+S",)
    assert keys["look.hold"] == ("Space",)
    assert keys["station.keys"] == ("Alt+?",)


def test_the_cover_knows_every_key_that_composes_or_decides():
    wary = commands.decision_keys(commands.keymap("standard", {}))
    assert {"N", "V", "C", "D", "X", "9", "M", "R", "W"} <= wary
    assert not {"F4", "J", "P", "Space"} & wary


@given(
    st.lists(st.sampled_from(["ctrl", "SHIFT", "Alt", "meta"]), unique=True),
    st.sampled_from([*string.ascii_letters, *string.digits, "?", "/", "+", ",", "space", "f4"]),
)
def test_however_a_key_is_written_it_has_one_spelling(modifiers, last):
    spelling = commands.canonical("+".join([*modifiers, last]))
    assert commands.canonical(spelling) == spelling
    assert commands.canonical("+".join([*reversed(modifiers), last])) == spelling


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (("Ctrl+K",), "Ctrl K"),
        (tuple("123456789"), "1…9"),
        (("Ctrl+1", "Ctrl+2", "Ctrl+3"), "Ctrl 1…3"),
        (("?",), "?"),
        (("Ctrl++",), "Ctrl +"),
        ((), ""),
        (("N", "Q"), "N"),
    ],
)
def test_keys_read_as_on_a_key_cap(keys, text):
    assert commands.shown(keys) == text
