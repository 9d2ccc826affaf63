"""Takes the pictures: one widget, every theme and size, into files named `<name>-<theme>-<size>.png`."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from modstation.ui import theme
from modstation.ui.theme.tokens import Choice

Size = tuple[int, int]
SIZES: tuple[Size, ...] = ((1440, 900), (1280, 720))
LIGHT_AND_DARK: tuple[Choice, ...] = ("light", "dark")
Play = Callable[[Any], Iterator[QWidget]]


@dataclass(frozen=True, slots=True)
class Scene:
    """Something to be photographed.

    Attributes:
        play: sets the stage, yields the window, and clears up when it is resumed.
        themes: in which themes; both, unless the scene is about one.
        sizes: in which sizes of the window; both, unless the scene is about one.
    """

    name: str
    play: Play
    themes: tuple[Choice, ...] = LIGHT_AND_DARK
    sizes: tuple[Size, ...] = SIZES


class Camera:
    """Photographs what it is pointed at.

    Attributes:
        taken: the files written, in order.
    """

    def __init__(self, app: QApplication, folder: Path, only: str) -> None:
        self._app = app
        self._folder = folder
        self._only = only
        self.taken: list[Path] = []
        folder.mkdir(parents=True, exist_ok=True)

    def wants(self, scene: Scene) -> bool:
        """Whether this scene is among those that were asked for."""
        return self._only in scene.name

    def film(self, scenes: tuple[Scene, ...], stage: Any) -> None:
        """Play the scenes that are wanted and photograph each."""
        for scene in filter(self.wants, scenes):
            theme.apply(self._app, scene.themes[0])
            for window in scene.play(stage):
                for choice in scene.themes:
                    theme.apply(self._app, choice)
                    for width, height in scene.sizes:
                        self._shoot(window, f"{scene.name}-{choice}-{width}x{height}", width, height)

    def settle(self) -> None:
        """Let everything that is due be done."""
        for _ in range(4):
            self._app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)

    def _shoot(self, window: QWidget, name: str, width: int, height: int) -> None:
        window.resize(width, height)
        self.settle()
        path = self._folder / f"{name}.png"
        if not window.grab().save(str(path)):
            raise OSError(f"{path} could not be written")
        self.taken.append(path)
