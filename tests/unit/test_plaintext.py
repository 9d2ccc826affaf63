"""The search for content in the clear finds what is there, and only that."""

from modstation.demo import plaintext
from tests.support.builders import TEXT, an_item

FILE = bytes(range(256)) * 8


def test_a_text_or_a_piece_of_a_file_left_in_the_clear_is_found(tmp_path) -> None:
    wanted = plaintext.needles([an_item()], [FILE])
    (tmp_path / "sealed").write_bytes(bytes(reversed(FILE)))
    assert plaintext.hits(tmp_path, wanted) == 0
    (tmp_path / "leak").write_bytes(b"\0\1" + TEXT.encode() + b"\2")
    assert plaintext.hits(tmp_path, wanted) == 1
    (tmp_path / "wide").write_bytes(TEXT.encode("utf-16-le"))
    assert plaintext.hits(tmp_path, wanted) == 2
    (tmp_path / "media").write_bytes(b"xyz" + FILE)
    assert plaintext.hits(tmp_path, wanted) > 2
