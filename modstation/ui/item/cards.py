"""Cards: what is known of a picture before any pixel of it, a product with its photo, a plain notice."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF

from modstation.core.exposure import Step, stepped
from modstation.ui import theme
from modstation.ui.item.blocks import Block, Clip
from modstation.ui.item.faces import face
from modstation.ui.item.flagtext import FlagText
from modstation.ui.item.looking import Looking
from modstation.ui.item.page import Look, Page, Style, advance
from modstation.ui.item.words import step_name
from modstation.ui.paint import key_cap_width
from modstation.ui.text import tr

_THUMB, _PAD = 56, 12
_SIGN, _FACT = 24, 18  # drawings: at the head of a card, and before what is known
_SMALL = 40  # thumbs, when there are several


@dataclass(frozen=True, slots=True)
class Fact:
    """Something known: a drawing, what it is, and the words for it."""

    icon: str
    name: str
    value: FlagText


def picture_rect(page: Page, looking: Looking, x: float, y: float) -> QRectF:
    """Where the picture stands whose top is at y."""
    size = looking.size()
    return page.box(x, y, size.width(), size.height())


def preview_words() -> str:
    """What is said while a preview stands in for the picture."""
    return tr("Preview; the full picture is on its way.")


def _back_words(shown: Step) -> str:
    """What one step back would show: only from the first step does it cover."""
    if shown is Step.OUTLINE:
        return tr("One step back covers it again.")
    return tr("One step back: {step}.", step=step_name(stepped(shown, -1)).lower())


def paint_picture(page: Page, looking: Looking, x: float, y: float) -> None:
    """The picture, or the words for its absence, in the place kept for it."""
    rect = picture_rect(page, looking, x, y)
    looking.paint(page.painter, rect)
    page.outline(rect, theme.tokens().line_subtle, 1)  # an outline on white would have no edge on a white card
    words = looking.problem or (tr("Preparing the picture") if looking.slow else "")
    if not looking.has_pixels and words:
        note = FlagText("", words)
        note.lay(face("meta"), max(60.0, rect.width() - 24)).ensure(1e9)
        inside = Page(page.painter, rect.width())
        page.painter.save()
        page.painter.translate(rect.left(), rect.top())
        inside.prose(note, (12, max(8.0, (rect.height() - note.flow.height) / 2)), (0, rect.height()), "text_secondary")
        page.painter.restore()


class PhotoCard(Block):
    """A product, or the photos of a post: in words first; the photo opens beneath when it is wanted."""

    def __init__(self, looking: Looking, title: FlagText, detail: str, above: float = 0.0) -> None:
        self._looking, self._title, self._detail, self.above = looking, title, detail, above
        self._width, self._head = 0.0, 0.0

    @property
    def _x(self) -> float:
        return float(_PAD + _THUMB + 14) if self._looking.media else 18.0

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        self._width = width
        trailing = self._trailing_width() + 24 if self._looking.media else 12
        font = face("reading", 600, 1.0, look.language)
        self._title.lay(font, max(120.0, width - self._x - trailing), boxes=look.boxes, align=look.direction).ensure(
            1e9
        )
        words = self._title.flow.height + (theme.scaled(20) if self._detail else 0)
        self._head = max(_THUMB, words) + 2.0 * _PAD

    @staticmethod
    def _trailing_width() -> float:
        names = (tr("Photo covered"), *(step_name(step) for step in Step))
        words = max(advance(text, Style("meta")) for text in names)
        hold = key_cap_width("Space") + 6 + advance(tr("hold"), Style("meta"))
        return max(words, hold)

    @property
    def height(self) -> float:
        """See `Block.height`."""
        several = _SMALL + _PAD if len(self._looking.media) > 1 else 0
        shown = 0.0
        if self._looking.shown > Step.HIDDEN:
            shown = self._looking.size().height() + _PAD + self._line_beneath()
        return self._head + several + shown

    def _line_beneath(self) -> int:
        """Room for a word about the preview, kept also when the full picture is here: nothing moves when it comes."""
        media = self._looking.current
        return theme.scaled(18) if media is not None and media.preview is not None else 0

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        page.card(QRectF(0, 0, page.width, self.height))
        words = self._title.flow.height + (theme.scaled(20) if self._detail else 0)
        top = (self._head - words) / 2
        page.prose(self._title, (self._x, top), clip, "text_primary")
        if self._detail:
            y, width = top + self._title.flow.height, self._title.flow.width
            page.words(self._x, y, width, theme.scaled(20), self._detail, Style("ui", 400, "text_secondary"))
        if self._looking.media:
            self._paint_photo(page)

    def _paint_photo(self, page: Page) -> None:
        looking, line = self._looking, theme.scaled(18)
        page.cover(page.box(_PAD, _PAD, _THUMB, _THUMB), "cover" if looking.shown is Step.HIDDEN else "reveal")
        width = self._trailing_width()
        x, y = page.width - _PAD - width, self._head / 2 - line
        state = tr("Photo covered") if looking.shown is Step.HIDDEN else step_name(looking.shown)
        page.words(x, y, width, line, state, Style("meta", 400, "text_muted", at_end=True))
        hold = Style("meta", 400, "text_muted", at_end=True)
        page.words(x, y + line + 2, width, line, tr("hold"), hold)
        caps = key_cap_width("Space")
        page.keys(page.width - _PAD - advance(tr("hold"), hold) - 6 - caps, y + line * 1.5 + 2, "Space")
        below = self._head
        if len(looking.media) > 1:
            for n in range(len(looking.media)):
                rect = page.box(_PAD + n * (_SMALL + 8), below, _SMALL, _SMALL)
                page.cover(rect)
                if n == looking.index:
                    page.outline(rect, theme.tokens().accent, 2)
            below += _SMALL + _PAD
        if looking.shown > Step.HIDDEN:
            paint_picture(page, looking, _PAD, below)
        if looking.is_preview:
            y = below + looking.size().height() + 4
            page.words(_PAD, y, page.width - 2 * _PAD, line, preview_words(), Style("meta", 400, "text_muted"))

    def hit(self, x: float, y: float) -> str:
        """See `Block.hit`: the thumb is held to look; a small one is turned to."""
        if not self._looking.media:
            return ""
        trailing = self._width - self._trailing_width() - 2 * _PAD
        if y < self._head and (x < _PAD + _THUMB or x > trailing):
            return "hold"
        if self._head <= y < self._head + _SMALL and len(self._looking.media) > 1:
            n = int((x - _PAD) // (_SMALL + 8))
            return f"photo {n}" if 0 <= n < len(self._looking.media) else ""
        return ""


class SummaryCard(Block):
    """A written account before anything is shown; the picture takes its place beside the account."""

    def __init__(
        self, looking: Looking, texts: tuple[str, str], severity: int, facts: Sequence[Fact], above: float = 0.0
    ) -> None:
        self._looking, self._texts, self._severity, self._facts, self.above = looking, texts, severity, facts, above
        self._at: list[tuple[float, float]] = []
        self._body = 0.0
        self._width = 0.0
        self._value = 0.0  # where values begin after their fact's start
        self._look = Look()
        self._laid_for = (0.0, 0.0)

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        self._width, self._look = width, look
        self._lay_facts()

    def _lay_facts(self) -> None:
        """One column beside a small picture, two beneath a large one; its place is kept while it is covered.

        So nothing moves when it is shown, least of all the button that is being held.
        """
        size, top = self._looking.size(), self._head + 14
        widest = max((advance(one.name, Style("ui")) for one in self._facts), default=0)
        self._value = max(112.0, theme.scaled(_FACT) + 8.0 + widest + 14)
        self._laid_for = (size.width(), size.height())
        if not self._looking.media:
            self._body = self._arrange(20, top, 2) + 8
        elif size.width() < self._width * 0.5:
            low = self._arrange(20 + size.width() + 24, top, 1) + 8
            self._body = max(low, self._head + size.height() + 36)
        else:
            self._body = self._arrange(20, top + size.height() + 18, 2) + 8

    def picture(self) -> tuple[float, float]:
        """Where the picture stands: its top within the card, and its height."""
        return self._head + 18, self._looking.size().height()

    def _arrange(self, left: float, top: float, columns: int) -> float:
        """Put the facts into columns, each into the shorter one; where the longer ends.

        The last one takes the whole width when it is too long for a column: nothing stands beside it anyway.
        """
        whole = self._width - left - 20
        room = whole / columns
        font = face("ui", 400, 1.0, self._look.language)
        y = [top] * columns
        self._at = []
        for one in self._facts:
            column = y.index(min(y))
            value = one.value.lay(font, max(80.0, room - self._value - 16), align=self._look.direction)
            value.ensure(1e9)
            if columns > 1 and one is self._facts[-1] and value.height > 1.5 * theme.line("ui"):
                column, y = 0, [max(y)] * columns
                value = one.value.lay(font, max(80.0, whole - self._value), align=self._look.direction)
                value.ensure(1e9)
            self._at.append((left + column * room, y[column]))
            y[column] += max(theme.scaled(32), value.height + 14)
        return max(y)

    @property
    def _head(self) -> float:
        return float(theme.scaled(76))

    @property
    def height(self) -> float:
        """See `Block.height`."""
        size = self._looking.size()
        if self._laid_for != (size.width(), size.height()):
            self._lay_facts()
        return self._body

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        height = self.height
        page.card(QRectF(0, 0, page.width, height), "bg_raised")
        self._paint_head(page)
        page.line(self._head, 1, page.width - 2)
        if self._looking.media and self._looking.shown is Step.HIDDEN:
            page.cover(picture_rect(page, self._looking, 20, self._head + 18))
        elif self._looking.media:
            paint_picture(page, self._looking, 20, self._head + 18)
        side, line = theme.scaled(_FACT), theme.line("ui")
        for one, (x, y) in zip(self._facts, self._at, strict=True):
            page.icon(x, y + 7 + (line - side) / 2, side, one.icon)
            page.words(x + side + 8, y + 7, self._value - side - 12, line, one.name, Style("ui", 400, "text_muted"))
            page.prose(one.value, (x + self._value, y + 7), clip, "text_primary")

    def _paint_head(self, page: Page) -> None:
        shown = self._looking.shown
        title, detail, icon = self._texts[0], self._texts[1], "cover"
        if shown > Step.HIDDEN and self._looking.media:
            icon, title = "reveal", tr("Shown: {step}", step=step_name(shown).lower())
            detail = tr("Let go to cover it again.") if self._looking.held else _back_words(shown)
            detail = preview_words() if self._looking.is_preview else detail
        side = theme.scaled(_SIGN)
        page.icon(20, (self._head - side) / 2, side, icon, "text_primary")
        top, beside = self._head / 2 - theme.scaled(22), 20 + side + 12
        room = page.width - beside - 110
        page.words(beside, top, room, theme.scaled(24), title, Style("sentence", 600, zoom=0.9))
        page.words(beside, top + theme.scaled(24), room, theme.scaled(20), detail, Style("ui", 400, "text_secondary"))
        end = Style("meta", 400, "text_muted", at_end=True)
        page.words(page.width - 130, top + 3, 110, theme.scaled(18), tr("Severity"), end)
        level = tr("{n} of 4", n=self._severity) if self._severity else tr("unknown")
        words = Style("ui", 600, f"sev_{self._severity}" if self._severity else "text_muted")
        width = advance(level, words)
        y = top + theme.scaled(24)
        page.words(page.width - 20 - width, y, width, theme.scaled(20), level, words)
        if self._severity:
            page.bars(page.width - 20 - width - 19, y + theme.scaled(20) / 2, self._severity)


class Notice(Block):
    """What is true now, and one next step."""

    def __init__(self, icon: str, title: str, text: str, above: float = 0.0) -> None:
        self._icon, self._title, self.above = icon, title, above
        self._text = FlagText("", text)

    def lay(self, width: float, look: Look) -> None:
        """See `Block.lay`."""
        self._text.lay(face("reading"), width - 76, align=look.direction).ensure(1e9)

    @property
    def height(self) -> float:
        """See `Block.height`."""
        return 18.0 + theme.scaled(24) + 4 + self._text.flow.height + 18

    def paint(self, page: Page, clip: Clip) -> None:
        """See `Block.paint`."""
        page.card(QRectF(0, 0, page.width, self.height))
        page.icon(20, 18, 24, self._icon, "text_secondary")
        page.words(56, 18, page.width - 76, theme.scaled(24), self._title, Style("sentence", 600, zoom=0.9))
        page.prose(self._text, (56, 18 + theme.scaled(24) + 4), clip, "text_secondary")
