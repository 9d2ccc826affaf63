"""Pictures for screens, from files nobody trusts: one thread that feeds a confined worker and restarts it at need."""

import contextlib
import threading
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field

import structlog

from modstation.core.exposure import Step
from modstation.core.problem import Problem
from modstation.media.frame import MAX_FILE
from modstation.media.process import Lost, Process, worker_command

log = structlog.get_logger(__name__)

LIMIT_S = 20.0
JOBS_PER_WORKER = 500  # then a fresh one: what a codec leaks ends with it

_TOLD = {
    "too_large": ("This picture is too large to show.", "It can be judged from its description, or skipped."),
    "too_slow": ("This picture takes too long to show.", "It can be judged from its description, or skipped."),
    "damaged": ("This file is damaged.", "It can be judged from its description, or skipped."),
    "crashed": ("This file could not be shown safely.", "It can be judged from its description, or skipped."),
    "unknown_kind": ("This kind of file is not known here.", "It can be judged from its description, or skipped."),
    "not_supported_yet": (
        "This kind of file can't be shown here yet.",
        "It can be judged from its description and transcript, or skipped.",
    ),
    "closed": ("The picture decoder is closed.", ""),
}


@dataclass(frozen=True, slots=True)
class Picture:
    """Pixels ready for ``QImage(rgb, width, height, stride, QImage.Format_RGB888)``, upright.

    Attributes:
        rgb: `height` rows of `stride` bytes: RGB, 8 bits each, rows padded to four bytes.
        full_width, full_height: the picture's own size, upright; 0 when it was not decoded.
        format: as Pillow names it: ``JPEG``.
        frames: more than one when it is animated; only the first is decoded.
    """

    width: int
    height: int
    stride: int
    rgb: bytes = field(repr=False)
    full_width: int = 0
    full_height: int = 0
    format: str = ""
    frames: int = 0


NOTHING = Picture(0, 0, 0, b"")
"""What a hidden picture is: its file is not even opened."""


@dataclass(frozen=True, slots=True)
class _Task:
    data: bytes
    step: Step
    width_px: int
    future: Future[Picture]


class Decoder:
    """Decodes one picture at a time. Thread-safe. Nothing starts before the first call of `warm` or a picture."""

    def __init__(self, command: Sequence[str] | None = None, limit_s: float = LIMIT_S) -> None:
        self._command = tuple(command or worker_command())
        self._limit_s = limit_s
        self._bell = threading.Condition()
        self._wanted: deque[_Task] = deque()
        self._thread: threading.Thread | None = None
        self._process: Process | None = None
        self._closed = False

    def warm(self) -> None:
        """Start the worker in the background, so that the first picture does not wait for it."""
        with self._bell:
            self._begin()

    def picture(self, data: bytes, step: Step, width_px: int) -> Picture:
        """Decode at once; waits for the result. `width_px` 0 means as wide as the picture is.

        Raises:
            Problem: ``media.too_large``, ``media.too_slow``, ``media.damaged``, ``media.unknown_kind``,
                ``media.not_supported_yet``, ``media.crashed``, ``media.closed``.
        """
        return self.want(data, step, width_px).result()

    def want(self, data: bytes, step: Step, width_px: int) -> Future[Picture]:
        """Like `picture`, not waiting: after what was wanted earlier."""
        future: Future[Picture] = Future()
        if step is Step.HIDDEN:
            future.set_result(NOTHING)
        elif len(data) > MAX_FILE:
            future.set_exception(_problem("too_large"))
        else:
            with self._bell:
                if self._closed:
                    future.set_exception(_problem("closed"))
                else:
                    self._wanted.append(_Task(data, step, width_px, future))
                    self._begin()
                    self._bell.notify_all()
        return future

    def close(self) -> None:
        """End the worker and drop what waits. A lock or a cover calls this: no pixel stays in another process."""
        with self._bell:
            self._closed = True
            waiting = [*self._wanted]
            self._wanted.clear()
            thread = self._thread
            if self._process is not None:
                self._process.kill()
            self._bell.notify_all()
        for task in waiting:
            task.future.cancel()
        if thread is not None:
            thread.join()

    def _begin(self) -> None:
        if self._thread is None and not self._closed:
            self._thread = threading.Thread(target=self._run, name="media-decoder", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        jobs = 0
        with contextlib.suppress(Lost):  # a picture will try again and tell
            self._process = Process(self._command)
        while (task := self._next()) is not None:
            if not task.future.set_running_or_notify_cancel():
                continue
            jobs += 1
            if jobs % JOBS_PER_WORKER == 0:
                self._end()
            try:
                task.future.set_result(self._decode(task))
            except Problem as problem:
                task.future.set_exception(problem)
        self._end()

    def _next(self) -> _Task | None:
        with self._bell:
            while not self._closed:
                if self._wanted:
                    return self._wanted.popleft()
                self._bell.wait()
        return None

    def _decode(self, task: _Task) -> Picture:
        try:
            if self._process is None:
                self._process = Process(self._command)
            done, pixels = self._process.ask(task.data, int(task.step), task.width_px, self._limit_s)
        except Lost as lost:
            self._end()
            code = str(lost.args[0])
            log.info("media_worker_lost", code=code)
            raise _problem(code) from None
        if done.error == "no_memory":
            self._end()  # after running out of memory a process is not to be trusted with the next file
            raise _problem("too_large")
        if done.error:
            raise _problem(done.error)
        return Picture(
            done.width,
            done.height,
            done.stride,
            pixels,
            done.full_width,
            done.full_height,
            done.kind,
            done.frames,
        )

    def _end(self) -> None:
        with self._bell:
            process, self._process = self._process, None
        if process is not None:
            process.end()


def _problem(code: str) -> Problem:
    title, advice = _TOLD.get(code, _TOLD["crashed"])
    return Problem(f"media.{code}", title, advice)
