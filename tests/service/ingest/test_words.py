"""A refused line is told in plain words: what is wrong, where, and how it should be; never what the line says."""

import json

import pytest

from modstation.service.ingest.importer import ServiceStore, import_file

LINE = {
    "item_id": "a-1",
    "queue": "market",
    "policy_id": "house",
    "language": "en",
    "severity": 2,
    "category": "harassment",
    "summary": "Post about a pump",
    "created_at": "2026-11-14T18:02:00Z",
    "content": {"kind": "text", "text": "The pump is good."},
}


class Untouched(ServiceStore):
    """A store that no refused line may reach."""

    def __init__(self):
        pass


def a_line(**over):
    return json.dumps(LINE | over)


@pytest.mark.parametrize(
    ("line", "place", "why"),
    [
        (
            "{item_id: 1}",
            "character 2",
            "not JSON at character 2 or just before it: a name must stand in double quotes",
        ),
        (
            '{"summary": "\N{GRINNING FACE}" 1}',
            "character 17",
            "at character 17 or just before it: a comma or the closing brace",
        ),
        (a_line()[:-1], f"character {len(a_line()) - 1}", "The line ends before its object does."),
        ('{"summary": "\N{GRINNING FACE}', "character 14", "The line ends before its object does."),
        (a_line(language="en_GB"), "language", 'language tag (BCP 47), such as "en", "pt-BR"'),
        (a_line(language="e"), "language", 'language tag (BCP 47), such as "en", "pt-BR"'),
        (a_line(severity="2"), "severity", "It must be a whole number, and is text in double quotes."),
        (a_line(severity=9), "severity", "It must be a whole number of at most 4."),
        (a_line(created_at="today"), "created_at", "such as 2026-11-14T18:02:00Z"),
        (a_line(content={"kind": "song"}), "content.kind", "one of: text, comment, conversation"),
        (a_line(item_id="two words"), "item_id", "letters, digits and . _ : / @ + - only"),
        (a_line(item_id="a-1\n"), "item_id", "letters, digits and . _ : / @ + - only"),
        (a_line(queue=" market"), "queue", "must not be empty, nor begin or end with a space"),
        (a_line(summary="x" * 500), "summary", "at most 400 characters"),
        (a_line(colour=1), "", "There is no field `colour` here."),
        ("[]", "", "not a JSON object, in braces"),
        (b'{"item_id": "\xff"}', "character 14", "not UTF-8 at character 14"),
        ("[" * 100_000, "", "nested too deeply"),
    ],
)
def test_a_refusal_says_in_plain_words_what_is_wrong_and_how_it_should_be(tmp_path, line, place, why):
    file = tmp_path / "items.jsonl"
    file.write_bytes(b"\n" + (line if isinstance(line, bytes) else line.encode()) + b"\n")
    (refusal,) = import_file(file, Untouched()).refused
    assert (refusal.line, refusal.place) == (2, place)
    assert why in refusal.why
    assert "regex" not in refusal.why
