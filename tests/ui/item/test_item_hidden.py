"""What cannot be seen is named, and what does its ordinary work is left alone."""

import pytest

from modstation.ui.item.hidden import Hidden, find


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Plain words.\n\tTabs and lines.",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467 a family, \u2764\ufe0f a heart",
        "\U0001f3f4\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",  # the flag of England
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",  # Persian with its ordinary non-joiner
        "\u0915\u094d\u200d\u0937",  # Hindi with its ordinary joiner
    ],
)
def test_ordinary_text_has_nothing_hidden(text):
    assert find(text) == ()


def test_controls_are_named_where_they_stand():
    assert find("pay\u202etod\u202cay") == (Hidden(3, 4, "RLO U+202E"), Hidden(7, 8, "PDF U+202C"))


def test_runs_are_counted_and_tags_are_spelt_out():
    assert find("a\u200b\u200b\u200bb") == (Hidden(1, 4, "ZWSP U+200B \u00d73"),)
    assert find("a\U000e0068\U000e0069!") == (Hidden(1, 3, "TAG \u201chi\u201d"),)


def test_a_joiner_between_latin_letters_is_no_ordinary_work():
    assert [one.label for one in find("pu\u200dmp\x07")] == ["ZWJ U+200D", "U+0007"]
