"""The Context tab: what stood around the item, who made it, and earlier decisions on similar ones.

The document is made only when somebody looks, because every item has another one. Item text goes in as plain text.
"""

from PySide6.QtCore import Qt
from PySide6.QtGui import (
    QColor,
    QShowEvent,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QWidget

from modstation.core.content import Author, Post
from modstation.core.item import Item, Precedent
from modstation.ui import theme
from modstation.ui.side.reading import PanelText
from modstation.ui.text import day, day_and_clock, first_strong, tr, trn

_PAD = 20
_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight
_LONGEST = 4_000
"""Code points of one post; the thread itself stands in the middle of the desk."""


class ContextTab(PanelText):
    """Reads out the context of one item; selectable, never changed, links never followed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Context"))
        self._item: Item | None = None
        self._shown: Item | None = None
        theme.signals.changed.connect(self._renew)

    def show_item(self, item: Item | None) -> None:
        """Show the context of another item, at once when the tab is open, else when it is opened."""
        self._item = item
        if self.isVisible():
            self._fill()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with the item on the desk."""
        self._fill()
        super().showEvent(event)

    def _renew(self) -> None:
        self._shown = None
        if self.isVisible():
            self._fill()

    def _fill(self) -> None:
        if self._item is self._shown and self._shown is not None:
            return
        self._shown = self._item
        self.setDocument(document(self._item))
        self.setCursorWidth(0)  # kept in the document's layout: each one must be told
        self.verticalScrollBar().setValue(0)


def document(item: Item | None) -> QTextDocument:
    """The context of `item` as a document."""
    made = QTextDocument()
    made.setDocumentMargin(0)
    made.setDefaultFont(theme.font("ui"))
    page = _Page(made)
    context = item.context if item else None
    if item is None or context is None:
        page.line(tr("No item is open."), "ui", "text_secondary")
    elif not (context.before or context.after or context.author or context.precedents):
        page.line(tr("Nothing came with this item but the item itself."), "ui", "text_secondary")
    else:
        _posts(page, tr("Before it"), context.before)
        _posts(page, tr("After it"), context.after)
        _author(page, context.author)
        _precedents(page, context.precedents)
    frame = made.rootFrame().frameFormat()
    frame.setLeftMargin(_PAD)
    frame.setRightMargin(_PAD)
    frame.setTopMargin(theme.scaled(14))
    frame.setBottomMargin(theme.scaled(16))
    made.rootFrame().setFrameFormat(frame)
    return made


class _Page:
    """Writes lines into a document, each in a role of the type scale and a colour of the theme."""

    def __init__(self, made: QTextDocument) -> None:
        self._cursor = QTextCursor(made)
        self._empty = True

    def head(self, text: str) -> None:
        """A heading over what follows."""
        self.line(text, "caption", "text_secondary", weight=500, above=16)

    def line(self, text: str, role: str, color: str, *, weight: int = 400, above: int = 0, indent: int = 0) -> None:
        """A paragraph; it runs in the direction of its first strong character."""
        form = QTextBlockFormat()
        form.setLineHeight(theme.line(role), _FIXED.value)
        form.setTopMargin(theme.scaled(above))
        if first_strong(text) == Qt.LayoutDirection.RightToLeft:
            form.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
            form.setRightMargin(theme.scaled(indent))
        else:
            form.setLeftMargin(theme.scaled(indent))
        words = QTextCharFormat()
        words.setFont(theme.font(role, weight))
        words.setForeground(self._color(color))
        if self._empty:
            self._cursor.setBlockFormat(form)
            self._empty = False
        else:
            self._cursor.insertBlock(form)
        self._cursor.insertText(text, words)

    @staticmethod
    def _color(role: str) -> QColor:
        return theme.tokens().colour(role)


def _posts(page: _Page, title: str, posts: tuple[Post, ...]) -> None:
    if not posts:
        return
    page.head(title)
    for post in posts:
        by = tr("{author}, {at}", author=post.author, at=day_and_clock(post.at)) if post.at else post.author
        indent = 12 * min(4, post.depth)
        page.line(by, "meta", "text_secondary", above=8, indent=indent)
        text = post.text if len(post.text) <= _LONGEST else tr("{text} …", text=post.text[:_LONGEST])
        page.line(text, "reading", "text_primary", above=2, indent=indent)


def _author(page: _Page, author: Author | None) -> None:
    if author is None:
        return
    page.head(tr("Author"))
    page.line(author.handle, "ui", "text_primary", weight=600, above=4)
    if author.since:
        page.line(tr("Member since {year}", year=author.since), "ui", "text_secondary")
    n = author.decisions_12_months
    one, many = (
        "{n} decision on their content in the last 12 months",
        "{n} decisions on their content in the last 12 months",
    )
    said = trn(one, many, n) if n else tr("No decision on their content in the last 12 months")
    page.line(said, "ui", "text_secondary")
    if author.strikes:
        page.line(trn("{n} strike", "{n} strikes", author.strikes), "ui", "text_secondary")
    for name, value in author.facts:
        page.line(tr("{name}: {value}", name=name, value=value), "ui", "text_secondary")


def _precedents(page: _Page, precedents: tuple[Precedent, ...]) -> None:
    if not precedents:
        return
    page.head(tr("Earlier decisions on similar items"))
    for precedent in precedents:
        page.line(precedent.title, "ui", "text_primary", weight=500, above=8)
        said = [precedent.verdict, precedent.clause, day(precedent.at) if precedent.at else ""]
        page.line(" · ".join(part for part in said if part), "meta", "text_secondary")
        if precedent.note:
            page.line(precedent.note, "ui", "text_secondary", above=2)
