"""A process that does the same life again and again, each time in a child of its own: imports are paid for once.

Reads lines of JSON: ``{"do": "live" | "judge", "home": …, "fault": …, "at": …, "calls": …, "suffix": …}``. Answers each
with one line: what the child told, or how it ended.
"""

import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import structlog

from tests.faults import shim
from tests.faults.life import Places, live
from tests.faults.verdict import judge

PATIENCE_S = 60


def _live(asked: dict[str, Any]) -> dict[str, Any]:
    home = Path(asked["home"])
    log = Path(asked["log"]) if asked.get("log") else None
    shim.arm(home / "station", log, asked["fault"], asked.get("at", 0), asked.get("calls", ""), asked.get("suffix", ""))
    live(Places(home))
    shim.disarm()
    return {"seen": shim.seen()}


def _judge(asked: dict[str, Any]) -> dict[str, Any]:
    return judge(Path(asked["home"]))


_WORK = {"live": _live, "judge": _judge}


def _in_a_child(asked: dict[str, Any]) -> dict[str, Any]:
    reads, writes = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(PATIENCE_S)
        try:
            told = _WORK[asked["do"]](asked)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is the finding
            told = {"raised": f"{type(error).__name__}: {error}", "wrong": [f"raised {type(error).__name__}: {error}"]}
        os.write(writes, json.dumps(told).encode())
        os._exit(0)
    os.close(writes)
    with os.fdopen(reads, "rb") as pipe:
        told = pipe.read()
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return {"signal": os.WTERMSIG(status)}
    answer: dict[str, Any] = json.loads(told)
    return answer


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(50))
    gc.freeze()  # what a child would only copy
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_in_a_child(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
