"""Scenes of everything that can fail, as a moderator meets it; made with a real service and a real vault."""

import shutil
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import httpx2
from PySide6.QtWidgets import QWidget

from modstation.core.decision import Verdict
from modstation.core.problem import Problem
from modstation.core.status import Link
from modstation.store import header, journal, vault
from modstation.store.cipher import PAGE_SIZE
from modstation.store.vault import Locks
from modstation.sync.transport import Transport
from modstation.system.paths import private
from tests.screenshots.arriving import Arrival
from tests.screenshots.at_desk import clear
from tests.screenshots.camera import Play, Scene
from tests.screenshots.stage import PASSPHRASE, Stage
from tests.screenshots.trouble import Trouble, folder_of
from tests.support.vaults import MemoryKeyring


def connection(status: int = 0) -> Play:
    """Two decisions are made while nobody answers, or something else does with this status."""

    def play(stage: Stage) -> Iterator[QWidget]:
        trouble = Trouble.steady(stage)
        trouble.cut(status)
        trouble.decide(trouble.calm(2))
        yield from _composing(trouble)
        trouble.heal()
        trouble.answered()

    return play


def _composing(trouble: Trouble) -> Iterator[QWidget]:
    trouble.look_at()
    trouble.press("1")
    trouble.place._recount()
    yield trouble.shell
    clear(trouble)


def untrusted(stage: Stage) -> Iterator[QWidget]:
    """Something presents itself as the service, with a certificate nobody trusts."""

    def refuse(_: httpx2.Request) -> httpx2.Response:
        raise httpx2.ConnectError("tls") from ssl.SSLCertVerificationError("self-signed")

    trouble = Trouble.steady(stage)
    assert trouble.station is not None
    assert trouble.station.running is not None
    transport = trouble.station.running._transport
    assert transport is not None
    transport.client = httpx2.Client(transport=httpx2.MockTransport(refuse))
    trouble.live.stop()
    trouble.refresh()
    trouble.wait(lambda: trouble.place.link is Link.BLOCKED)
    yield from _composing(trouble)
    transport.client = None
    trouble.heal()


def _outcomes(trouble: Trouble) -> None:
    """Eight decisions without a connection; meanwhile leases end, others decide, one item changes, one goes."""
    late, second, same, other, gone, edited, unknown, plain = ids = trouble.calm(8)
    judged = {one: trouble.desk.records.item(one) for one in ids}
    trouble.cut()
    trouble.decide(ids)
    with trouble.behind() as elsewhere:
        elsewhere.lapse([late])
        elsewhere.lapse([second, same, other])
        holder = elsewhere.reassign([second, same, other])
        elsewhere.decide(holder, [item for one in (same,) if (item := judged[one])], Verdict.NO_VIOLATION)
        elsewhere.decide(holder, [item for one in (other,) if (item := judged[one])], Verdict.CANNOT_DECIDE)
        elsewhere.remove([gone])
        elsewhere.forget(unknown)
    content = trouble.sample(edited)["content"]
    field = "text" if "text" in content else "description"
    trouble.add_item(edited, content=content | {field: content.get(field, "") + " Edited: I sent it back."})
    assert plain
    trouble.heal()
    trouble.answered()


def outcomes(view: str) -> Play:
    """What became of decisions that were sent late."""

    def play(stage: Stage) -> Iterator[QWidget]:
        trouble = Trouble.kept(stage, "outcomes")
        if not trouble.place.returned:
            _outcomes(trouble)
        if view != "outbox":
            entry = next(one for one in trouble.place.returned if one.code.startswith(view))
            trouble.place._open_story(entry.entry_id)
        else:
            trouble.place.go_to(view)
        trouble.settle()
        yield trouble.shell

    return play


def _be_removed(trouble: Trouble) -> None:
    """The service removes this computer while it is offline with two decisions."""
    trouble.cut()
    trouble.decide(trouble.calm(2))
    with trouble.behind() as elsewhere:
        elsewhere.revoke()
    trouble.live.start()
    trouble.refresh()
    trouble.wait(lambda: trouble.place.link is Link.SIGNED_OUT)
    trouble.place._recount()
    trouble.settle()


def removed(view: str) -> Play:
    """The service has removed this computer."""

    def play(stage: Stage) -> Iterator[QWidget]:
        trouble = Trouble.kept(stage, "removed")
        if trouble.place.link is not Link.SIGNED_OUT:
            _be_removed(trouble)
        if view != "told":
            trouble.place.overlays._telling.leave()
        if view == "rejoin":
            trouble.shell.rejoin_wanted.emit()
        elif view != "told":
            trouble.place.go_to(view)
        trouble.settle()
        yield trouble.shell

    return play


def restored(part: str) -> Play:
    """The service was put back from a backup taken before the last decisions."""

    def play(stage: Stage) -> Iterator[QWidget]:
        with Trouble.at(stage, "restored") as trouble:
            trouble.decide(trouble.calm(3))
            trouble.answered()
            trouble.live.back_up(trouble.home / "backup")
            trouble.decide(trouble.calm(4))
            trouble.answered()
            gate = threading.Event()
            asked = Transport.receipts

            def wait(transport: Transport, request: object) -> object:
                gate.wait(60)
                return asked(transport, request)  # type: ignore[arg-type] # as it came

            if part.startswith("unprov"):
                _lose_copies(trouble)
            with patch.object(Transport, "receipts", wait):
                trouble.live.put_back(trouble.home / "backup")
                trouble.refresh()
                trouble.wait(lambda: trouble.place._status.rechecking is not None)
                trouble.look_at()
                if part == "checking":
                    yield trouble.shell
                gate.set()
                trouble.wait(lambda: trouble.place._status.rechecking is None)
                if part.startswith("unprov"):
                    trouble.wait(lambda: trouble.place.overlays.is_open)
            if part == "found":
                trouble.wait(lambda: "found again" in trouble.place._notice)
                yield trouble.shell
            if part == "unprovable":
                yield trouble.shell
            if part == "unproven":
                trouble.place.overlays._telling.leave()
                trouble.place.go_to("outbox")
                trouble.settle()
                yield trouble.shell

    return play


def _lose_copies(trouble: Trouble) -> None:
    """The sealed copies of the last two decisions are damaged."""
    lost = [done.entry_id for done in trouble.desk.records.settled(2)]
    for segment in journal.segments(folder_of(trouble) / "journal"):
        data = bytearray(segment.read_bytes())
        for entry_id in lost:
            at = data.find(entry_id.encode())
            if at >= 0:
                data[at + 60] ^= 1  # in its ciphertext
        segment.write_bytes(bytes(data))


def rebuilt(part: str) -> Play:
    """The cache is found damaged at the start, and is rebuilt."""

    def play(stage: Stage) -> Iterator[QWidget]:
        with Trouble.at(stage, "rebuilt") as trouble:
            trouble.decide(trouble.calm(3))
            trouble.answered()
            trouble.get_up()
            file = folder_of(trouble) / "vault.db"
            with file.open("r+b") as bent:
                bent.seek(PAGE_SIZE)
                bent.write(bytes(file.stat().st_size - PAGE_SIZE))
            arrival = Arrival.at(stage, str((folder_of(trouble)).relative_to(stage.home)))
            trouble.station = arrival.station
            arrival.station.unlock(PASSPHRASE)
            entrance = arrival.station.shell.entrance
            trouble.wait(lambda: entrance.currentWidget() is entrance.problem)
            if part == "damaged":
                yield trouble.shell
                return
            entrance.problem.step.click()
            trouble.wait(lambda: arrival.station.running is not None)
            trouble.wait(lambda: len(trouble.desk.waiting) >= 20 and trouble.place.link is Link.ONLINE)
            if part == "told":
                yield trouble.shell
                return
            trouble.place.overlays._telling.leave()
            trouble.place.go_to("outbox")
            trouble.settle()
            yield trouble.shell

    return play


def full(stage: Stage) -> Iterator[QWidget]:
    """The disk is full: the decision is refused, and the item is back with its draft."""
    trouble = Trouble.steady(stage)
    assert trouble.station is not None
    assert trouble.station.running is not None
    ballast = trouble.station.running._vault.ballast
    free, ballast.free = ballast.free, lambda: 0  # type: ignore[method-assign] # as a full disk would
    ballast.let_go()  # after a minute it is held, and with it a decision would still be taken
    trouble.look_at()
    trouble.press("nd")
    trouble.wait(lambda: trouble.place.overlays.is_open)
    trouble.settle()
    yield trouble.shell
    trouble.place.overlays._telling.leave()
    ballast.free = free  # type: ignore[method-assign] # as it was
    ballast.hold()


def clock_wrong(stage: Stage) -> Iterator[QWidget]:
    """The clock of this computer is 17 minutes ahead."""
    trouble = Trouble.steady(stage)
    trouble.clock.set_wall(17 * 60)
    trouble.refresh()
    trouble.wait(lambda: trouble.place._status.clock_off_s > 120)
    trouble.look_at()
    trouble.place._tick()
    yield trouble.shell
    trouble.clock.set_wall(0)
    trouble.refresh()
    trouble.wait(lambda: trouble.place._status.clock_off_s < 120)


def unconfirmed(stage: Stage) -> Iterator[QWidget]:
    """The machine was started anew and has no connection: nobody can say how much time has passed."""
    trouble = Trouble.steady(stage)
    trouble.cut()
    trouble.clock.boots += 1
    trouble.look_at()
    trouble.place._tick()
    trouble.settle()
    yield trouble.shell
    trouble.heal()


def lapsed(stage: Stage) -> Iterator[QWidget]:
    """Two days without a connection: every lease has ended."""
    with Trouble.at(stage, "lapsed") as trouble:
        trouble.cut()
        trouble.decide(trouble.calm(2))
        trouble.look_at()
        trouble.press("1")
        trouble.clock.leap(48 * 3600)
        trouble.place._tick()
        trouble.place._recount()
        trouble.settle()
        yield trouble.shell


class LockedKeyring(MemoryKeyring):
    """Holds the key and does not give it."""

    def get(self, name: str) -> bytes | None:
        """Ask in vain, but for the probe of the first run."""
        raise Problem("keyring.locked", "The keyring is locked.", "Unlock it, then try again.", name)


def keyring_locked(stage: Stage) -> Iterator[QWidget]:
    """The keyring wants to be unlocked first."""
    folder = private(stage.home / f"keyring-{len(list(stage.home.iterdir()))}")
    vault.create(folder, Locks(MemoryKeyring("Secret Service"))).close()
    assert header.ways(folder)
    arrival = Arrival.at(stage, folder.name, LockedKeyring("Secret Service"))
    arrival.station.begin()
    unlock = arrival.station.shell.entrance.unlock
    stage.wait(lambda: arrival.station.shell.entrance.currentWidget() is unlock and not unlock._busy)
    yield arrival.station.shell
    arrival.close()
    shutil.rmtree(Path(folder))


SCENES = (
    Scene("state-offline", connection()),
    Scene("state-sign-in", connection(200)),
    Scene("state-proxy-password", connection(407)),
    Scene("state-service-down", connection(503)),
    Scene("state-something-else", connection(404)),
    Scene("state-untrusted", untrusted),
    Scene("state-outcomes", outcomes("outbox")),
    Scene("state-returned", outcomes("returned")),
    Scene("state-refused", outcomes("refused")),
    Scene("state-removed-told", removed("told")),
    Scene("state-removed-desk", removed("desk")),
    Scene("state-removed-outbox", removed("outbox")),
    Scene("state-removed-rejoin", removed("rejoin")),
    Scene("state-rechecking", restored("checking")),
    Scene("state-found-again", restored("found")),
    Scene("state-unprovable", restored("unprovable")),
    Scene("state-unproven", restored("unproven")),
    Scene("state-cache-damaged", rebuilt("damaged")),
    Scene("state-cache-rebuilt", rebuilt("told")),
    Scene("state-recovered", rebuilt("outbox")),
    Scene("state-disk-full", full),
    Scene("state-clock-wrong", clock_wrong),
    Scene("state-lease-unconfirmed", unconfirmed),
    Scene("state-leases-ended", lapsed),
    Scene("state-keyring-locked", keyring_locked),
)
