"""Keys in the operating system's keyring, with every way it can go wrong told apart.

Which keyring is used is never left to chance: one of a short list, or none. A keyring that forgets, fails or writes in
the clear is refused, and so is a chain of several in which a key could be found somewhere else than where it was put.

The ``keyring`` library is imported where it is first asked: it looks through everything that is installed, and whoever
only names a `KeyringLock` does not pay for that.
"""

import queue
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from modstation.core.problem import Problem

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

T = TypeVar("T")

TRUSTED = (
    "keyring.backends.SecretService.Keyring",
    "keyring.backends.libsecret.Keyring",
    "keyring.backends.kwallet.DBusKeyring",
    "keyring.backends.Windows.WinVaultKeyring",
    "keyring.backends.macOS.Keyring",
)
"""Keyrings that keep secrets encrypted behind the person's login, the preferred first."""

_CALLED = dict(
    zip(TRUSTED, ("Secret Service", "Secret Service", "KWallet", "Windows Credential Manager", "Keychain"), strict=True)
)
_CHAINER = "keyring.backends.chainer.ChainerBackend"
_FAIL = "keyring.backends.fail.Keyring"
_SERVICE = "modstation"


class KeyringLock(Protocol):
    """A place for small secrets that outlives the program and is guarded by the person's login.

    Attributes:
        backend: a stable name for where secrets go; a secret put there is found only there.
    """

    @property
    def backend(self) -> str:
        """See the class."""
        ...

    def get(self, name: str) -> bytes | None:
        """The secret called `name`, None when the keyring is open and has none."""
        ...

    def put(self, name: str, secret: bytes) -> None:
        """Keep a secret; it has been read back when this returns."""
        ...

    def delete(self, name: str) -> None:
        """Forget a secret; harmless when there is none."""
        ...


class SystemKeyring:
    """The keyring of this desktop session.

    Args:
        wait_s: how long an answer may take: a person may have to type a password first.
        find: what gives the backend; the ``keyring`` library's own choice when not given.

    Raises:
        Problem: ``keyring.absent``, ``keyring.unsafe``, ``keyring.slow``.
    """

    def __init__(self, wait_s: float = 60.0, find: "Callable[[], KeyringBackend] | None" = None) -> None:
        self._wait_s = wait_s
        self._backend = trusted(self._in_time(find or _found))
        self.backend = name_of(self._backend)
        if hasattr(self._backend, "persist"):  # Windows: on this computer only, not on every one of the domain
            self._backend.persist = "local machine"

    def get(self, name: str) -> bytes | None:
        """See `KeyringLock`.

        Raises:
            Problem: ``keyring.locked``, ``keyring.slow``, ``keyring.absent``, ``keyring.mismatch`` when what is kept
                under this name is not ours.
        """
        found = self._in_time(lambda: self._backend.get_password(_SERVICE, name))
        if found is None:
            return None
        try:
            secret = bytes.fromhex(found)
        except ValueError:
            raise _mismatch(self.backend) from None
        if not secret:
            raise _mismatch(self.backend)
        return secret

    def put(self, name: str, secret: bytes) -> None:
        """See `KeyringLock`.

        Raises:
            Problem: as `get`; ``keyring.mismatch`` when something else is read back.
        """
        self._in_time(lambda: self._backend.set_password(_SERVICE, name, secret.hex()))
        if self.get(name) != secret:
            raise _mismatch(self.backend)

    def delete(self, name: str) -> None:
        """See `KeyringLock`.

        Raises:
            Problem: ``keyring.locked``, ``keyring.slow``, ``keyring.absent``.
        """

        def forget() -> None:
            from keyring.errors import PasswordDeleteError  # noqa: PLC0415 - see the top

            try:
                self._backend.delete_password(_SERVICE, name)
            except PasswordDeleteError:  # there is none
                return

        self._in_time(forget)

    def _in_time(self, ask: Callable[[], T]) -> T:
        """Ask in a thread of its own, so that a keyring that never answers can be left behind."""
        answer: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def work() -> None:
            try:
                answer.put((ask(), None))
            except BaseException as error:  # noqa: BLE001 - it goes on in the thread that asked
                answer.put((None, error))

        threading.Thread(target=work, name="keyring", daemon=True).start()
        try:
            result, error = answer.get(timeout=self._wait_s)
        except queue.Empty:
            raise Problem(
                "keyring.slow", "The keyring does not answer.", "Look for its password window, then try again."
            ) from None
        if error is not None:
            raise _explained(error) from error
        return result  # type: ignore[return-value] # None only when T allows it: there was no error


def _found() -> "KeyringBackend":
    import keyring  # noqa: PLC0415 - see the top

    return keyring.get_keyring()


def _explained(error: BaseException) -> BaseException:
    from keyring.errors import KeyringError, KeyringLocked  # noqa: PLC0415 - see the top

    if isinstance(error, KeyringLocked):
        return Problem("keyring.locked", "The keyring is locked.", "Unlock it, then try again.")
    # KeyringError also stands for "no backend" and "no collection"; RuntimeError is what keyring raises without D-Bus
    if isinstance(error, KeyringError):
        return _absent(type(error).__name__)
    if type(error).__module__.startswith(("secretstorage", "jeepney")):
        if "Locked" in type(error).__name__ or "PromptDismissed" in type(error).__name__:
            return Problem("keyring.locked", "The keyring is locked.", "Unlock it, then try again.")
        return _absent(type(error).__name__)
    return error


def _absent(place: str) -> Problem:
    return Problem(
        "keyring.absent",
        "No keyring can be reached in this session.",
        "Start the keyring of your desktop, or use a passphrase.",
        place,
    )


def _mismatch(place: str) -> Problem:
    return Problem(
        "keyring.mismatch",
        "The keyring does not give back what was put into it.",
        "Do not trust it with the cache: use a passphrase.",
        place,
    )


def name_of(backend: "KeyringBackend") -> str:
    """The full name of a backend's class."""
    return f"{type(backend).__module__}.{type(backend).__qualname__}"


def called(backend: str) -> str:
    """What people call the keyring with this full name; the name itself for one that is not on the list."""
    return _CALLED.get(backend, backend)


def trusted(backend: "KeyringBackend") -> "KeyringBackend":
    """`backend` itself when it is on the list; of a chain the preferred one that is.

    Raises:
        Problem: ``keyring.absent`` when there is none at all, ``keyring.unsafe`` when none of them is on the list.
    """
    chain: list[Any] = list(getattr(backend, "backends", ())) if name_of(backend) == _CHAINER else [backend]
    listed = {name_of(one): one for one in chain if name_of(one) in TRUSTED}
    for name in TRUSTED:
        if name in listed:
            found: KeyringBackend = listed[name]
            return found
    if not chain or all(name_of(one) == _FAIL for one in chain):
        raise _absent("no backend")
    raise Problem(
        "keyring.unsafe",
        "The keyring set up on this computer does not keep keys safe.",
        "Choose the keyring of your desktop, or use a passphrase.",
        ", ".join(name_of(one) for one in chain),
    )
