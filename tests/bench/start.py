"""From the start of the process to the first item painted, with 10,000 items in the vault.

Ours: ``modstation`` as its command line starts it, until the body of the first item has been painted. Baseline: a
process that imports PySide6, shows a window with one label and has painted it. Whole processes, in turn.
"""

import os
import subprocess
import sys
import tempfile
import time
from functools import cache
from pathlib import Path

from tests.bench import furnished
from tests.bench.row import Budget, Pairs, Row

ITEMS = 10_000
PAINTED = "painted"

BARE = """
import sys
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QLabel, QWidget, QVBoxLayout
class Painted(QObject):
    def eventFilter(self, watched, event):
        if event.type() == QEvent.Type.Paint:
            print("painted", flush=True)
            QApplication.exit(0)
        return False
app = QApplication(sys.argv[:1])
window = QWidget()
window.resize(1440, 900)
label = QLabel("ModStation")
QVBoxLayout(window).addWidget(label)
painted = Painted()
label.installEventFilter(painted)
window.show()
sys.exit(app.exec())
"""

# It loads the station itself, to put a keyring in its place, and so must do first what `app.cli` does first.
OURS = """
import gc
import sys
gc.disable()
sys.argv[1:] = ["station", "--home", sys.argv[1] + "/station"]
home = sys.argv[3].rsplit("/", 1)[0]
import modstation.__main__ as entry
import modstation.app.station as station
from PySide6.QtWidgets import QApplication
from modstation.ui.item.body import ItemBody
from tests.support.keyring_file import FileKeyring
from pathlib import Path
station.SystemKeyring = lambda: FileKeyring(Path(home) / "keyring")
paint = ItemBody.paintEvent
def painted(body, event):
    paint(body, event)
    if body._body.blocks:
        print("painted", flush=True)
        import os
        os._exit(0)
ItemBody.paintEvent = painted
sys.exit(entry.main())
"""


def rows(quick: bool) -> list[Row]:
    """One row."""
    return [
        Row("start", "an empty PySide6 window that shows a label", Budget(1.5), lambda: _measure(4 if quick else 20))
    ]


@cache
def _home() -> "tempfile.TemporaryDirectory[str]":
    folder = tempfile.TemporaryDirectory()
    furnished.furnish(Path(folder.name), ITEMS)
    return folder


def close() -> None:
    """Remove the vault, if one was made."""
    if _home.cache_info().currsize:
        _home().cleanup()


def _measure(times: int) -> Pairs:
    home = _home().name
    ours, bare = [], []
    for n in range(-1, times):  # the first pair warms the file cache
        took, beside = _until_painted(OURS, home), _until_painted(BARE)
        if n >= 0:
            ours.append(took)
            bare.append(beside)
    return Pairs(ours, bare)


def _until_painted(code: str, *given: str) -> float:
    begun = time.perf_counter()
    # As installed: with compiled modules, wherever the surroundings say that none are to be kept.
    around = {**os.environ, "PYTHONPYCACHEPREFIX": f"{_home().name}/compiled", "PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", code, *given]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=around) as child:
        assert child.stdout is not None
        line = child.stdout.readline()
        took = (time.perf_counter() - begun) * 1000
        child.stdout.read()
    if line.strip() != PAINTED:
        raise RuntimeError(f"the process said {line!r} and ended with {child.returncode}")
    return took
