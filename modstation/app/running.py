"""An open vault with both halves at work on it: the desk for the person, the engine for the network."""

import random
import secrets
from collections.abc import Callable
from dataclasses import dataclass

from modstation.app.joining import enrolment_of
from modstation.core.changes import Changes
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.media.decoder import Decoder
from modstation.session.desk import Around, Desk
from modstation.session.finder import Finder
from modstation.session.pictures import Pictures
from modstation.store import outbox
from modstation.store.vault import Vault
from modstation.sync.engine import Engine, EngineSettings
from modstation.sync.transport import Transport
from modstation.system.clock import Clock
from modstation.system.settings import Settings

Post = Callable[[Callable[[], None]], None]


@dataclass(frozen=True, slots=True)
class Told:
    """Where news go; all of it is called on the screen's thread.

    Attributes:
        decided: the person's own write moved these ids.
        synced: sync's write moved these ids.
        status: how the exchange with the service stands.
        failed: a write was refused; nothing was saved.
    """

    decided: Callable[[Changes], None]
    synced: Callable[[Changes], None]
    status: Callable[[SyncStatus], None]
    failed: Callable[[Problem], None]


class Running:
    """Everything between an opened vault and its closing.

    Attributes:
        person: the name the service knows this person by.
        missing: decisions that the journal holds and the database does not know.
    """

    def __init__(self, vault: Vault, clock: Clock, settings: Callable[[], Settings], post: Post, told: Told) -> None:
        enrolment = enrolment_of(vault)
        self._vault = vault
        self.person = enrolment.person_name
        vault.open_journal(enrolment.sealing_key)
        self._transport = Transport(enrolment.base_url, enrolment.keys, enrolment.token, clock)
        self.engine = Engine(
            vault,
            self._transport,
            clock,
            random.Random(secrets.randbits(64)),  # noqa: S311  # jitter, not a secret
            lambda changes: post(lambda: told.synced(changes)),
            lambda status: post(lambda: told.status(status)),
            EngineSettings(hold_items=settings().hold_items, wait_s=settings().wait_s),
        )
        around = Around(
            clock=clock,
            entropy=secrets.token_bytes,
            hold_s=lambda: settings().undo_hold_s,
            post=post,
            moved=told.decided,
            decided=self.engine.nudge,
            failed=told.failed,
        )
        self.desk = Desk(vault, around)
        self._reader = vault.reader()
        self.finder = Finder(self._reader)
        self._decoder = Decoder()
        self.pictures = Pictures(vault, self._decoder, post)
        self.missing = self._missing()

    def start(self) -> None:
        """Let the engine run, and warm the decoder up."""
        self.engine.start()
        self._decoder.warm()

    def close(self) -> None:
        """Stop everything and lock the vault: the engine first, so that nothing is written after."""
        self.engine.stop()
        self.pictures.close()
        self._decoder.close()
        self.desk.close()
        self._transport.close()
        self._vault.close()

    def _missing(self) -> int:
        journal = self._vault.journal_ids()
        return len(set(journal) - outbox.known(self._reader, journal))
