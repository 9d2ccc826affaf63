"""The long poll: waits for the service to have news, on a connection and a thread of its own.

A nudge must not wait for a poll in flight, and to break it off would cost its connection. So the poll carries
nothing and touches nothing: it only brings back a reply, which the engine's thread applies if the cursor has not moved
meanwhile, and drops otherwise (the service tells the same again to whoever asks from the new cursor). Sending goes on
beside it as a second, short request; no byte is ever in danger, and no poll is ever cut.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from modstation.sync.exchange import Asked
from modstation.sync.transport import Transport
from modstation.wire.exchange import SyncReply


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of a poll: a reply, or what went wrong."""

    asked: Asked
    told: SyncReply | Exception


class Listener:
    """Polls once for each `ask`; tells `hear` from its own thread."""

    def __init__(self, transport: Transport, hear: Callable[[Heard], None]) -> None:
        self._transport = transport
        self._hear = hear

    def ask(self, asked: Asked) -> None:
        """Start a poll."""
        threading.Thread(target=self._poll, args=(asked,), name="sync-listener", daemon=True).start()

    def _poll(self, asked: Asked) -> None:
        try:
            self._hear(Heard(asked, self._transport.sync(asked.request)))
        except Exception as error:  # noqa: BLE001 - carried to the engine's thread, which tells problems from bugs
            self._hear(Heard(asked, error))
