"""What came back is told with what changed: only changed words are marked, and what is not known is said to be so."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from modstation.core.content import Media
from modstation.core.decision import Finding
from modstation.core.ids import ClauseId, MediaId
from modstation.core.status import Link
from modstation.session.views import Entry, State, Story, What
from modstation.ui.window.changes import compare, excerpt
from modstation.ui.window.story import returned_view
from tests.support.builders import NOW, a_content, a_flag, a_policy, an_item
from tests.support.vaults import a_decision

ITEM, RULES = an_item(flags=()), a_policy()


def an_entry(**over):
    clause = next(clause for clause in RULES.clauses if clause.citable)
    decision = a_decision(findings=(Finding(ClauseId(clause.clause_id), 2),), item_rev=1, **over)
    return Entry(
        entry_id=decision.decision_id, what=What.DECISION, item_id=ITEM.item_id, kind=ITEM.kind, summary=ITEM.summary,
        decided_at=NOW, send_after=NOW, state=State.RETURNED, code="returned.content_changed",
        reason="The content has changed.", decision=decision,
    )  # fmt: skip


def view_of(story):
    return returned_view(an_entry(), story, "Violation", None, Link.ONLINE, NOW)


def marked(text, marks):
    return [text[mark.start : mark.start + mark.length] for mark in marks]


words = st.text(alphabet="ab 漢字é\n\U0001f427", max_size=60)


@given(words, words)
def test_without_their_marks_both_texts_are_the_same(before, after):
    gone, new = compare(before, after)

    def rest(text, marks):
        taken = {n for mark in marks for n in range(mark.start, mark.start + mark.length)}
        return "".join(c for n, c in enumerate(text) if n not in taken and not c.isspace())

    assert rest(before, gone) == rest(after, new)
    assert all(0 <= mark.start < mark.start + mark.length <= len(after) for mark in new)


def test_only_the_changed_words_are_marked():
    before, after = "The plug was replaced at home. Pick up only.", "The plug is the original. Pick up only."
    gone, new = compare(before, after)
    assert "".join(marked(before, gone)) == "was replaced at home"
    assert "".join(marked(after, new)) == "is the original"


@given(st.text(alphabet="abc  ", min_size=400, max_size=900), st.integers(0, 380))
def test_an_excerpt_keeps_every_changed_word(text, at):
    changed = text[:at] + " NEW " + text[at:]
    _, new = compare(text, changed)
    shown, marks = excerpt(changed, new)
    assert marked(shown, marks) == marked(changed, new)


def test_both_revisions_stand_beside_each_other_row_by_row():
    content = a_content("review")
    now = replace(ITEM, rev=3, content=replace(content, text=content.text + " I sent it back."), flags=(a_flag(),))
    told = view_of(Story(ITEM, now, RULES, RULES))
    assert [field.name for field in told.saw] == [field.name for field in told.now]
    changed = [field for field in told.now if field.marks]
    assert [marked(field.words, field.marks) for field in changed] == [["I sent it back."]]
    assert "1 field changed" in told.now_head
    events = " ".join(event.title for event in told.events)
    assert "changed 2 times" in events
    assert "Off topic classifier" in events
    assert "Not known here" in events


def test_what_the_service_does_not_know_is_not_told_as_what_it_is_now():
    entry = replace(an_entry(), code="refused.unknown_item")
    told = returned_view(entry, Story(ITEM, ITEM, RULES, RULES), "Violation", None, Link.ONLINE, NOW)
    assert "on this computer" in told.now_head
    assert "the same content" in view_of(Story(ITEM, ITEM, RULES, RULES)).now_head


def test_a_file_that_was_exchanged_counts_as_a_change():
    content = a_content("review")
    other = Media(MediaId("e" * 64), "image/jpeg", 10)
    now = replace(ITEM, rev=2, content=replace(content, product=replace(content.product, photo=other)))
    told = view_of(Story(ITEM, now, RULES, RULES))
    assert [field.name for field in told.now if field.marks] == ["Files"]


def test_what_is_not_here_is_said_and_nothing_is_marked():
    told = view_of(Story(None, replace(ITEM, rev=2), RULES, RULES))
    assert not told.saw
    assert "was not kept on this computer" in told.saw_head
    assert not [field for field in told.now if field.marks]
    told = view_of(Story(None, None, RULES, RULES))
    assert "no longer on this computer" in told.now_head


def test_rules_that_moved_show_the_clause_of_then_and_of_now():
    moved = tuple(replace(clause, text=clause.text + " Also quietly.") for clause in RULES.clauses)
    told = view_of(Story(ITEM, ITEM, RULES, replace(RULES, version=RULES.version + 1, clauses=moved)))
    marks = [marked(field.words, field.marks) for field in told.now if field.marks]
    assert marks == [[str(RULES.version + 1)], ["Also quietly."]]


def test_a_clause_that_the_rules_dropped_is_said_to_be_gone():
    told = view_of(Story(ITEM, ITEM, RULES, replace(RULES, version=RULES.version + 1, clauses=())))
    assert "not in these rules any more" in [field.words for field in told.now]


def test_the_sentence_is_whole_with_its_clause_strong():
    told = view_of(Story(ITEM, ITEM, RULES, RULES))
    assert told.sentence.startswith("Violation of ")
    assert told.sentence.endswith(".")
    assert marked(told.sentence, told.sentence_marks)[0].startswith(RULES.clauses[0].number[:1])
