"""One line of the import format made into an item: the wire `Item` without what the service gives itself.

``rev`` and ``content_sha256`` are not written in the file; a media file is named by its path beside the file
(``{"file": "media/a.jpg", …}``) and gets its id from its bytes. ``resources/manual/import.md`` describes the format.
"""

import hashlib
import mimetypes
import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import msgspec
from msgspec import Meta
from PIL import Image, UnidentifiedImageError

from modstation.core.item import Item
from modstation.core.problem import Problem
from modstation.service.ingest import words
from modstation.wire import translate
from modstation.wire.limits import MAX_MEDIA, MIB, Mime, Note, Pixels, Seconds, Word

GIVEN_BY_SERVICE = ("rev", "content_sha256")
_NO_HASH = "0" * 64
_CHUNK = 1024 * 1024
_HEADER_ONLY = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,40}")
_IN_PLACE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*|\[\d+\]|\[\.\.\.\]|\.")


class MediaFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A media file as an import names it. What is left out is found out: mime by the name, pixels by the header."""

    file: Annotated[str, Meta(min_length=1, max_length=400)]
    mime: Mime = ""
    alt: Note = ""
    contains: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    width: Pixels = 0
    height: Pixels = 0
    duration_s: Seconds = 0.0


@dataclass(frozen=True, slots=True)
class Formed:
    """An item, and the files it needs, by media id."""

    item: Item
    files: dict[str, Path]


def form(body: bytes, folder: Path) -> Formed:
    """Make an item of one line; its files are looked for below `folder`.

    Raises:
        Problem: ``import.*`` or ``wire.*`` with the place; neither its words nor its place repeat anything of the line.
    """
    record = translate.strictly(msgspec.json.decode, body)
    if not isinstance(record, dict):
        raise Problem("import.no_object", "The line is not a JSON object, in braces.")
    for name in GIVEN_BY_SERVICE:
        if name in record:
            raise Problem("import.given", "The service gives this field itself.", "Leave it out.", name)
    files: dict[str, Path] = {}

    def known(entry: Any, place: str) -> Any:
        media, path = _media(entry, folder, place)
        files[media["media_id"]] = path
        return media

    if isinstance(record.get("content"), dict):
        _replace_media(record["content"], known)
    record |= {"rev": 1, "content_sha256": _NO_HASH}
    try:
        return Formed(translate.load(Item, msgspec.json.encode(record)), files)
    except Problem as problem:
        raise discreet(problem) from None


def discreet(problem: Problem) -> Problem:
    """The problem in plain words that repeat nothing of the line: values and odd field names are left out."""
    place = "".join(_IN_PLACE.findall(problem.place))
    title = words.plain(problem.title, place)
    title = re.sub(r"`([^`]*)`", lambda found: found[0] if _NAME.fullmatch(found[1]) else "`…`", title)
    title = re.sub(r"'[^']*'", "'…'", title)
    return Problem(problem.code, title, problem.advice, place)


def _replace_media(content: dict[str, Any], known: Callable[[Any, str], Any]) -> None:
    """Replace every media entry of a content, wherever the ten kinds have one."""
    if isinstance(content.get("media"), list):
        content["media"] = [known(entry, f"content.media[{n}]") for n, entry in enumerate(content["media"])]
    elif "media" in content:
        content["media"] = known(content["media"], "content.media")
    product = content.get("product")
    if isinstance(product, dict) and product.get("photo") is not None:
        product["photo"] = known(product["photo"], "content.product.photo")


def _media(entry: Any, folder: Path, place: str) -> tuple[dict[str, Any], Path]:
    try:
        named = msgspec.convert(entry, MediaFile, strict=True)
    except msgspec.ValidationError as error:
        what, _, inside = str(error).partition(" - at `$")
        raise discreet(Problem("import.media", what, place=place + inside.rstrip("`"))) from None
    path = _beside(folder, named.file, place)
    try:
        size, media_id = path.stat().st_size, _sha256(path)
    except OSError:
        title, advice = "The file can't be read.", "See who may read it."
        raise Problem("import.media_unreadable", title, advice, place) from None
    if size > MAX_MEDIA:
        raise Problem("import.media_too_large", f"The file is larger than {MAX_MEDIA // MIB} MiB.", place=place)
    mime = named.mime or mimetypes.guess_type(path.name)[0] or ""
    if not mime:
        raise Problem("import.media_mime", "The file's type is not known by its name.", "Name its mime.", place)
    width, height = (named.width, named.height) if named.width and named.height else _pixels(path, mime)
    made = msgspec.to_builtins(named)
    del made["file"]
    made |= {"media_id": media_id, "mime": mime, "size": size, "width": width, "height": height}
    return made, path


def _beside(folder: Path, name: str, place: str) -> Path:
    """The file `name` below `folder`; never one elsewhere, not by ``..``, an absolute path or a link."""
    parts = PurePosixPath(name)
    if parts.is_absolute() or ".." in parts.parts or "\\" in name or ":" in name or "\0" in name:
        raise Problem("import.media_outside", "The path leads out of the folder.", "Put the file beside.", place)
    try:
        path = (folder / parts).resolve()
        is_inside, is_file = path.is_relative_to(folder.resolve()), path.is_file()
    except (OSError, RuntimeError):  # a name that no file system takes; links that lead round in a circle
        is_inside, is_file = True, False
    if not is_inside:
        raise Problem("import.media_outside", "The path leads out of the folder.", "Put the file beside.", place)
    if not is_file:
        raise Problem("import.media_missing", "There is no such file.", "Put it beside the list of items.", place)
    return path


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def _pixels(path: Path, mime: str) -> tuple[int, int]:
    """Width and height by the header alone; 0 and 0 when Pillow can't tell. Nothing is decoded here."""
    if not mime.startswith("image/"):
        return 0, 0
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=_HEADER_ONLY) as picture:
                return min(picture.width, 200_000), min(picture.height, 200_000)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, RuntimeError, Image.DecompressionBombError):
        return 0, 0  # the station's decoder will say what is wrong with it
