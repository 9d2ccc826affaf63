"""Small stills of large pictures, made while items are imported, so that a station on a poor link has something soon.

The files come from anywhere, so they are decoded by the confined process alone; what is made smaller and written here
are its pixels, and nothing else of the file: no metadata, no colour profile, no second frame.
"""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import structlog
from PIL import Image

from modstation.core.content import Media, Preview, with_media
from modstation.core.exposure import Step
from modstation.core.item import Item
from modstation.core.problem import Problem
from modstation.media.decoder import Decoder, Picture
from modstation.media.frame import MAX_FILE
from modstation.service.media import MediaFolder
from modstation.wire.limits import MAX_PREVIEW

log = structlog.get_logger(__name__)

LARGE = 60_000
"""Bytes of a picture above which it gets a preview."""
SIDE = 480
"""The most pixels of a preview's longer side."""
_QUALITY = 70


class Previews:
    """Makes the previews of one import; each file is looked at once, however many items name it.

    Args:
        files: where previews are kept, each as a file of its own.
        decoder: makes the decoder when the first large picture comes.
    """

    def __init__(self, files: MediaFolder, decoder: Callable[[], Decoder] = Decoder) -> None:
        self._files = files
        self._make_decoder = decoder
        self._decoder: Decoder | None = None
        self._made: dict[str, Preview | None] = {}

    def add(self, item: Item) -> Item:
        """The item with a preview for each of its large pictures; the files themselves are in the folder already.

        A file that can't be decoded, a moving picture and one that hardly gets smaller have none.
        """
        content = with_media(item.content, self._with)
        return item if content is item.content else replace(item, content=content)

    def forget(self) -> None:
        """Make every preview anew: the files of those that were made may be gone."""
        self._made.clear()

    def close(self) -> None:
        """End the decoder, if one was needed."""
        if self._decoder is not None:
            self._decoder.close()
            self._decoder = None

    def _with(self, media: Media) -> Media:
        if not media.mime.startswith("image/") or not LARGE < media.size <= MAX_FILE:
            return media
        if media.media_id not in self._made:
            self._made[media.media_id] = self._make(self._files.path(media.media_id))
        preview = self._made[media.media_id]
        return media if preview is None else replace(media, preview=preview)

    def _make(self, path: Path) -> Preview | None:
        if self._decoder is None:
            self._decoder = self._make_decoder()
        data = path.read_bytes()
        try:
            picture = self._decoder.picture(data, Step.CLEAR, SIDE)
        except Problem as problem:
            log.info("no_preview", media_id=path.name, code=problem.code)
            return None
        if picture.frames > 1:
            return None
        small, size = encode(picture)
        if len(small) > min(len(data) // 2, MAX_PREVIEW):
            return None
        return Preview(self._files.keep(small), len(small), *size)


def encode(picture: Picture) -> tuple[bytes, tuple[int, int]]:
    """A decoded picture as WebP, at most `SIDE` pixels on its longer side, and its size; always the same bytes."""
    pixels = picture.rgb, "raw", "RGB", picture.stride, 1
    shown = Image.frombuffer("RGB", (picture.width, picture.height), *pixels)
    scale = min(1.0, SIDE / max(shown.size))
    size = max(1, int(shown.width * scale)), max(1, int(shown.height * scale))
    if size != shown.size:
        shown = shown.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)
    into = io.BytesIO()
    shown.save(into, "WEBP", quality=_QUALITY, method=4)
    return into.getvalue(), size
