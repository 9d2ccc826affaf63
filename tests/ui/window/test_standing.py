"""What the outbox and the rail say of a decision, from the moment it is made until it is answered."""

from dataclasses import replace
from datetime import timedelta
from typing import cast

import pytest

from modstation.core.content import Kind
from modstation.core.decision import Escalation, Finding, Verdict
from modstation.core.ids import ClauseId, TeamName
from modstation.core.receipt import Outcome
from modstation.core.status import Link, SyncStatus
from modstation.session.records import Records
from modstation.session.views import Entry, Settled, State, What
from modstation.ui.screens.marks import Mark, mark_title
from modstation.ui.screens.outbox import when
from modstation.ui.window import standing
from tests.support.builders import NOW, a_policy
from tests.support.vaults import a_decision

RULES = a_policy()
CLAUSE = next(clause for clause in RULES.clauses if clause.citable)
DECISION = a_decision()
ENTRY = Entry(
    DECISION.decision_id, What.DECISION, DECISION.item_id, Kind.REVIEW, "Review of a tea kettle",
    NOW, NOW + timedelta(seconds=30), State.HELD, "", "", DECISION,
)  # fmt: skip
SETTLED = Settled(
    DECISION.decision_id, DECISION.item_id, Outcome.ACCEPTED, "accepted", "", "Review of a tea kettle",
    Kind.REVIEW.value, "violation", (CLAUSE.clause_id,), NOW, NOW + timedelta(hours=1), None, RULES.version,
)  # fmt: skip


class Rules:
    """Knows one version of one policy."""

    def policy(self, *_which):
        return RULES

    def clauses(self, ids, version):
        return [RULES.by_id[one] for one in ids if version == RULES.version and one in RULES.by_id]


def lines(entries=(), settled=(), link=Link.ONLINE, after_s=0):
    rules = cast("Records", Rules())
    return standing.outbox_lines(list(entries), list(settled), rules, NOW + timedelta(seconds=after_s), 30, link)


def test_an_answered_decision_goes_on_naming_its_clauses_and_its_time_is_said_to_be_that_of_the_answer():
    (line,) = lines(settled=[SETTLED])
    assert line.sentence == f"Violation of {CLAUSE.number} {CLAUSE.title}"
    assert when(line).startswith("answered ")
    assert when(lines(entries=[ENTRY])[0]).startswith("decided ")


def test_clauses_that_nobody_here_knows_any_more_leave_the_verdict():
    (line,) = lines(settled=[replace(SETTLED, clauses=(ClauseId("long-gone"),))])
    assert line.sentence == "Violation"


@pytest.mark.parametrize(
    ("link", "mark"),
    [
        (Link.ONLINE, Mark.SENDING),
        (Link.OFFLINE, Mark.WAITING),
        (Link.BLOCKED, Mark.WAITING),
        (Link.SIGNED_OUT, Mark.SAVED),
    ],
)
def test_only_over_a_connection_is_anything_on_its_way(link, mark):
    assert lines(entries=[replace(ENTRY, state=State.SENDING)], link=link)[0].mark is mark


def test_what_waits_without_a_connection_says_so():
    assert mark_title(Mark.WAITING) == "waits for the connection"


def test_nothing_counts_down_at_nought():
    assert standing.undoable([ENTRY], NOW) == [ENTRY]
    assert standing.undoable([ENTRY], ENTRY.send_after) == []
    assert lines(entries=[ENTRY], link=Link.SIGNED_OUT, after_s=30)[0].mark is Mark.SAVED


def test_the_newest_stands_first_in_the_outbox_as_it_does_in_the_rail():
    older, newer = replace(ENTRY, entry_id="d-1"), replace(ENTRY, entry_id="d-2")  # as records give them: oldest first
    assert [line.entry_id for line in lines([older, newer], after_s=40)] == ["d-2", "d-1"]


def test_an_empty_desk_says_that_the_leases_ended_and_the_rail_does_not_repeat_it():
    offline = SyncStatus(Link.OFFLINE, last_exchange=NOW)
    assert "have ended" not in standing.nothing_waits(offline)[0]
    assert "have ended" in standing.nothing_waits(offline, lapsed=True)[0]
    for link in Link:
        status = SyncStatus(link, last_exchange=NOW)
        assert standing.nothing_in_queue(status) != standing.nothing_waits(status)[0]
    for link in (Link.ONLINE, Link.OFFLINE, Link.BLOCKED):
        assert "Nothing waits" not in standing.nothing_waits(SyncStatus(link, last_exchange=NOW))[0]


@pytest.mark.parametrize("link", [Link.STARTING, Link.ONLINE])
def test_while_the_first_items_come_the_rail_says_so_as_the_strip_and_the_desk_do(link):
    for status in (SyncStatus(link, progress=(120, 458)), SyncStatus(link)):
        assert standing.nothing_in_queue(status) == "The first ones are on their way."
        assert "on their way" in standing.nothing_waits(status)[0]
    assert standing.nothing_in_queue(SyncStatus(Link.OFFLINE)) == "Nothing waits."


def test_the_rail_tells_what_a_lead_has_from_what_came_back():
    back = replace(ENTRY, state=State.RETURNED, code="returned.content_changed")
    assert not standing.returned_row(back).with_lead
    assert standing.returned_row(replace(back, code="quarantined.removed")).with_lead


def test_a_team_has_one_name_wherever_it_is_written():
    handed = replace(DECISION, verdict=Verdict.CANNOT_DECIDE, findings=(), escalation=Escalation(TeamName("legal")))
    (line,) = lines(entries=[replace(ENTRY, decision=handed)])
    assert line.sentence == "Handed to Legal"


def test_the_rail_names_the_team_that_takes_over():
    handed = replace(DECISION, verdict=Verdict.CANNOT_DECIDE, findings=(), escalation=Escalation(TeamName("legal")))
    assert standing.held_row(replace(ENTRY, decision=handed), NOW, 30).detail == "Handed to Legal"


def test_a_line_names_the_team_before_and_after_the_answer():
    handed = replace(DECISION, verdict=Verdict.CANNOT_DECIDE, findings=(), escalation=Escalation(TeamName("legal")))
    answered = replace(SETTLED, verdict="cannot_decide", clauses=(), team="legal")
    (before,), (after,) = lines(entries=[replace(ENTRY, decision=handed)]), lines(settled=[answered])
    assert before.sentence == after.sentence == "Handed to Legal"


def test_a_line_says_of_a_violation_the_same_before_and_after_the_answer():
    cited = replace(DECISION, verdict=Verdict.VIOLATION, findings=(Finding(CLAUSE.clause_id, severity=3),))
    (before,), (after,) = lines(entries=[replace(ENTRY, decision=cited)]), lines(settled=[SETTLED])
    assert before.sentence == after.sentence
    assert standing.said(cited, cast("Records", Rules())).endswith(", severity 3")  # beside what came back


@pytest.mark.parametrize(
    ("state", "mark", "after_s"),
    [(State.HELD, Mark.HELD, 0), (State.HELD, Mark.SAVED, 40), (State.SENDING, Mark.SENDING, 40)],
)
def test_what_was_skipped_stands_in_the_outbox_and_it_is_said_where_it_goes(state, mark, after_s):
    (line,) = lines(entries=[replace(ENTRY, what=What.SKIP, decision=None, state=state)], after_s=after_s)
    assert (line.mark, line.summary, line.sentence) == (mark, ENTRY.summary, "Skipped")
    assert "back to its queue" in line.spoken


def test_what_was_given_back_is_not_called_skipped():
    (line,) = lines(entries=[replace(ENTRY, what=What.SKIP, decision=None, summary="", state=State.SENDING)])
    assert (line.summary, line.sentence) == ("An item", "Given back")
