"""The journal: whatever happens to its end, what came before can be recovered, by the service alone."""

import errno
import os
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from modstation.store import checkup, journal
from modstation.system.sealed import HEADER_BYTES, Sealer, look, recover
from tests.support.vaults import signed

KEY = X25519PrivateKey.from_private_bytes(bytes(range(32)))
PRIVATE = KEY.private_bytes_raw()
PUBLIC = KEY.public_key().public_bytes_raw()

records = st.lists(st.tuples(st.text("abc-0123456789", min_size=1, max_size=40), st.binary(max_size=300)), max_size=6)


def segment_of(entries: list[tuple[str, bytes]]) -> tuple[bytes, list[int]]:
    """A segment, and where each of its records ends."""
    sealer = Sealer(PUBLIC, secrets.token_bytes)
    data, ends = sealer.header, []
    for record_id, record in entries:
        data += sealer.record(record_id, record)
        ends.append(len(data))
    return data, ends


@given(records)
def test_every_record_comes_back_in_order(entries: list[tuple[str, bytes]]):
    data, _ = segment_of(entries)
    assert recover(data, PRIVATE) == entries
    assert recover(data + bytes(1000), PRIVATE) == entries  # space taken ahead is no damage
    assert not look(data + bytes(1000)).torn


@given(records, st.data())
def test_a_torn_end_costs_only_the_torn_record(entries: list[tuple[str, bytes]], data: st.DataObject):
    segment, ends = segment_of(entries)
    cut = data.draw(st.integers(HEADER_BYTES, len(segment)))
    whole = sum(end <= cut for end in ends)
    assert recover(segment[:cut], PRIVATE) == entries[:whole]
    assert look(segment[:cut]).torn == (cut not in {HEADER_BYTES, *ends})


@given(records.filter(bool), st.data())
def test_a_changed_byte_is_never_taken_for_a_record(entries: list[tuple[str, bytes]], data: st.DataObject):
    segment, _ = segment_of(entries)
    at = data.draw(st.integers(HEADER_BYTES, len(segment) - 1))
    bent = bytearray(segment)
    bent[at] ^= data.draw(st.integers(1, 255))
    found = recover(bytes(bent), PRIVATE)
    remaining = iter(entries)
    assert all(record in remaining for record in found)  # what is found is authentic, and in order
    assert look(bytes(bent)).torn or not all(entry.whole for entry in look(bytes(bent)).entries)


def test_a_changed_record_does_not_spoil_those_after_it():
    segment, ends = segment_of([("a", b"one"), ("b", b"two"), ("c", b"three")])
    bent = bytearray(segment)
    bent[ends[0] + 10] ^= 1  # inside the second record's ciphertext
    assert recover(bytes(bent), PRIVATE) == [("a", b"one"), ("c", b"three")]


def test_only_the_service_can_read_it():
    segment, _ = segment_of([("a", b"a quiet note")])
    assert b"a quiet note" not in segment
    stranger = X25519PrivateKey.generate().private_bytes_raw()
    with pytest.raises(ValueError, match="another key"):
        recover(segment, stranger)


def test_segments_rotate_and_together_hold_everything(tmp_path: Path):
    writing = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed, segment_bytes=2_000)
    for n in range(20):
        writing.append(f"id-{n}", bytes([n]) * 300)
    writing.close()
    restarted = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed)
    restarted.append("id-20", b"after a restart")
    restarted.close()
    paths = journal.segments(tmp_path)
    assert len(paths) > 3
    assert all(path.stat().st_size <= 2_000 for path in paths)
    found = [record for path in paths for record in recover(path.read_bytes(), PRIVATE)]
    assert all(record[:64] == signed(record_id, record[64:]) for record_id, record in found)
    assert [(record_id, record[64:]) for record_id, record in found] == [
        *((f"id-{n}", bytes([n]) * 300) for n in range(20)),
        ("id-20", b"after a restart"),
    ]
    assert journal.ids(tmp_path) == [f"id-{n}" for n in range(21)]


def test_a_record_larger_than_a_segment_has_one_of_its_own(tmp_path: Path):
    writing = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed, segment_bytes=1_000)
    writing.append("small", b"x")
    writing.append("large", bytes(5_000))
    writing.close()
    assert journal.ids(tmp_path) == ["small", "large"]


def test_old_segments_go_when_all_they_hold_is_settled(tmp_path: Path):
    writing = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed, segment_bytes=1_000)
    for n in range(8):
        writing.append(f"id-{n}", bytes(300))
    writing.append(journal.taken_back("id-1"), b"")
    assert journal.forget(tmp_path, {"id-0"}) == 0
    assert journal.forget(tmp_path, {f"id-{n}" for n in range(7)}) > 0
    assert "id-7" in journal.ids(tmp_path)
    writing.close()


def test_a_segment_cut_inside_its_header_is_passed_over(tmp_path: Path):
    (tmp_path / "00000001.sealed").write_bytes(b"MSSEAL1\n12")
    writing = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed)
    writing.append("id-1", b"x")
    writing.close()
    assert journal.ids(tmp_path) == ["id-1"]


def test_a_segment_that_the_disk_did_not_let_begin_leaves_nothing_that_looks_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    writing = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed)
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            writing.append("id-1", b"x")
    assert checkup.copies(tmp_path).damaged == 0
    writing.append("id-2", b"x")
    writing.close()
    assert journal.ids(tmp_path) == ["id-2"]


def test_a_segment_that_nobody_can_read_is_never_forgotten(tmp_path: Path):
    for n in range(3):
        writing = journal.Journal(tmp_path, PUBLIC, secrets.token_bytes, signed)
        writing.append(f"id-{n}", b"x")
        writing.close()
    first = journal.segments(tmp_path)[0]
    first.write_bytes(b"?" + first.read_bytes()[1:])
    assert journal.forget(tmp_path, {"id-0", "id-1"}) == 0
    assert first.exists()
