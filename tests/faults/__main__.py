"""``make fault-test``: the sweep of storage faults and the flipped bits, as tables and as JSON.

python -m tests.faults --json build/faults.json
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.faults import shim
from tests.faults.flips import Flipped, flip_all
from tests.faults.sweep import Swept, sweep

_MEMORY = Path("/dev/shm")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=("sweep", "flips"))
    parser.add_argument("--flips", type=int, default=1000, help="in each kind of file")
    parser.add_argument("--every", type=int, default=1, help="only every so manieth call fails")
    parser.add_argument("--quick", action="store_true", help="about ten seconds of it")
    parser.add_argument("--keep", type=Path, help="work in this folder, and leave what went wrong there")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    home = args.keep or Path(tempfile.mkdtemp(prefix="modstation-faults-", dir=_MEMORY if _MEMORY.is_dir() else None))
    told: dict[str, Any] = {}
    try:
        if args.only != "flips":
            begun = time.monotonic()
            swept = sweep(home / "sweep", every=61 if args.quick else args.every)
            told["sweep"] = _swept(swept, time.monotonic() - begun)
    except shim.NoCompiler as why:
        sys.stderr.write(f"fault-test can't run: {why}\n")
        return 2
    if args.only != "sweep":
        begun = time.monotonic()
        flipped = flip_all(home / "flips", 8 if args.quick else args.flips)
        told["flips"] = _flipped(flipped, time.monotonic() - begun)
    if args.json is not None:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(told, indent=1) + "\n")
    if not args.keep:
        shutil.rmtree(home)
    return 1 if any(one["wrong"] for one in told.values()) else 0


def _short(why: list[str]) -> str:
    return " | ".join(" ".join(one.split())[-220:] for one in why)


def _swept(swept: Swept, seconds: float) -> dict[str, Any]:
    out = sys.stdout.write
    out(f"{swept.points} calls change the disk: " + ", ".join(f"{n} {call}" for call, n in swept.calls.most_common()))
    out(f"\n{swept.runs} lives with one fault each, {seconds:.0f} s\n\n")
    faults = list(swept.outcomes)
    out(f"{'what came of it':<52}" + "".join(f"{fault:>8}" for fault in faults) + "\n")
    for outcome in sorted({one for counted in swept.outcomes.values() for one in counted}):
        row = "".join(f"{swept.outcomes[fault][outcome]:>8}" for fault in faults)
        out(f"{outcome:<52}{row}\n")
    out(f"\ndecisions that came back from the journal: {swept.recovered}\n")
    out(f"silent losses, repetitions, bugs: {len(swept.wrong)}\n")
    for wrong in swept.wrong[:40]:
        out(f"  {wrong['fault']} at {wrong['at']} ({wrong['call']} {wrong['file']}): {_short(wrong['why'])}\n")
    return {
        "points": swept.points, "calls": swept.calls, "runs": swept.runs, "outcomes": swept.outcomes,
        "recovered": swept.recovered, "wrong": swept.wrong, "seconds": round(seconds, 1),
    }  # fmt: skip


def _flipped(flipped: list[Flipped], seconds: float) -> dict[str, Any]:
    out = sys.stdout.write
    kinds = [one.kind for one in flipped]
    total = sum(sum(one.outcomes.values()) for one in flipped)
    out(f"\n{total} lives with one bit the other way round, {seconds:.0f} s\n\n")
    out(f"{'what came of it':<62}" + "".join(f"{kind:>10}" for kind in kinds) + "\n")
    for outcome in sorted({name for one in flipped for name in one.outcomes}):
        out(f"{outcome:<62}" + "".join(f"{one.outcomes[outcome]:>10}" for one in flipped) + "\n")
    out(f"{'decisions found again, or copied again':<62}" + "".join(f"{one.recovered:>10}" for one in flipped) + "\n")
    wrong = [why for one in flipped for why in one.wrong]
    out(f"\nsilent: {len(wrong)}\n" + "".join(f"  {why}\n" for why in wrong[:40]))
    outcomes = {one.kind: {"outcomes": one.outcomes, "recovered": one.recovered} for one in flipped}
    return {"kinds": outcomes, "wrong": wrong, "seconds": round(seconds, 1)}


if __name__ == "__main__":
    sys.exit(main())
