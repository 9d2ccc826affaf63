"""A stage for what goes wrong: a service in this process that can be stopped and put back, and a small station."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import cast

import msgspec
from PySide6.QtCore import Qt
from sqlalchemy import Connection, text, update

from modstation.app.station import Station
from modstation.core.decision import Decision, Verdict
from modstation.core.ids import ItemId
from modstation.core.item import Item
from modstation.core.status import Link
from modstation.demo.process import admin
from modstation.service import catalogue, devices, leases
from modstation.service.app import Service
from modstation.service.leases import Holder
from modstation.service.recording import Recorder
from modstation.service.server import open_service
from modstation.service.tables import lease
from modstation.system import settings
from modstation.system.paths import private
from modstation.system.settings import Settings
from modstation.wire import translate
from modstation.wire.exchange import GoneBecause, Sent
from tests.screenshots.at_desk import clear
from tests.screenshots.stage import PASSPHRASE, Stage
from tests.support.member import join
from tests.support.person import LeapingClock
from tests.support.running_service import RunningService
from tests.support.station import a_decision_id

SMALL = Settings(repeat_guard_ms=0, hold_items=24, undo_hold_s=0)
CALM = ("review", "text", "listing", "comment")
CALM_ITEMS = 4  # a scene about the connection decides two, and shows a third


class BentClock(LeapingClock):
    """A clock of this computer that is set wrong, or that stood still while the machine was off."""

    def __init__(self) -> None:
        super().__init__()
        self.boots = 0
        self._wrong_s = 0.0

    def set_wall(self, ahead_s: float) -> None:
        """Somebody sets the wall clock; no time passes."""
        self._wrong_s = ahead_s

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self._wrong_s)

    def boot(self) -> str:
        return f"{super().boot()}{'+' * self.boots}"


class Trouble(Stage):
    """A service and a station that holds 24 items, both in this process."""

    def __init__(self, stage: Stage, name: str) -> None:
        home = private(stage.home / f"trouble-{name}-{len(list(stage.home.iterdir()))}")
        super().__init__(home)
        admin(self.data, "init-demo")
        self.live = RunningService(self.data)
        self.live.start()
        self.clock = BentClock()

    @classmethod
    @contextmanager
    def at(cls, stage: Stage, name: str) -> Iterator["Trouble"]:
        """A new one with an open desk, which is gone afterwards."""
        made = cls(stage, name)
        try:
            made.sit_down()
            yield made
        finally:
            made.close()

    @classmethod
    def kept(cls, stage: Stage, name: str) -> "Trouble":
        """The one of this name, which stays for the scenes that come after; its window is up."""
        made = stage.beside.get(name)
        if not isinstance(made, Trouble):
            made = cls(stage, name)
            stage.beside[name] = made
            made.sit_down()
        return made

    @classmethod
    def steady(cls, stage: Stage) -> "Trouble":
        """The one that scenes about the connection share, and its desk as each of them expects to find it.

        Online, everything answered, several calm items waiting, one of them open without a draft, nothing over it.
        """
        made = cls.kept(stage, "connection")
        made.heal()
        made.answered()
        made.wait(lambda: made.place.link is Link.ONLINE and len(made.calm(CALM_ITEMS)) == CALM_ITEMS)
        assert not made.place.overlays.is_open
        made.look_at()
        clear(made)
        assert made.desk.current is not None
        assert made.desk.current.draft.is_empty
        return made

    def sit_down(self, own: Settings = SMALL) -> None:
        """Start the program, and join if that was not done."""
        folder = self.home / "station"
        settings.save(private(folder), own)
        self.station = Station(folder, self.clock, lambda: None)
        self.station.shell.show()
        self.station.shell.activateWindow()
        if not (folder / "vault.json").exists():
            join(self.station, self.live.address, self.code("heron-12"), PASSPHRASE)
        self.station.unlock(PASSPHRASE)
        self.wait(lambda: self.station is not None and self.station.running is not None)
        self.wait(lambda: len(self.desk.waiting) >= own.hold_items and not self.media_missing())

    def get_up(self) -> None:
        """End the program."""
        if self.station is not None:
            self.station.quit()
            self.station.shell.close()
            self.station.shell.deleteLater()
            self.station = None
            self.settle()

    def close(self) -> None:
        """End both."""
        self.get_up()
        self.live.close()

    # The connection

    def refresh(self) -> None:
        """Exchange now."""
        assert self.station is not None
        assert self.station.running is not None
        self.station.running.engine.refresh()

    def cut(self, status: int = 0) -> None:
        """Nobody answers any more, or something else does, with this status."""
        if status:
            self.live.begin_portal(status)
        else:
            self.live.stop()
        self.refresh()
        self.wait(lambda: self.place.link in {Link.OFFLINE, Link.BLOCKED})

    def heal(self) -> None:
        """The service can be reached again, if it could not."""
        self.live.end_portal()
        if self.live.service is None:
            self.live.start()
        self.refresh()
        self.wait(lambda: self.place.link is not Link.OFFLINE and self.place.link is not Link.BLOCKED)

    def answered(self) -> None:
        """Wait until nothing is to be sent."""
        self.wait(lambda: self.desk.records.tally().saved_here == 0)
        self.place._recount()
        self.settle()

    # The person

    def calm(self, n: int) -> list[ItemId]:
        """The next items that are short texts."""
        cards = self.desk.records.cards(self.desk.waiting)
        return [one for one, card in cards.items() if card.kind.value in CALM and card.severity < 3][:n]

    def look_at(self, item_id: ItemId | None = None) -> None:
        """Put an item on the desk: a calm one."""
        self.open(item_id or self.calm(1)[0])

    def decide(self, ids: Sequence[ItemId], key: str = "n") -> None:
        """Decide these by keyboard."""
        for item_id in ids:
            self.open(item_id)
            self.press(key)
            self.key(Qt.Key.Key_D)
            self.wait(lambda item_id=item_id: item_id not in self.desk.waiting and not self.desk.saving)  # type: ignore[misc] # bound at once

    # What others do at the service meanwhile

    @contextmanager
    def behind(self) -> Iterator["Elsewhere"]:
        """The service's database while the service does not run."""
        service = open_service(self.data)
        try:
            yield Elsewhere(service)
        finally:
            service.database.close()


class Elsewhere:
    """What happens at the service while this computer is away: leases end, others decide, items change."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.now = service.clock.now()
        self._sent = 0

    def lapse(self, ids: Sequence[ItemId]) -> None:
        """The leases of these items have run out."""
        ended = update(lease).where(lease.c.item_id.in_(ids), lease.c.ended_at.is_(None))
        self._write(lambda conn: conn.execute(ended.values(expires_at=self.now - timedelta(hours=1))))

    def reassign(self, ids: Sequence[ItemId]) -> Holder:
        """Somebody else has these items now."""

        def unit(conn: Connection) -> Holder:
            code = devices.issue_code(conn, "heron-12", self.now, self.service.random)
            made = devices.enrol(conn, code, name="other", key="", now=self.now, random=self.service.random)
            other = Holder(made.device_id, made.person_id)
            leases.end(conn, ids, GoneBecause.EXPIRED, self.now)
            for item_id in ids:
                leases.give(conn, other, item_id, self.now)
            return other

        return cast("Holder", self._write(unit))

    def decide(self, other: Holder, items: Sequence[Item], verdict: Verdict) -> None:
        """Somebody else decides these items."""
        sent = []
        for item in items:
            self._sent += 1
            found = self._write(
                lambda conn, item=item: conn.execute(  # type: ignore[misc] # bound at once
                    text("SELECT lease_gen, rev FROM item WHERE item_id = :id"), {"id": item.item_id}
                ).one()
            )
            decision = Decision(
                decision_id=a_decision_id(Random(self._sent)), item_id=item.item_id, item_rev=found[1],
                content_sha256=item.content_sha256, lease_gen=found[0], policy_id=item.policy_id,
                policy_version=self._version(item), verdict=verdict, decided_at=self.now,
                rationale="" if verdict is Verdict.NO_VIOLATION else "The photo would say more.",
            )  # fmt: skip
            sent.append(Sent(seq=self._sent, decision=msgspec.Raw(translate.dump(decision))))
        receipts = self._write(
            lambda conn: Recorder(self.service.keys).record(conn, other, sent, self.now, revoked=False)
        )
        assert all(receipt.outcome == "accepted" for receipt in receipts), receipts

    def remove(self, ids: Sequence[ItemId]) -> None:
        """The service removes these items."""
        self._write(lambda conn: catalogue.remove_items(conn, ids, self.now))

    def revoke(self) -> None:
        """The station's device is removed."""
        found = self._write(lambda conn: conn.execute(text("SELECT device_id FROM device")).scalar_one())
        self._write(lambda conn: devices.revoke_device(conn, found, self.now))

    def forget(self, item_id: ItemId) -> None:
        """The service never heard of this item."""
        for table in ("lease", "item_media", "item_body", "item"):
            self._write(
                lambda conn, table=table: conn.execute(  # type: ignore[misc] # bound at once
                    text(f"DELETE FROM {table} WHERE item_id = :id"),
                    {"id": item_id},
                )
            )

    def _version(self, item: Item) -> int:
        asked = text("SELECT max(version) FROM policy WHERE policy_id = :id")
        return int(self._write(lambda conn: conn.execute(asked, {"id": item.policy_id}).scalar_one()))

    def _write(self, unit):
        return self.service.database.write(unit)


def folder_of(trouble: Trouble) -> Path:
    """The station's folder."""
    return trouble.home / "station"
