"""What an item's body is made of, top to bottom: paragraphs, quotations, posts, lines of words, tables of facts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPolygonF

from modstation.ui import theme
from modstation.ui.item.faces import face
from modstation.ui.item.flagtext import FlagText
from modstation.ui.item.page import Look, Page, Style, advance

Clip = tuple[float, float]
_QUIET = Style("ui", 400, "text_secondary")


@dataclass(frozen=True, slots=True)
class Place:
    """A flagged text and where its top left corner stands in the block; x is counted from the start."""

    text: FlagText
    x: float
    y: float


class Block:
    """A stretch of the body, as wide as the column. `above` is the room kept free before it."""

    above: float = 0.0

    def lay(self, width: float, look: Look) -> None:
        """Measure for a column of `width`. Called again when width, zoom or theme change."""
        raise NotImplementedError

    @property
    def height(self) -> float:
        """In px; an estimate as long as a long text is not laid out to its end."""
        raise NotImplementedError

    def ensure(self, bottom: float) -> None:
        """Lay out at least as far down as `bottom`."""

    def paint(self, page: Page, clip: Clip) -> None:
        """Paint what lies between the two y of `clip`."""
        raise NotImplementedError

    def places(self) -> Iterator[Place]:
        """The flagged texts in it."""
        yield from ()

    def hit(self, x: float, y: float) -> str:
        """What a press at (x, y), x from the start, asks for; empty for nothing."""
        del x, y
        return ""


class Prose(Block):
    """A paragraph or more of the item's own words."""

    def __init__(self, text: FlagText, style: Style, above: float = 0.0, x: float = 0.0) -> None:
        self.text, self.style, self.above, self.x = text, style, above, x

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        zoom = look.zoom * self.style.zoom
        font = face(self.style.role, self.style.weight, zoom, look.language)
        self.text.lay(font, max(80.0, width - self.x), boxes=look.boxes)

    @property
    def height(self) -> float:
        """See `Block.height`."""
        return self.text.flow.height

    def ensure(self, bottom: float) -> None:
        """See `Block.ensure`."""
        self.text.flow.ensure(bottom)

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        page.prose(self.text, (self.x, 0.0), clip, self.style.color)

    def places(self) -> Iterator[Place]:
        """See `Block.places`."""
        yield Place(self.text, self.x, 0.0)


class Quote(Prose):
    """Words that belong to the item but are not it: an answer, what was commented on. A line of words over them."""

    def __init__(self, heading: str, text: FlagText, above: float = 20.0) -> None:
        super().__init__(text, Style("reading", 400, "text_secondary", zoom=1.06), above, 18.0)
        self.heading = heading

    @property
    def height(self) -> float:
        """See `Block.height`."""
        return super().height + self._head

    @property
    def _head(self) -> float:
        return theme.scaled(22)

    def ensure(self, bottom: float) -> None:
        """See `Block.ensure`."""
        super().ensure(bottom - self._head)

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        page.bar(0, 0, self.height)
        page.words(self.x, 0, page.width - self.x, theme.scaled(18), self.heading, Style("meta", 400, "text_muted"))
        page.prose(self.text, (self.x, self._head), clip, self.style.color)

    def places(self) -> Iterator[Place]:
        """See `Block.places`."""
        yield Place(self.text, self.x, self._head)


@dataclass(frozen=True, slots=True)
class Bit:
    """Some words on a line; an icon may stand before them."""

    text: str
    style: Style = _QUIET
    icon: str = ""


class Line(Block):
    """A line of short words side by side; it wraps where the column ends."""

    def __init__(self, bits: Sequence[Bit], above: float = 0.0, gap: float = 12.0) -> None:
        self.bits, self.above, self._gap = [bit for bit in bits if bit.text], above, gap
        self._at: list[tuple[float, float, float]] = []
        self._rows = 1

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        del look
        self._at, x, self._rows = [], 0.0, 1
        for bit in self.bits:
            w = min(width, advance(bit.text, bit.style) + (22 if bit.icon else 0))
            if x and x + w > width:
                x, self._rows = 0.0, self._rows + 1
            self._at.append((x, float((self._rows - 1) * theme.scaled(22)), w))
            x += w + self._gap

    @property
    def height(self) -> float:
        """See `Block.height`."""
        return float(self._rows * theme.scaled(22))

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        del clip
        for bit, (x, y, w) in zip(self.bits, self._at, strict=True):
            spare = 22 if bit.icon else 0
            if bit.icon:
                page.icon(x, y + (theme.scaled(22) - 16) / 2, 16, bit.icon, bit.style.color)
            page.words(x + spare, y, w - spare, theme.scaled(22), bit.text, bit.style)


class Stars(Line):
    """A rating, drawn and said."""

    def __init__(self, rating: int, scale: int, bits: Sequence[Bit], above: float = 20.0) -> None:
        super().__init__(bits, above)
        self._rating, self._scale = rating, min(scale, 10)

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        super().lay(max(120.0, width - self._drawn), look)

    @property
    def _drawn(self) -> float:
        return self._scale * theme.scaled(20) + 8.0 if self._scale else 0.0

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        y = (theme.scaled(22) - theme.scaled(16)) / 2
        for n in range(self._scale):
            _star(page, n * theme.scaled(20), y, full=n < self._rating)
        rest = Page(page.painter, page.width - self._drawn, page.direction, page.current)
        page.painter.save()
        page.painter.translate(page.box(self._drawn, 0, rest.width, 0).left(), 0)
        super().paint(rest, clip)
        page.painter.restore()


def _star(page: Page, x: float, y: float, *, full: bool) -> None:
    rect = page.box(x, y, theme.scaled(16), theme.scaled(16))
    color = theme.tokens().text_primary if full else theme.tokens().text_muted
    if full:
        page.painter.setPen(color)
        page.painter.setBrush(color)
        page.painter.drawPolygon(star(rect))
    theme.icons.paint(page.painter, rect, "kind-review", color)


class Table(Block):
    """Names and values, as a specification reads: hairlines between, values in the item's words."""

    def __init__(self, heading: str, rows: Sequence[tuple[str, FlagText]], above: float = 24.0) -> None:
        self.heading, self._rows, self.above = heading, rows, above
        self._tops: list[float] = []
        self._name = 0.0

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        small = Style("ui", 400, "text_muted")
        widest = max((advance(name, small) for name, _ in self._rows), default=0)
        self._name = min(width * 0.4, max(120.0, widest + 24.0))
        self._tops, y = [], float(theme.scaled(28))
        font = face("reading", 400, look.zoom, look.language)
        for _, value in self._rows:
            self._tops.append(y)
            value.lay(font, width - self._name, boxes=look.boxes, align=look.direction).ensure(1e9)
            y += max(font.line, value.flow.height) + 10
        self._tops.append(y)

    @property
    def height(self) -> float:
        """See `Block.height`."""
        return self._tops[-1]

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        page.words(0, 0, page.width, theme.scaled(22), self.heading, Style("meta", 500, "text_muted"))
        for (name, value), top in zip(self._rows, self._tops, strict=False):
            page.line(top)
            page.words(0, top + 5, self._name - 12, theme.line("reading"), name, Style("ui", 400, "text_muted"))
            page.prose(value, (self._name, top + 5), clip, "text_primary")
        page.line(self._tops[-1])

    def places(self) -> Iterator[Place]:
        """See `Block.places`."""
        for (_, value), top in zip(self._rows, self._tops, strict=False):
            yield Place(value, self._name, top + 5)


class PostBlock(Block):
    """A post of a thread. The one under review is set like an item, on a tint; the others as what stands around it."""

    def __init__(self, head: Sequence[Bit], text: FlagText, depth: int, *, focus: bool, equal: bool) -> None:
        self._head, self.text, self._depth, self.focus = Line(head, gap=8.0), text, min(depth, 5), focus
        large = focus or equal
        role, color = ("item", "text_primary") if large else ("reading", "text_secondary")
        self._style = Style(role, 400, color, zoom=1.0 if large else 1.06)
        self.above = 20.0 if focus else 16.0
        self._pad = 12.0 if focus else 0.0

    @property
    def _x(self) -> float:
        return self._depth * 20.0

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        self._head.lay(width - self._x, look)
        font = face(self._style.role, 400, look.zoom * self._style.zoom, look.language)
        self.text.lay(font, max(160.0, width - self._x - (12.0 if self.focus else 0.0)), boxes=look.boxes)

    @property
    def _top(self) -> float:
        return self._pad + self._head.height + 2

    @property
    def height(self) -> float:
        """See `Block.height`."""
        return self._top + self.text.flow.height + self._pad

    def ensure(self, bottom: float) -> None:
        """See `Block.ensure`."""
        self.text.flow.ensure(bottom - self._top)

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        for level in range(1, self._depth + 1):
            up = self.above if level < self._depth else 0  # a line that goes on from the post above
            page.bar(level * 20.0 - 13, -up, self.height + up, width=1)
        if self.focus:
            ground = page.box(self._x - 14, 0, page.width - self._x + 26, self.height)
            page.painter.fillRect(ground.toAlignedRect(), theme.tokens().bg_selected)
            page.bar(self._x - 14, 0, self.height, "accent", theme.tokens().stroke["selected_bar"])
        rest = Page(page.painter, page.width - self._x, page.direction, page.current)
        page.painter.save()
        page.painter.translate(page.box(self._x, 0, rest.width, 0).left(), self._pad)
        self._head.paint(rest, clip)
        page.painter.restore()
        page.prose(self.text, (self._x, self._top), clip, self._style.color)

    def places(self) -> Iterator[Place]:
        """See `Block.places`."""
        yield Place(self.text, self._x, self._top)


def star(rect: QRectF) -> QPolygonF:
    """The outline of the review icon's star, filled for a full one."""
    corners = (
        (12, 4), (14.45, 9), (19.95, 9.8), (15.97, 13.68), (16.91, 19.15), (12, 16.57), (7.09, 19.15), (8.03, 13.68),
        (4.05, 9.8), (9.55, 9),
    )  # fmt: skip
    k = rect.width() / 24
    return QPolygonF([QPointF(rect.left() + x * k, rect.top() + y * k) for x, y in corners])
