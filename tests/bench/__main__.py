"""``python -m tests.bench``: what the product promises of its speed, measured beside a named baseline.

Benchmarks are not tests: a row that misses its budget is told, and the exit code is 1 only when asked (``--strict``).
"""

import argparse
import importlib
import os
import sys
from pathlib import Path
from types import ModuleType

from modstation.system import log
from tests.bench import table
from tests.bench.row import Result

# Each offers rows(quick) -> list[Row]; and close(), where something outlives a row.
MODULES = ("next_item", "start", "decision", "first_sync", "bad_link", "upload", "resent", "media", "idle")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--json", type=Path, help="write all figures here")
    parser.add_argument("--only", action="append", default=[], help="rows whose name begins so; may be repeated")
    parser.add_argument("--quick", action="store_true", help="few repetitions: a look, not a measurement")
    parser.add_argument("--strict", action="store_true", help="exit with 1 when a budget does not hold")
    given = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    log.to_stderr()
    results: list[Result] = []
    failed = False
    modules = _modules()
    for row in (row for module in modules for row in module.rows(given.quick)):
        if given.only and not any(row.name.startswith(name) for name in given.only):
            continue
        print(f"{row.name} …", file=sys.stderr, flush=True)
        try:
            results.append(Result(row, row.measure()))
        except Exception as error:  # noqa: BLE001  # one broken row must not hide the others
            failed = True
            table.complain(row.name, error)
    for module in modules:
        getattr(module, "close", lambda: None)()
    print(table.printed(results))
    if given.json:
        table.write(results, given.json)
    return int(failed or (given.strict and not all(result.held for result in results)))


def _modules() -> list[ModuleType]:
    found: list[ModuleType] = []
    for name in MODULES:
        try:
            module = importlib.import_module(f"tests.bench.{name}")
        except ModuleNotFoundError as error:
            table.complain(name, error)
            continue
        if hasattr(module, "rows"):
            found.append(module)
        else:
            table.complain(name, AttributeError("offers no rows(quick)"))
    return found


if __name__ == "__main__":
    sys.exit(main())
