"""The keyring: a real one over a private bus, and every way it can go wrong."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import keyring.backends.chainer
import keyring.backends.fail
import keyring.backends.null
import keyring.backends.SecretService
import pytest
from keyring.errors import InitError, KeyringLocked, NoKeyringError

from modstation.core.problem import Problem
from modstation.system.keyring import TRUSTED, SystemKeyring, called, trusted

SESSION = Path(__file__).parents[2] / "packaging" / "linux" / "keyring-session"


class Pretended(keyring.backends.SecretService.Keyring):
    """A keyring on the list whose behaviour a test chooses."""

    def __init__(self) -> None:
        self.kept: dict[str, str] = {}
        self.error: BaseException | None = None
        self.forgetful = False

    def get_password(self, service: str, username: str) -> str | None:  # noqa: ARG002 - the library's signature
        if self.error:
            raise self.error
        return self.kept.get(username)

    def set_password(self, service: str, username: str, password: str) -> None:  # noqa: ARG002 - as above
        if not self.forgetful:
            self.kept[username] = password

    def delete_password(self, service: str, username: str) -> None:  # noqa: ARG002 - as above
        del self.kept[username]


Pretended.__module__ = keyring.backends.SecretService.__name__
Pretended.__qualname__ = "Keyring"


@pytest.fixture
def pretended() -> Pretended:
    return Pretended()


def code_of(act) -> str:
    with pytest.raises(Problem) as caught:
        act()
    return caught.value.code


def test_a_person_reads_the_plain_name_of_every_keyring_on_the_list():
    assert called("keyring.backends.SecretService.Keyring") == "Secret Service"
    assert not any("." in called(name) for name in TRUSTED)
    assert called("elsewhere.Keyring") == "elsewhere.Keyring"


def test_a_secret_comes_back(pretended: Pretended):
    lock = SystemKeyring(find=lambda: pretended)
    assert lock.backend == "keyring.backends.SecretService.Keyring"
    assert lock.get("a") is None
    lock.put("a", b"\x00\xff")
    assert lock.get("a") == b"\x00\xff"
    lock.delete("a")
    assert lock.get("a") is None


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyringLocked("no"), "keyring.locked"),
        (InitError("no"), "keyring.absent"),
        (NoKeyringError("no"), "keyring.absent"),
    ],
)
def test_each_failure_has_its_name(pretended: Pretended, error: BaseException, code: str):
    lock = SystemKeyring(find=lambda: pretended)
    pretended.error = error
    assert code_of(lambda: lock.get("a")) == code


def test_a_bug_in_a_backend_is_not_taken_for_a_missing_key(pretended: Pretended):
    lock = SystemKeyring(find=lambda: pretended)
    pretended.error = ZeroDivisionError()
    with pytest.raises(ZeroDivisionError):
        lock.get("a")


def test_a_keyring_that_forgets_or_gives_back_something_else_is_not_trusted(pretended: Pretended):
    lock = SystemKeyring(find=lambda: pretended)
    pretended.forgetful = True
    assert code_of(lambda: lock.put("a", b"key")) == "keyring.mismatch"
    pretended.kept["a"] = "00"
    assert code_of(lambda: lock.put("a", b"key")) == "keyring.mismatch"
    for nonsense in ("", "not hex"):
        pretended.kept["a"] = nonsense
        assert code_of(lambda: lock.get("a")) == "keyring.mismatch"


def test_a_keyring_that_never_answers_is_left_behind(pretended: Pretended, monkeypatch: pytest.MonkeyPatch):
    lock = SystemKeyring(wait_s=0.05, find=lambda: pretended)
    answered = threading.Event()
    monkeypatch.setattr(pretended, "get_password", lambda *_: answered.wait(30), raising=False)
    assert code_of(lambda: lock.get("a")) == "keyring.slow"
    answered.set()


def test_of_a_chain_only_the_one_that_is_trusted_is_used(pretended: Pretended, monkeypatch: pytest.MonkeyPatch):
    null = keyring.backends.null.Keyring()
    chain = keyring.backends.chainer.ChainerBackend()
    for members, expected in (([null, pretended], pretended), ([null], None)):
        monkeypatch.setattr(keyring.backends.chainer.ChainerBackend, "backends", members)
        if expected is None:
            assert code_of(lambda: trusted(chain)) == "keyring.unsafe"
        else:
            assert trusted(chain) is expected


def test_null_and_missing_keyrings_are_refused():
    assert code_of(lambda: SystemKeyring(find=keyring.backends.null.Keyring)) == "keyring.unsafe"
    assert code_of(lambda: SystemKeyring(find=keyring.backends.fail.Keyring)) == "keyring.absent"


def script(home: Path, text: str, *, session: bool = True) -> str:
    """Run Python in a process of its own, inside a private session with an unlocked keyring, or with no bus at all."""
    assert shutil.which("gnome-keyring-daemon"), "the package gnome-keyring is missing"
    beginning = (
        "from modstation.system.keyring import SystemKeyring\nfrom modstation.core.problem import Problem\n"
        "def tell(act):\n    try: print(act())\n    except Problem as problem: print(problem.code)\n"
    )
    ours = ("DBUS_", "XDG_", "PYTHON_KEYRING")
    plain = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        [*([str(SESSION)] if session else []), sys.executable, "-c", beginning + text],
        env=plain | {"MODSTATION_KEYRING_HOME": str(home / "keyring"), "HOME": str(home)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_real_keyring_keeps_a_key_from_one_session_to_the_next(tmp_path: Path):
    key = bytes(range(32))
    first = script(tmp_path, f"k = SystemKeyring(); print(k.get('v')); k.put('v', {key!r}); print(k.backend)")
    assert first.split() == ["None", "keyring.backends.SecretService.Keyring"]
    again = script(tmp_path, f"k = SystemKeyring(); print(k.get('v') == {key!r}); k.delete('v'); print(k.get('v'))")
    assert again.split() == ["True", "None"]
    assert all(key.hex().encode() not in path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())


def test_a_real_keyring_that_is_locked_says_so_and_loses_nothing(tmp_path: Path):
    text = """
import secretstorage
k = SystemKeyring(); k.put('v', b'key')
secretstorage.get_default_collection(secretstorage.dbus_init()).lock()
tell(lambda: k.get('v')); tell(lambda: k.get('none')); tell(lambda: k.put('v', b'other'))
"""
    assert script(tmp_path, text).split() == ["keyring.locked"] * 3
    assert script(tmp_path, "print(SystemKeyring().get('v'))") == "b'key'\n"


def test_without_a_bus_there_is_no_keyring(tmp_path: Path):
    assert script(tmp_path, "tell(SystemKeyring)", session=False) == "keyring.absent\n"
