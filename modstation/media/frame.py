"""What parent and worker say to each other: one line of JSON each way per job; the bytes travel in shared memory."""

from dataclasses import dataclass

MIB = 1024 * 1024

MAX_FILE = 64 * MIB
"""The largest picture file that is decoded."""
MAX_PIXELS = 64_000_000
"""The most pixels a picture may have."""
MAX_OUT_PIXELS = 16_000_000
"""The most pixels a decoded picture has: it is scaled down to fit."""
MAX_SIDE = 30_000
"""The longest side of a decoded picture; painters stop at 32767."""

IN_BYTES = MAX_FILE
OUT_BYTES = MAX_OUT_PIXELS * 3 + MAX_SIDE * 4  # rows are padded to four bytes
SHARED_BYTES = IN_BYTES + OUT_BYTES


@dataclass(frozen=True, slots=True)
class Job:
    """Decode the first `size` bytes of the shared memory. `step` is the number of a `core.exposure.Step`."""

    size: int
    step: int
    width_px: int


@dataclass(frozen=True, slots=True)
class Done:
    """The answer: pixels stand at `IN_BYTES`, `stride` bytes a row; or `error` names what is wrong."""

    error: str = ""
    width: int = 0
    height: int = 0
    stride: int = 0
    full_width: int = 0
    full_height: int = 0
    kind: str = ""
    frames: int = 0

    def holds(self) -> bool:
        """Whether this describes pixels that can be there: a worker that was broken into may say anything."""
        numbers = (self.width, self.height, self.stride, self.full_width, self.full_height, self.frames)
        return (
            all(type(number) is int and number > 0 for number in numbers)
            and self.width * 3 <= self.stride
            and self.stride * self.height <= OUT_BYTES
            and type(self.kind) is str
        )
