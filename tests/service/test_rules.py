"""The rules of what becomes of a decision, as a table."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modstation.core.receipt import ACCEPTED, Outcome
from modstation.service.decisions import Facts, Ruling, judge

FAULT = Ruling(Outcome.REFUSED, "refused.incomplete", "x")
FACTS = st.builds(
    Facts,
    **dict.fromkeys(
        (
            "revoked",
            "known",
            "deleted",
            "entitled",
            "decided",
            "same_content",
            "policy_taken",
            "elsewhere",
            "in_time",
            "restored",
        ),
        st.booleans(),
    ),
    replaces=st.booleans(),
    agrees=st.sampled_from([True, False]),
    fault=st.sampled_from([None, FAULT]),
).map(lambda f: replace(f, replaces=f.replaces and f.decided, agrees=f.agrees if f.decided else None))


@pytest.mark.parametrize(
    ("facts", "outcome", "code"),
    [
        (Facts(), Outcome.ACCEPTED, "accepted"),
        (Facts(in_time=False), Outcome.ACCEPTED_LATE, "accepted_late"),
        (Facts(in_time=False, restored=True), Outcome.ACCEPTED_LATE, "accepted_late.restored"),
        (Facts(restored=True), Outcome.ACCEPTED, "accepted"),
        (Facts(in_time=False, removed=True), Outcome.ACCEPTED_LATE, "accepted_late.removed"),
        (Facts(in_time=False, removed=True, restored=True), Outcome.ACCEPTED_LATE, "accepted_late.restored"),
        (Facts(removed=True), Outcome.ACCEPTED, "accepted"),
        (Facts(in_time=False, elsewhere=True), Outcome.SECOND_OPINION, "second_opinion"),
        (Facts(decided=True, agrees=True, in_time=False), Outcome.SUPERSEDED, "superseded.decided_by_other"),
        (Facts(decided=True, replaces=True, in_time=False), Outcome.ACCEPTED, "accepted.replaces"),
        (Facts(same_content=False), Outcome.RETURNED, "returned.content_changed"),
        (Facts(policy_taken=False), Outcome.RETURNED, "returned.policy_changed"),
        (Facts(fault=FAULT), Outcome.REFUSED, "refused.incomplete"),
        (Facts(entitled=False), Outcome.REFUSED, "refused.not_leased"),
        (Facts(known=False), Outcome.REFUSED, "refused.unknown_item"),
        (Facts(deleted=True), Outcome.SUPERSEDED, "superseded.item_deleted"),
        (Facts(revoked=True), Outcome.QUARANTINED, "quarantined.device_revoked"),
    ],
)
def test_each_rule_is_reached(facts: Facts, outcome: Outcome, code: str) -> None:
    ruling = judge(facts)
    assert (ruling.outcome, ruling.code) == (outcome, code)
    assert ruling.agrees is facts.agrees


@given(FACTS)
def test_every_decision_gets_exactly_one_outcome_and_accepted_means_what_it_says(facts: Facts) -> None:
    ruling = judge(facts)
    assert ruling.code == ruling.outcome.value or ruling.code.startswith(f"{ruling.outcome.value}.")
    if ruling.outcome in ACCEPTED:
        assert facts.known
        assert facts.entitled
        assert facts.same_content
        assert facts.policy_taken
        assert facts.fault is None
        assert not facts.revoked
        assert not facts.deleted
        assert facts.replaces or not (facts.decided or facts.elsewhere)
    if facts.revoked:
        assert ruling.outcome is Outcome.QUARANTINED
