"""The log tells what happened and can't tell what was seen."""

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

import modstation
from modstation.core.problem import Problem
from modstation.system import log

CONTENT = "Dear moderator, this is what somebody wrote."


@pytest.fixture
def logger(tmp_path: Path) -> Iterator[structlog.typing.FilteringBoundLogger]:
    log.configure(tmp_path, "debug")
    yield structlog.get_logger("modstation.test")
    structlog.get_config()["logger_factory"].close()


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / log.FILE).read_text().splitlines()]


def test_what_is_listed_is_written(logger: structlog.typing.FilteringBoundLogger, tmp_path: Path):
    logger.info("exchange done", items=3, took_ms=12.5, item_id="item-1", state=None)
    (line,) = lines(tmp_path)
    assert {"event", "items", "took_ms", "item_id", "state", "level", "timestamp", "logger"} == set(line)
    assert (line["event"], line["items"], line["item_id"]) == ("exchange done", 3, "item-1")


def test_content_can_not_slip_in(logger: structlog.typing.FilteringBoundLogger, tmp_path: Path):
    logger.info(CONTENT)
    logger.info("item opened", text=CONTENT, item_id=CONTENT, code=[CONTENT], items={"a": CONTENT})
    logger.info("with %s", CONTENT)
    assert "moderator" not in (tmp_path / log.FILE).read_text()
    assert [line["event"] for line in lines(tmp_path)] == ["unprintable event", "item opened", "unprintable event"]
    assert lines(tmp_path)[1]["dropped"] == 4


def test_an_exception_is_its_type_and_its_way_but_not_its_text(
    logger: structlog.typing.FilteringBoundLogger, tmp_path: Path
):
    for error in (ValueError(CONTENT), Problem("vault.damaged", CONTENT)):
        try:
            raise error
        except (ValueError, Problem):
            logger.exception("exchange failed")
    first, second = lines(tmp_path)
    assert (first["error"], second["error"], second["code"]) == ("ValueError", "Problem", "vault.damaged")
    assert str(first["trace"]).startswith("['test_log.py:")
    assert CONTENT not in (tmp_path / log.FILE).read_text()


def test_only_the_owner_may_read_it_and_the_level_counts(logger: structlog.typing.FilteringBoundLogger, tmp_path: Path):
    log.configure(tmp_path, "warning")
    logger.info("not written")
    assert (tmp_path / log.FILE).read_text() == ""
    assert (tmp_path / log.FILE).stat().st_mode & 0o077 == 0


def test_it_rotates_and_old_parts_stay_private(
    logger: structlog.typing.FilteringBoundLogger, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(log, "_BYTES", 500)
    log.configure(tmp_path)
    for n in range(40):
        logger.info("a line", n=n)
    files = sorted(path.name for path in tmp_path.iterdir())
    assert files == [log.FILE, *(f"{log.FILE}.{n}" for n in (1, 2, 3))]
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.iterdir())


def test_whatever_the_program_says_to_its_log_is_written_and_not_dropped():
    levels = {"debug", "info", "warning", "error", "exception"}
    said = {
        f"{keyword.arg} in {path.name}:{call.lineno}"
        for path in Path(modstation.__file__).parent.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text()))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr in levels
        if isinstance(call.func.value, ast.Name) and call.func.value.id in {"_log", "logger"}
        for keyword in call.keywords
        if keyword.arg not in log.KEYS
    }
    assert said == set()
