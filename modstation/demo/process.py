"""The central service as a process of its own, as it would run elsewhere."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from modstation.core.problem import Problem

PATIENCE_S = 60


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


class ServiceProcess:
    """``modstation serve`` on a loopback port that stays the same from one start to the next."""

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
            Problem: ``demo.service`` when it ends instead; its own words are in the title.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        port = self._port_file.read_text().strip() if self._port_file.exists() else "0"
        log = (self._data / "service.log").open("a")
        self._process = subprocess.Popen(  # noqa: S603  # our own program, our own arguments
            _modstation("serve", "--data", str(self._data), "--port", port),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        log.close()
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if "http://" in line:
                self.address = "http://" + line.split("http://", 1)[1].split()[0].rstrip("/")
                self._port_file.write_text(self.address.rsplit(":", 1)[1])
                return
        said = (self._data / "service.log").read_text().strip().splitlines()
        raise Problem("demo.service", said[-1] if said else "The service did not start.", "Try: make demo-reset")

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
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process = None
