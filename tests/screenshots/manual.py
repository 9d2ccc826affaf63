"""The pictures of the manual are scenes; taken anew with all others, they are put in their places here."""

import shutil
from pathlib import Path

PICTURES = {
    "desk": "desk-composed-light-1440x900",
    "desk-dark": "desk-composed-dark-1440x900",
    "first-run": "first-run-ready-light-1440x900",
    "offline": "state-offline-light-1440x900",
    "returned": "state-returned-light-1440x900",
    "fail-damaged": "state-cache-damaged-light-1280x720",
    "fail-disk-full": "state-disk-full-light-1280x720",
    "fail-offline": "state-offline-light-1280x720",
    "fail-outbox": "state-outcomes-light-1280x720",
    "fail-sign-in": "state-sign-in-light-1280x720",
    "fail-signed-out": "state-removed-told-light-1280x720",
}


def place(taken: Path, manual: Path) -> None:
    """Copy what was taken into the manual; a picture that is missing stays as it was."""
    for name, scene in PICTURES.items():
        picture = taken / f"{scene}.png"
        if picture.exists():
            shutil.copyfile(picture, manual / f"{name}.png")
