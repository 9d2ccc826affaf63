"""A station of a world: a person at the real desk, over the real vault, beside the real engine."""

import shutil
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

from modstation.app.joining import enrolment_of
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.session.around import Around
from modstation.session.desk import Desk
from modstation.store import checkup, vault
from modstation.store.driver import DatabaseError
from modstation.store.vault import Locks, Vault
from modstation.store.writer import explained
from modstation.sync.engine import Engine, EngineSettings, Stepped
from modstation.sync.transport import Transport
from tests.simulation.disk import Disk, StationCrash, copy_as_it_is
from tests.simulation.ledger import Ledger
from tests.simulation.network import Network
from tests.simulation.stage import Scout
from tests.simulation.time_and_chance import Chance, StationClock, TrueTime
from tests.support.vaults import MemoryKeyring

HOLD_S = 30.0


class Station:
    """One computer; the program on it starts, ends and dies.

    Attributes:
        folder: where its vault is; a dead process leaves a copy under another name, which is used from then on.
        told: problems that the person was shown.
        status: as the status bar has it.
        ended: the engine stopped by itself: this device is signed out.
    """

    def __init__(
        self, person: str, folder: Path, secrets: dict[str, bytes], true: TrueTime, network: Network, seed: str
    ) -> None:
        self.person = person
        self.folder = folder
        self.network = network
        self.clock = StationClock(true)
        self.keyring = MemoryKeyring()
        self.keyring.secrets = dict(secrets)
        self.chance = Chance(f"{seed}/{person}")
        self.ledger = Ledger()
        self.disk = Disk(self._died)
        self.told: list[Problem] = []
        self.status = SyncStatus()
        self.ended = False
        self.hold_items = 5
        self.lives = 0
        self.was_hurt = self.is_broken = False
        self.unreadable: set[str] = set()
        self.unanswered: set[str] = set()
        self.applying: Any = None
        self.twice = False
        self.file_keys: set[bytes] = set()
        self._seen = (0, 0)
        self.vault: Vault | None = None
        self.desk: Desk
        self.engine: Engine
        self.watching: Callable[[Station, Any, Any], None] = lambda *_: None

    @property
    def is_on(self) -> bool:
        return self.vault is not None

    @property
    def locks(self) -> Locks:
        return Locks(keyring=self.keyring)

    @property
    def reader(self) -> Any:
        """A connection of the world's own to look into the cache with."""
        return self._reader

    @property
    def executor(self) -> Any:
        assert self.vault is not None
        return self.vault.writer._thread

    def start(self) -> None:
        """Start the program, as `Station.begin` and `Running` do.

        Raises:
            Problem: what the person would be told; the program is not on then.
        """
        opened = vault.open_(self.folder, self.locks, self.chance)
        try:
            self.use(opened)
        except DatabaseError as error:  # as `Station._opened` does
            self.vault = opened
            self.die()
            self.bury()
            raise explained(error, opened.ballast.free()) from error

    def use(self, opened: Vault) -> None:
        """Begin work with an open vault."""
        try:
            joined = enrolment_of(opened)
        except Problem:
            opened.close()
            raise
        self.lives += 1
        self.is_broken = False
        self.disk.watch(opened)
        opened.open_journal(joined.sealing_key, joined.signer())
        self.device_id = joined.device_id
        self.vault = opened
        self._reader = opened.reader()
        self.status, self.ended = SyncStatus(), False
        self.desk = Desk(
            opened,
            Around(
                clock=self.clock,
                entropy=self.chance,
                hold_s=lambda: HOLD_S,
                post=lambda call: call(),
                moved=self.ledger.moved,
                decided=lambda: None,
                failed=self._failed,
            ),
        )
        transport = self.transport = Transport(
            joined.base_url, joined.keys, joined.token, self.clock, nonce=self.chance.nonce
        )
        self.engine = Engine(
            opened,
            transport,
            self.clock,
            Random(self.chance.rng.random()),
            self.desk.absorb,
            self._stands,
            EngineSettings(hold_items=self.hold_items, wait_s=0),
        )
        self.engine._scout = Scout(transport, self.engine._ahead.put)  # type: ignore[assignment] # at once, not on a thread
        apply = self.apply = self.engine._exchange.apply

        def applying(asked: Any, reply: Any, *more: Any, **named: Any) -> Any:
            held = self._reader.conn.execute("SELECT item_id FROM items").fetchall()
            self.applying = (asked, reply, {row[0] for row in held})
            applied = apply(asked, reply, *more, **named)
            keys = self._reader.conn.execute("SELECT key FROM media").fetchall()
            self.file_keys |= {bytes(row[0]) for row in keys}
            self.watching(self, asked, reply)
            return applied

        self.engine._exchange.apply = applying  # type: ignore[method-assign] # the world looks on
        checkup.begin(opened, self._noticed, self.clock.now())  # as `Running.start` does

    def stop(self) -> None:
        """Close the program in good order."""
        if self.vault is None:
            return
        self.executor.drain()
        opened, self.vault = self.vault, None
        self.engine.stop()
        self.desk.close()
        self.transport.close()
        opened.close()

    def die(self) -> None:
        """The process is killed, here and now."""
        if self.vault is not None:
            self._died()

    def _died(self) -> None:
        """Keep what is on the disk at this moment; what the dead process' objects do from now on is done to a ruin."""
        opened, ruin = self.vault, self.folder
        assert opened is not None
        self.vault = None
        self.folder = ruin.with_name(f"{self.person}-{self.lives}")
        copy_as_it_is(ruin, self.folder)
        self.executor_of(opened)._jobs.clear()
        self._dead = opened
        self._ruin = ruin
        self.ledger.died()

    def bury(self) -> None:
        """Let go of what a dead process held."""
        dead = self.__dict__.pop("_dead", None)
        if dead is None:
            return
        for reader in dead._readers:
            reader.close()
        dead.writer._closed = True
        journal = dead.writer._journal
        if journal is not None and journal._file >= 0:
            journal.close()
        dead.writer._db.conn.close()
        dead._lock.release()
        if "transport" in self.__dict__:
            self.transport.close()
        shutil.rmtree(self._ruin)

    @staticmethod
    def executor_of(opened: Vault) -> Any:
        return opened.writer._thread

    def has_changed(self) -> bool:
        """Whether something was written here, or lived through, since this was asked last."""
        before, self._seen = self._seen, (self.lives, self.disk.commits)
        return before != self._seen

    def exchange(self) -> Stepped | None:
        """One step of the engine; None when the process died in it, or the program is not on."""
        if self.vault is None or self.ended:
            return None
        stepped = self.engine.step()
        self.executor.drain()
        self.ended = stepped.ended
        return stepped

    def fetch(self) -> Any:
        """One round of the media fetch, after a nudge; None when the program is not on."""
        if self.vault is None:
            return None
        self.engine.fetcher.again()  # as its thread does
        fetched = self.engine.fetcher.step()
        self.executor.drain()
        return fetched

    def alive(self, act: Callable[[], Any]) -> bool:
        """Do something that may end the process; False when it did. Damage is noted, as the program's edges note it."""
        try:
            act()
        except StationCrash:
            self.bury()
            return False
        except DatabaseError as error:
            problem = explained(error, 1 << 30)
            if not isinstance(problem, Problem):
                raise
            self._failed(problem)
        except MemoryError:  # what SQLCipher says when more is asked of it after a damaged page
            if not self.is_broken:
                raise
        finally:
            if self.vault is None:
                self.bury()
        return True

    def _noticed(self, problem: Problem) -> None:
        """What the checkup says: a notice, but for damage."""
        self.told.append(problem)
        self.is_broken |= problem.code == "vault.damaged"

    def _failed(self, problem: Problem) -> None:
        self.told.append(problem)
        self.is_broken |= problem.code == "vault.damaged"
        self.ledger.failed(problem)

    def _stands(self, status: SyncStatus) -> None:
        self.status = status
        self.is_broken |= status.problem is not None and status.problem.code == "vault.damaged"
