"""What is under review: ten kinds of content, and the pieces they are made of.

All text is plain text. Offsets into text count Unicode code points, so that every program that reads them agrees.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from modstation.core.ids import MediaId


class Kind(StrEnum):
    """The kind of content; the tag on the wire."""

    TEXT = "text"
    COMMENT = "comment"
    CONVERSATION = "conversation"
    LISTING = "listing"
    REVIEW = "review"
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    DOCUMENT = "document"
    PROFILE = "profile"


@dataclass(frozen=True, slots=True)
class Preview:
    """A small still of a picture, made by the service: a file of its own, fetched before the full ones.

    It is derived: it is no part of what an item's revision or the hash of its content are about.

    Attributes:
        media_id: sha256 of its bytes in hex.
        size: bytes.
        width, height: pixels, upright, which the numbers of the full file need not be.
    """

    media_id: MediaId
    size: int
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Media:
    """A file that belongs to an item. Its bytes travel apart from the item, by `media_id`.

    Attributes:
        media_id: sha256 of the bytes in hex; also its strong ETag.
        mime: the type the sender claims; the decoder trusts only the bytes.
        size: bytes.
        alt: what the file shows, in words, so that a decision may be possible without looking.
        contains: what to expect before looking, for example ``blood``.
        width, height: pixels; 0 when unknown.
        duration_s: seconds; 0 when it has no duration.
        preview: a small still to look at until the file is here; None when there is none.
    """

    media_id: MediaId
    mime: str
    size: int
    alt: str = ""
    contains: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    duration_s: float = 0.0
    preview: Preview | None = None

    @property
    def upright(self) -> tuple[int, int]:
        """Width and height as the picture is shown: a file may say in its metadata that it lies on its side."""
        if self.preview and not (self.width and self.height):
            return self.preview.width, self.preview.height
        if self.preview and (self.preview.width > self.preview.height) != (self.width > self.height):
            return self.height, self.width
        return self.width, self.height


@dataclass(frozen=True, slots=True)
class Author:
    """Who made the content, as far as a decision needs it."""

    handle: str
    since: str = ""
    decisions_12_months: int = 0
    strikes: int = 0
    facts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Post:
    """One message in a thread or conversation."""

    author: str
    text: str
    at: datetime | None = None
    depth: int = 0


@dataclass(frozen=True, slots=True)
class Product:
    """The product a review or a listing is about. `price` is a decimal number as text, `currency` ISO 4217."""

    title: str
    price: str = ""
    currency: str = ""
    seller: str = ""
    photo: Media | None = None


@dataclass(frozen=True, slots=True)
class TextPost:
    """A text post. Parts a span may point at: ``title``, ``text``."""

    text: str
    title: str = ""
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment under something else, which is quoted in `on`. Parts: ``text``."""

    text: str
    on: str = ""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A thread; `focus` is the index of the post under review, -1 for the whole. Parts: ``title``, ``posts.N``."""

    posts: tuple[Post, ...]
    title: str = ""
    focus: int = -1


@dataclass(frozen=True, slots=True)
class Listing:
    """An offer on a marketplace. Parts: ``title``, ``text``, ``fields.N``."""

    product: Product
    text: str
    fields: tuple[tuple[str, str], ...] = ()
    media: tuple[Media, ...] = ()


@dataclass(frozen=True, slots=True)
class ProductReview:
    """A customer's review; `rating` of `scale`. Parts: ``title``, ``text``, ``answer``."""

    text: str
    rating: int
    title: str = ""
    scale: int = 5
    verified: bool = False
    answer: str = ""
    product: Product | None = None


@dataclass(frozen=True, slots=True)
class Image:
    """A picture. Parts: ``caption``."""

    media: Media
    caption: str = ""


@dataclass(frozen=True, slots=True)
class Video:
    """A moving picture. Parts: ``caption``, ``transcript``."""

    media: Media
    caption: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class Audio:
    """A sound recording. Parts: ``caption``, ``transcript``."""

    media: Media
    caption: str = ""
    transcript: str = ""


@dataclass(frozen=True, slots=True)
class Document:
    """A paged document (PDF). Parts: ``title``, ``text``."""

    media: Media
    title: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """An account under review. Parts: ``name``, ``text``, ``fields.N``."""

    handle: str
    name: str = ""
    text: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    media: tuple[Media, ...] = ()


Content = TextPost | Comment | Conversation | Listing | ProductReview | Image | Video | Audio | Document | Profile

KIND_OF: dict[type, Kind] = {
    TextPost: Kind.TEXT,
    Comment: Kind.COMMENT,
    Conversation: Kind.CONVERSATION,
    Listing: Kind.LISTING,
    ProductReview: Kind.REVIEW,
    Image: Kind.IMAGE,
    Video: Kind.VIDEO,
    Audio: Kind.AUDIO,
    Document: Kind.DOCUMENT,
    Profile: Kind.PROFILE,
}


def parts(content: Content) -> dict[str, str]:
    """The named texts of `content`, in reading order: what a span, a search or a highlighter can point at."""
    found: dict[str, str] = {}
    if isinstance(content, Conversation):
        found["title"] = content.title
        found |= {f"posts.{n}": post.text for n, post in enumerate(content.posts)}
    elif isinstance(content, Listing):
        found |= {"title": content.product.title, "text": content.text}
        found |= {f"fields.{n}": value for n, (_, value) in enumerate(content.fields)}
    elif isinstance(content, Profile):
        found |= {"name": content.name, "text": content.text}
        found |= {f"fields.{n}": value for n, (_, value) in enumerate(content.fields)}
    else:
        for name in ("title", "text", "answer", "caption", "transcript"):
            found[name] = getattr(content, name, "")
    return {name: text for name, text in found.items() if text}


def media_of(content: Content) -> tuple[Media, ...]:
    """Every file that belongs to `content`, in the order in which it is shown."""
    if isinstance(content, (Image, Video, Audio, Document)):
        return (content.media,)
    found: list[Media] = []
    product = getattr(content, "product", None)
    if product is not None and product.photo is not None:
        found.append(product.photo)
    found.extend(getattr(content, "media", ()))
    return tuple(found)


def with_media(content: Content, change: Callable[[Media], Media]) -> Content:
    """`content` with each of its files as `change` gives it; the very same object when nothing changes."""
    if isinstance(content, (Image, Video, Audio, Document)):
        changed = change(content.media)
        return content if changed is content.media else replace(content, media=changed)
    product = getattr(content, "product", None)
    if isinstance(content, (Listing, ProductReview)) and product is not None and product.photo is not None:
        photo = change(product.photo)
        if photo is not product.photo:
            content = replace(content, product=replace(product, photo=photo))
    if isinstance(content, (TextPost, Listing, Profile)):
        files = tuple(change(media) for media in content.media)
        if any(new is not old for new, old in zip(files, content.media, strict=True)):
            content = replace(content, media=files)
    return content


def without_previews(content: Content) -> Content:
    """What the sender gave, without what was derived from it."""
    return with_media(content, lambda media: media if media.preview is None else replace(media, preview=None))
