"""The decoder process: ``python -m modstation.media.worker HANDLE``. Reads jobs on stdin, answers on stdout.

It sees one file at a time, in memory, has no network, and ends when its parent does. A decoder that is broken into
finds nothing here but the picture that broke it.
"""

import dataclasses
import json
import sys
from typing import Any

from PIL import AvifImagePlugin, Image

from modstation.core.exposure import Step
from modstation.media import confine
from modstation.media.frame import IN_BYTES, OUT_BYTES, SHARED_BYTES, Done, Job
from modstation.media.memory import attach
from modstation.media.picture import Unshown, decode

CPU_S = 15  # for one job; far above the slowest honest picture


def _answer(memory: Any, job: Job) -> Done:
    try:
        rows = decode(memory[: job.size], Step(job.step), job.width_px)
    except Unshown as error:
        return Done(error=str(error.args[0]))
    if len(rows.data) > OUT_BYTES:
        return Done(error="too_large")
    memory[IN_BYTES : IN_BYTES + len(rows.data)] = rows.data
    return Done(
        width=rows.width,
        height=rows.height,
        stride=rows.stride,
        full_width=rows.full_width,
        full_height=rows.full_height,
        kind=rows.kind,
        frames=rows.frames,
    )


def main(handle: str) -> None:
    """Serve jobs until stdin ends."""
    no_network = confine.leave_network()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # none can be started once confined
    Image.init()  # load every codec now: later no file can be opened
    memory = attach(handle, SHARED_BYTES)
    limits = confine.limit()
    out = sys.stdout
    out.write(json.dumps({"network_left": no_network, "limits": limits}) + "\n")
    out.flush()
    for line in sys.stdin:
        confine.allow_cpu(CPU_S)
        done = _answer(memory, Job(**json.loads(line)))
        out.write(json.dumps(dataclasses.asdict(done)) + "\n")
        out.flush()


if __name__ == "__main__":
    main(sys.argv[1])
