"""The kinds of hold, and what ends each: an approval, a better read, or something else that will come."""

from __future__ import annotations

from dataclasses import dataclass

# All kinds, first in turn first: of what holds a change, the first that nobody has released is said.
KINDS = (
    "outside_settings",
    "foreign_account",
    "dead_letter",
    "employer_gone",
    "not_read",
    "identity",
    "wrong_source",
    "rekeyed",
    "employment_gone",
    "conflict",
    "list_doubted",
    "import_off",
    "activation",
    "calendar",
    "scope_changed",
    "fill_rate",
    "settings_moved",
    "wipes",
    "identity_changes",
    "removals",
    "announced_removals",
    "removals_7_days",
    "additions",
    "invitations",
    "updates",
    "fleet",
    "value_waits",
    "move_waits",
)
# A person's approval of the plan releases these. Those of trouble that may strike many connections at
# once are compared with the other connections' of a lake.
_STRIKING = (
    "removals",
    "removals_7_days",
    "announced_removals",
    "additions",
    "invitations",
    "updates",
    "identity_changes",
    "wipes",
    "fill_rate",
    "scope_changed",
    "wrong_source",
)
_OWN = (
    "activation",
    "identity",
    "rekeyed",
    "employment_gone",
    "calendar",
    "settings_moved",
    "list_doubted",
    "fleet",
)
RELEASABLE = frozenset((*_STRIKING, *_OWN))
STRIKES = frozenset(_STRIKING)
# The next good read releases these, and nothing else does.
WAITS_FOR_A_READ = frozenset({"not_read", "employer_gone"})
# What arrived is not believed: nothing of it is remembered for later nights.
DISTRUSTED = frozenset({"fill_rate", "wrong_source"})


@dataclass(frozen=True, slots=True)
class Hold:
    """One kind that is held: how many rows, and why."""

    kind: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Gated:
    """What is held, most first, and the plan's hash: where something waits for it, the value to approve."""

    holds: tuple[Hold, ...]
    plan_hash: str

    @property
    def waiting(self) -> tuple[Hold, ...]:
        """What an approval would release."""
        return tuple(held for held in self.holds if held.kind in RELEASABLE)
