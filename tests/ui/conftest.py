"""Each test of the ui begins in the same surroundings."""

import pytest

from tests.support.offscreen import make_plain, pytest_configure, qapp_cls

__all__ = ["pytest_configure", "qapp_cls"]


@pytest.fixture(autouse=True)
def _plain_surroundings(qapp):
    yield
    make_plain(qapp)
