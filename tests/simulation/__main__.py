"""``python -m tests.simulation``: runs worlds on two processes and says what they came to."""

import argparse
import json
import os
import subprocess
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.simulation.plan import draw
from tests.simulation.report import table, to_json
from tests.simulation.runner import Found, Tally, running

CHUNK = 50


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seeds", type=int, default=2000, help="how many worlds")
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--seed", type=int, help="run this one world and print what happens in it")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--json", type=Path, help="where the figures go")
    parser.add_argument("--stop-at", type=int, default=5, help="end at so many violations")
    args = parser.parse_args()
    if os.environ.get("PYTHONHASHSEED") != "0":  # the order of a set of strings is part of what a seed decides
        return subprocess.call(
            [sys.executable, "-m", "tests.simulation", *sys.argv[1:]], env=os.environ | {"PYTHONHASHSEED": "0"}
        )
    return replay(args.seed) if args.seed is not None else many(args)


def replay(seed: int) -> int:
    with running() as runner:
        world = runner.world(draw(seed))
        violation = world.run()
        world.close()
    print("\n".join(world.trace))
    print(f"seed {seed}: {violation or 'all is well'}")
    if world.bug is not None:
        traceback.print_exception(world.bug)
    return violation is not None


def _some(first: int, n: int) -> Tally:
    with running() as runner:
        return runner.run(range(first, first + n), stop_at=3)


def many(args: argparse.Namespace) -> int:
    began = time.perf_counter()
    whole = Tally()
    chunks = [
        (first, min(CHUNK, args.first + args.seeds - first))
        for first in range(args.first, args.first + args.seeds, CHUNK)
    ]
    with ProcessPoolExecutor(args.processes) as pool:
        for done in pool.map(_some, *zip(*chunks, strict=True)):
            whole.add(done)
            told = "".join(f", seed {one.seed}: {one.what}" for one in done.found)
            sys.stderr.write(f"{whole.seeds} seeds{told}\n")
            if len(whole.found) >= args.stop_at:
                pool.shutdown(wait=False, cancel_futures=True)
                break
    wall_s = time.perf_counter() - began
    print(table(whole, wall_s))
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(to_json(whole, wall_s), indent=1))
    return bool(whole.found or (whole.met.missing() and args.seeds >= 500))


__all__ = ["Found", "main"]

if __name__ == "__main__":
    sys.exit(main())
