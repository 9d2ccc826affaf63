"""A cache that can't be opened is kept, whole, and makes room for another."""

from modstation.store import vault
from modstation.store.vault import Locks

LOCKS = Locks(passphrase="a passphrase of some length")


def test_a_vault_set_aside_is_untouched_and_another_can_be_made(tmp_path) -> None:
    folder = tmp_path / "station"
    first = vault.create(folder, LOCKS)
    first_id = first.vault_id
    first.close()
    before = (folder / "vault.db").read_bytes()

    aside = vault.set_aside(folder, "aside-1")

    assert not vault.exists(folder)
    assert (aside / "vault.db").read_bytes() == before
    second = vault.create(folder, LOCKS)
    assert second.vault_id != first_id
    second.close()
    kept = vault.open_(aside, LOCKS)
    assert kept.vault_id == first_id
    kept.close()
