"""Whether a window can be opened here, asked before Qt is: without a display Qt ends the process with a core dump."""

import os
import sys

NONE = "There is no display here, so no window can be opened."


def is_there() -> bool:
    """False only on Linux, when Qt would look for a display and no session says where it is."""
    if not sys.platform.startswith("linux") or not os.environ.get("QT_QPA_PLATFORM", "xcb").startswith(
        ("xcb", "wayland")
    ):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
