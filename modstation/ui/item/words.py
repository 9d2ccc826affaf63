"""What kinds, tasks, sources, steps, languages and sizes are called on the screen."""

from functools import cache

from PySide6.QtCore import QLocale

from modstation.core.content import Kind, Media
from modstation.core.exposure import Step
from modstation.core.item import TaskKind
from modstation.ui.text import duration, tr, trn

ICONS: dict[Kind, str] = {
    Kind.TEXT: "kind-text",
    Kind.COMMENT: "kind-text",
    Kind.CONVERSATION: "kind-thread",
    Kind.LISTING: "kind-listing",
    Kind.REVIEW: "kind-review",
    Kind.IMAGE: "kind-image",
    Kind.VIDEO: "kind-video",
    Kind.AUDIO: "kind-audio",
    Kind.DOCUMENT: "kind-document",
    Kind.PROFILE: "kind-profile",
}
"""The drawing of each kind of content."""


@cache
def _kinds() -> dict[Kind, str]:
    """Names are looked up once, because they are asked for at each paint; `forget` when the language changes."""
    return {
        Kind.TEXT: tr("Text post"),
        Kind.COMMENT: tr("Comment"),
        Kind.CONVERSATION: tr("Conversation"),
        Kind.LISTING: tr("Listing"),
        Kind.REVIEW: tr("Product review"),
        Kind.IMAGE: tr("Picture"),
        Kind.VIDEO: tr("Video"),
        Kind.AUDIO: tr("Sound recording"),
        Kind.DOCUMENT: tr("Document"),
        Kind.PROFILE: tr("Account profile"),
    }


@cache
def _tasks() -> dict[TaskKind, str]:
    return {
        TaskKind.REVIEW: tr("Review"),
        TaskKind.APPEAL: tr("Appeal"),
        TaskKind.DISPUTE: tr("Dispute"),
        TaskKind.TICKET: tr("Support question"),
        TaskKind.SPOT_CHECK: tr("Spot check"),
        TaskKind.PRACTICE: tr("Practice"),
        TaskKind.CALIBRATION: tr("Calibration"),
    }


@cache
def _steps() -> dict[Step, str]:
    return {
        Step.HIDDEN: tr("Hidden"),
        Step.OUTLINE: tr("Outline"),
        Step.GREY: tr("Grey"),
        Step.BLURRED: tr("Blurred"),
        Step.CLEAR: tr("Clear"),
    }


def forget() -> None:
    """Look the names up again: the language has changed."""
    for names in (_kinds, _tasks, _steps):
        names.cache_clear()


def kind_name(kind: Kind) -> str:
    """The kind of content, as a heading."""
    return _kinds()[kind]


def task_name(task: TaskKind) -> str:
    """What is asked, for tasks that are no plain review."""
    return _tasks()[task]


def task_question(task: TaskKind) -> str:
    """What is asked, as a question."""
    return {
        TaskKind.REVIEW: tr("Does this break the rules?"),
        TaskKind.APPEAL: tr("Was the first decision right?"),
        TaskKind.DISPUTE: tr("Which account is supported?"),
        TaskKind.TICKET: tr("What helps this person?"),
        TaskKind.SPOT_CHECK: tr("A second, blind review"),
        TaskKind.PRACTICE: tr("A case to learn from"),
        TaskKind.CALIBRATION: tr("Decided by the whole group"),
    }[task]


def step_name(step: Step) -> str:
    """How a picture is shown."""
    return _steps()[step]


def language_name(tag: str) -> str:
    """A BCP 47 tag in words: ``English``."""
    if not tag or tag == "und":
        return tr("Language unknown")
    if tag == "mul":  # ISO 639-2
        return tr("Several languages")
    language = QLocale.codeToLanguage(tag.split("-", maxsplit=1)[0])
    if language in {QLocale.Language.C, QLocale.Language.AnyLanguage}:
        return tag
    return QLocale.languageToString(language)


def file_size(size: int) -> str:
    """Bytes as people say them."""
    return QLocale().formattedDataSize(size, 1, QLocale.DataSizeFormat.DataSizeSIFormat)


def file_words(media: Media) -> str:
    """Type and size of a file: ``JPEG, 48.2 kB``."""
    name = media.mime.partition("/")[2].partition(";")[0].removeprefix("x-").upper()
    return tr("{type}, {size}", type=name or media.mime, size=file_size(media.size))


def media_words(media: tuple[Media, ...]) -> str:
    """How many files an item has."""
    if not media:
        return ""
    if all(one.mime.startswith("image/") for one in media):
        return trn("{n} photo", "{n} photos", len(media))
    return trn("{n} file", "{n} files", len(media))


def length(media: Media) -> str:
    """How long a recording lasts."""
    return duration(round(media.duration_s)) if media.duration_s else tr("unknown")


def price(amount: str, currency: str) -> str:
    """A price in the country's way: ``24.90 EUR``. What is no number is shown as it came."""
    try:
        value = float(amount)
    except ValueError:
        return tr("{amount} {currency}", amount=amount, currency=currency).strip()
    decimals = len(amount.partition(".")[2])
    return tr("{amount} {currency}", amount=QLocale().toString(value, "f", decimals), currency=currency).strip()
