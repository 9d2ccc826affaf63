"""What is begun afresh when a computer that was signed out joins again, and what goes on.

Outbox, drafts, history and journal go on, and so do the numbers of its decisions; the place in the service's feed means
nothing to a new device. The service may have been restored in between, so it is asked for all that it had settled
before anything is sent.
"""

from modstation.store import meta
from modstation.store.driver import Database
from modstation.sync.enrolment import META_KEY, Enrolment, dump
from modstation.sync.exchange import CURSOR, EPOCH, UNREAD
from modstation.sync.recovery import KNOWN_EPOCH, RECHECK


def begin_afresh(db: Database, joined: Enrolment) -> None:
    """Keep the new enrolment, and start with the service from the beginning: all of it or nothing."""
    meta.put(db, META_KEY, dump(joined))
    for key in (EPOCH, CURSOR, KNOWN_EPOCH, UNREAD):
        meta.drop(db, key)
    meta.put(db, RECHECK, "")
