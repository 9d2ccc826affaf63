"""Results as a table for people and as JSON for programs."""

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.bench.row import Result, at

HEAD = ("row", "in", "ours p50", "p99", "baseline p50", "p99", "ratio", "budget", "held")


def printed(results: Sequence[Result]) -> str:
    """The table; each row's figures in its own unit."""
    lines = [HEAD, *(_cells(result) for result in results)]
    wide = [max(len(line[n]) for line in lines) for n in range(len(HEAD))]
    told = ["  ".join(_set(cell, wide[n], n) for n, cell in enumerate(line)).rstrip() for line in lines]
    told.insert(1, "-" * max(map(len, told)))
    for result in results:
        told.append(f"{result.row.name}: beside {result.row.against}; {len(result.pairs.ours)} figures")
        told += [f"    {name}: {_figure(note)}" for name, note in result.pairs.notes.items()]
    return "\n".join(told)


def write(results: Sequence[Result], path: Path) -> None:
    """All figures, raw ones too."""
    path.parent.mkdir(parents=True, exist_ok=True)
    machine = {"system": platform.platform(), "python": platform.python_version(), "cores": os.cpu_count()}
    path.write_text(json.dumps({"machine": machine, "rows": [_plain(result) for result in results]}, indent=1) + "\n")


def complain(name: str, error: BaseException) -> None:
    """A row that could not be measured does not hide the others."""
    print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)


def _plain(result: Result) -> dict[str, Any]:
    pairs, budget = result.pairs, result.row.budget
    return {
        "row": result.row.name,
        "against": result.row.against,
        "unit": result.row.unit,
        "ours": {"p50": at(pairs.ours, 0.5), "p99": at(pairs.ours, 0.99)},
        "baseline": {"p50": at(pairs.baseline, 0.5), "p99": at(pairs.baseline, 0.99)},
        "ratio": result.ratio,
        "budget": {"ratio": budget.ratio, "share": budget.share, "p50": budget.p50, "p99": budget.p99},
        "held": result.held,
        "notes": dict(pairs.notes),
        "raw": {"ours": [round(x, 4) for x in pairs.ours], "baseline": [round(x, 4) for x in pairs.baseline]},
    }


def _cells(result: Result) -> tuple[str, ...]:
    pairs = result.pairs
    quantiles = [at(figures, share) for figures in (pairs.ours, pairs.baseline) for share in (0.50, 0.99)]
    ratio = "" if result.ratio is None else f"{result.ratio:.2f}"
    if result.ratio is not None and result.row.budget.share is not None:
        ratio = f"{100 * result.ratio:.1f} %"
    unit = result.row.unit
    return (
        result.row.name, unit, *(_figure(x) for x in quantiles), ratio, result.row.budget.told(unit),
        "yes" if result.held else "NO",
    )  # fmt: skip


def _figure(x: float | str | None) -> str:
    return x if isinstance(x, str) else "" if x is None else f"{x:.2f}"


def _set(cell: str, width: int, column: int) -> str:
    return cell.rjust(width) if 2 <= column <= 6 else cell.ljust(width)
