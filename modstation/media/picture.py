"""From a hostile file to rows of RGB: pure Pillow, run only inside the worker process."""

import contextlib
import io
import math
import warnings
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

from modstation.core.exposure import Step
from modstation.media.frame import MAX_OUT_PIXELS, MAX_PIXELS, MAX_SIDE

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP", "TIFF", "ICO", "PPM")
"""The only decoders that ever see a byte of a file."""
CELL = 24  # a blurred picture keeps one colour for each square of this many pixels
CHECK = 8  # the chequerboard behind transparency
TURNED = frozenset({5, 6, 7, 8})  # EXIF orientations that swap width and height
_ORIENTATION = 0x0112

_LATER = (
    (0, b"%PDF"),
    (4, b"ftyp"),  # MP4, QuickTime; AVIF is told apart by its brand
    (0, b"\x1aE\xdf\xa3"),  # Matroska, WebM
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"ID3"),
    (0, b"\xff\xfb"),  # MP3 without a tag
    (0, b"\xff\xf1"),  # AAC
    (8, b"WAVE"),
    (8, b"AVI "),
)


class Unshown(Exception):
    """The picture can't be shown; its only argument says why, as `frame.Done.error` does."""


@dataclass(frozen=True, slots=True)
class Rows:
    """A decoded picture. `stride` bytes a row, the rows padded to four bytes."""

    data: bytes
    width: int
    height: int
    stride: int
    full_width: int
    full_height: int
    kind: str
    frames: int


def decode(data: bytes, step: Step, width_px: int) -> Rows:
    """Decode the first frame of `data`, turned upright, at most `width_px` wide (0: as wide as it is).

    Raises:
        Unshown: ``too_large``, ``no_memory``, ``damaged``, ``unknown_kind``, ``not_supported_yet``.
    """
    try:
        return _decode(data, step, width_px)
    except MemoryError:
        raise Unshown("no_memory") from None
    except Image.DecompressionBombError:
        raise Unshown("too_large") from None
    except UnidentifiedImageError:
        raise Unshown(_what_else(data)) from None
    except Unshown:
        raise
    except Exception:  # noqa: BLE001 - decoders of hostile bytes raise anything at all; this process exists for that
        raise Unshown("damaged") from None


def _decode(data: bytes, step: Step, width_px: int) -> Rows:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about metadata; a limit on pixels is checked below
        picture = Image.open(io.BytesIO(data), formats=FORMATS)
        width, height = picture.size
        if width * height > MAX_PIXELS:
            raise Unshown("too_large")
        kind = picture.format or ""
        frames = _frames(picture)
        turned = _orientation(picture) in TURNED
        upright = (height, width) if turned else (width, height)
        target = fitted(upright, width_px)
        stored = (target[1], target[0]) if turned else target
        picture.draft("RGB", stored)  # JPEG only: decode at a half, a quarter or an eighth
        orientation = _orientation(picture)
        flat = _upright(_flat(_shrunk(picture, stored)), orientation)
    shown = _veiled(flat, step)
    stride = (shown.width * 3 + 3) & ~3
    rows = shown.tobytes("raw", "RGB", stride, 1)
    return Rows(rows, shown.width, shown.height, stride, *upright, kind, frames)


def fitted(size: tuple[int, int], width_px: int) -> tuple[int, int]:
    """`size` scaled down to `width_px` and to what a painter takes; never up, never to nothing."""
    width, height = size
    scale = min(1.0, MAX_SIDE / max(size), math.sqrt(MAX_OUT_PIXELS / (width * height)))
    if width_px > 0:
        scale = min(scale, width_px / width)
    return max(1, int(width * scale)), max(1, int(height * scale))


def _frames(picture: Image.Image) -> int:
    try:
        return max(1, int(getattr(picture, "n_frames", 1)))
    except (EOFError, OSError, SyntaxError, ValueError):
        return 1  # a damaged tail does not hide a sound first frame


def _orientation(picture: Image.Image) -> int:
    try:
        return int(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001 - broken EXIF raises anything, and an unturned picture is better than none
        return 1


def _upright(picture: Image.Image, orientation: int) -> Image.Image:
    turn = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_270,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _shrunk(picture: Image.Image, size: tuple[int, int]) -> Image.Image:
    """Load and scale, in a mode that can be scaled."""
    picture.load()
    if picture.mode in {"P", "PA"}:
        picture = picture.convert("RGBA" if _see_through(picture) else "RGB")
    elif picture.mode == "1":
        picture = picture.convert("L")
    elif picture.mode in {"I", "F"} or picture.mode.startswith("I;16"):
        picture = _eight_bits(picture)
    if picture.size == size:
        return picture
    return picture.resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0)


def _see_through(picture: Image.Image) -> bool:
    return picture.mode in {"PA", "LA", "La", "RGBA", "RGBa"} or "transparency" in picture.info


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Map deep grey to what a screen shows; numbers without a known range from their darkest to their lightest."""
    deep = picture.convert("F")
    if picture.mode.startswith("I;16"):
        return deep.point(lambda value: value * (1 / 256) + 0).convert("L")
    low, high = (float(str(bound)) for bound in deep.getextrema())
    if not math.isfinite(high - low) or high <= low:
        return Image.new("L", picture.size)
    scale = 255.0 / (high - low)
    return deep.point(lambda value: value * scale + -low * scale).convert("L")


def _flat(picture: Image.Image) -> Image.Image:
    """RGB, with a chequerboard where it was see-through."""
    if picture.mode == "RGB":
        if "transparency" not in picture.info:
            return picture
        picture = picture.convert("RGBA")
    if _see_through(picture):
        picture = picture.convert("RGBA")
        board = _chequered(picture.size)
        board.paste(picture, mask=picture.getchannel("A"))
        return board
    return picture.convert("RGB")


def _chequered(size: tuple[int, int]) -> Image.Image:
    cells = Image.new("L", (2, 2), 255)
    cells.putpixel((0, 0), 204)
    cells.putpixel((1, 1), 204)
    tile = cells.resize((CHECK * 2, CHECK * 2), Image.Resampling.NEAREST)
    row = Image.new("L", (size[0], CHECK * 2))
    for x in range(0, size[0], CHECK * 2):
        row.paste(tile, (x, 0))
    board = Image.new("L", size)
    for y in range(0, size[1], CHECK * 2):
        board.paste(row, (0, y))
    return board.convert("RGB")


def _veiled(picture: Image.Image, step: Step) -> Image.Image:
    """`picture` as `step` shows it."""
    if step is Step.OUTLINE:
        return _outline(picture)
    if step is Step.GREY:
        return picture.convert("L").convert("RGB")
    if step is Step.BLURRED:
        small = (max(1, picture.width // CELL), max(1, picture.height // CELL))
        return picture.resize(small, Image.Resampling.BOX).resize(picture.size, Image.Resampling.BICUBIC)
    return picture


def _outline(picture: Image.Image) -> Image.Image:
    """Dark lines on white, from the strength of the edges in each direction."""
    grey = picture.convert("L").filter(ImageFilter.GaussianBlur(1.2))
    edges = Image.new("L", grey.size)
    for kernel in ((-1, 0, 1, -2, 0, 2, -1, 0, 1), (-1, -2, -1, 0, 0, 0, 1, 2, 1)):
        for sign in (1, -1):
            with contextlib.suppress(ValueError):  # narrower than the kernel: no lines to draw
                slope = grey.filter(ImageFilter.Kernel((3, 3), [sign * k for k in kernel], scale=2))
                edges = ImageChops.lighter(edges, slope)
    edges = ImageOps.autocontrast(_without_rim(edges), cutoff=(0, 1))
    lines = edges.point([255 - min(215, max(0, (v - 28) * 2)) for v in range(256)])
    return lines.convert("RGB")


def _without_rim(edges: Image.Image) -> Image.Image:
    """The kernel copies the outermost pixels unfiltered: no edges there."""
    rim = Image.new("L", edges.size)
    if min(edges.size) > 2:
        inner = (1, 1, edges.width - 1, edges.height - 1)
        rim.paste(edges.crop(inner), inner[:2])
    return rim


def _what_else(data: bytes) -> str:
    for at, magic in _LATER:
        if data[at : at + len(magic)] == magic and data[8:12] not in {b"heic", b"heix", b"mif1", b"avif"}:
            return "not_supported_yet"
    return "unknown_kind"
