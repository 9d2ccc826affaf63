"""``python -m tests.network``: a table of what comes of each kind of network, between the real processes.

For each: a station joins and fills its cache over a good line; the line goes bad, six items are decided; then the line
is good again. At the end one exchange is cut after every byte of it. Ends with 1 unless each decision was accepted
exactly once, everywhere.
"""

import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path

from modstation.service.server import open_service
from modstation.system import log
from tests.network.profiles import PROFILES, Outcome, Profile, travel
from tests.network.sweep import sweep
from tests.support.live_service import a_code, as_process, fill, texts

AT_ONCE = 6
HEADINGS = ("network", "while it lasted", "told as", "accepted meanwhile", "after", "lost", "twice")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.network", description=__doc__)
    parser.add_argument("--only", action="append", default=[], help="profiles whose name begins so")
    parser.add_argument("--json", type=Path, help="write all figures here")
    given = parser.parse_args()
    chosen = [one for one in PROFILES if not given.only or any(one.name.startswith(name) for name in given.only)]
    with tempfile.TemporaryDirectory(prefix="modstation-network-") as name:
        log.configure(Path(name))  # a thousand failures on purpose would bury the table
        outcomes = run(Path(name), chosen)
        _print(outcomes)
        swept = None if given.only else sweep(Path(name) / "sweep")
    sound = all(one.sound for one in outcomes)
    if swept is not None:
        sys.stdout.write(f"\ncut after every byte of one exchange: {json.dumps(asdict(swept))}\n")
        sound = sound and not (swept.lost or swept.twice)
    if given.json:
        given.json.parent.mkdir(parents=True, exist_ok=True)
        told = {"profiles": [one.row() for one in outcomes], "cuts": swept and asdict(swept)}
        given.json.write_text(json.dumps(told, indent=1) + "\n")
    return int(not sound)


def run(home: Path, profiles: list[Profile]) -> list[Outcome]:
    """All journeys, a few at a time, against one service process."""
    service = open_service(home / "service")
    fill(service, texts(20 * len(profiles)))
    codes = [a_code(service) for _ in profiles]
    service.database.close()
    with as_process(home / "service") as (url, _), ThreadPoolExecutor(AT_ONCE) as pool:
        port = int(url.rpartition(":")[2])
        jobs = [
            pool.submit(travel, profile, home / f"{n:02}", port, code, home / "service")
            for n, (profile, code) in enumerate(zip(profiles, codes, strict=True))
        ]
        return [job.result() for job in jobs]


def _print(outcomes: list[Outcome]) -> None:
    rows = [HEADINGS, *(one.cells() for one in outcomes)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(HEADINGS))]
    for row in rows:
        sys.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() + "\n")


if __name__ == "__main__":
    sys.exit(main())
