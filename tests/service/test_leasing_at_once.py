"""A large first helping is given in portions, so that nobody waits long for the lock."""

import pytest

from modstation.service import exchange
from tests.support.central import Central


def test_a_large_room_is_filled_over_several_exchanges_and_in_order(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "AT_ONCE", 4)
    central.furnish(10)
    post = central.post()
    asked = []
    while post.sync(room=100 - len(post.held), limit=3).more:
        asked.append(len(post.held))
    assert list(post.held) == [f"item-{n:05}" for n in range(10)]
    assert len(asked) < 8, "no exchange was in vain"
