"""Content on the wire: one struct for each of the ten kinds, told apart by ``kind``. Meanings: `core.content`."""

from datetime import datetime
from typing import Annotated

from msgspec import Meta, Struct

from modstation.wire.limits import (
    Count,
    Line,
    Mime,
    Note,
    Pixels,
    PreviewPixels,
    PreviewSize,
    Seconds,
    Sha256,
    Text,
    Word,
)

Moment = Annotated[datetime, Meta(tz=True)]


class Strict(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What every type of the contract is: immutable, and closed to fields it does not know."""


Pair = tuple[Line, Note]


class Preview(Strict, frozen=True):
    """See `core.content.Preview`."""

    media_id: Sha256
    size: PreviewSize
    width: PreviewPixels
    height: PreviewPixels


class Media(Strict, frozen=True):
    """See `core.content.Media`."""

    media_id: Sha256
    mime: Mime
    size: Count
    alt: Note = ""
    contains: Annotated[tuple[Word, ...], Meta(max_length=20)] = ()
    width: Pixels = 0
    height: Pixels = 0
    duration_s: Seconds = 0.0
    preview: Preview | None = None


Files = Annotated[tuple[Media, ...], Meta(max_length=50)]
Pairs = Annotated[tuple[Pair, ...], Meta(max_length=100)]


class Author(Strict, frozen=True):
    """See `core.content.Author`."""

    handle: Line
    since: Word = ""
    decisions_12_months: Count = 0
    strikes: Count = 0
    facts: Pairs = ()


class Post(Strict, frozen=True):
    """See `core.content.Post`."""

    author: Line
    text: Text
    at: Moment | None = None
    depth: Annotated[int, Meta(ge=0, le=100)] = 0


Posts = Annotated[tuple[Post, ...], Meta(max_length=1_000)]


class Product(Strict, frozen=True):
    """See `core.content.Product`."""

    title: Line
    price: Annotated[str, Meta(max_length=30, pattern=r"^(\d+(\.\d+)?)?$(?!\n)")] = ""
    currency: Annotated[str, Meta(max_length=3, pattern=r"^([A-Z]{3})?$(?!\n)")] = ""
    seller: Line = ""
    photo: Media | None = None


class TextPost(Strict, frozen=True, tag_field="kind", tag="text"):
    """See `core.content.TextPost`."""

    text: Text
    title: Line = ""
    media: Files = ()


class Comment(Strict, frozen=True, tag_field="kind", tag="comment"):
    """See `core.content.Comment`."""

    text: Text
    on: Text = ""


class Conversation(Strict, frozen=True, tag_field="kind", tag="conversation"):
    """See `core.content.Conversation`."""

    posts: Posts
    title: Line = ""
    focus: Annotated[int, Meta(ge=-1, le=999)] = -1


class Listing(Strict, frozen=True, tag_field="kind", tag="listing"):
    """See `core.content.Listing`."""

    product: Product
    text: Text
    fields: Pairs = ()
    media: Files = ()


class ProductReview(Strict, frozen=True, tag_field="kind", tag="review"):
    """See `core.content.ProductReview`."""

    text: Text
    rating: Annotated[int, Meta(ge=0, le=100)]
    title: Line = ""
    scale: Annotated[int, Meta(ge=1, le=100)] = 5
    verified: bool = False
    answer: Text = ""
    product: Product | None = None


class Image(Strict, frozen=True, tag_field="kind", tag="image"):
    """See `core.content.Image`."""

    media: Media
    caption: Note = ""


class Video(Strict, frozen=True, tag_field="kind", tag="video"):
    """See `core.content.Video`."""

    media: Media
    caption: Note = ""
    transcript: Text = ""


class Audio(Strict, frozen=True, tag_field="kind", tag="audio"):
    """See `core.content.Audio`."""

    media: Media
    caption: Note = ""
    transcript: Text = ""


class Document(Strict, frozen=True, tag_field="kind", tag="document"):
    """See `core.content.Document`."""

    media: Media
    title: Line = ""
    text: Text = ""


class Profile(Strict, frozen=True, tag_field="kind", tag="profile"):
    """See `core.content.Profile`."""

    handle: Line
    name: Line = ""
    text: Text = ""
    fields: Pairs = ()
    media: Files = ()


Content = TextPost | Comment | Conversation | Listing | ProductReview | Image | Video | Audio | Document | Profile
