"""Putting a theme in force: palette, style, focus frame, and following what the system prefers."""

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QFocusFrame, QWidget

from modstation.ui.theme import fonts, icons, marks
from modstation.ui.theme.active import signals, tokens, use, use_zoom
from modstation.ui.theme.style import ProxyStyle, focus_mode
from modstation.ui.theme.tokens import Choice, ThemeName, Tokens

_NAME = "modstation theme"
_SCHEMES = {"light": Qt.ColorScheme.Light, "dark": Qt.ColorScheme.Dark, "high_contrast": Qt.ColorScheme.Dark}


def palette(t: Tokens) -> QPalette:
    """The palette of a theme: what standard widgets paint with."""
    role = QPalette.ColorRole
    made = QPalette()
    colours: dict[QPalette.ColorRole, QColor] = {
        role.Window: t.bg_window,
        role.WindowText: t.text_primary,
        role.Base: t.bg_content,
        role.AlternateBase: t.bg_panel,
        role.Text: t.text_primary,
        role.PlaceholderText: t.text_muted,
        role.Button: t.bg_raised,
        role.ButtonText: t.text_primary,
        role.BrightText: t.accent_on,
        role.Highlight: t.bg_selected,
        role.HighlightedText: t.text_primary,
        role.Accent: t.accent,
        role.Link: t.accent_text,
        role.LinkVisited: t.accent_text,
        role.ToolTipBase: t.bg_raised,
        role.ToolTipText: t.text_primary,
        role.Light: t.bg_raised,
        role.Midlight: t.line_subtle,
        role.Mid: t.line_key,
        role.Dark: t.line_control,
        role.Shadow: t.line_control,
    }
    for name, color in colours.items():
        made.setColor(name, color)
    for name in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        made.setColor(QPalette.ColorGroup.Disabled, name, t.text_muted)
    made.setColor(QPalette.ColorGroup.Disabled, role.Base, t.bg_sunken)
    made.setColor(QPalette.ColorGroup.Disabled, role.Button, t.bg_sunken)
    return made


def preferred() -> ThemeName:
    """The theme the system asks for."""
    hints = QGuiApplication.styleHints()
    if hints.accessibility().contrastPreference() == Qt.ContrastPreference.HighContrast:
        return "high_contrast"
    return "dark" if hints.colorScheme() == Qt.ColorScheme.Dark else "light"


class _Keeper(QObject):
    """Lives with the application: follows the system, and keeps the one focus frame on whoever has the focus."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.setObjectName(_NAME)
        self.choice: Choice = "system"
        self._app = app
        self._frame: QFocusFrame | None = None
        hints = QGuiApplication.styleHints()
        hints.colorSchemeChanged.connect(self._system_changed)
        hints.accessibility().contrastPreferenceChanged.connect(self._system_changed)
        app.focusChanged.connect(self._focus_moved)

    def _system_changed(self) -> None:
        if self.choice == "system":
            self.put_in_force(preferred())

    def put_in_force(self, name: ThemeName) -> None:
        """Palette, fonts and drawings of the theme `name`; then everybody is told."""
        use(name)
        icons.forget()
        marks.forget()
        self._app.setPalette(palette(tokens()))
        self._app.setFont(fonts.font("ui"))
        signals.changed.emit()

    def _focus_moved(self, _old: QWidget | None, new: QWidget | None) -> None:
        if new is None or new.isWindow() or not _wants_ring(new):
            if self._frame is not None:
                self._frame.setWidget(None)  # type: ignore[arg-type]  # hiding is not enough: it comes back with its widget
            return
        if self._frame is None:
            self._frame = QFocusFrame()
            self._frame.destroyed.connect(self._frame_gone)
        self._frame.setWidget(new)

    def _frame_gone(self) -> None:
        """The window it stood in was deleted, and it with it."""
        self._frame = None


def _wants_ring(focused: QWidget) -> bool:
    """Whether the focus is to be seen: round a large pane only when a person moved it there by Tab or F6.

    That is noted on the window (by Qt for F6, by the window's key router for Tab) and never taken back but here.
    """
    window, by_key = focused.window(), Qt.WidgetAttribute.WA_KeyboardFocusChange
    moved = window.testAttribute(by_key)
    window.setAttribute(by_key, False)
    mode = focus_mode(focused)
    return mode != "none" and (mode not in {"inside", "inset"} or moved)


def _keeper(app: QApplication) -> _Keeper:
    found = app.findChild(_Keeper, _NAME)
    if found is None:
        found = _Keeper(app)
        app.setStyle(ProxyStyle())
    return found


def apply(app: QApplication, choice: Choice) -> None:
    """Put a theme in force in the whole application; ``system`` follows the system from then on."""
    keeper = _keeper(app)
    keeper.choice = choice
    hints = QGuiApplication.styleHints()
    if choice == "system":
        hints.unsetColorScheme()
    else:
        hints.setColorScheme(_SCHEMES[choice])  # so that the system's own title bar follows
    keeper.put_in_force(preferred() if choice == "system" else choice)


def set_zoom(app: QApplication, factor: float) -> None:
    """Make all text `factor` times as large (0.75 to 3) and tell everybody; widgets measure themselves again."""
    use_zoom(factor)
    fonts.forget()
    _keeper(app).put_in_force(tokens().name)
