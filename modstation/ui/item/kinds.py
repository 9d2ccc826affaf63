"""How each kind of content looks: which blocks, in which order. A review looks like one, and a thread like one."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from modstation.core.content import (
    Audio,
    Comment,
    Conversation,
    Document,
    Image,
    Listing,
    Media,
    ProductReview,
    Profile,
    TextPost,
    Video,
    parts,
)
from modstation.core.item import Item
from modstation.ui.item.blocks import Bit, Block, Line, PostBlock, Prose, Quote, Stars, Table
from modstation.ui.item.cards import Fact, Notice, PhotoCard, SummaryCard
from modstation.ui.item.flagtext import FlagText
from modstation.ui.item.looking import Looking
from modstation.ui.item.marks import Mark
from modstation.ui.item.page import Style
from modstation.ui.item.words import (
    file_words,
    length,
    media_words,
    price,
)
from modstation.ui.text import category_name, day_and_clock, isolated, tr

_TITLE = Style("title", 600, zoom=0.9)
_ITEM = Style("item")
_MUTED = Style("ui", 400, "text_muted")


@dataclass(frozen=True, slots=True)
class Body:
    """An item ready to lay out.

    Attributes:
        steps: whether the five steps and their controls stand at the foot, where they do not scroll.
        focus: the block to begin at; -1 for the top.
        texts: what the blocks were made of, by part, or by the words themselves for what stands round the parts.
    """

    blocks: tuple[Block, ...]
    steps: bool = False
    focus: int = -1
    texts: Mapping[str, FlagText] = field(default_factory=dict)

    @property
    def hidden(self) -> int:
        """How many hidden characters, or runs of one, its texts hold."""
        return sum(len(place.text.hidden) for block in self.blocks for place in block.places())


class _Texts:
    """The named texts of one item, each with its marks; made once, in the order of reading."""

    def __init__(self, item: Item, marks: Sequence[Mark], laid: Mapping[str, FlagText]) -> None:
        self._parts: Mapping[str, str] = parts(item.content)
        self._marks = marks
        self._laid = laid
        self.made: dict[str, FlagText] = {}

    def __call__(self, part: str) -> FlagText:
        return self._kept(part, lambda: FlagText(part, self._parts.get(part, ""), self._marks))

    def plain(self, place: str, words: str) -> FlagText:
        """Words that no span points at, in a place that has a name within the item."""
        return self._kept(f"{place}\n{words}", lambda: FlagText("", words))

    def fact(self, icon: str, name: str, value: str) -> Fact:
        """A fact in plain words."""
        return Fact(icon, name, self.plain(name, value))

    def _kept(self, key: str, make: Callable[[], FlagText]) -> FlagText:
        """A text laid out ahead, if this item was composed before; else a new one."""
        found = self.made[key] = self._laid.get(key) or make()
        return found

    def prose(self, part: str, style: Style, above: float = 0.0) -> list[Block]:
        """A paragraph for `part`; nothing when it is empty."""
        return [Prose(self(part), style, above)] if self._parts.get(part) else []


def compose(
    item: Item,
    marks: Sequence[Mark],
    looking: Looking,
    controls: Block,
    laid: Mapping[str, FlagText] = MappingProxyType({}),
) -> Body:
    """The blocks of `item`, from top to bottom.

    Args:
        item: what is under review.
        marks: the flagged spans.
        looking: the state of its pictures.
        controls: room kept for the controls of a photo among the blocks. A picture has them at its foot.
        laid: texts of this item by part that are made already, see `Body.texts`.
    """
    text, content = _Texts(item, marks, laid), item.content
    focus = -1
    blocks: Sequence[Block]
    if item.restricted:
        return Body((Notice("lock", *held_back(item)),))
    match content:
        case TextPost():
            blocks = (*_author(item), *_post(text, looking, controls))
        case Comment():
            blocks = _comment(item, content, text)
        case Conversation():
            blocks, focus = _thread(content, text)
        case Listing():
            blocks = _listing(content, text, looking, controls)
        case ProductReview():
            blocks = _review(item, content, text, looking, controls)
        case Image():
            blocks = _picture(item, content, text, looking)
        case Video() | Audio() | Document():
            blocks = _recorded(item, content, text, looking)
        case Profile():
            blocks = _profile(content, text, looking, controls)
    return Body(tuple(blocks), isinstance(content, Image), focus, text.made)


def held_back(item: Item) -> tuple[str, str]:
    """What stands in place of content that the service does not show: a title, and the words beneath it."""
    reason = tr("The service holds this content back: {reason}.", reason=isolated(item.restricted.rstrip(" .")))
    rest = tr("What is known stands above and at the side. You can decide on that, hand it to a team, or skip it.")
    return tr("Not shown on this computer"), f"{reason}\n\n{rest}"


def _words(text: _Texts, part: str, above: float) -> list[Block]:
    """The main text; an empty one says so."""
    return text.prose(part, _ITEM, above) or [Line([Bit(tr("There are no words in it."), _MUTED)], above)]


def _author(item: Item, above: float = 0.0) -> list[Block]:
    author = item.context.author
    if author is None or not author.handle:
        return []
    since = tr("member since {year}", year=author.since) if author.since else ""
    return [Line([Bit(author.handle, Style("ui", 500, "text_secondary")), Bit(since, _MUTED)], above)]


def _comment(item: Item, content: Comment, text: _Texts) -> list[Block]:
    on: list[Block] = [Quote(tr("In answer to"), text.plain("on", content.on), 0.0)] if content.on else []
    author = _author(item, 20.0 if on else 0.0)
    return [*on, *author, *_words(text, "text", 6.0 if author else 20.0)]


def _post(text: _Texts, looking: Looking, controls: Block) -> list[Block]:
    blocks = text.prose("title", _TITLE, 6.0)
    blocks += _words(text, "text", 6.0)
    return blocks + _photos(text, looking, controls)


def _photos(text: _Texts, looking: Looking, controls: Block) -> list[Block]:
    if not looking.media:
        return []
    return [PhotoCard(looking, text.plain("photo", media_words(looking.media)), looking.media[0].alt, 24.0), controls]


def _thread(content: Conversation, text: _Texts) -> tuple[list[Block], int]:
    blocks = text.prose("title", _TITLE)
    focus = -1
    for n, post in enumerate(content.posts):
        mine = n == content.focus
        if mine:
            focus = len(blocks)
        head = [
            Bit(post.author, Style("meta", 500, "text_secondary")),
            Bit(day_and_clock(post.at) if post.at else "", Style("meta", 400, "text_muted")),
            Bit(tr("under review") if mine else "", Style("meta", 500, "accent_text")),
        ]
        blocks.append(PostBlock(head, text(f"posts.{n}"), post.depth, focus=mine, equal=content.focus < 0))
    return blocks, focus


def _listing(content: Listing, text: _Texts, looking: Looking, controls: Block) -> tuple[Block, ...]:
    product = content.product
    blocks = text.prose("title", _TITLE)
    offer = price(product.price, product.currency) if product.price else tr("No price given")
    seller = tr("sold by {name}", name=isolated(product.seller)) if product.seller else ""
    blocks.append(Line([Bit(offer, Style("sentence", 600)), Bit(seller)], 4.0))
    if looking.media:
        blocks.append(PhotoCard(looking, text.plain("photo", media_words(looking.media)), looking.media[0].alt, 16.0))
        blocks.append(controls)
    blocks += _words(text, "text", 20.0)
    rows = [(name, text(f"fields.{n}")) for n, (name, _) in enumerate(content.fields)]
    if rows:
        blocks.append(Table(tr("Details the seller gives"), rows))
    return tuple(blocks)


def _review(item: Item, content: ProductReview, text: _Texts, looking: Looking, controls: Block) -> tuple[Block, ...]:
    blocks: list[Block] = []
    product = content.product
    if product is not None:
        seller = tr("Sold by {name}", name=isolated(product.seller)) if product.seller else ""
        cost = price(product.price, product.currency) if product.price else ""
        blocks.append(PhotoCard(looking, text.plain("photo", product.title), " · ".join(filter(None, (seller, cost)))))
        blocks.append(controls)
    author = item.context.author
    by = tr("by {name}", name=isolated(author.handle)) if author is not None and author.handle else ""
    verified = tr("verified purchase") if content.verified else ""
    rated = tr("{n} of {scale}", n=content.rating, scale=content.scale) if content.scale else ""
    bits = [Bit(rated, Style("ui", 500, "text_secondary")), Bit(by, _MUTED), Bit(verified, _MUTED)]
    blocks.append(Stars(content.rating, content.scale, bits, 24.0 if blocks else 0.0))
    blocks += text.prose("title", _TITLE, 8.0)
    blocks += _words(text, "text", 6.0)
    if content.answer:
        blocks.append(Quote(tr("Answer from the seller"), text("answer"), 24.0))
    return tuple(blocks)


def _picture(item: Item, content: Image, text: _Texts, looking: Looking) -> tuple[Block, ...]:
    media = content.media
    facts = [
        text.fact("flag", tr("Category"), category_name(item.category)),
        *_contains(text, media),
        text.fact("kind-text", tr("Description"), media.alt or tr("none given")),
        text.fact("kind-image", tr("File"), tr("{file}, {size}", file=file_words(media), size=_pixels(media))),
        text.fact("sound-off", tr("Sound"), tr("none, still picture")),
    ]
    texts = (tr("Nothing has been shown yet"), tr("This is what the service says about the picture."))
    caption = _caption(text, "caption", tr("Words with the picture"))
    return (*caption, SummaryCard(looking, texts, item.severity, facts, 20.0 if caption else 0.0))


def _caption(text: _Texts, part: str, heading: str) -> list[Block]:
    return [Quote(heading, text(part), 0.0)] if text(part).text else []


def _contains(text: _Texts, media: Media) -> list[Fact]:
    words = ", ".join(media.contains) if media.contains else tr("nothing named")
    return [text.fact("reveal", tr("Contains"), words)]


def _pixels(media: Media) -> str:
    if not media.width or not media.height:
        return tr("unknown")
    return tr("{width} \u00d7 {height}", width=str(media.width), height=str(media.height))


def _recorded(item: Item, content: Video | Audio | Document, text: _Texts, looking: Looking) -> tuple[Block, ...]:
    media = content.media
    facts = [text.fact("flag", tr("Category"), category_name(item.category)), *_contains(text, media)]
    if isinstance(content, Document):
        told = tr("This version shows the words of a document, not its pages.")
        heading, part, words = "title", "text", tr("Words in the document")
        unshown = tr("No page is shown")
        none = tr("No words came with it. Description and context may be enough to decide.")
    else:
        facts.append(text.fact("clock", tr("Length"), length(media)))
        heading, part, words = "caption", "transcript", tr("What is said, as written down by the service")
        told = tr("This version shows what is said, and plays nothing.")
        unshown = tr("Nothing is played or shown")
        none = tr("No words came with it. Description, length and context may be enough to decide.")
    if isinstance(content, Video):
        facts.append(text.fact("kind-image", tr("Full size"), _pixels(media)))
        told = tr("This version shows what is said, and no moving pictures.")
    facts.append(text.fact("kind-document", tr("File"), file_words(media)))
    facts.append(text.fact("kind-text", tr("Description"), media.alt or tr("none given")))
    title = text.prose(heading, _TITLE)
    above = 20.0 if title else 0.0
    card = SummaryCard(looking, (unshown, told), item.severity, facts, above)
    blocks: list[Block] = [*title, card]
    blocks.append(Line([Bit(words, Style("meta", 500, "text_muted"))], 24.0))
    blocks += text.prose(part, _ITEM, 4.0) or [Notice("no-evidence", tr("No words"), none, 4.0)]
    return tuple(blocks)


def _profile(content: Profile, text: _Texts, looking: Looking, controls: Block) -> tuple[Block, ...]:
    blocks: list[Block] = text.prose("name", _TITLE)
    blocks.append(Line([Bit(f"@{content.handle}".replace("@@", "@"), _MUTED)], 0.0))
    blocks += _words(text, "text", 12.0)
    rows = [(name, text(f"fields.{n}")) for n, (name, _) in enumerate(content.fields)]
    if rows:
        blocks.append(Table(tr("What the account says of itself"), rows))
    return tuple(blocks) + tuple(_photos(text, looking, controls))
