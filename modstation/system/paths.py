"""Where things are on this machine."""

import os
from pathlib import Path

import platformdirs

import modstation


def resources() -> Path:
    """The folder of icons, styles, sample queue and policy pack: beside the package, or inside it when installed."""
    package = Path(modstation.__file__).parent
    inside = package / "resources"
    return inside if inside.is_dir() else package.parent / "resources"


def station() -> Path:
    """The station's folder (vault, media, journal, log). ``MODSTATION_HOME`` overrides it.

    A cache folder: its content can be had again from the service, and backup programs leave it alone.
    """
    chosen = os.environ.get("MODSTATION_HOME")
    return Path(chosen) if chosen else platformdirs.user_cache_path("modstation", appauthor=False) / "station"


def private(folder: Path) -> Path:
    """Make `folder` if need be, readable by its owner only, marked as a cache (bford.info/cachedir)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    folder.chmod(0o700)
    tag = folder / "CACHEDIR.TAG"
    if not tag.exists():
        tag.write_text(
            "Signature: 8a477f597d28d172789f06886806bc55\n# ModStation keeps review items here, encrypted.\n"
        )
    return folder
