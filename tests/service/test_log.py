"""The log tells what failed and where, and quotes nothing."""

import json
from typing import Any

import structlog

from modstation.system import log


def test_the_text_of_an_exception_is_not_written(capsys: Any) -> None:
    log.to_stderr("info")
    try:
        int("a private text")
    except ValueError:
        structlog.get_logger("x").exception("decision_not_recorded", decision_id="7")
    out, err = capsys.readouterr()
    line = json.loads(err)
    assert (out, line["event"], line["error"], line["decision_id"]) == ("", "decision_not_recorded", "ValueError", "7")
    assert line["trace"][-1].startswith("test_log.py:")
    assert "private" not in err


def test_the_database_quotes_no_values(on_sqlite: Any) -> None:
    assert on_sqlite.database.engine.hide_parameters
