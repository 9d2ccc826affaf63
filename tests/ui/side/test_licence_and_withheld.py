"""What is said briefly beneath a clause, what a heading lists, and what is kept quiet about items held back."""

import pytest

from modstation.core.item import FlagSource
from modstation.ui.side.clause import brief
from modstation.ui.side.flag_rows import FlagRow, shown_flags
from tests.support.builders import a_flag, an_item


@pytest.mark.parametrize(
    ("licence", "line"),
    [
        (
            "Text: Site Policy (example.org, commit 12), CC0 1.0; no trademark permission. More.",
            "Text: Site Policy, CC0 1.0",
        ),
        ("CC0 1.0", "CC0 1.0"),
        ("", ""),
    ],
)
def test_a_licence_is_one_short_line_beneath_a_clause(licence: str, line: str):
    assert brief(licence) == line


def test_flags_of_an_item_that_is_held_back_repeat_nobodys_words():
    flag = a_flag(source=FlagSource.USER_REPORT, category="off_topic", title="A report", explanation="he wrote: plum")
    held_back = an_item(flags=(flag,), restricted="awaiting a decision")
    (shown,) = shown_flags(held_back)
    assert "plum" not in FlagRow("a", shown).spoken
    assert "Off topic" in FlagRow("a", shown).spoken
    assert shown_flags(an_item(flags=(flag,))) == (flag,)
