"""Pictures of the item on the desk: read from the vault, decoded apart, given back on the screen's thread."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, fields

from modstation.core.content import Media
from modstation.core.exposure import Step
from modstation.core.ids import MediaId
from modstation.core.problem import Problem
from modstation.media.decoder import Decoder, Picture
from modstation.store.driver import Database
from modstation.store.vault import Vault

Answer = Callable[[Picture | Problem], None]


@dataclass(frozen=True, slots=True)
class PreviewPicture(Picture):
    """Pixels of a preview, because the full file is not here yet; its full size is that of the full picture."""


class Pictures:
    """One picture at a time; asking for another makes the earlier answer worthless, so it is never given."""

    def __init__(self, vault: Vault, decoder: Decoder, post: Callable[[Callable[[], None]], None]) -> None:
        self._vault = vault
        self._decoder = decoder
        self._post = post
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="pictures")
        self._reader: Database | None = None
        self._wanted = 0
        self._closed = False

    def want(self, media: Media, step: Step, width_px: int, answer: Answer) -> None:
        """Decode `media` as far as `step` shows it, at most `width_px` wide; `answer` is called once, or never.

        Until its file is here its preview stands in for it, as a `PreviewPicture`.
        """
        self._wanted += 1
        mine = self._wanted
        job = self._worker.submit(self._decode, media, step, width_px, mine)
        job.add_done_callback(lambda done: self._post(lambda: self._give(done, mine, answer)))

    def forget(self) -> None:
        """Drop what was asked for: the item left the desk, or everything is being covered."""
        self._wanted += 1

    def close(self) -> None:
        """Wait for the running job and let go; nothing is given, or written, any more."""
        self._closed = True
        self.forget()
        self._worker.submit(self._let_go).result()
        self._worker.shutdown()

    def _decode(self, media: Media, step: Step, width_px: int, mine: int) -> Picture | None:
        if mine != self._wanted:
            return None
        if self._reader is None:
            self._reader = self._vault.reader()
        files, reader, preview = self._vault.media, self._reader, media.preview
        if preview is None or files.have(reader, media.media_id) or not files.have(reader, preview.media_id):
            return self._decoder.picture(files.read(reader, media.media_id), step, width_px)
        small = self._decoder.picture(files.read(reader, preview.media_id), step, width_px)
        given = {field.name: getattr(small, field.name) for field in fields(small)}
        width, height = media.upright
        return PreviewPicture(**(given | {"full_width": width, "full_height": height}))

    def _give(self, done: "Future[Picture | None]", mine: int, answer: Answer) -> None:
        if self._closed:
            return
        error = done.exception()
        if isinstance(error, Problem) and error.code == "media.damaged":
            spoilt = MediaId(error.place)  # on this disk; wanted again, it comes with the next exchange
            self._vault.writer.submit(lambda db: self._vault.media.spoil(db, spoilt))
        if mine != self._wanted:
            return
        if isinstance(error, Problem):
            answer(error)
        elif error is not None:
            raise error
        else:
            picture = done.result()
            assert picture is not None  # only what nobody wants any more stays undecoded
            answer(picture)

    def _let_go(self) -> None:
        if self._reader is not None:
            self._reader.close()
