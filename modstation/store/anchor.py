"""When the service last told the time. Put by sync with every exchange, read by whoever asks what a lease has left."""

import json
from datetime import datetime

from modstation.core.servicetime import Anchor, ServiceTime, estimate
from modstation.store import meta
from modstation.store.driver import Database
from modstation.system.clock import Clock

KEY = "sync.anchor"


def take(server_time: datetime, clock: Clock) -> Anchor:
    """The anchor for a time told at this moment."""
    return Anchor(server_time, clock.now(), clock.ticks(), clock.boot())


def put(db: Database, anchor: Anchor) -> None:
    """Keep the newest anchor; to be called in the unit that applies the reply."""
    told = [anchor.server_time.isoformat(), anchor.wall.isoformat(), anchor.ticks, anchor.boot]
    meta.put(db, KEY, json.dumps(told))


def get(db: Database) -> Anchor | None:
    """The newest anchor; None before the first exchange."""
    kept = meta.get(db, KEY)
    if kept is None:
        return None
    server_time, wall, ticks, boot = json.loads(kept)
    return Anchor(datetime.fromisoformat(server_time), datetime.fromisoformat(wall), ticks, boot)


def service_time(db: Database, clock: Clock) -> ServiceTime:
    """What time it is at the service."""
    return reckon(get(db), clock)


def reckon(told: Anchor | None, clock: Clock) -> ServiceTime:
    """What time it is at the service now, when `told` is the newest anchor."""
    return estimate(told, clock.now(), clock.ticks(), clock.boot())
