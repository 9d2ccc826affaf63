"""What only a second process can show: a window that nobody touches obeys signals, and guards its demo."""

import gc
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import cast

import psutil
import pytest
from PySide6.QtCore import qWarning

from modstation.__main__ import main
from modstation.app import joining, single
from modstation.app.station import application
from modstation.core.problem import Problem
from modstation.demo import cli as demo_cli
from modstation.demo.cli import NO_DISPLAY
from modstation.demo.keeper import AT_MOST, Keeper
from modstation.demo.process import ServiceProcess
from modstation.store import vault
from modstation.store.vault import Locks
from modstation.sync.enrolment import Enrolment
from modstation.system import display
from tests.support.keyring_file import FileKeyring
from tests.support.open_demo import ENDS

ROOT = Path(__file__).parents[2]
PATIENCE_S = 60
RESET_REFUSED = "modstation: The demo is open; nothing was deleted.\n  Close its window, then: make demo-reset\n"


@contextmanager
def an_open_window(home: Path, items: int = 0) -> Iterator[subprocess.Popen[str]]:
    """The program, its window open and nobody before it."""
    command = [sys.executable, "-m", "tests.support.idle_window", str(home), "--items", str(items)]
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=pipe, stderr=pipe, text=True) as window:
        try:
            assert window.stdout is not None
            if window.stdout.readline() != "open\n":
                raise AssertionError(window.communicate()[1])
            yield window
        finally:
            window.kill()


@contextmanager
def a_demo(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """``modstation demo`` in a session without a runtime folder."""
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    surroundings.pop("XDG_RUNTIME_DIR", None)
    command = [sys.executable, "-m", "tests.support.open_demo", str(home), *options]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, env=surroundings, stdout=pipe, stderr=pipe, text=True) as demo:
        try:
            yield demo
        finally:
            demo.kill()


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo's folder whose service is set up, which takes a while; nobody has joined."""
    home = tmp_path_factory.mktemp("prepared") / "demo"
    home.mkdir()
    demo_cli.prepare(home, None, "modstation")
    return home


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A demo's folder of one's own."""
    return Path(shutil.copytree(prepared, tmp_path / "demo"))


@pytest.mark.parametrize("in_the_way", ["", "CACHEDIR.TAG", "window.lock", "station.log"])
def test_a_folder_that_cannot_be_written_is_told_in_one_sentence(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], in_the_way: str
):
    folder = tmp_path / "station"
    if in_the_way == "CACHEDIR.TAG":
        folder.mkdir()
        (folder / in_the_way).symlink_to(tmp_path / "nowhere" / "tag")
    elif in_the_way:
        (folder / in_the_way).mkdir(parents=True)
    else:
        folder.write_bytes(b"")
    try:
        assert main(["station", "--home", str(folder)]) == 1
    finally:
        gc.enable()  # a start does without
    told = capfd.readouterr().err
    assert told.startswith("modstation: ModStation can't write to its folder: ")
    assert "Traceback" not in told
    if in_the_way == "station.log":
        single.take(folder).release()  # nobody has the folder


def the_service_of(demo: subprocess.Popen[str]) -> tuple[str, psutil.Process]:
    """Where an open demo says that its service is, and the service's process; its desk is up, and has exchanged."""
    assert demo.stdout is not None
    said = [demo.stdout.readline() for _ in range(4)]
    place = said[0].partition(", its log is ")[0].removeprefix("The service is at ")
    if not place.startswith("http://127.0.0.1:") or sorted(said[1:]) != ["desk\n", "online\n", "open\n"]:
        demo.kill()
        raise AssertionError(said, *demo.communicate())
    (service,) = (one for one in psutil.Process(demo.pid).children() if "serve" in one.cmdline())
    return place, service


def end(demo: subprocess.Popen[str], wish: signal.Signals = signal.SIGTERM) -> None:
    """Without a word, and without a complaint."""
    demo.send_signal(wish)
    assert demo.communicate(timeout=PATIENCE_S) == ("", "")
    assert demo.returncode == 0


def the_enrolment_in(home: Path) -> Enrolment:
    opened = vault.open_(home / "station", Locks(keyring=FileKeyring(home / "keys")))
    try:
        return joining.enrolment_of(opened)
    finally:
        opened.close()


def test_a_demo_that_is_killed_takes_its_service_along_and_the_next_one_goes_on_where_it_stopped(home):
    with a_demo(home) as first:
        place, service = the_service_of(first)
        first.kill()
        first.wait()
        gone, _ = psutil.wait_procs([service], PATIENCE_S)
        assert gone == [service]
    with a_demo(home) as again:
        assert the_service_of(again)[0] == place
        end(again)


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT])
def test_a_demo_that_is_told_to_end_ends_its_service_and_is_not_reset_before(home, capsys, wish):
    with a_demo(home) as demo:
        _, service = the_service_of(demo)
        assert main(["demo", "--home", str(home), "--reset"]) == 1
        assert capsys.readouterr().err == RESET_REFUSED
        assert demo.poll() is None
        assert service.is_running()
        end(demo, wish)
        assert not service.is_running()
    assert main(["demo", "--home", str(home), "--reset"]) == 0
    assert not home.exists()


@pytest.mark.parametrize("where", ENDS)
def test_a_demo_that_was_killed_while_it_joined_joins_by_itself_at_the_next_start(home, where):
    with a_demo(home, "--end-in", where) as first:
        first.communicate(timeout=PATIENCE_S)
        assert first.returncode == 9
    station = home / "station"
    assert vault.exists(station)
    assert (station / "vault.json").exists() == (where != "vault")
    with a_demo(home) as again:
        place, _ = the_service_of(again)
        end(again)
    assert the_enrolment_in(home).base_url == (home / "joined").read_text() == place


def test_when_another_program_has_its_port_the_demo_takes_one_that_is_free_and_its_station_follows(home):
    with a_demo(home) as first:
        before, _ = the_service_of(first)
        end(first)
    joined = the_enrolment_in(home)
    with socket.create_server(("127.0.0.1", int(before.rpartition(":")[2]))) as stranger:
        with a_demo(home) as again:
            after, _ = the_service_of(again)
            assert after != before
            end(again)
        stranger.setblocking(False)
        with pytest.raises(BlockingIOError):
            stranger.accept()  # nobody has called there
    assert the_enrolment_in(home) == replace(joined, base_url=after)


def test_a_second_demo_brings_the_first_ones_window_forward_and_starts_no_service(home):
    with a_demo(home) as first:
        _, service = the_service_of(first)
        with a_demo(home) as second:
            told = second.communicate(timeout=PATIENCE_S)
            assert (second.returncode, *told) == (0, "The demo is open already: its window comes forward.\n", "")
        assert first.stdout is not None
        assert first.stdout.readline() == "forward\n"
        assert "Another service" not in (home / "service" / "service.log").read_text()
        assert service.is_running()


def test_a_service_that_ends_is_started_again_where_it_was_and_stays_away_when_the_demo_ends(home):
    with a_demo(home) as demo:
        place, service = the_service_of(demo)
        service.kill()
        assert demo.stdout is not None
        assert demo.stdout.readline() == "The service has ended. It is started again …\n"
        assert demo.stdout.readline() == f"The service is at {place} again. The window goes online by itself.\n"
        (another,) = (one for one in psutil.Process(demo.pid).children() if "serve" in one.cmdline())
        assert another.pid != service.pid
        end(demo)
        assert not another.is_running()


def test_what_is_typed_to_end_the_demo_does_not_end_its_service_first(home):
    with a_demo(home) as demo:
        _, service = the_service_of(demo)
        assert os.getpgid(service.pid) != os.getpgid(demo.pid)  # a terminal sends Ctrl+C to the whole group
        end(demo, signal.SIGINT)
        assert not service.is_running()


class Ending:
    """A service that ends as soon as it runs."""

    address = "http://127.0.0.1:1"

    def __init__(self, starts: int) -> None:
        self.starts, self.begun = starts, 0

    def start(self) -> None:
        if self.begun == self.starts:
            raise Problem("demo.service", "Cannot listen.", "Choose another port.")
        self.begun += 1

    def wait(self) -> None:
        pass

    kill = stop = wait


@pytest.mark.parametrize(
    ("starts", "last"),
    [
        (99, "The service has ended again. Close the window, then: make demo"),
        (1, "Close the window, then: make demo"),
    ],
)
def test_a_service_that_goes_on_ending_or_does_not_start_is_left_alone_and_it_is_said_what_to_do(starts, last):
    service = Ending(starts)
    said: list[str] = []
    keeper = Keeper(cast("ServiceProcess", service), lambda words: said.extend(words.splitlines()))
    keeper.begin()
    keeper._thread.join(PATIENCE_S)
    keeper.end()
    assert service.begun == min(starts, AT_MOST)
    assert said[-1] == last
    assert (said[-2] == "It does not start: Cannot listen. Choose another port.") == (starts == 1)


def test_a_second_demo_says_when_the_service_of_the_first_does_not_answer(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(display, "is_there", lambda: True)
    monkeypatch.setattr(single, "ping", lambda _: True)
    (tmp_path / "station").mkdir()
    with single.take(tmp_path / "station"):
        assert main(["demo", "--home", str(tmp_path)]) == 0
    told = capsys.readouterr().out.splitlines()
    assert told[0] == "The demo is open already: its window comes forward."
    assert told[1].startswith("Its service does not answer.")


def test_the_demo_says_why_its_service_does_not_start(tmp_path):
    service = ServiceProcess(tmp_path)
    service.start()
    service.stop()
    port = int(service.address.rpartition(":")[2])
    (tmp_path / "service.log").write_text("modstation: What an earlier start has said.\n")
    with socket.create_server(("127.0.0.1", port)), pytest.raises(Problem) as found:
        service.start()  # its address was told already, so that no other port will do
    assert found.value.title.startswith(f"Cannot listen at 127.0.0.1:{port}.")
    assert found.value.advice == "Choose another port."


@pytest.mark.parametrize("kept", ["", "no number", "70000", "-1"])
def test_a_port_that_cannot_be_read_is_no_obstacle(tmp_path, kept):
    (tmp_path / "port").write_text(kept)
    service = ServiceProcess(tmp_path)
    service.start()
    service.stop()
    assert service.address == f"http://127.0.0.1:{(tmp_path / 'port').read_text()}"


@pytest.mark.parametrize("wish", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_window_that_does_nothing_closes_at_once_when_its_process_is_told_to_end(tmp_path, wish):
    with an_open_window(tmp_path) as window:
        window.send_signal(wish)
        said, complained = window.communicate(timeout=PATIENCE_S)
        assert (window.returncode, said, complained) == (0, "", "")


@pytest.mark.parametrize("items", [0, 3])  # the first screen has no vault yet, the desk has one
def test_the_demo_is_not_reset_under_an_open_window_and_is_once_it_has_closed(tmp_path, capsys, items):
    home = tmp_path / "demo"
    with an_open_window(home, items) as window:
        before = sorted(home.rglob("*"))
        assert main(["demo", "--home", str(home), "--reset"]) == 1
        assert capsys.readouterr().err == RESET_REFUSED
        assert set(before) <= set(home.rglob("*"))
        assert window.poll() is None
        window.send_signal(signal.SIGTERM)
        window.communicate(timeout=PATIENCE_S)
        assert window.returncode == 0
    assert main(["demo", "--home", str(home), "--reset"]) == 0
    assert not home.exists()


def test_without_a_display_make_demo_says_so_before_it_installs_anything():
    bare = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    bare["QT_QPA_PLATFORM"] = "xcb"
    command = ["make", "--silent", "demo", "VENV=build/none", "PYTHON=false"]
    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)
    assert done.returncode
    assert done.stdout == ""
    assert done.stderr.startswith(NO_DISPLAY)


def test_without_a_display_the_station_says_so_instead_of_a_core_dump(tmp_path: Path):
    bare = {name: value for name, value in os.environ.items() if name not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    bare["QT_QPA_PLATFORM"] = "xcb"
    command = [sys.executable, "-m", "modstation", "station", "--home", str(tmp_path / "station")]
    done = subprocess.run(command, env=bare, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(display.NONE)
    assert not (tmp_path / "station").exists()


def test_of_what_qt_says_on_the_offscreen_platform_one_line_is_left_out():
    program = """
from PySide6.QtCore import qWarning
from PySide6.QtWidgets import QWidget
from modstation.app.station import application
for _ in range(2):
    app = application()
window = QWidget()
window.show()
window.setMinimumSize(300, 300)
app.processEvents()
qWarning("something else")
"""
    command = [sys.executable, "-c", program]
    surroundings = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
    done = subprocess.run(command, cwd=ROOT, env=surroundings, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "something else\n")


@pytest.mark.qt_log_ignore("something else")
def test_a_test_still_sees_what_qt_says_after_the_program_has_set_itself_up(qapp, qtlog):
    application()
    qWarning("something else")
    qWarning("This plugin does not support propagateSizeHints()")
    assert [record.message for record in qtlog.records] == ["something else"]
