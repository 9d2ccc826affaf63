"""What is under review: ten kinds of content, and the pieces they are made of.

All text is plain text. Offsets into text count Unicode code points, so that every program that reads them agrees.
"""

from dataclasses import dataclass
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
    """

    media_id: MediaId
    mime: str
    size: int
    alt: str = ""
    contains: tuple[str, ...] = ()
    width: int = 0
    height: int = 0
    duration_s: float = 0.0


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
