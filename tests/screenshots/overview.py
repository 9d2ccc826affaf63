"""Contact sheets: all pictures of a theme, small, on one page."""

from pathlib import Path

from PIL import Image, ImageDraw

WIDE, COLUMNS, GAP, LINE = 480, 5, 12, 18


def write(folder: Path, theme: str) -> Path | None:
    """Write `overview-<theme>.png` from the larger pictures of a theme; None when there are none."""
    found = sorted(folder.glob(f"*-{theme}-1440x900.png"))
    if not found:
        return None
    high = WIDE * 900 // 1440
    rows = -(-len(found) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (WIDE + GAP) + GAP, rows * (high + LINE + GAP) + GAP), "#888888")
    pen = ImageDraw.Draw(sheet)
    for n, path in enumerate(found):
        x, y = GAP + n % COLUMNS * (WIDE + GAP), GAP + n // COLUMNS * (high + LINE + GAP)
        with Image.open(path) as picture:
            sheet.paste(picture.convert("RGB").resize((WIDE, high), Image.Resampling.LANCZOS), (x, y + LINE))
        pen.text((x, y + 2), path.name.removesuffix(f"-{theme}-1440x900.png"), fill="white")
    target = folder / f"overview-{theme}.png"
    sheet.save(target)
    return target
