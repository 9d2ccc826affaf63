"""Why an item is here, in words: scores, what people wrote, rules and known files."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from modstation.core.item import Flag, FlagSource, Item, TaskKind
from modstation.ui.item.marks import letter
from modstation.ui.item.words import task_name, task_question
from modstation.ui.text import category_name, day, tr, trn


@dataclass(frozen=True, slots=True)
class Cell:
    """One reason: a small label over its value.

    Attributes:
        score, threshold: draw a meter; -1 for none.
        letters: those that mark its spans in the text; only where several reasons could be meant.
    """

    label: str
    value: str
    score: float = -1.0
    threshold: float = -1.0
    letters: str = ""


def cells(item: Item) -> tuple[Cell, ...]:
    """The reasons, strongest first: scores, what people wrote, rules and known files."""
    if item.restricted:
        return tuple(_withheld(flag) for flag in item.flags)
    scored = sorted((f for f in item.flags if f.source is FlagSource.CLASSIFIER), key=lambda f: -(f.score or 0.0))
    several = len(item.flags) > 1
    marked = {flag.flag_id: letter(n) for n, flag in enumerate(item.flags) if flag.spans} if several else {}
    found = [_scored(flag, marked.get(flag.flag_id, "")) for flag in scored]
    reports = [flag for flag in item.flags if flag.source is FlagSource.USER_REPORT]
    if reports:
        found.insert(1, _reported(reports, "".join(marked.get(flag.flag_id, "") for flag in reports)))
    for flag in item.flags:
        if flag.source is FlagSource.RULE:
            found.append(Cell(tr("Rule"), flag.title, letters=marked.get(flag.flag_id, "")))
        elif flag.source is FlagSource.HASH_MATCH:
            found.append(Cell(tr("Known file"), flag.title, letters=marked.get(flag.flag_id, "")))
    if item.task_kind is not TaskKind.REVIEW:
        found.insert(0, Cell(task_name(item.task_kind), task_question(item.task_kind)))
    return tuple(found) or (Cell(tr("Nobody flagged it"), tr("Taken from the queue as it came")),)


def _withheld(flag: Flag) -> Cell:
    """A flag of an item that is held back: nobody's own words, which may quote it."""
    source = {
        FlagSource.CLASSIFIER: tr("Classifier"),
        FlagSource.USER_REPORT: trn("{n} user report", "{n} user reports", 1),
        FlagSource.RULE: tr("Rule"),
        FlagSource.HASH_MATCH: tr("Known file"),
    }[flag.source]
    if flag.score is None:
        if flag.source is FlagSource.USER_REPORT and flag.at is not None:
            source = _dated(source, flag.at)
        return Cell(source, category_name(flag.category))
    label = tr("{source}, {category}", source=source, category=category_name(flag.category))
    return replace(_scored(flag), label=label)


def _dated(reports: str, at: datetime) -> str:
    return tr("{reports}, {day}", reports=reports, day=day(at))


def _scored(flag: Flag, letters: str = "") -> Cell:
    if flag.score is None:
        return Cell(tr("Classifier"), flag.title, letters=letters)
    sends = tr("sends at {n}", n=f"{flag.threshold:.2f}") if flag.threshold is not None else ""
    return Cell(flag.title, sends, flag.score, -1.0 if flag.threshold is None else flag.threshold, letters)


def _reported(reports: Sequence[Flag], letters: str) -> Cell:
    days = sorted({flag.at for flag in reports if flag.at is not None})
    label = trn("{n} user report", "{n} user reports", len(reports))
    if days:
        label = _dated(label, days[-1])
    said = [tr("“{words}”", words=flag.explanation) for flag in reports if flag.explanation]
    value = ", ".join(dict.fromkeys(said)) or tr("no words with it")  # the label says how many there are
    return Cell(label, value, letters=letters)
