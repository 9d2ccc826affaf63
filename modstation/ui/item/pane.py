"""The pane in the centre of the desk. It shows one item; it is told what to do, and says what a person did."""

from collections.abc import Mapping
from dataclasses import replace

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from modstation.core.content import Content, Image, Listing, Media, ProductReview, Profile, TextPost, media_of, parts
from modstation.core.ids import FlagId
from modstation.core.item import Item
from modstation.ui import theme
from modstation.ui.item import faces, page, samples
from modstation.ui.item.body import ItemBody
from modstation.ui.item.empty import Empty
from modstation.ui.item.flagtext import FlagText
from modstation.ui.item.head import Head
from modstation.ui.item.kinds import compose, held_back
from modstation.ui.item.looking import Looking
from modstation.ui.item.marks import Mark, marks_of
from modstation.ui.item.page import Look
from modstation.ui.item.pictures import ItemPictures

_PICTURED = (TextPost, Listing, ProductReview, Image, Profile)


class ItemPane(QWidget):
    """One item, or a calm sentence when there is none.

    Attributes:
        pictures: the steps of the item's pictures, and what a person asked of them.

    Signals:
        skip_wanted(): the button beside the steps was pressed.
        way_wanted(): the button of the empty state was pressed.
    """

    skip_wanted = Signal()
    way_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._item: Item | None = None
        self._marks: tuple[Mark, ...] = ()
        self._ahead: tuple[Item, Mapping[str, FlagText]] | None = None
        self._mark = -1
        self._look = Look()
        self._looking = Looking()
        self._head = Head(self)
        self._body = ItemBody(self._looking, self)
        self._empty = Empty(self)
        self.pictures = ItemPictures(self._looking, self._body)
        self._connect()
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.show_item(None)

    def _connect(self) -> None:
        self._head.hidden_pressed.connect(self.toggle_hidden)
        self._head.span_pressed.connect(lambda: self.next_span(1))
        self._body.bar.skip_wanted.connect(self.skip_wanted)
        self._empty.way_wanted.connect(self.way_wanted)
        theme.signals.changed.connect(self._theme_changed)

    def show_item(self, item: Item | None) -> None:
        """Show `item` from its beginning, its pictures hidden; None shows the empty state."""
        self._item, self._mark = item, -1
        shown = item is not None
        if self._body.isHidden() is shown:
            self._head.setVisible(shown)
            self._body.setVisible(shown)
            self._empty.setVisible(not shown)
        self._choose_focus()
        if item is None:
            self._ahead = None
            self.pictures.open(())
            self._marks = ()
            self._body.setAccessibleDescription("")
            self.update()
            return
        ahead, self._ahead = self._ahead, None
        texts = {} if item.restricted else parts(item.content)
        self._marks = marks_of(item.flags, texts)
        self.pictures.open(() if item.restricted else _pictures(item.content))
        self._look = replace(self._look, language=item.language, boxes=False, direction=self.layoutDirection())
        laid = ahead[1] if ahead is not None and ahead[0] is item else {}
        body = compose(item, self._marks, self._looking, self._body.bar_room, laid)
        self._head.show_item(item, body.hidden, len(self._marks))
        self._head.show_boxes(shown=False)
        if self._head.height() != self._head.height_wanted():
            self._arrange()
        self._body.show_body(body, self._look)
        self._speak("\n\n".join(held_back(item) if item.restricted else texts.values()))

    def prepare(self, item: Item) -> None:
        """Lay out the texts of the item that comes next, while nothing else is to be done."""
        if item.restricted or (self._ahead is not None and self._ahead[0] is item):
            return
        looking = self._looking.hidden_with(_pictures(item.content))
        look = replace(self._look, language=item.language, boxes=False, direction=self.layoutDirection())
        body = compose(item, marks_of(item.flags, parts(item.content)), looking, self._body.bar_room)
        self._body.lay_ahead(body, look)
        self._ahead = (item, body.texts)

    def set_empty(self, reason: str, drawing: str = "check", way: str = "") -> None:
        """The sentence for when there is no item, what is drawn over it, and the words of a button for what helps."""
        self._empty.say(reason, drawing, way)
        self._choose_focus()

    def set_keys(self, keys: dict[str, str]) -> None:
        """The keys written on the pane: ``hidden span flags hold skip more less way``."""
        self._empty.set_key(keys.get("way", ""))
        self._head.set_keys({name: keys[name] for name in ("hidden", "span", "flags") if name in keys})
        more, less = keys.get("more", "B"), keys.get("less", "Shift B")
        self._body.steps.set_keys(more, less)
        self._body.bar.set_step_keys(more, less)
        self._body.bar.set_keys(keys.get("hold", "Space"), keys.get("skip", "X"))

    def set_zoom(self, zoom: float) -> None:
        """How much larger the item's own text is than usual."""
        self._look = replace(self._look, zoom=min(3.0, max(0.75, zoom)))
        self._body.relay(self._look)

    def next_span(self, step: int) -> None:
        """Go to the next flagged span (1), or the one before (-1), round and round."""
        if not self._marks:
            return
        start = -1 if step > 0 else 0
        self._mark = ((start if self._mark < 0 else self._mark) + step) % len(self._marks)
        self._head.show_span(self._mark)
        self._body.show_mark(self._marks[self._mark])

    @property
    def current_flag(self) -> FlagId | None:
        """The first flag of the span in hand."""
        if self._item is None or self._mark < 0:
            return None
        return self._item.flags[self._marks[self._mark].flags[0]].flag_id

    def toggle_hidden(self) -> None:
        """Show the characters that cannot be seen as labelled boxes, or stop showing them."""
        self._look = replace(self._look, boxes=not self._look.boxes)
        self._head.show_boxes(shown=self._look.boxes)
        self._body.relay(self._look)

    def _choose_focus(self) -> None:
        """Who has the focus of the pane: the item; without one the button, if there is one."""
        way = self._empty.way
        wanted = way if self._item is None and way.text() else self._body
        if self.focusProxy() is not wanted:
            self.setFocusProxy(wanted)

    def _speak(self, text: str) -> None:
        """What a screen reader is given: the words that are on the screen, and none that are not."""
        self._body.setAccessibleDescription(f"{self._head.spoken()}\n{text}" if text else self._head.spoken())

    def _theme_changed(self) -> None:
        faces.forget()
        page.forget()
        samples.forget()
        self._empty.restyle()
        self._arrange()
        self._body.relay()
        self.update()

    def _arrange(self) -> None:
        self._head.set_room(self.height())
        self._head.resize(self.width(), self._head.height())
        top = self._head.height_wanted()
        self._head.setGeometry(0, 0, self.width(), top)
        self._body.setGeometry(0, top, self.width(), max(0, self.height() - top))
        self._empty.setGeometry(self.rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The head keeps its height; the body takes the rest."""
        super().resizeEvent(event)
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Another direction of the ui lays the item out anew."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._look = replace(self._look, direction=self.layoutDirection())
            self._body.relay(self._look)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """The ground."""
        QPainter(self).fillRect(self.rect(), theme.tokens().bg_content)


def _pictures(content: Content) -> tuple[Media, ...]:
    """The files of `content` that can be shown in steps."""
    if not isinstance(content, _PICTURED):
        return ()
    found = {media.media_id: media for media in media_of(content) if media.mime.startswith("image/")}
    return tuple(found.values())
