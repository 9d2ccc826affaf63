"""Keys in the operating system's keyring, with every way it can go wrong told apart."""

from typing import Protocol


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
