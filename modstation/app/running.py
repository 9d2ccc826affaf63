"""An open vault with both halves at work on it: the desk for the person, the engine for the network."""

import random
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from modstation.app.joining import enrolment_of, join_again
from modstation.core.changes import Changes
from modstation.core.ids import ItemId
from modstation.core.problem import Problem
from modstation.core.status import SyncStatus
from modstation.media.decoder import Decoder
from modstation.session.around import Around
from modstation.session.desk import Desk
from modstation.session.finder import Finder
from modstation.session.pictures import Pictures
from modstation.store import checkup
from modstation.store.vault import Vault
from modstation.system.clock import Clock
from modstation.system.settings import Settings

if TYPE_CHECKING:
    from modstation.sync.engine import Engine
    from modstation.sync.transport import Transport

FILES_AT_ONCE = 3  # on their way from the service: while one waits for the disk, another comes
PATIENCE_S = 8.0  # at the end of a shift, for what is still to be sent
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
    """

    def __init__(self, vault: Vault, clock: Clock, settings: Callable[[], Settings], post: Post, told: Told) -> None:
        self._enrolment = enrolment_of(vault)
        self._vault = vault
        self._clock, self._settings, self._post, self._told = clock, settings, post, told
        self._transport: Transport | None = None
        self._winding_up = threading.Lock()
        self.person = self._enrolment.person_name
        vault.open_journal(self._enrolment.sealing_key, self._enrolment.signer())
        around = Around(
            clock=clock,
            entropy=secrets.token_bytes,
            hold_s=lambda: settings().undo_hold_s,
            post=post,
            moved=told.decided,
            decided=lambda: self.engine.nudge(),  # noqa: PLW0108 - not made yet
            failed=told.failed,
        )
        self.desk = Desk(vault, around)
        self._reader = vault.reader()
        self.finder = Finder(self._reader)
        self._decoder = Decoder()
        self.pictures = Pictures(vault, self._decoder, post)

    @property
    def service(self) -> str:
        """What the service calls itself."""
        return self._enrolment.service_name

    @cached_property
    def engine(self) -> "Engine":
        """What talks to the service. Made when it is first asked for: the first item is shown without it."""
        from modstation.sync.engine import Engine, EngineSettings  # noqa: PLC0415 - it is loaded then, too
        from modstation.sync.transport import Transport  # noqa: PLC0415

        post, told, wanted = self._post, self._told, self._settings()
        joined = self._enrolment
        self._transport = Transport(joined.base_url, joined.keys, joined.token, self._clock)
        return Engine(
            self._vault,
            self._transport,
            self._clock,
            random.Random(secrets.randbits(64)),  # noqa: S311  # jitter, not a secret
            lambda changes: post(lambda: told.synced(changes)),
            lambda status: post(lambda: told.status(status)),
            EngineSettings(hold_items=wanted.hold_items, wait_s=wanted.wait_s, hands=FILES_AT_ONCE),
            self._near,
        )

    def item_shown(self) -> None:
        """Another item is on the desk: on a metered connection its files are wanted now."""
        if self._transport is not None and self._settings().metered:
            self.engine.fetcher.nudge()

    def wind_up(self) -> bool:
        """Send what is due, and purge what was given back; on a worker. Whether everything was sent."""
        with self._winding_up:
            return self.engine.wind_up(PATIENCE_S)

    def join_again(self, code: str) -> None:
        """Become a device of the service again, with the vault as it is; on a worker, then `begin_again`.

        Raises:
            Problem: see `joining.join_again`; then everything is as it was.
        """
        with self._winding_up:  # closing waits for it: a code is used once
            self.engine.stop()
            self._enrolment = join_again(self._vault, self._enrolment, code, self._clock)

    def begin_again(self) -> None:
        """Let an engine run as the new device."""
        if self._transport is not None:
            self._transport.close()
        del self.engine  # the next one to ask for it makes it, with the new enrolment
        self.person = self._enrolment.person_name
        self.engine.start()

    def _near(self) -> tuple[ItemId, ...] | None:
        """The items whose files are wanted on a metered connection: the one on the desk and the next two."""
        if not self._settings().metered:
            return None
        opened, waiting = self.desk.current, list(self.desk.waiting)
        here = opened.item.item_id if opened else None
        at = waiting.index(here) if here in waiting else 0
        return (*([here] if here else []), *(item_id for item_id in waiting[at : at + 3] if item_id != here))

    def start(self) -> None:
        """Let the engine run, and warm the decoder up."""
        checkup.begin(self._vault, lambda problem: self._post(lambda: self._told.failed(problem)), self._clock.now())
        self.engine.start()
        self._decoder.warm()

    def close(self) -> None:
        """Stop everything and lock the vault: the engine first, so that nothing is written after."""
        if self._transport is not None:
            self.engine.stop()
        self._decoder.close()  # a picture that takes long would keep the lock waiting
        with self._winding_up:  # it ends at once when the engine stops
            self.pictures.close()
        self.desk.close()
        if self._transport is not None:
            self._transport.close()
        self._vault.close()
