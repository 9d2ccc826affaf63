"""Kinds of networks, and the journey of six decisions through each."""

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.network import certificates
from tests.network.proxy import CLEAN, Line, Proxy

DECISIONS = 6
KBIT = 1000 / 8
PATIENCE_S = 180.0
HTML = b"<html><body><h1>Welcome. Sign in to go on.</h1></body></html>"


def _page(status: str, *headers: str, body: bytes = HTML) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", "Content-Type: text/html"]
    return "\r\n".join([*lines, *headers, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Profile:
    """A network.

    Attributes:
        line: what the line does while it is bad.
        lasts_s: how long it is bad, at most: it ends early when everything was accepted all the same.
        fate: something else that happens when it begins: ``sleep``, ``reset``, ``dns``, ``intercept``, ``flap``.
    """

    name: str
    line: Line = CLEAN
    lasts_s: float = 20.0
    fate: str = ""


PROFILES = (
    Profile("good line"),
    Profile("home line, 20 ms, 16 Mbit/s", Line(0.02, 16_000 * KBIT)),
    Profile("mobile, 100 ms, 1 Mbit/s", Line(0.1, 1_000 * KBIT)),
    Profile("bad link, 300 ms, 1 Mbit/s, 2 % loss", Line(0.15, 1_000 * KBIT, 0.02)),
    Profile("lossy, 50 ms, 30 % loss", Line(0.025, 2_000 * KBIT, 0.3)),
    Profile("satellite, 3 s there and back", Line(1.5, 256 * KBIT, 0.05), 45),
    Profile("32 kbit/s", Line(0.1, 32 * KBIT), 45),
    Profile("connection refused", Line(refuse=True), 8, "reset"),
    Profile("name not found", Line(refuse=True), 8, "dns"),
    Profile("silence: black hole", Line(hole_down=0), 45, "reset"),
    Profile("silence after 500 bytes", Line(hole_down=500), 45, "reset"),
    Profile("reply cut after 400 bytes", Line(cut_down=400), 12, "reset"),
    Profile("request cut after 300 bytes", Line(cut_up=300), 12, "reset"),
    Profile("sign-in page, 200 and HTML", Line(answer=_page("200 OK")), 8, "reset"),
    Profile("sign-in page, 302", Line(answer=_page("302 Found", "Location: http://login.example/")), 8, "reset"),
    Profile("sign-in page, 511", Line(answer=_page("511 Network Authentication Required")), 8, "reset"),
    Profile("proxy wants a password, 407", Line(answer=_page("407 Proxy Authentication Required")), 8, "reset"),
    Profile("gateway, 502", Line(answer=_page("502 Bad Gateway")), 8, "reset"),
    Profile("garbage instead of the reply", Line(garbage=True), 12, "reset"),
    Profile("TLS intercepted", CLEAN, 8, "intercept"),
    Profile("half-open after sleep", CLEAN, 60, "sleep"),
    Profile("flapping: 2 s on, 2 s off", CLEAN, 24, "flap"),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it. `while_s` and `after_s` are seconds until the last acceptance, None where it never came."""

    profile: str
    states: list[str]
    problems: list[str]
    saved: int
    meanwhile: int
    while_s: float
    after_s: float | None
    lost: int
    twice: int
    up: int = 0
    down: int = 0
    more: dict[str, Any] = field(default_factory=dict)

    @property
    def sound(self) -> bool:
        """Whether each decision was saved at once and accepted exactly once."""
        return self.after_s is not None and self.saved == DECISIONS and not (self.lost or self.twice)

    def row(self) -> dict[str, Any]:
        """For JSON."""
        return {name: getattr(self, name) for name in self.__slots__}

    def cells(self) -> tuple[str, ...]:
        """For the table."""
        after = "never" if self.after_s is None else f"{self.after_s:.1f} s" if self.meanwhile < DECISIONS else "-"
        told = ", ".join(self.problems) or "nothing"
        meanwhile = f"{self.meanwhile} of {DECISIONS} in {self.while_s:.1f} s"
        states = " > ".join(self.states) or "as before"
        return (self.profile, states, told, meanwhile, after, str(self.lost), str(self.twice))


class Child:
    """The station process."""

    def __init__(self, home: Path, address: str, code: str, authority: Path | None) -> None:
        home.mkdir(parents=True)
        trust = {"SSL_CERT_FILE": str(authority)} if authority else {}
        with (home / "station.log").open("wb") as errors:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.network.station", str(home), address, code],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=errors, text=True, env=os.environ | trust,
            )  # fmt: skip

    def say(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()

    def tell(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        self.say("tell")
        found: dict[str, Any] = json.loads(self.process.stdout.readline())
        return found

    def wait(self, until: Callable[[dict[str, Any]], bool], patience_s: float) -> float | None:
        """Seconds until something holds; None when it did not in time."""
        begun = time.monotonic()
        while not until(self.tell()):
            if time.monotonic() - begun > patience_s:
                return None
            time.sleep(0.05)
        return time.monotonic() - begun

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()


def travel(profile: Profile, home: Path, port: int, code: str, data: Path) -> Outcome:
    """One station's journey through one network."""
    made = certificates.made(home / "tls") if profile.fate == "intercept" else None
    proxy = Proxy(port, Random(profile.name), made.context if made else None)
    address = proxy.address.replace("127.0.0.1", "localhost") if made or profile.fate == "dns" else proxy.address
    child = Child(home / "home", address, code, made.authority if made else None)
    try:
        if child.wait(lambda told: told["waiting"] >= DECISIONS and told["state"] == "online", 60) is None:
            raise RuntimeError(f"{profile.name}: the cache was not filled")
        before = (proxy.seen.up, proxy.seen.down)
        child.say("forget")
        proxy.line = profile.line
        restore = _begin(profile, proxy, child, made)
        child.say(f"decide {DECISIONS}")
        child.wait(lambda told: told["saving"] == 0, 20)
        saved = child.tell()
        while_s = _last(profile, proxy, child)
        bad = child.tell()
        proxy.line = CLEAN
        restore()
        after_s = child.wait(lambda told: told["accepted"] == DECISIONS, PATIENCE_S)
        lost, twice = _judge(data, home / "home")
        return Outcome(
            profile.name, bad["states"], bad["problems"], saved["saved_here"] + saved["accepted"], bad["accepted"],
            while_s, after_s, lost, twice, proxy.seen.up - before[0], proxy.seen.down - before[1],
        )  # fmt: skip
    finally:
        child.end()
        proxy.close()


def _begin(profile: Profile, proxy: Proxy, child: Child, made: "certificates.Made | None") -> Callable[[], None]:
    """Let fate strike; gives what takes it back."""
    match profile.fate:
        case "sleep":
            proxy.sleep()
        case "dns":
            proxy.reset()
            child.say("dns off")
            return lambda: child.say("dns on")
        case "intercept" if made is not None:
            made.intercept()
            proxy.reset()
            return made.restore
        case "reset":
            proxy.reset()
    return lambda: None


def _last(profile: Profile, proxy: Proxy, child: Child) -> float:
    """Stay in it, until it is over or everything is accepted all the same."""
    begun = time.monotonic()
    while (gone := time.monotonic() - begun) < profile.lasts_s:
        if profile.fate == "flap":
            off = gone % 4 < 2
            if off and not proxy.line.refuse:
                proxy.line = Line(refuse=True)
                proxy.reset()
            elif not off:
                proxy.line = CLEAN
        if child.tell()["accepted"] == DECISIONS:
            break
        time.sleep(0.05)
    return time.monotonic() - begun


def _judge(data: Path, home: Path) -> tuple[int, int]:
    """(lost, applied twice) of this station's decisions, by the service's own database."""
    device = json.loads((home / "device.json").read_text())
    with sqlite3.connect(f"file:{data / 'service.db'}?mode=ro", uri=True) as db:
        rows = db.execute("SELECT item_id, outcome FROM decision WHERE device_id = ?", (device,)).fetchall()
    db.close()
    good = [item for item, outcome in rows if outcome in {"accepted", "accepted_late"}]
    return DECISIONS - len(set(good)), len(good) - len(set(good))
