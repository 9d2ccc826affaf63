"""The command: set the stage, film all scenes, write the overviews."""

import argparse
import os
import tempfile
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")  # before Qt is loaded

from modstation.system import log
from tests.screenshots import around, arriving, at_desk, manual, overview, states, tight  # see above
from tests.screenshots.camera import Camera
from tests.screenshots.stage import Stage


def main() -> None:
    """Write the pictures and say how many."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--only", default="", metavar="NAME", help="only scenes with this in their name")
    parser.add_argument("--manual", type=Path, metavar="DIR", help="also put the manual's pictures in their places")
    args = parser.parse_args()
    log.to_stderr()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="modstation-") as home:
        stage = Stage(Path(home))
        camera = Camera(stage.app, args.folder, args.only)
        try:
            stage.open_service()
            camera.film(arriving.SCENES + states.SCENES, stage)
            inside = at_desk.SCENES + around.SCENES + tight.SCENES
            if any(map(camera.wants, inside)):
                stage.open_station()
                camera.film(inside, stage)
        finally:
            stage.close()
    if not args.only:
        for name in ("light", "dark"):
            overview.write(args.folder, name)
    if args.manual:
        manual.place(args.folder, args.manual)
    print(f"{len(camera.taken)} pictures in {args.folder}, {time.monotonic() - began:.0f} s")


if __name__ == "__main__":
    main()
