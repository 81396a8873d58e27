"""The kinds of hold, and what ends each: an approval, a better read, or something else that will come."""

from __future__ import annotations

from dataclasses import dataclass

# A person's approval of the plan releases these.
RELEASABLE = frozenset(
    {
        "activation",
        "removals",
        "announced_removals",
        "additions",
        "updates",
        "fill_rate",
        "wipes",
        "scope_changed",
        "identity",
        "rekeyed",
        "wrong_source",
        "calendar",
        "fleet",
    }
)
# The next good read releases these, and nothing else does.
WAITS_FOR_A_READ = frozenset({"not_read", "employer_gone"})


@dataclass(frozen=True, slots=True)
class Hold:
    """One kind that is held: how many rows, and why."""

    kind: str
    count: int
    reason: str
