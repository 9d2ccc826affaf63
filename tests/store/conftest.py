"""A vault for each test that asks for one, and what goes with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from modstation.store import vault as vaults
from modstation.store.driver import Database
from tests.support.vaults import MemoryKeyring, signed


@pytest.fixture
def keyring() -> MemoryKeyring:
    return MemoryKeyring()


@pytest.fixture
def locks(keyring: MemoryKeyring) -> vaults.Locks:
    return vaults.Locks(keyring)


@pytest.fixture
def service_key() -> X25519PrivateKey:
    """The service's sealing key."""
    return X25519PrivateKey.generate()


@pytest.fixture
def vault(tmp_path: Path, locks: vaults.Locks, service_key: X25519PrivateKey) -> Iterator[vaults.Vault]:
    made = vaults.create(tmp_path / "station", locks)
    made.open_journal(service_key.public_key().public_bytes_raw(), signed)
    yield made
    made.close()


@pytest.fixture
def reader(vault: vaults.Vault) -> Database:
    return vault.reader()
