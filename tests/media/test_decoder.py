"""Pictures nobody trusts: right ones come out right, wrong ones end in a calm sentence, and the station lives on."""

import contextlib
import io
import random
import struct
import sys
import zlib
from collections.abc import Iterator
from concurrent.futures import CancelledError

import psutil
import pytest
from PIL import Image

from modstation.core.exposure import Step
from modstation.core.problem import Problem
from modstation.media.decoder import NOTHING, Decoder, Picture
from modstation.media.frame import MAX_FILE, MAX_OUT_PIXELS, MAX_SIDE

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


@pytest.fixture(scope="module")
def decoder() -> Iterator[Decoder]:
    made = Decoder()
    made.warm()
    yield made
    made.close()


def saved(picture: Image.Image, kind: str = "PNG", **how: object) -> bytes:
    into = io.BytesIO()
    picture.save(into, kind, **how)
    return into.getvalue()


def corners(size: tuple[int, int] = (60, 40)) -> Image.Image:
    """Red, green / blue, white: shows which way up a picture is."""
    picture = Image.new("RGB", size, WHITE)
    w, h = size[0] // 2, size[1] // 2
    picture.paste(RED, (0, 0, w, h))
    picture.paste(GREEN, (w, 0, size[0], h))
    picture.paste(BLUE, (0, h, w, size[1]))
    return picture


def seen(picture: Picture) -> Image.Image:
    size = (picture.width, picture.height)
    return Image.frombuffer("RGB", size, picture.rgb, "raw", "RGB", picture.stride, 1)


def near(one: object, other: tuple[int, ...], by: int = 30) -> bool:
    assert isinstance(one, tuple)
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP", "BMP", "TIFF", "AVIF", "PPM"])
def test_common_kinds_come_out_as_they_were(decoder: Decoder, kind: str) -> None:
    shown = decoder.picture(saved(corners(), kind), Step.CLEAR, 0)
    assert (shown.width, shown.height, shown.frames) == (60, 40, 1)
    assert (shown.full_width, shown.full_height) == (60, 40)
    assert shown.stride % 4 == 0
    assert len(shown.rgb) == shown.stride * shown.height
    picture = seen(shown)
    assert near(picture.getpixel((10, 10)), RED)
    assert near(picture.getpixel((50, 10)), GREEN)
    assert near(picture.getpixel((10, 30)), BLUE)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "I", "F", "YCbCr", "LAB"])
def test_every_mode_becomes_rgb(decoder: Decoder, mode: str) -> None:
    kind = {"CMYK": "JPEG", "YCbCr": "JPEG", "F": "TIFF", "LAB": "TIFF", "I": "TIFF"}.get(mode, "PNG")
    bright = Image.new("L", (20, 20), 0)
    bright.paste(255, (10, 0, 20, 20))
    if mode == "I;16":
        source = Image.new("I;16", (20, 20))
        source.paste(65535, (10, 0, 20, 20))
    elif mode == "LAB":
        source = Image.merge("LAB", (bright, Image.new("L", (20, 20), 128), Image.new("L", (20, 20), 128)))
    else:
        source = bright.convert("RGB").convert(mode) if mode in {"CMYK", "YCbCr", "P"} else bright.convert(mode)
    picture = seen(decoder.picture(saved(source, kind), Step.CLEAR, 0))
    assert near(picture.getpixel((3, 10)), (0, 0, 0))
    assert near(picture.getpixel((16, 10)), WHITE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(decoder: Decoder, orientation: int) -> None:
    upright = corners()
    turn = Image.Transpose
    back = [None, None, turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM, turn.TRANSPOSE, turn.ROTATE_90]
    back += [turn.TRANSVERSE, turn.ROTATE_270]
    how = back[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored = upright if how is None else upright.transpose(how)
    shown = decoder.picture(saved(stored, "JPEG", exif=exif, quality=95), Step.CLEAR, 30)
    assert (shown.width, shown.height, shown.full_width, shown.full_height) == (30, 20, 60, 40)
    picture = seen(shown)
    assert near(picture.getpixel((5, 5)), RED)
    assert near(picture.getpixel((25, 5)), GREEN)
    assert near(picture.getpixel((5, 15)), BLUE)


def test_what_is_see_through_stands_on_a_chequerboard(decoder: Decoder) -> None:
    clear = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    clear.paste((0, 0, 255, 255), (0, 0, 32, 8))
    picture = seen(decoder.picture(saved(clear), Step.CLEAR, 0))
    assert picture.getpixel((4, 4)) == BLUE
    assert {picture.getpixel((4, 12)), picture.getpixel((12, 12))} == {WHITE, (204, 204, 204)}


def test_an_animated_picture_shows_its_first_frame_and_says_how_many_there_are(decoder: Decoder) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, GREEN, BLUE)]
    moving = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    shown = decoder.picture(moving, Step.CLEAR, 0)
    assert shown.frames == 3
    assert near(seen(shown).getpixel((5, 5)), RED)


def test_each_step_shows_what_its_name_says(decoder: Decoder) -> None:
    source = saved(corners((240, 160)))
    outline = seen(decoder.picture(source, Step.OUTLINE, 0))
    assert outline.getpixel((60, 40)) == WHITE, "plain areas are white"
    assert max(outline.getpixel((120, 40))) < 200, "edges are dark"  # type: ignore[type-var, arg-type] # an RGB tuple
    grey = seen(decoder.picture(source, Step.GREY, 0))
    red, green, blue = grey.split()
    assert red.tobytes() == green.tobytes() == blue.tobytes()
    blurred = seen(decoder.picture(source, Step.BLURRED, 0))
    assert near(blurred.getpixel((30, 30)), RED), "a blur keeps the colours"
    stripes = Image.new("L", (240, 160))
    for x in range(0, 240, 4):
        stripes.paste(255, (x, 0, x + 2, 160))
    low, high = seen(decoder.picture(saved(stripes), Step.BLURRED, 0)).convert("L").getextrema()
    assert high - low < 40, "and takes the detail away"  # type: ignore[operator] # one band


def test_a_hidden_picture_is_not_even_opened(decoder: Decoder) -> None:
    assert decoder.picture(b"not a picture at all", Step.HIDDEN, 240) is NOTHING


def test_a_large_photograph_is_scaled_and_a_small_one_is_not_blown_up(decoder: Decoder) -> None:
    large = decoder.picture(saved(Image.new("RGB", (4000, 3000), RED), "JPEG"), Step.CLEAR, 800)
    assert (large.width, large.height, large.full_width, large.full_height) == (800, 600, 4000, 3000)
    small = decoder.picture(saved(corners()), Step.CLEAR, 800)
    assert (small.width, small.height) == (60, 40)


def test_a_very_tall_picture_fits_what_a_painter_takes(decoder: Decoder) -> None:
    shown = decoder.picture(saved(Image.new("L", (300, 60_000), 128)), Step.CLEAR, 0)
    assert shown.height <= MAX_SIDE
    assert shown.width * shown.height <= MAX_OUT_PIXELS
    assert (shown.full_width, shown.full_height) == (300, 60_000)


def png_of(width: int, height: int, rows: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (png_of(60_000, 60_000, bytes(1000)), "media.too_large"),
        (png_of(2**31 - 1, 2**31 - 1, b""), "media.too_large"),
        (png_of(7_000, 9_000, bytes(1000)), "media.damaged"),
        (b"", "media.unknown_kind"),
        (b"just words", "media.unknown_kind"),
        (b"%PDF-1.7\n...", "media.not_supported_yet"),
        (b"\0\0\0\x20ftypisom\0\0\2\0", "media.not_supported_yet"),
        (b"OggS\0\2" + bytes(40), "media.not_supported_yet"),
        (b"RIFF\0\0\0\0WAVEfmt ", "media.not_supported_yet"),
        (b"\0\0\0\x20ftypheic\0\0\2\0", "media.unknown_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "media.unknown_kind"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "media.unknown_kind"),
        (bytes(MAX_FILE + 1), "media.too_large"),
    ],
)
def test_what_can_not_be_shown_says_why(decoder: Decoder, data: bytes, code: str) -> None:
    with pytest.raises(Problem) as raised:
        decoder.picture(data, Step.CLEAR, 240)
    assert raised.value.code == code
    assert raised.value.title.endswith(".")


def test_a_truncated_picture_is_damaged(decoder: Decoder) -> None:
    whole = saved(Image.effect_noise((200, 200), 60), "PNG")
    with pytest.raises(Problem) as raised:
        decoder.picture(whole[: len(whole) // 2], Step.CLEAR, 0)
    assert raised.value.code == "media.damaged"


def test_no_mutation_of_a_file_gets_past_the_worker(decoder: Decoder) -> None:
    rng = random.Random(7)
    source = Image.effect_noise((64, 48), 90).convert("RGB")
    seeds = [saved(source, kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "TIFF", "BMP", "AVIF", "ICO")]
    seeds.append(saved(source, "TIFF", compression="tiff_lzw"))
    seeds.append(saved(source, "GIF", save_all=True, append_images=[source.rotate(90)]))
    shown = 0
    for _ in range(300):
        data = bytearray(rng.choice(seeds))
        for _ in range(rng.randrange(1, 12)):
            data[rng.randrange(len(data)) if rng.random() < 0.5 else rng.randrange(min(64, len(data)))] = rng.randrange(
                256
            )
        if rng.random() < 0.2:
            del data[rng.randrange(len(data)) :]
        with contextlib.suppress(Problem):  # anything else, a crash of the parent above all, fails
            picture = decoder.picture(bytes(data), rng.choice(list(Step)[1:]), 40)
            shown += 1
            assert len(picture.rgb) == picture.stride * picture.height <= MAX_OUT_PIXELS * 3 + MAX_SIDE * 4
    assert shown > 20
    assert near(seen(decoder.picture(saved(corners()), Step.CLEAR, 0)).getpixel((10, 10)), RED)


def worker_of() -> psutil.Process:
    return next(c for c in psutil.Process().children() if "modstation.media.worker" in " ".join(c.cmdline()))


def test_the_worker_has_no_network_little_memory_and_writes_no_files(decoder: Decoder) -> None:
    decoder.picture(saved(corners()), Step.CLEAR, 0)
    process = decoder._process
    assert process is not None
    assert process.confinement["limits"] is (sys.platform != "win32")
    worker = worker_of()
    assert worker.rlimit(psutil.RLIMIT_AS)[1] <= 1024**3
    assert worker.rlimit(psutil.RLIMIT_FSIZE) == (0, 0)
    assert worker.rlimit(psutil.RLIMIT_CORE) == (0, 0)
    assert worker.memory_info().rss < 600 * 1024**2
    assert worker.net_connections() == []


def test_a_killed_worker_is_replaced_and_nobody_notices_twice(decoder: Decoder) -> None:
    decoder.picture(saved(corners()), Step.CLEAR, 0)
    worker = worker_of()
    worker.kill()
    worker.wait()
    with pytest.raises(Problem) as raised:
        decoder.picture(saved(corners()), Step.CLEAR, 0)
    assert raised.value.code == "media.crashed"
    assert decoder.picture(saved(corners()), Step.CLEAR, 0).width == 60


def test_a_worker_that_can_not_be_started_is_told_and_the_decoder_can_be_closed() -> None:
    decoder = Decoder(("/nowhere/at/all",))
    for _ in range(2):
        with pytest.raises(Problem) as raised:
            decoder.want(b"x", Step.CLEAR, 0).result(20)
        assert raised.value.code == "media.crashed"
    decoder.close()


SILENT = "import sys; print('{}', flush=True); [None for _ in sys.stdin]"
LIAR = (
    "import sys; print('{}', flush=True); "
    '[print(\'{"width": 9, "height": 99999999, "stride": 27, "full_width": 9, "full_height": 9, "frames": 1}\', '
    "flush=True) for _ in sys.stdin]"
)
BABBLER = "import sys; print('{}', flush=True); [print('[' * 4000, flush=True) for _ in sys.stdin]"


@pytest.mark.parametrize(
    ("program", "code"), [(SILENT, "media.too_slow"), (LIAR, "media.crashed"), (BABBLER, "media.crashed")]
)
def test_a_worker_that_hangs_or_lies_is_ended(program: str, code: str) -> None:
    decoder = Decoder((sys.executable, "-I", "-c", program), limit_s=0.2)
    with pytest.raises(Problem) as raised:
        decoder.picture(b"x", Step.CLEAR, 0)
    assert raised.value.code == code
    decoder.close()


def test_closing_ends_the_running_picture_and_drops_what_waits() -> None:
    decoder = Decoder((sys.executable, "-I", "-c", SILENT), limit_s=30)
    running = decoder.want(b"x", Step.CLEAR, 0)
    while not running.running():
        pass
    waiting = decoder.want(b"x", Step.CLEAR, 0)
    decoder.close()
    with pytest.raises(Problem):
        running.result()
    with pytest.raises(CancelledError):
        waiting.result()
    with pytest.raises(Problem) as raised:
        decoder.picture(b"x", Step.CLEAR, 0)
    assert raised.value.code == "media.closed"


def test_nothing_starts_before_it_is_needed() -> None:
    before = len(psutil.Process().children())
    decoder = Decoder()
    assert len(psutil.Process().children()) == before
    decoder.close()
