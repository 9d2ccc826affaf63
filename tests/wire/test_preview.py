"""A preview on the wire: whole or not at all, and never a part of what was judged."""

import json
from dataclasses import replace
from typing import Any

import pytest

from modstation.core.content import Kind, Preview, media_of, with_media, without_previews
from modstation.core.ids import MediaId
from modstation.core.item import Item
from modstation.core.problem import Problem
from modstation.wire import translate
from modstation.wire.limits import MAX_PREVIEW
from tests.support.builders import a_media, an_item

SMALL = Preview(MediaId("b" * 64), 9_000, 480, 320)
GIVEN = {"media_id": "b" * 64, "size": 9_000, "width": 480, "height": 320}


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_carries_previews_and_loses_nothing_else_with_them(kind: Kind) -> None:
    item = an_item(kind)
    content = with_media(item.content, lambda media: replace(media, preview=SMALL))
    assert [media.preview for media in media_of(content)] == [SMALL] * len(media_of(item.content))
    body = translate.dump(replace(item, content=content))
    assert translate.load(Item, body).content == content
    assert without_previews(content) == item.content
    assert without_previews(item.content) is item.content


@pytest.mark.parametrize(
    "wrong",
    [
        {"media_id": "b" * 63},
        {"size": 0},
        {"size": MAX_PREVIEW + 1},
        {"width": 0},
        {"height": 2_001},
        {"mime": "image/webp"},
        {"width": "480"},
    ],
)
def test_a_preview_that_does_not_fit_is_refused(wrong: dict[str, Any]) -> None:
    tree = json.loads(translate.dump(an_item(Kind.IMAGE)))
    tree["content"]["media"]["preview"] = GIVEN
    translate.load(Item, json.dumps(tree).encode())
    tree["content"]["media"]["preview"] = GIVEN | wrong
    with pytest.raises(Problem, match=r"wire\.malformed"):
        translate.load(Item, json.dumps(tree).encode())


@pytest.mark.parametrize(
    ("stored", "small", "upright"),
    [
        ((1200, 800), (480, 320), (1200, 800)),
        ((1200, 800), (320, 480), (800, 1200)),
        ((800, 800), (480, 480), (800, 800)),
        ((0, 0), (480, 320), (480, 320)),
    ],
)
def test_the_preview_says_which_way_up_a_picture_is(
    stored: tuple[int, int], small: tuple[int, int], upright: tuple[int, int]
) -> None:
    made = Preview(MediaId("b" * 64), 9_000, *small)
    assert a_media(width=stored[0], height=stored[1], preview=made).upright == upright
    assert a_media(width=stored[0], height=stored[1]).upright == stored
