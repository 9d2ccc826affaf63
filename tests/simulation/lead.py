"""What a lead does at the service, and what happens to the service's data."""

from datetime import timedelta
from random import Random

from modstation.core.policy import Policy
from modstation.service import catalogue, devices, leases
from modstation.wire.exchange import GoneBecause
from tests.simulation.hosting import Host
from tests.simulation.template import an_item_for
from tests.support.builders import a_policy


class Lead:
    """Adds, revises and deletes items, publishes policies, removes devices."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.items = 0
        self.poisoned: set[str] = set()

    def add(self, n: int, chance: Random) -> str:
        made = [an_item_for(self.items + k, severity=3 if chance.random() < 0.1 else 2) for k in range(n)]
        self.items += n
        self._host.write(lambda conn: catalogue.add_items(conn, made, self._host.service.files, self._host.clock.now()))
        return f"adds {n} items"

    def revise(self, item_id: str, chance: Random) -> str:
        item = an_item_for(int(item_id[-2:]), rev=chance.randrange(2, 10_000))
        self._host.write(
            lambda conn: catalogue.add_items(conn, [item], self._host.service.files, self._host.clock.now())
        )
        self.poisoned.discard(item_id)
        return f"revises {item_id}"

    def delete(self, item_id: str) -> str:
        self._host.write(lambda conn: catalogue.remove_items(conn, [item_id], self._host.clock.now()))
        return f"deletes {item_id}"

    def publish(self, *, compatible: bool) -> str:
        newest: Policy = self._host.service.database.read(lambda conn: catalogue.newest_policy(conn, "market"))
        version = newest.version + 1
        made = a_policy(
            version=version,
            accepts_from=newest.accepts_from if compatible else version,
            published_at=newest.published_at + timedelta(days=1),
        )
        self._host.write(lambda conn: catalogue.publish_policy(conn, made))
        return f"publishes policy {version}" + ("" if compatible else ", which takes no older decisions")

    def remove_device(self, device_id: str) -> str:
        self._host.write(lambda conn: devices.revoke_device(conn, device_id, self._host.clock.now()))
        return f"removes device {device_id[:8]}"

    def take_away(self, item_ids: list[str]) -> str:
        """Ends leases before their time, so that others get the items."""
        now = self._host.clock.now()
        self._host.write(lambda conn: leases.end(conn, item_ids, GoneBecause.EXPIRED, now))
        return f"takes away {', '.join(item_ids)}"

    def spoil(self, item_id: str) -> str:
        """A bug wrote an item that no station can read."""
        self._raw("UPDATE item_body SET body = ? WHERE item_id = ?", b'{"item_id":"%s"}' % item_id.encode(), item_id)
        self.poisoned.add(item_id)
        return f"{item_id} is spoilt in the service's database"

    def tear_feed(self, device_id: str, chance: Random) -> bool:
        """A bug lost a row of a device's feed. False when there was none that is still to be told."""
        rows = self._host.rows("SELECT seq FROM feed WHERE device_id = ? ORDER BY seq DESC LIMIT 3", device_id)
        if len(rows) < 2:
            return False
        self._raw("DELETE FROM feed WHERE device_id = ? AND seq = ?", device_id, chance.choice(rows[1:])[0])
        return True

    def _raw(self, sql: str, *given: object) -> None:
        self._host.write(lambda conn: conn.exec_driver_sql(sql, given))
