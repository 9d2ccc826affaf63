"""The central service as a process of its own, as it would run elsewhere."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from modstation.core.problem import Problem
from modstation.service import folder

PATIENCE_S = 60
LEAVING_S = 20
TOLD = "modstation: "


def _modstation(*args: str) -> list[str]:
    return [sys.executable, "-m", "modstation", *args]


def admin(data: Path, *args: str) -> Any:
    """Run ``modstation admin … --json`` on a data folder and give its answer.

    Raises:
        Problem: what the command said.
    """
    done = subprocess.run(  # noqa: S603  # our own program, our own arguments
        _modstation("admin", *args, "--data", str(data), "--json"), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Problem("demo.admin", done.stderr.strip() or "The admin command failed.", place=" ".join(args[:2]))
    return json.loads(done.stdout)


def wait_until_free(data: Path) -> None:
    """Let the service of a demo that was killed end: it notices by itself, and needs a moment.

    Raises:
        Problem: ``demo.service_running`` when something goes on serving this folder.
    """
    until = time.monotonic() + LEAVING_S
    while data.exists():
        try:
            folder.lock(data).release()
            break
        except Problem as problem:
            if time.monotonic() > until:
                title = "Another process serves the demo's folder."
                raise Problem("demo.service_running", title, "End it, then try again.", str(data)) from problem
            time.sleep(0.1)


class ServiceProcess:
    """``modstation serve`` on a loopback port that stays the same from one start to the next.

    When another program has taken that port meanwhile, the first start of this object takes another one, and keeps it.
    A later start does not: who has been told the address counts on it.

    It ends with this process, however this process ends: its standard input is a pipe from here.
    """

    def __init__(self, data: Path) -> None:
        self._data = data
        self._port_file = data / "port"
        self._process: subprocess.Popen[str] | None = None
        self.address = ""

    @property
    def pid(self) -> int:
        """The process id; 0 when it does not run."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it and wait until it answers.

        Raises:
            Problem: ``demo.service`` when it ends instead, in its own words; that of `wait_until_free`.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        wait_until_free(self._data)
        port = self._port()
        log = (self._data / "service.log").open("a")
        log_begins = log.tell()
        self._process = subprocess.Popen(  # noqa: S603  # our own program, our own arguments
            _modstation("serve", "--data", str(self._data), "--port", port, "--while-stdin-open"),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            process_group=None if sys.platform == "win32" else 0,  # Ctrl+C is for this process, which then stops it
        )
        log.close()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "http://" in line:
                self.address = "http://" + line.split("http://", 1)[1].split()[0].rstrip("/")
                self._port_file.write_text(self.address.rsplit(":", 1)[1])
                return
        self._end()
        raise _as_told((self._data / "service.log").read_bytes()[log_begins:].decode(errors="replace"))

    def _port(self) -> str:
        known = self._port_file.read_text().strip() if self._port_file.exists() else ""
        if not known.isdecimal() or (not self.address and not _is_free(int(known))):
            return "0"
        return known

    def wait(self) -> None:
        """Until it has ended, whoever ended it."""
        process = self._process
        if process is not None:
            process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(PATIENCE_S)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._end()

    def kill(self) -> None:
        """End it as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._end()

    def _end(self) -> None:
        assert self._process is not None
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process = None


def answers(data: Path) -> bool:
    """Whether anything listens where the service of this folder was last."""
    try:
        port = int((data / "port").read_text())
        socket.create_connection(("127.0.0.1", port), timeout=2).close()
    except (OSError, OverflowError, ValueError):
        return False
    return True


def _is_free(port: int) -> bool:
    """Whether the service could listen there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tried:
        if sys.platform != "win32":
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the service does
        try:
            tried.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True


def _as_told(log: str) -> Problem:
    """The problem that ``modstation serve`` has told: a line that begins with its name, and perhaps one of advice."""
    lines = log.strip().splitlines()
    told = next((n for n, line in enumerate(lines) if line.startswith(TOLD)), None)
    if told is None:
        return Problem("demo.service", "The service did not start.", "To begin anew: make demo-reset", *lines[-1:])
    advice = " ".join(line.strip() for line in lines[told + 1 :])
    return Problem("demo.service", lines[told].removeprefix(TOLD), advice)
