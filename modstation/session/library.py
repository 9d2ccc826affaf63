"""The policies on this computer, parsed once per version."""

from collections.abc import Callable

from modstation.core.ids import PolicyId
from modstation.core.policy import Policy
from modstation.store import policies
from modstation.store.driver import Database
from modstation.wire import translate


class Library:
    """Gives the newest version of a policy; forgets it when a change says so."""

    def __init__(self, reader: Database, load: Callable[[type[Policy], bytes], Policy] = translate.load) -> None:
        self._reader = reader
        self._load = load
        self._newest: dict[PolicyId, Policy | None] = {}
        self._asked: PolicyId | None = None

    def newest(self, policy_id: PolicyId) -> Policy | None:
        """The newest version held here; None when there is none yet."""
        self._asked = policy_id
        if policy_id not in self._newest:
            body = policies.newest(self._reader, policy_id)
            self._newest[policy_id] = None if body is None else self._load(Policy, body)
        return self._newest[policy_id]

    def version(self, policy_id: PolicyId, version: int) -> Policy | None:
        """One version, as a decision named it; None when it is no longer held."""
        newest = self.newest(policy_id)
        if newest is not None and newest.version == version:
            return newest
        body = policies.version(self._reader, policy_id, version)
        return None if body is None else self._load(Policy, body)

    def at_hand(self) -> Policy | None:
        """What to read where no item says which: the policy asked for last, else the one published last."""
        rules = self.newest(self._asked) if self._asked else None
        if rules is None:
            held = [self.newest(policy_id) for policy_id in sorted(policies.known(self._reader))]
            rules = max((one for one in held if one is not None), key=lambda one: one.published_at, default=None)
            self._asked = rules.policy_id if rules is not None else None
        return rules

    def forget(self, moved: frozenset[PolicyId]) -> None:
        """Look these up again when they are next asked for."""
        for policy_id in moved:
            self._newest.pop(policy_id, None)
