"""The files that media are kept in: AES-256-GCM frames under a key of their own, appended one by one.

A frame is a head of 16 bytes (length, random prefix of this sitting, counter) and its ciphertext. Prefix and counter
are the nonce: a file that is resumed after a cut never uses one twice, even if the cut frame is written again. The
associated data bind a frame to its file, its place and the whole size, so none can be moved, swapped or left out.
"""

import hashlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from modstation.core.ids import MediaId
from modstation.core.problem import Problem

FRAME = 256 * 1024
_HEAD = 16
_TAG = 16


class Sealed:
    """One file: who it is for, how long it will be, and its key."""

    def __init__(self, path: Path, media_id: MediaId, size: int, key: bytes) -> None:
        self.path = path
        self.media_id = media_id
        self.size = size
        self._cipher = AESGCM(key)

    def bound(self, offset: int) -> bytes:
        """Associated data of the frame whose first byte is byte `offset` of the content."""
        return f"{self.media_id}|{offset}|{self.size}".encode()

    def frame(self, nonce: bytes, offset: int, content: bytes) -> bytes:
        """A frame as it stands in the file."""
        sealed = self._cipher.encrypt(nonce, content, self.bound(offset))
        return len(sealed).to_bytes(4) + nonce + sealed

    def frames(self) -> Iterator[tuple[bytes, int]]:
        """Each verified frame's content and where it ends in the file; stops at the first that is torn or changed."""
        try:
            file = self.path.open("rb")
        except FileNotFoundError:
            return
        offset = at = 0
        with file:
            while len(head := file.read(_HEAD)) == _HEAD:
                length = int.from_bytes(head[:4])
                if not _TAG < length <= FRAME + _TAG:
                    return
                sealed = file.read(length)
                try:
                    content = self._cipher.decrypt(head[4:], sealed, self.bound(offset))
                except InvalidTag:
                    return
                offset += len(content)
                at += _HEAD + length
                yield content, at


class Receiver:
    """Takes a file's bytes as they arrive and keeps them encrypted. Use as a context manager.

    Leaving it early keeps what has arrived; the next one for the same file goes on from `offset`. Only one writes: what
    is `cut_off` may still be in the hands of a thread that waits for the network.

    Attributes:
        offset: bytes held and verified: ask the service for the rest from here.
    """

    def __init__(self, sealed: Sealed, entropy: Callable[[int], bytes]) -> None:
        self._sealed = sealed
        self._digest = hashlib.sha256()
        self._prefix = entropy(8)
        self._count = 0
        self._waiting = bytearray()
        self._one_at_a_time = threading.Lock()
        self._is_cut_off = False
        self.offset = end = 0
        for content, end in sealed.frames():  # noqa: B007 - the last end is where writing goes on
            self._digest.update(content)
            self.offset += len(content)
        self._file = os.fdopen(os.open(sealed.path, os.O_RDWR | os.O_CREAT, 0o600), "r+b")
        self._file.truncate(end)
        self._file.seek(end)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._one_at_a_time:
            try:
                if not self._is_cut_off:
                    self._flush()
            finally:
                self._file.close()

    def cut_off(self) -> None:
        """Never write again: another one has the file, or the cache is closed. From any thread."""
        with self._one_at_a_time:
            self._is_cut_off = True
            with suppress(OSError):
                self._file.close()

    @property
    def left(self) -> int:
        """Bytes still to come."""
        return self._sealed.size - self.offset - len(self._waiting)

    def write(self, data: bytes) -> None:
        """Take the next bytes, in pieces of any size.

        Raises:
            Problem: ``media.wrong_size`` when there are more than announced; the file starts over next time;
                ``media.cut_off``.
        """
        with self._writing():
            if len(data) > self.left:
                self._start_over()
                title = "A file is longer than the service said."
                raise Problem("media.wrong_size", title, place=self._sealed.media_id)
            self._waiting += data
            while len(self._waiting) >= FRAME:
                self._keep(FRAME)

    def finish(self) -> None:
        """All bytes are here: check them against the file's name and wait until the disk has them.

        Raises:
            Problem: ``media.wrong_hash`` when they are other bytes, ``media.wrong_size`` when some are missing. The
                file starts over next time. ``media.cut_off``.
        """
        media_id = self._sealed.media_id
        with self._writing():
            self._flush()
            if self.left:
                raise Problem("media.wrong_size", "A file is shorter than the service said.", place=media_id)
            if self._digest.hexdigest() != media_id:
                self._start_over()
                raise Problem("media.wrong_hash", "A file arrived damaged.", "It is fetched again.", media_id)
            os.fsync(self._file.fileno())

    @contextmanager
    def _writing(self) -> Iterator[None]:
        with self._one_at_a_time:
            if self._is_cut_off:
                raise Problem("media.cut_off", "This file is fetched anew.", place=self._sealed.media_id)
            yield

    def _flush(self) -> None:
        if self._waiting:
            self._keep(len(self._waiting))
        self._file.flush()

    def _keep(self, length: int) -> None:
        content = bytes(self._waiting[:length])
        nonce = self._prefix + self._count.to_bytes(4)
        self._file.write(self._sealed.frame(nonce, self.offset, content))
        self._digest.update(content)
        self._count += 1
        self.offset += length
        del self._waiting[:length]

    def _start_over(self) -> None:
        self._waiting.clear()
        self._file.seek(0)
        self._file.truncate(0)
        self._digest = hashlib.sha256()
        self.offset = 0
