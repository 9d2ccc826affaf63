"""Build the sample queue: ``python build.py SHARED_DATA_DIR [TARGET]`` writes ``resources/sample``.

Needs scikit-learn (for the baseline that scores short texts), which the product itself does not: use a virtual
environment of its own. The same input and the same scikit-learn give the same bytes.
"""

import json
import shutil
import sys
import tomllib
from collections import Counter
from pathlib import Path

import community
import files
import market

HERE = Path(__file__).parent
LICENCES = {
    "LICENSE.dummyjson": "LICENSE.dummyjson",
    "LICENSE.multilingual_hatecheck": "LICENSE.multilingual_hatecheck",
    "media/LICENSE.scikit-image-data.txt": "LICENSE.scikit-image-data.txt",
    "media/LICENSE.sklearn-images.txt": "LICENSE.sklearn-images.txt",
}


def main(shared: Path, target: Path) -> None:
    """Write items.jsonl, media/ and the licences below `target`."""
    written = tomllib.loads((HERE / "written.toml").read_text("utf-8"))
    items = [
        *market.listings(shared),
        *market.reviews(shared),
        *market.written(written["reviews"]),
        *community.texts(shared),
        *community.threads(shared),
        *community.written_texts(written["posts"]),
        *files.items(shared, target),
    ]
    ids = Counter(one["item_id"] for one in items)
    assert max(ids.values()) == 1, "two items have the same id"
    lines = [json.dumps(one, ensure_ascii=False, separators=(",", ":")) for one in items]
    (target / "items.jsonl").write_text("\n".join(lines) + "\n", "utf-8", newline="\n")
    (target / "licences").mkdir(exist_ok=True)
    for source, name in LICENCES.items():
        shutil.copyfile(shared / source, target / "licences" / name)
    kinds = Counter(one["content"]["kind"] for one in items)
    languages = Counter(one["language"] for one in items)
    print(len(items), dict(kinds), dict(languages))


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else HERE.parents[1] / "resources" / "sample")
