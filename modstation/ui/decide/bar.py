"""The decision bar: the sentence, what finishes it, and the one button that decides. It tells; it never decides."""

from collections.abc import Mapping

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QSizePolicy, QStyle, QWidget

from modstation.core.decision import Draft, Missing, Verdict
from modstation.core.item import Item
from modstation.core.policy import Policy
from modstation.ui import paint, theme
from modstation.ui.decide import keys as key_names
from modstation.ui.decide.controls import BarButton, DecideButton, VerdictSegments
from modstation.ui.decide.flow import Beside
from modstation.ui.decide.note import NoteEditor, NoteField
from modstation.ui.decide.rows import ControlRows
from modstation.ui.decide.sentence import Role, compose, reason
from modstation.ui.decide.slots import SentenceBar
from modstation.ui.decide.undo import UndoPill
from modstation.ui.text import tr

_START, _END, _TOP, _BOTTOM = 32, 20, 12, 9
_ROW_GAP = 10
_WRITING_GAP = 16  # the editor's focus ring must not touch the words under the button
_REASON_GAP, _REASON_AIR = 2, 5  # above and beneath the words under the button


class DecisionBar(QWidget):
    """Shows the draft as a sentence and tells what the person wants of it.

    The bar is as high as the longest sentence so far for this item: it grows when a sentence must wrap and shrinks only
    when another item comes, so that nothing jumps while somebody composes.

    Signals:
        verdict_chosen: a `Verdict`.
        severity_step: +1 or -1.
        actions_wanted, escalate_wanted, skip_wanted, undo_wanted: the button or slot was pressed.
        clause_wanted: the clause slot was pressed.
        flags_wanted: the part about flags was pressed.
        decide_wanted: pressed, or Ctrl+Enter in the note.
        confirmed: the digit the button asked for, when it was pressed with the mouse.
        note_changed: the note, after each change.
        note_left: the editor was closed while it had the focus, which should go back to the desk.

    When it needs another height it posts itself a `LayoutRequest`; `heightForWidth` says which.
    """

    verdict_chosen = Signal(Verdict)
    severity_step = Signal(int)
    actions_wanted = Signal()
    escalate_wanted = Signal()
    skip_wanted = Signal()
    decide_wanted = Signal()
    confirmed = Signal(int)
    undo_wanted = Signal()
    note_changed = Signal(str)
    note_left = Signal()
    clause_wanted = Signal()
    flags_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(tr("Decision"))
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._keys: Mapping[str, str] = key_names.DEFAULT
        self._of: tuple[Item | None, Policy | None, int] = (None, None, 0)
        self._reason = ""
        self._reserved = 0
        self._side = 0
        self._resting = self._asking = False
        self.sentence = SentenceBar(self)
        self.decide = DecideButton(self)
        self.verdicts = VerdictSegments(self)
        self.escalate = BarButton(self, tr("Escalate"), "escalate", "quiet")
        self.skip = BarButton(self, tr("Skip"), "skip", "quiet")
        self.note = NoteField(self)
        self.editor = NoteEditor(self)
        self.undo = UndoPill(self)
        self._rows = ControlRows(self.verdicts, [self.escalate, self.skip], self.note, self.undo)
        self.editor.hide()
        self._connect()
        self.set_keys(key_names.DEFAULT)
        self._show_enabled(on=False)
        theme.signals.changed.connect(self._renew)

    def show_draft(
        self,
        draft: Draft,
        item: Item | None,
        policy: Policy | None,
        missing: tuple[Missing, ...] = (),
        confirm: int | None = None,
        *,
        asking: bool = False,
        numbers: bool = True,
    ) -> None:
        """Show `draft`.

        Args:
            draft: what has been composed.
            item: what it is about; None when the desk is empty: everything sleeps then.
            policy: the version beside it.
            missing: what the draft lacks (`core.decision.missing`).
            confirm: the digit that must follow "decide" (`core.decision.confirming_digit`).
            asking: "decide" was pressed and the digit is awaited now.
            numbers: whether a number chooses a clause now; else something else on the screen takes it.
        """
        another = self._of[0] is not item
        if item is None:
            self._of = (None, None, 0)
            self._show_enabled(on=False)
            self.sentence.show_sentence(())
            why = tr("No item is open")
            self._tell_reason(why)
            self.decide.show_state(None, asking=False, reason=why)
            self._show_note("")
            self.verdicts.show_verdict(None)
            return
        self._show_enabled(on=True)
        if self._of[0] is not item or self._of[1] is not policy:
            self._of = (item, policy, len(policy.recommended(item.flags)) if policy else 0)
        why = reason(missing)
        self.decide.show_state(confirm, asking=asking, reason=why)
        self._asking = asking
        self._rest_keys()
        if not why and confirm is not None:
            key = self._keys.get("decide.commit", "")
            why = tr("Any other key goes back") if asking else tr("{key}, then {n}", key=key, n=confirm)
        self._tell_reason(why)
        self.sentence.show_sentence(compose(draft, item, policy, self._of[2] if numbers else 0), self._beside())
        self.verdicts.show_verdict(draft.verdict)
        self._show_note(draft.rationale)
        if another:
            self._shrink()

    def set_undo(self, seconds_left: int | None, total: int = 30) -> None:
        """Show the decision that is still held; None when there is none."""
        self.undo.show_left(seconds_left, total)
        if seconds_left is not None and not self._rows.pill_kept:
            self._keep_pill(kept=True)
        elif seconds_left is None and not self._rows.pill_beneath:
            self._keep_pill(kept=False)  # beside the note only the note grows: nothing moves

    def set_keys(self, keys: Mapping[str, str]) -> None:
        """Show other key caps: command id -> text as on a key cap."""
        self._keys = keys
        self.sentence.set_keys(keys)
        self.verdicts.set_keys(keys)
        self.decide.set_commit_key(keys.get("decide.commit", ""))
        self.escalate.set_key(keys.get("decide.escalate", ""))
        self.skip.set_key(keys.get("decide.skip", ""))
        self.note.set_key(keys.get("decide.note", ""))
        self.undo.set_key(keys.get("decide.undo", ""))
        self._measure()

    def rest(self, *, on: bool) -> None:
        """What is typed goes into a field elsewhere: no key of the sentence, nor the one that decides, works now."""
        self._resting = on
        self._rest_keys()

    def focus_note(self) -> None:
        """Open the note across the row and put the cursor in it."""
        if not self.note.isEnabled():
            return
        self._show_controls(on=False)
        self.editor.setVisible(True)
        self._rest_keys()
        self._arrange()
        self.editor.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def leave_note(self) -> None:
        """Close the note and keep its words."""
        if self.editor.isHidden():
            return
        # Not `hasFocus`: it is false in a window that is not the active one, as on a screen without a window manager.
        had_focus = self.window().focusWidget() is self.editor
        self.editor.hide()
        self._rest_keys()
        self._show_controls(on=True)
        self._arrange()
        if had_focus:
            self.note_left.emit()

    @property
    def is_writing(self) -> bool:
        """Whether the note is open."""
        return not self.editor.isHidden()

    def hasHeightForWidth(self) -> bool:
        """The sentence wraps."""
        return True

    def heightForWidth(self, width: int) -> int:
        """The height that the bar needs when it is `width` wide, in px."""
        reserved = self._reserved if width == self.width() else 0
        return self._height(width, max(reserved, self._wanted(width)))

    def sizeHint(self) -> QSize:
        """As high as needed."""
        return QSize(theme.scaled(1152), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        """As high as needed."""
        return QSize(theme.scaled(640), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width wraps otherwise: forget the longest sentence so far."""
        if event.oldSize().width() != event.size().width():
            self._reserved = 0
            self._rows.choose(self.width() - _START - _END)
            self._recut()
        self._arrange()

    def changeEvent(self, event: QEvent) -> None:
        """Mirror when the direction changes."""
        if event.type() == QEvent.Type.LayoutDirectionChange:
            self._arrange()
        super().changeEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Ground, the line above, and why the button is off, where that has to be painted anew."""
        t = theme.tokens()
        painter = QPainter(self)
        painter.fillRect(self.rect(), t.bg_raised)
        paint.hairline(painter, 0, 0, self.width() - 1, 0, color=t.line_key)
        words = tr("Esc leaves, Ctrl+Enter decides") if self.is_writing else self._reason
        if words and event.region().intersects(self._reason_area()):
            paint.draw(
                painter,
                self._reason_area(),
                words,
                theme.font("caption"),
                t.text_secondary,
                direction=self.layoutDirection(),
                at_end=True,
            )

    def _connect(self) -> None:
        self.sentence.slot_wanted.connect(self._slot_pressed)
        self.sentence.grew.connect(self._sentence_grew)
        self.verdicts.chosen.connect(self.verdict_chosen)
        self.decide.decide_wanted.connect(self.decide_wanted)
        self.decide.confirmed.connect(self.confirmed)
        self.escalate.clicked.connect(self.escalate_wanted)
        self.skip.clicked.connect(self.skip_wanted)
        self.undo.clicked.connect(self.undo_wanted)
        self.note.clicked.connect(self.focus_note)
        self.editor.textChanged.connect(lambda: self.note_changed.emit(self.editor.toPlainText()))
        self.editor.left.connect(self.leave_note)
        self.editor.decide_wanted.connect(self.decide_wanted)

    def _slot_pressed(self, role: Role) -> None:
        match role:
            case Role.VERDICT:
                self.verdicts.setFocus(Qt.FocusReason.OtherFocusReason)
            case Role.CLAUSE:
                self.clause_wanted.emit()
            case Role.SEVERITY:
                back = bool(QApplication.keyboardModifiers() & Qt.KeyboardModifier.ShiftModifier)
                self.severity_step.emit(-1 if back else 1)
            case Role.ACTION:
                self.actions_wanted.emit()
            case Role.ESCALATION:
                self.escalate_wanted.emit()
            case Role.NOTE:
                self.focus_note()
            case Role.FLAGS:
                self.flags_wanted.emit()
            case Role.GLUE:
                pass

    def _show_note(self, note: str) -> None:
        self.note.show_note(note)
        self.editor.show_note(note)

    def _show_controls(self, *, on: bool) -> None:
        for control in (self.verdicts, self.escalate, self.skip, self.note, self.undo):
            control.setVisible(on)

    def _rest_keys(self) -> None:
        """No key works while what is typed goes into a field, and none but one while a digit is awaited."""
        typing = self._resting or self.is_writing
        self.decide.set_typing(typing=typing)
        self.sentence.set_typing(typing=typing or self._asking)
        self._rows.rest(on=typing or self._asking)

    def _show_enabled(self, *, on: bool) -> None:
        for control in (self.verdicts, self.escalate, self.skip, self.note):
            if control.isEnabled() != on:
                control.setEnabled(on)

    def _tell_reason(self, why: str) -> None:
        if why != self._reason:
            self._reason = why
            self.decide.setAccessibleDescription(why)
            self.update(self._reason_area())

    def _renew(self) -> None:
        for control in (self.verdicts, self.escalate, self.skip, self.editor):
            control.renew()
        self._measure()
        self.update()

    def _measure(self) -> None:
        """Sizes that hold until the theme, the zoom or the keys change."""
        reasons = [reason((lack,)) for lack in Missing]
        reasons += [tr("Any other key goes back"), tr("{key}, then {n}", key="D", n=3)]
        reasons.append(tr("Esc leaves, Ctrl+Enter decides"))
        self._side = max(self.decide.widest(), *(theme.width(text, "caption") + 2 for text in reasons))
        self._reserved = 0
        self._rows.choose(self.width() - _START - _END)
        self._recut()
        self._arrange()

    def _recut(self) -> None:
        self.sentence.show_sentence(self.sentence.segments, self._beside())

    def _shrink(self) -> None:
        """Another item has come: give back what the one before needed, and the room of a pill that is gone."""
        given_back = self._rows.pill_kept and not self.undo.isEnabled()
        if given_back:
            self._keep_pill(kept=False)
        if given_back or self._wanted() < self._reserved:
            self._reserved = 0
            self._arrange()

    def _keep_pill(self, *, kept: bool) -> None:
        if kept != self._rows.pill_kept:
            self._rows.pill_kept = kept
            self._recut()
            self._arrange()

    def _sentence_grew(self) -> None:
        if self.sentence.needed_height > self._reserved:
            self._arrange()

    def _wanted(self, width: int = 0) -> int:
        """The height of the sentence, and of what stands beside it, when the bar is `width` wide; as it is, if 0."""
        sentence = self.sentence.height_at((width or self.width()) - _START - _END, self._beside())
        if self._pill_beneath():
            return max(sentence, self._undo_top() + theme.scaled(theme.tokens().px["control"]))
        large, line = theme.scaled(theme.tokens().px["control_large"]), theme.line("caption")
        return max(sentence, large + _REASON_GAP + line + _REASON_AIR - _ROW_GAP)

    def _pill_beneath(self) -> bool:
        """Whether room is kept for the undo pill beneath the button."""
        return self._rows.pill_beneath and self._rows.pill_kept

    def _undo_top(self) -> int:
        """Where the undo pill stands when it is beneath the button, from the top of the sentence."""
        large = theme.scaled(theme.tokens().px["control_large"])
        return large + _REASON_GAP + theme.line("caption") + _REASON_AIR

    def _beside(self) -> Beside:
        """What stands beside the sentence: the button; beneath it the reason, and the undo pill if it has no row."""
        found = [(theme.scaled(theme.tokens().px["control_large"]), self._side + 24)]
        if self._reason:
            found.append((self._undo_top(), theme.width(self._reason, "caption") + 24))
        if self._pill_beneath():
            hint = self.undo.sizeHint()
            found.append((self._undo_top() + hint.height(), hint.width() + 16))
        return tuple(found)

    def _height(self, width: int, sentence: int) -> int:
        controls = self.editor.height_wanted() + _WRITING_GAP - _ROW_GAP
        if not self.is_writing:
            controls = self._rows.height(width - _START - _END)
        return _TOP + sentence + _ROW_GAP + controls + _BOTTOM

    def _arrange(self) -> None:
        """Place everything. Called when a size changes, never because the item did."""
        width = max(1, self.width() - _START - _END)
        self._reserved = max(self._reserved, self._wanted())
        self.sentence.setGeometry(self._at(_START, _TOP, width, self._reserved))
        large = theme.scaled(theme.tokens().px["control_large"])
        self.decide.setGeometry(self._at(self.width() - _END - self._side, _TOP, self._side, large))
        y = _TOP + self._reserved + _ROW_GAP
        self.editor.setGeometry(self._at(_START, y + _WRITING_GAP - _ROW_GAP, width, self.editor.height_wanted()))
        self._rows.place(self._at, _START, y, width)
        if self._rows.pill_beneath:
            hint = self.undo.sizeHint()
            end = self.width() - _END - hint.width()
            self.undo.setGeometry(self._at(end, _TOP + self._undo_top(), hint.width(), hint.height()))
        if self.height() != self._height(self.width(), self._reserved):
            self.updateGeometry()
            QCoreApplication.postEvent(self, QEvent(QEvent.Type.LayoutRequest))
        self.update()

    def _reason_area(self) -> QRect:
        beneath = self.decide.geometry()
        return QRect(
            QPoint(beneath.left(), beneath.bottom() + _REASON_GAP), QSize(beneath.width(), theme.line("caption"))
        )

    def _at(self, x: int, y: int, width: int, height: int) -> QRect:
        return QStyle.visualRect(self.layoutDirection(), self.rect(), QRect(x, y, width, height))
