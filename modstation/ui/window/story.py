"""The story of a decision that came back: what was judged, what that is now, and what others did meanwhile."""

from collections.abc import Mapping
from datetime import datetime

from modstation.core.content import Conversation, Listing, ProductReview, Profile, media_of, parts
from modstation.core.decision import Decision, draft_of
from modstation.core.item import Flag, FlagSource, Item, ItemCard
from modstation.core.policy import Policy
from modstation.core.status import Link
from modstation.session.views import Entry, Story
from modstation.ui.decide.sentence import Role, compose
from modstation.ui.item.words import media_words, price
from modstation.ui.pieces.lettering import Emphasis
from modstation.ui.screens.returned import ReturnedView
from modstation.ui.screens.story import EventView, FieldView
from modstation.ui.text import clock, day_and_clock, tr, trn
from modstation.ui.window.changes import compare, excerpt


def returned_view(
    entry: Entry, story: Story, sentence: str, card: ItemCard | None, link: Link, now: datetime
) -> ReturnedView:
    """Everything about one returned decision; `sentence` is what it said, for when its item is not here any more."""
    saw, is_now = _columns(entry, story)
    saw_head, now_head = _heads(entry, story)
    words, marks = _sentence(entry, story) or (sentence, ())
    return ReturnedView(
        entry_id=entry.entry_id,
        kind=entry.kind,
        summary=entry.summary,
        code=entry.code,
        reason=entry.reason,
        decided_at=entry.decided_at,
        sentence=words,
        sentence_marks=marks,
        note=entry.decision.rationale if entry.decision else "",
        told_at=now,
        lease=card.lease if card else None,
        saw=saw,
        now=is_now,
        events=_events(entry, story),
        saw_head=saw_head,
        now_head=now_head,
        offline=link is not Link.ONLINE,
    )


def _sentence(entry: Entry, story: Story) -> tuple[str, tuple[Emphasis, ...]] | None:
    """The decision as the bar said it, with clauses and actions strong; None when its item is not here."""
    item = story.judged or story.now
    if entry.decision is None or item is None:
        return None
    words, marks = "", list[Emphasis]()
    for segment in compose(draft_of(entry.decision), item, story.rules_then):
        if segment.role in {Role.CLAUSE, Role.ACTION, Role.ESCALATION}:
            marks.append(Emphasis(len(words), len(segment.text)))
        words += segment.text
    return words, tuple(marks)


def _heads(entry: Entry, story: Story) -> tuple[str, str]:
    """What is said under the titles of the first two columns; also why one of them is empty."""
    decided = entry.decision
    rev = decided.item_rev if decided else (story.now.rev if story.now else 0)
    when = clock(entry.decided_at)
    if story.judged is not None:
        saw = tr("revision {n}, decided {time}", n=rev, time=when)
    elif story.now is None:
        saw = tr("revision {n}, decided {time}. Its text left this computer with the item.", n=rev, time=when)
    else:
        saw = tr("revision {n}, decided {time}. Its text was not kept on this computer.", n=rev, time=when)
    if story.now is None:
        return saw, tr("The item is no longer on this computer. Only the service knows.")
    if story.judged is None:
        return saw, tr("revision {n}", n=story.now.rev)
    before, after = _fields(story.judged), _fields(story.now)
    changed = sum(before.get(name) != after.get(name) for name in before | after)
    same = tr("revision {n}, the same content", n=story.now.rev)
    if entry.code.startswith("refused.unknown_item"):
        return saw, tr("revision {n}, as it is on this computer", n=story.now.rev)
    if not changed:
        return saw, same
    return saw, trn(
        "revision {rev}, {n} field changed", "revision {rev}, {n} fields changed", changed, rev=story.now.rev
    )


def _columns(entry: Entry, story: Story) -> tuple[tuple[FieldView, ...], tuple[FieldView, ...]]:
    """Both columns, row by row; a row that only one of them has is empty in the other."""
    before = _fields(story.judged) if story.judged else {}
    after = _fields(story.now) if story.now else {}
    compared = story.judged is not None and story.now is not None
    if story.judged is not None and story.now is not None and _files(story.judged) != _files(story.now):
        name = tr("Files")
        if before.get(name) == after.get(name):
            after[name] = tr("{files}, other ones", files=after[name])
    rules = _rules(entry.decision, story.rules_then, story.rules_now) if entry.decision else {}
    rows = [
        _row(name, before.get(name, ""), after.get(name, ""), compared=compared)
        for name in dict.fromkeys([*before, *after])
    ]
    rows += [_row(name, was, is_now, compared=True) for name, (was, is_now) in rules.items()]
    saw = tuple(row[0] for row in rows) if before or rules else ()
    is_now = tuple(row[1] for row in rows) if after or rules else ()
    return saw, is_now


def _row(name: str, was: str, is_now: str, *, compared: bool) -> tuple[FieldView, FieldView]:
    gone, new = compare(was, is_now) if compared else ((), ())
    return _field(name, was, gone), _field(name, is_now, new)


def _field(name: str, text: str, marks: tuple[Emphasis, ...]) -> FieldView:
    words, shown = excerpt(text, marks)
    return FieldView(name, words, shown)


def _fields(item: Item) -> dict[str, str]:
    """What stands in the item, by the names of its fields, in reading order."""
    if item.restricted:
        return {tr("Held back"): item.restricted}
    content = item.content
    found: dict[str, str] = {}
    if isinstance(content, ProductReview):
        found[tr("Rating")] = tr("{n} of {scale}", n=content.rating, scale=content.scale)
    names = {
        "title": tr("Title"), "text": tr("Text"), "answer": tr("Answer"), "caption": tr("Caption"),
        "transcript": tr("Transcript"), "name": tr("Name"),
    }  # fmt: skip
    for part, text in parts(content).items():
        kind, _, at = part.partition(".")
        name = names.get(kind, kind)
        if kind == "posts" and isinstance(content, Conversation):
            name = tr("{n}. {author}", n=int(at) + 1, author=content.posts[int(at)].author)
        elif kind == "fields" and isinstance(content, (Listing, Profile)):
            name = content.fields[int(at)][0]
        found[name if name not in found else tr("{name} ({n})", name=name, n=len(found))] = text
    product = getattr(content, "product", None)
    if product is not None and product.price:
        found[tr("Price")] = price(product.price, product.currency)
    files = media_of(content)
    if files:
        found[tr("Files")] = media_words(files)
    return found


def _files(item: Item) -> tuple[str, ...]:
    return tuple(media.media_id for media in media_of(item.content))


def _rules(decided: Decision, then: Policy | None, now: Policy | None) -> Mapping[str, tuple[str, str]]:
    """What moved in the rules that the decision names; nothing when it was made under those in force."""
    if now is None or not decided.policy_version or now.version == decided.policy_version:
        return {}
    found = {
        tr("Rules"): (tr("version {n}", n=decided.policy_version), tr("version {n}", n=now.version)),
    }
    for finding in decided.findings:
        was = then.by_id.get(finding.clause_id) if then else None
        new = now.by_id.get(finding.clause_id)
        name = was or new
        if was is None or name is None:
            continue  # what it said is not here: the version says that it moved
        is_now = tr("{title}. {text}", title=new.title, text=new.text) if new else tr("not in these rules any more")
        found[name.number] = (tr("{title}. {text}", title=was.title, text=was.text), is_now)
    return found


def _events(entry: Entry, story: Story) -> tuple[EventView, ...]:
    """What is known to have happened since the item was decided."""
    events: list[EventView] = []
    judged, now, decided = story.judged, story.now, entry.decision
    if decided is not None and now is not None and now.rev > decided.item_rev:
        edits = now.rev - decided.item_rev
        events.append(EventView(None, trn("The item was changed once", "The item was changed {n} times", edits)))
    if judged is not None and now is not None:
        known = {flag.flag_id for flag in judged.flags}
        events += [_flagged(flag) for flag in now.flags if flag.flag_id not in known]
        more = len(now.context.after) - len(judged.context.after)
        if more > 0:
            events.append(EventView(None, trn("{n} answer came after it", "{n} answers came after it", more)))
    if decided is not None and story.rules_now is not None and story.rules_now.version > decided.policy_version > 0:
        words = tr("Version {n} of the rules came into force", n=story.rules_now.version)
        events.append(EventView(None, words, day_and_clock(story.rules_now.published_at)))
    events.append(EventView(None, tr("Your decision came back"), entry.reason, yours=True))
    events.append(EventView(None, tr("Not known here: whether anybody else decided it")))
    return tuple(events)


def _flagged(flag: Flag) -> EventView:
    score = (
        "" if flag.score is None else tr("{score}, sends at {threshold}", score=flag.score, threshold=flag.threshold)
    )
    title = tr("Somebody reported it") if flag.source is FlagSource.USER_REPORT else flag.title
    return EventView(flag.at, title, score or flag.explanation)
