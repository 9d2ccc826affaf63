"""A clause as a document: headings above it, change mark, text, examples, what each severity means, licence.

Building one costs milliseconds; it is done once per clause and kept (`side.reader`).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QSize, Qt, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QPainter,
    QPixmap,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextDocumentFragment,
    QTextFormat,
    QTextImageFormat,
    QTextLength,
    QTextTable,
    QTextTableCellFormat,
    QTextTableFormat,
)

from modstation.core.policy import Clause
from modstation.ui import paint, theme
from modstation.ui.text import first_strong, tr

PAD = 20
SCROLL_BAR = 10
"""Its room is always kept, so that no text is ever laid out a second time because of it."""
MARK = int(QTextFormat.Property.UserProperty) + 1
"""Block property: this is the change mark; the reader paints a ground behind it."""
LEVEL = int(QTextFormat.Property.UserProperty) + 2
"""Block property: what this severity means."""

_FIXED = QTextBlockFormat.LineHeightTypes.FixedHeight
_ICON = 16
_INDENT = 20
_RAISE = 3
_APART = 6


@dataclass(frozen=True, slots=True)
class Around:
    """Where a clause stands: the headings above it, topmost first, the clauses right beneath it, and its notes."""

    parents: Sequence[Clause] = ()
    children: Sequence[Clause] = ()
    notes: Sequence[Clause] = ()


def brief(licence: str) -> str:
    """The first statement of a licence note, without what it says in brackets: one line beneath a clause."""
    first = re.split(r"[;\n]|\.\s", re.sub(r"\s*\([^)]*\)", "", licence), maxsplit=1)[0]
    return first.strip().rstrip(".")


def document(
    clause: Clause, around: Around, mark: str, licence: str, dpr: float, *, bar_left: bool = False
) -> QTextDocument:
    """The document for `clause`.

    Args:
        clause: what to read.
        around: what stands above and beneath it.
        mark: the change mark in words; empty for none.
        licence: the line beneath everything; may be empty.
        dpr: device pixels per px of the screen it is for.
        bar_left: whether the scroll bar is on the left.
    """
    t = theme.tokens()
    made = QTextDocument()
    made.setDocumentMargin(0)
    made.setDefaultFont(theme.font("reading"))
    option = made.defaultTextOption()
    option.setTextDirection(first_strong(clause.title + clause.text))
    made.setDefaultTextOption(option)
    made.setIndentWidth(theme.scaled(_INDENT))
    made.setMarkdown(clause.text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
    _even_out(made)
    cursor = QTextCursor(made)
    # A line breaks before the dot, and never between a number and its title.
    above = " ·\u00a0".join(_name(parent).replace(" ", "\u00a0", 1) for parent in around.parents)
    head = [(above, "meta", 400, t.text_secondary)] if above else []
    head.append((_name(clause), "title", 600, t.text_primary))
    _insert_head(cursor, head, mark)
    cursor.movePosition(QTextCursor.MoveOperation.End)
    for n, child in enumerate(around.children):
        _line(cursor, _name(child), "ui", 400, t.text_secondary, above=theme.scaled(3 if n else 8))
    for note in around.notes:
        _line(cursor, note.title, "ui", 600, t.text_primary, above=theme.scaled(14))
        told = QTextDocument()
        told.setMarkdown(note.text, QTextDocument.MarkdownFeature.MarkdownNoHTML)
        _even_out(told)
        cursor.insertBlock(_beneath(told.begin().blockFormat()))  # a fragment's first block takes on what is here
        cursor.insertFragment(QTextDocumentFragment(told))
        cursor.movePosition(QTextCursor.MoveOperation.End)
    if clause.examples:
        rows = [(_bearing(example.bearing), example.text) for example in clause.examples]
        table = _table(cursor, len(rows), (theme.scaled(_ICON) + 8, theme.scaled(60)), theme.scaled(12))
        for n, ((icon, word), text) in enumerate(rows):
            picture = theme.icons.pixmap(icon, theme.scaled(_ICON), t.text_secondary, dpr)
            _put_picture(table.cellAt(n, 0).firstCursorPosition(), made, icon, picture)
            _put(table.cellAt(n, 1).firstCursorPosition(), word, "meta", t.text_muted)
            _put(table.cellAt(n, 2).firstCursorPosition(), text, "ui", t.text_secondary)
        cursor.movePosition(QTextCursor.MoveOperation.End)
    if clause.citable:
        _severities(cursor, made, clause, dpr)
    if licence:
        _line(cursor, licence, "caption", 400, t.text_muted, above=theme.scaled(16))
    frame = made.rootFrame().frameFormat()
    frame.setLeftMargin(PAD - SCROLL_BAR if bar_left else PAD)
    frame.setRightMargin(PAD if bar_left else PAD - SCROLL_BAR)
    frame.setTopMargin(theme.scaled(16))
    frame.setBottomMargin(theme.scaled(16))
    made.rootFrame().setFrameFormat(frame)
    return made


def level_block(made: QTextDocument, severity: int) -> QTextBlock | None:
    """The block that says what `severity` means; None when the clause does not say."""
    block = made.begin()
    while block.isValid():
        if block.blockFormat().property(LEVEL) == severity:
            return block
        block = block.next()
    return None


def mark_block(made: QTextDocument) -> QTextBlock | None:
    """The block of the change mark; it is always among the first three."""
    block = made.begin()
    for _ in range(3):
        if block.isValid() and block.blockFormat().property(MARK):
            return block
        block = block.next()
    return None


def _bearing(bearing: str) -> tuple[str, str]:
    """Drawing and word for an example."""
    known = {"breaks": ("verdict-violation", tr("breaks")), "stays": ("verdict-none", tr("stays"))}
    return known.get(bearing, ("verdict-unsure", tr("depends")))


def _name(clause: Clause) -> str:
    return f"{clause.number} {clause.title}".strip()


def _even_out(made: QTextDocument) -> None:
    """Markdown's own sizes and margins give way to ours."""
    t = theme.tokens()
    block = made.begin()
    first = True
    while block.isValid():
        cursor = QTextCursor(block)
        form = block.blockFormat()
        heading = form.headingLevel() > 0
        form.setTopMargin(0 if first else theme.scaled(4 if block.textList() else 8))
        form.setBottomMargin(0)
        form.setLineHeight(theme.line("reading"), _FIXED.value)
        cursor.setBlockFormat(form)
        cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
        words = QTextCharFormat()
        words.setFontPointSize(theme.font("reading").pointSizeF())
        words.setProperty(QTextFormat.Property.FontSizeAdjustment, 0)
        words.setForeground(t.text_primary)
        if heading:
            words.setFontWeight(QFont.Weight.DemiBold)
        cursor.mergeCharFormat(words)
        first = False
        block = block.next()


def _beneath(form: QTextBlockFormat) -> QTextBlockFormat:
    """The format of a first paragraph that stands beneath a heading of ours."""
    made = QTextBlockFormat(form)
    made.setTopMargin(theme.scaled(4))
    return made


def _char(role: str, weight: int, color: QColor) -> QTextCharFormat:
    made = QTextCharFormat()
    made.setFont(theme.font(role, weight))
    made.setForeground(color)
    return made


def _block(role: str, *, above: int = 0, below: int = 0) -> QTextBlockFormat:
    made = QTextBlockFormat()
    made.setLineHeight(theme.line(role), _FIXED.value)
    made.setTopMargin(above)
    made.setBottomMargin(below)
    return made


def _insert_head(cursor: QTextCursor, head: list[tuple[str, str, int, QColor]], mark: str) -> None:
    """Put the headings, and the change mark when there is one, before the text."""
    t = theme.tokens()
    first_of_text = cursor.blockFormat()
    first_chars = cursor.charFormat()
    cursor.movePosition(QTextCursor.MoveOperation.Start)
    cursor.insertBlock()  # the text moves down; what is before it is ours
    cursor.movePosition(QTextCursor.MoveOperation.Start)
    for n, (text, role, weight, color) in enumerate(head):
        if n:
            cursor.insertBlock()
        title = role == "title"
        cursor.setBlockFormat(_block("reading" if title else role, below=theme.scaled(8 if title else 3)))
        words = _char("reading" if title else role, weight, color)
        if title:
            words.setFontPointSize(theme.font("reading").pointSizeF() * 16 / 14)
        cursor.insertText(text, words)
    if mark:
        cursor.insertBlock(_block("meta", above=theme.scaled(14), below=theme.scaled(14)))
        form = cursor.blockFormat()
        form.setProperty(MARK, True)
        start, end = theme.scaled(34), theme.scaled(10)
        mirrored = first_strong(mark) == Qt.LayoutDirection.RightToLeft
        form.setLeftMargin(end if mirrored else start)
        form.setRightMargin(start if mirrored else end)
        cursor.setBlockFormat(form)
        cursor.insertText(mark, _char("meta", 500, t.ins_text))
    cursor.movePosition(QTextCursor.MoveOperation.NextBlock)
    cursor.setBlockFormat(first_of_text)
    cursor.setBlockCharFormat(first_chars)


def _severities(cursor: QTextCursor, made: QTextDocument, clause: Clause, dpr: float) -> None:
    t = theme.tokens()
    _line(cursor, tr("Severity"), "caption", 500, t.text_secondary, above=theme.scaled(14))
    levels = list(enumerate(clause.severities, 1)) or [(clause.severity, tr("usual here"))]
    table = _table(cursor, len(levels), (theme.scaled(44),), theme.scaled(4))
    for n, (level, text) in enumerate(levels):
        glyph = _severity_picture(level, dpr)
        _put_picture(table.cellAt(n, 0).firstCursorPosition(), made, f"severity{level}", glyph)
        cell = table.cellAt(n, 1).firstCursorPosition()
        _put(cell, text, "ui", t.text_secondary)
        form = cell.blockFormat()
        form.setProperty(LEVEL, level)
        cell.setBlockFormat(form)
    cursor.movePosition(QTextCursor.MoveOperation.End)


def _severity_picture(level: int, dpr: float) -> QPixmap:
    size = QSize(paint.severity_width(level) + 2, theme.scaled(16))
    made = QPixmap(size * dpr)
    made.setDevicePixelRatio(dpr)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint.severity(painter, 0, size.height() / 2, level)
    painter.end()
    return made


def _line(cursor: QTextCursor, text: str, role: str, weight: int, color: QColor, *, above: int) -> None:
    """A line of its own at the end."""
    cursor.insertBlock(_block(role, above=above), _char(role, weight, color))
    cursor.insertText(text)


def _table(cursor: QTextCursor, rows: int, columns: tuple[int, ...], above: int) -> QTextTable:
    """A table without lines; `columns` are the widths of all but the last column, which takes the rest.

    Its rows stand apart, so that one of several lines is seen to be one.
    """
    form = QTextTableFormat()
    form.setBorder(0)
    form.setLayoutDirection(cursor.document().defaultTextOption().textDirection())
    form.setCellPadding(0)
    form.setCellSpacing(0)
    form.setTopMargin(above)
    fixed = [QTextLength(QTextLength.Type.FixedLength, width) for width in columns]
    form.setColumnWidthConstraints([*fixed, QTextLength(QTextLength.Type.VariableLength, 0)])
    form.setWidth(QTextLength(QTextLength.Type.PercentageLength, 100))
    made = cursor.insertTable(rows, len(columns) + 1, form)
    for row in range(1, rows):
        for column in range(made.columns()):
            cell = made.cellAt(row, column)
            apart = QTextTableCellFormat(cell.format().toTableCellFormat())
            apart.setTopPadding(theme.scaled(_APART))
            cell.setFormat(apart)
    return made


def _put(cursor: QTextCursor, text: str, role: str, color: QColor) -> None:
    cursor.setBlockFormat(_block("ui"))
    cursor.insertText(text, _char(role, 400, color))


def _raised(picture: QPixmap) -> QPixmap:
    """`picture` with empty room beneath it, so that it stands in the middle of the line and not on its foot."""
    dpr = picture.devicePixelRatio()
    made = QPixmap(picture.width(), picture.height() + round(2 * _RAISE * dpr))
    made.setDevicePixelRatio(dpr)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawPixmap(0, 0, picture)
    painter.end()
    return made


def _put_picture(cursor: QTextCursor, made: QTextDocument, name: str, picture: QPixmap) -> None:
    url = QUrl(f"drawing:{name}")
    picture = _raised(picture)
    made.addResource(QTextDocument.ResourceType.ImageResource.value, url, picture)
    form = QTextImageFormat()
    form.setName(url.toString())
    size = picture.deviceIndependentSize()
    form.setWidth(size.width())
    form.setHeight(size.height())
    form.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
    cursor.setBlockFormat(_block("ui"))
    cursor.insertImage(form)
