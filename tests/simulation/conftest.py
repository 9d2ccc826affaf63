"""Worlds are full of faults, and the product says so in its log: here that is no noise, and nobody listens."""

import pytest


@pytest.fixture(autouse=True)
def logged() -> None:
    return
