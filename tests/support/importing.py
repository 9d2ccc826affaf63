"""An import into a real database, and a line that it takes."""

import json
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import select

from modstation.service import catalogue
from modstation.service.database import open_database
from modstation.service.ingest.importer import ServiceStore, import_file
from modstation.service.media import MediaFolder
from modstation.service.tables import item, item_body, item_media, media
from tests.support.builders import a_policy

NOW = datetime(2026, 11, 20, 10, tzinfo=UTC)
SECRET = "zebrafinch"  # stands for content: no report may contain it


class FixedClock:
    def now(self):
        return NOW

    def ticks(self):
        return 0.0

    def boot(self):
        return "boot"


class Service:
    """A store on a real database, with eyes for all that an import could change."""

    def __init__(self, folder: Path):
        self.data = folder / "data"
        self.database = open_database(self.data)
        self.files = MediaFolder(self.data)
        self.store = ServiceStore(self.database, self.files, FixedClock())
        self.file = folder / "in" / "items.jsonl"
        (folder / "in" / "media").mkdir(parents=True)
        self.database.write(lambda conn: catalogue.add_queue(conn, "market"))
        for policy_id in ("house", "github-site-policy"):
            policy = a_policy(policy_id=policy_id)
            self.database.write(lambda conn, policy=policy: catalogue.publish_policy(conn, policy))

    def import_lines(self, records, **options):
        rows = [r if isinstance(r, bytes) else json.dumps(r, ensure_ascii=False).encode() for r in records]
        self.file.write_bytes(b"\n".join(rows) + b"\n")
        return import_file(self.file, self.store, **options)

    def state(self):
        def everything(conn):
            return [
                conn.execute(select(t).order_by(*t.primary_key)).all() for t in (item, item_body, item_media, media)
            ]

        return self.database.read(everything), sorted(p.name for p in self.files.folder.rglob("*") if p.is_file())

    def rows(self):
        return {r.item_id: r for r in self.database.read(lambda conn: conn.execute(select(item)).all())}

    def stored(self):
        found = self.database.read(lambda conn: conn.execute(select(item_body)).all())
        return {row.item_id: json.loads(row.body) for row in found}


def a_line(item_id="a-1", **over):
    return {
        "item_id": item_id,
        "queue": "market",
        "policy_id": "house",
        "language": "en",
        "severity": 2,
        "category": "harassment",
        "summary": "Review of a pump, 2 of 5",
        "created_at": "2026-11-14T18:02:00Z",
        "content": {
            "kind": "review",
            "text": f"The pump is a {SECRET}.",
            "rating": 2,
            "title": f"{SECRET} title",
            "product": {"title": f"{SECRET} pump", "price": "24.90", "currency": "EUR"},
        },
        "flags": [
            {
                "flag_id": "f1",
                "source": "rule",
                "category": "harassment",
                "title": f"Rule {SECRET}",
                "score": 0.5,
                "spans": [{"part": "text", "start": 4, "end": 8}],
            }
        ],
        "context": {"before": [{"author": SECRET, "text": SECRET, "depth": 0}]},
        "actions": [{"action_id": "remove", "title": "Remove", "phrase": "remove the review"}],
        "teams": ["legal"],
    } | over
