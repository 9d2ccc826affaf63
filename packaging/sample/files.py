"""Items with a file: photos, films, sound, a document. What each shows is told in words written for the sample."""

import json
import shutil
from pathlib import Path
from typing import Any

from desk import HANDLES, author, item, number, pick
from signals import flag, numbered, report

# file: alt text, what to expect, language-free caption, category, severity, why it is here
IMAGES: dict[str, tuple[str, tuple[str, ...], str, str, int, str]] = {
    "01_astronaut.jpg": (
        (
            "Portrait of a smiling person in an orange space suit, a white helmet on the table, a flag and a model of "
            "a space shuttle behind."
        ),
        ("a person's face", "flag"),
        "My first day at work",
        "impersonation",
        2,
        "",
    ),
    "02_chelsea_cat.png": ("Close-up of a tabby cat that looks past the camera.", ("animal",), "", "off_topic", 1, ""),
    "03_coffee.webp": (
        "A cup of coffee on a red saucer with a spoon, on a wooden table.",
        (),
        "Still warm",
        "advertising",
        1,
        "",
    ),
    "04_rocket.jpg": (
        "A rocket on its launch pad at dusk, lit by lamps, four towers around it.",
        ("rocket",),
        "",
        "misinformation",
        1,
        "",
    ),
    "05_hubble_1mp.jpg": ("Hundreds of small galaxies on black.", (), "Taken from my balcony", "misinformation", 2, ""),
    "06_page_scan_gray.png": (
        "Grey photograph of a printed page about image processing, slightly bent.",
        ("text in the picture",),
        "",
        "copyright",
        2,
        "",
    ),
    "07_grace_hopper.jpg": (
        "Portrait of an elderly person in a dark naval uniform with ribbons, a flag behind.",
        ("a person's face", "uniform", "flag"),
        "Our founder",
        "impersonation",
        2,
        "",
    ),
    "08_china_pagoda.jpg": (
        "A red and green pagoda of several storeys above trees, a lake in the haze.",
        (),
        "Summer palace",
        "manipulated_media",
        1,
        "",
    ),
    "09_flower.jpg": ("An orange dahlia in full bloom before dark green leaves.", (), "", "copyright", 1, ""),
    "10_exif_rot6.jpg": (
        "A pagoda above trees; the file asks to be shown turned by a quarter.",
        (),
        "",
        "manipulated_media",
        1,
        "distance 0 to a photo that is here already, when shown upright",
    ),
    "11_exif_rot3.jpg": (
        "Portrait of a person in naval uniform; the file asks to be shown upside down.",
        ("a person's face", "uniform", "flag"),
        "",
        "impersonation",
        2,
        "",
    ),
    "12_cmyk.jpg": ("An orange dahlia, in colours for print.", (), "For the calendar", "copyright", 1, ""),
    "13_anim.gif": ("A very small moving picture of a walking figure.", ("moving picture",), "", "disruption", 1, ""),
    "14_anim.webp": (
        "A portrait in a space suit that moves a little.",
        ("moving picture", "a person's face"),
        "",
        "manipulated_media",
        2,
        "",
    ),
    "15_12mp.jpg": (
        "Portrait of a person in an orange space suit, very large file.",
        ("a person's face", "flag"),
        "Poster",
        "copyright",
        1,
        "",
    ),
    "16_6mp.webp": ("A pagoda above trees, large file.", (), "", "copyright", 1, ""),
    "17_alpha.png": ("A cup of coffee with a see-through background.", (), "", "trademark", 1, ""),
    "18_tall_320x4000.png": ("A very tall grey strip that fades to white.", (), "", "disruption", 1, ""),
    "19_china_neardup_q30.jpg": (
        "A pagoda above trees, small and coarse.",
        (),
        "My own photo",
        "copyright",
        2,
        "PDQ distance 10 of 256 to a photo that is here already",
    ),
    "20_china_mirror.jpg": (
        "A pagoda above trees, left and right exchanged.",
        (),
        "Look at the other side",
        "manipulated_media",
        2,
        "",
    ),
}

OTHERS: dict[str, dict[str, Any]] = {
    "video/01_720p_h264_aac_6s.mp4": {
        "alt": "Six seconds: a portrait in a space suit, slowly moving, with a tone.",
        "contains": ["a person's face", "sound"],
        "caption": "Interview, part one",
        "category": "impersonation",
        "summary": "Video, 6 s, 1280 x 720",
        "size": (1280, 720, 6.0),
    },
    "video/02_360p_vp9_5s.webm": {
        "alt": "Five seconds: a pagoda, the picture moves sideways, with a tone.",
        "contains": ["sound"],
        "caption": "",
        "category": "copyright",
        "summary": "Video, 5 s, 640 x 360",
        "size": (640, 360, 5.008),
    },
    "video/03_vertical_540x960_6s.mp4": {
        "alt": "Six seconds, upright: a cup of coffee, slowly nearer, with a tone.",
        "contains": ["sound"],
        "caption": "Best coffee in town",
        "category": "advertising",
        "summary": "Video, 6 s, upright",
        "size": (540, 960, 6.0),
    },
    "audio/01_en.mp3": {
        "alt": "Five seconds of an artificial voice in English about a charger.",
        "contains": ["artificial voice"],
        "caption": "",
        "transcript": "This listing says the charger is certified, but the seller could not show a certificate.",
        "category": "misinformation",
        "summary": "Voice message, 5 s, English",
        "size": (0, 0, 4.754),
    },
    "audio/02_de.ogg": {
        "alt": "Four seconds of an artificial voice in German about a review.",
        "contains": ["artificial voice"],
        "caption": "",
        "transcript": "Bitte prüfen Sie diese Bewertung, bevor sie veröffentlicht wird.",
        "language": "de",
        "category": "inauthentic",
        "summary": "Voice message, 4 s, German",
        "size": (0, 0, 3.575),
    },
    "pdf/01_three_pages.pdf": {
        "alt": "Three pages: text, a photo of a pagoda, links.",
        "contains": ["links"],
        "category": "copyright",
        "summary": "Document, 3 pages",
        "size": (0, 0, 0.0),
    },
}


def items(shared: Path, target: Path) -> list[dict[str, Any]]:
    """One item for each file; the files are copied unchanged to ``media/`` below `target`."""
    (target / "media").mkdir(parents=True, exist_ok=True)
    manifest = {}
    for line in (shared / "media" / "manifest.jsonl").read_text().splitlines():
        row = json.loads(line)
        manifest[row["path"].removeprefix("media/")] = row
    made = []
    for n, (name, told) in enumerate(IMAGES.items(), 1):
        shutil.copyfile(shared / "media" / "images" / name, target / "media" / name)
        made.append(_image(n, name, told, manifest[f"images/{name}"]))
    for name, other in OTHERS.items():
        shutil.copyfile(shared / "media" / name, target / "media" / _flat(name))
        made.append(_other(name, other, manifest[name]))
    return made


def _flat(name: str) -> str:
    folder, _, file = name.partition("/")
    return f"{folder}_{file}"


def _image(
    n: int, name: str, told: tuple[str, tuple[str, ...], str, str, int, str], row: dict[str, Any]
) -> dict[str, Any]:
    alt, contains, caption, category, severity, match = told
    item_id = f"image-{n:02}"
    width, height = row["size"]
    flags = []
    if match:
        words = f"Perceptual hash: {match}."
        flags.append(flag(item_id, "hash_match", category, "Match with a known photo", words))
    if width * height >= 6_000_000:
        words = "The file is much larger than usual."
        flags.append(flag(item_id, "rule", category, "Very large picture", words))
    if not flags or number("report", item_id, below=3) == 0:
        flags.append(report(item_id, category))
    media = {"file": f"media/{name}", "mime": row["type"], "alt": alt, "width": width, "height": height}
    if contains:
        media["contains"] = list(contains)
    content = {"kind": "image", "media": media} | ({"caption": caption} if caption else {})
    moving = ", moving" if row["frames"] > 1 else ""
    handle = pick(HANDLES, "image", name)
    return item(
        item_id,
        "photo",
        content,
        queue="community",
        language="en" if caption else "zxx",
        severity=severity,
        category=category,
        summary=f"Photo{moving}, {width} x {height}",
        flags=numbered(flags),
        context={"author": author(handle, ("Photos", str(1 + number(handle, below=90))))},
        estimate_s=30,
    )


def _other(name: str, told: dict[str, Any], row: dict[str, Any]) -> dict[str, Any]:
    kind = {"video": "video", "audio": "audio", "pdf": "document"}[name.split("/", maxsplit=1)[0]]
    item_id = f"{kind}-{name.split('/')[1][:2]}"
    width, height, seconds = told["size"]
    media: dict[str, Any] = {"file": f"media/{_flat(name)}", "mime": row["type"], "alt": told["alt"]}
    media |= {"contains": told["contains"], "width": width, "height": height, "duration_s": seconds}
    content: dict[str, Any] = {"kind": kind, "media": {key: value for key, value in media.items() if value}}
    content |= {key: told[key] for key in ("caption", "transcript") if told.get(key)}
    handle = pick(HANDLES, "other", name)
    return item(
        item_id,
        {"video": "video", "audio": "recording", "document": "document"}[kind],
        content,
        queue="community",
        language=told.get("language", "en"),
        severity=2,
        category=told["category"],
        summary=told["summary"],
        flags=numbered([report(item_id, told["category"])]),
        context={"author": author(handle)},
        estimate_s=60,
    )
