"""How the palette finds: every word somewhere in the title."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.session.commands import COMMANDS, keymap
from modstation.ui.overlay.finding import command_group, hits, is_also


@pytest.mark.parametrize(
    ("title", "words", "where"),
    [
        ("Extend the lease", "lease", ((11, 5),)),
        ("Extend the lease", "LEA ext", ((0, 3), (11, 3))),
        ("Extend the lease", "lend", None),
        ("Extend the lease", "", ()),
        ("Undo", "un und", ((0, 3),)),
        ("Straße offen", "offen", ((7, 5),)),
    ],
)
def test_words_are_found_wherever_they_stand(title, words, where):
    assert hits(title, words) == where


@given(st.text(max_size=40), st.text(max_size=6))
def test_a_hit_always_lies_within_the_title(title, words):
    for start, length in hits(title, words) or ():
        assert start >= 0
        assert start + length <= len(title)


def test_a_deciding_command_is_found_with_the_key_it_needs():
    found = command_group("decide and", COMMANDS, keymap("standard", {})).entries
    assert [(entry.id, entry.keys, entry.own_key) for entry in found] == [("decide.commit", "D", True)]


def test_titles_that_begin_with_the_words_come_first():
    found = command_group("s", COMMANDS, keymap("standard", {})).entries
    firsts = [entry.title.lower().startswith("s") for entry in found]
    assert firsts == sorted(firsts, reverse=True)


@pytest.mark.parametrize("words", ["picture", "Photo", "imag"])
def test_the_commands_for_pictures_are_found_by_what_they_are_for(words):
    found = command_group(words, COMMANDS, keymap("standard", {})).entries
    assert {"look.hold", "look.more", "look.less"} <= {entry.id for entry in found}


def test_another_name_comes_after_the_titles_and_needs_more_than_two_letters():
    ids = [entry.id for entry in command_group("pic", COMMANDS, keymap("standard", {})).entries]
    assert "look.more" in ids
    ids = [entry.id for entry in command_group("pi", COMMANDS, keymap("standard", {})).entries]
    assert "look.more" not in ids
    assert not is_also("look.more", "picture lease")
