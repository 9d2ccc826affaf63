"""Noise fails: a test that makes the product log a warning it did not announce has found something."""

import logging
from collections.abc import Iterator

import hypothesis
import pytest
import structlog

# A property holds or it does not; how long one example takes says something about the machine.
hypothesis.settings.register_profile("house", deadline=None)
hypothesis.settings.load_profile("house")


class Logged(list[str]):
    """What was logged at WARNING or above; a test that expects a line takes it out (`expect`)."""

    def expect(self, event: str) -> None:
        """Assert that a line with `event` was logged, and take all of them out."""
        found = [line for line in self if event in line]
        assert found, f"nothing logged {event!r}; logged: {list(self)}"
        for line in found:
            self.remove(line)


@pytest.fixture(autouse=True)
def logged() -> Iterator[Logged]:
    lines = Logged()

    class Collect(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(f"{record.name}: {record.getMessage()}")

    handler = Collect(logging.WARNING)
    root = logging.getLogger()
    root.addHandler(handler)
    structlog.configure(
        processors=[structlog.stdlib.add_log_level, structlog.processors.KeyValueRenderer()],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    yield lines
    root.removeHandler(handler)
    structlog.reset_defaults()
    assert not lines, f"logged without being expected: {lines}"
