"""The end of a shift on the network's side: wait until all is sent, and leave nothing behind that was given back."""

import threading

from modstation.store import items, outbox
from modstation.store.vault import Vault

_LOOK_S = 0.05


def wait(vault: Vault, stop: threading.Event, patience_s: float) -> bool:
    """Wait until nothing is left to send, at most so long, and not when `stop` is set.

    Returns:
        Whether nothing is left.
    """
    db = vault.reader()
    try:
        for _ in range(max(1, round(patience_s / _LOOK_S))):
            if outbox.next_due(db) is None or stop.wait(_LOOK_S):
                break
        return outbox.next_due(db) is None
    finally:
        db.close()


def purge(vault: Vault) -> None:
    """Purge the content of what was given back, also when the service could not be told yet."""
    vault.writer.run(lambda db: items.gone(db, items.given_back(db)))
