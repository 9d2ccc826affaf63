"""Converter for the evaluation set of OpenAI's moderation paper, in the form its derivation gives it.

One row is ``{"source_id", "text" or null, "text_withheld", "language", "ai_flag": {"scores", "threshold"}, …}``. A row
whose text is withheld becomes a restricted item without text. Gold labels are not carried over: they are what a
decision is compared with, and must not travel with the item.
"""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from modstation.core.problem import Problem
from modstation.service.ingest.form import Formed, form
from modstation.wire import translate
from modstation.wire.limits import Id, Language, Share, Text, Word

QUEUE = "community"
POLICY = "github-site-policy"
WITHHELD = "The text is withheld by its source; decide without it or hand it to the safety team."
_FIRST = datetime(2022, 8, 5, 8, 0, tzinfo=UTC)  # the month the set was published; a minute for each row
_SEVERITY = {"sexual/minors": 4, "hate/threatening": 4, "violence/graphic": 3, "self-harm": 3, "hate": 3, "violence": 3}
_NAMES = {"en": "English", "fr": "French", "it": "Italian", "de": "German", "es": "Spanish", "pt": "Portuguese"}


class AiFlag(msgspec.Struct, frozen=True):
    """The baseline's verdict: a share for each category."""

    scores: Annotated[dict[Word, Share], Meta(min_length=1, max_length=50)]
    threshold: Share
    model: Word = ""


class Row(msgspec.Struct, frozen=True):
    """One row; fields of the source that an item has no use for are left unread."""

    source_id: Id
    language: Language
    ai_flag: AiFlag
    text: Text | None
    text_withheld: bool = False
    duplicate_of: str | None = None


_DECODER = msgspec.json.Decoder(Row, strict=True)


def convert(body: bytes, folder: Path, *, queue: str = QUEUE, policy_id: str = POLICY) -> Formed:
    """Make an item of one row.

    Raises:
        Problem: ``wire.malformed`` for a row of another form, ``import.no_text`` when the text is missing and not
            withheld.
    """
    row = translate.strictly(_DECODER.decode, body)
    if row.text is None and not row.text_withheld:
        raise Problem("import.no_text", "The row has no text and does not say that it is withheld.", place="text")
    category, score = max(row.ai_flag.scores.items(), key=lambda pair: pair[1])
    flagged = score >= row.ai_flag.threshold
    language = _NAMES.get(row.language, row.language)
    number = "".join(filter(str.isdigit, row.source_id.rsplit("/", 1)[-1]))[-9:] or "0"
    record: dict[str, Any] = {
        "item_id": row.source_id,
        "queue": queue,
        "policy_id": policy_id,
        "language": row.language,
        "severity": _SEVERITY.get(category, 2) if flagged or row.text_withheld else 1,
        "category": category,
        "summary": f"Text post, {language}" + (", text withheld" if row.text_withheld else ""),
        "created_at": (_FIRST + timedelta(minutes=int(number) % 1_000_000)).isoformat(),
        "content": {"kind": "text", "text": "" if row.text_withheld else row.text},
        "flags": [
            {
                "flag_id": "f1",
                "source": "classifier",
                "category": category,
                "title": "Baseline classifier",
                "score": score,
                "threshold": row.ai_flag.threshold,
                "explanation": "Strongest category of a baseline"
                + ("." if flagged else "; below its threshold, sent for a second look."),
            }
        ],
        "restricted": WITHHELD if row.text_withheld else "",
        "teams": ["safety"],
        "actions": ACTIONS,
    }
    return form(msgspec.json.encode(record), folder)


ACTIONS = [
    {"action_id": "remove", "title": "Remove", "phrase": "remove the post"},
    {"action_id": "restrict", "title": "Restrict", "phrase": "restrict the post"},
    {"action_id": "warn_author", "title": "Warn the author", "phrase": "warn the author"},
    {"action_id": "limit_author", "title": "Pause the account", "phrase": "pause the account"},
    {"action_id": "refer", "title": "Refer to the safety team", "phrase": "refer it to the safety team"},
    {
        "action_id": "close_account",
        "title": "Close the account",
        "phrase": "close the account",
        "permanence": "irreversible",
    },
]
