"""The binding itself: PySide6 6.12.0 on Python 3.11 loses one reference to None in every void call, and then aborts."""

import sys

from PySide6.QtCore import QObject


def test_void_qt_calls_do_not_lose_references_to_none() -> None:
    thing = QObject()
    before = sys.getrefcount(None)
    for _ in range(5_000):
        thing.setObjectName("x")
        thing.setParent(None)
    assert abs(sys.getrefcount(None) - before) < 1_000
