"""The figures of a run, as a table and as JSON."""

from typing import Any

from tests.simulation.rows import ROWS, TWO_SIDED
from tests.simulation.runner import Tally


def to_json(tally: Tally, wall_s: float) -> dict[str, Any]:
    least = min(ROWS, key=lambda row: tally.met[row])
    return {
        "seeds": tally.seeds,
        "steps": tally.steps,
        "wall_s": round(wall_s, 1),
        "seeds_per_s": round(tally.seeds / wall_s, 1),
        "cpu_ms_per_seed": round(1000 * tally.cpu_s / max(1, tally.seeds), 1),
        "faults": dict(sorted(tally.faults.items())),
        "conflict_rows": {row: tally.met[row] for row in (*ROWS, *TWO_SIDED)},
        "least_reached": {least: tally.met[least]},
        "never_reached": tally.met.missing(),
        "violations": [
            {"seed": one.seed, "what": one.what, "events": one.events, "trace": one.trace} for one in tally.found
        ],
    }


def table(tally: Tally, wall_s: float) -> str:
    said = to_json(tally, wall_s)
    lines = ["conflict row" + " " * 24 + "reached"]
    lines += [f"{row:<36}{n:>7}" for row, n in said["conflict_rows"].items()]
    lines += ["", "fault" + " " * 31 + "happened"]
    lines += [f"{kind:<36}{n:>8}" for kind, n in said["faults"].items()]
    lines += [
        "",
        f"{tally.seeds} seeds, {tally.steps} steps, {sum(tally.faults.values())} faults in {wall_s:.0f} s",
        f"{said['seeds_per_s']} seeds/s, {said['cpu_ms_per_seed']} ms CPU a seed",
    ]
    for one in tally.found:
        lines += ["", f"VIOLATION at seed {one.seed}, {one.events} events are enough:", *one.trace]
    if said["never_reached"]:
        lines.append("never reached: " + ", ".join(said["never_reached"]))
    lines.append(f"{len(tally.found)} violations")
    return "\n".join(lines)
