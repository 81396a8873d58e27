"""The order of updates that hand a value on: whoever gives it up goes before whoever takes it."""

from __future__ import annotations

from collections.abc import Sequence

from people_transforms.delivery.call import Change
from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import fold

_Claim = tuple[str, str, str]


def in_waves(changes: Sequence[Change], traits: Traits) -> list[list[Change]]:
    """Split updates into waves, each to be delivered after the one before.

    Values that may be empty are released beforehand; a value that may not (an e-mail address that
    is the login) has to be changed at its holder first. A ring of people who swap has no order:
    they come last, and the vendor refuses what it can't do.
    """
    fields = set(traits.unique_fields) & set(traits.required_fields)
    givers = {
        claim: change
        for change in changes
        for name in fields & set(change.fields)
        if (claim := _claim(change, name, change.before.get(name)))
    }
    waits_for: dict[str, set[str]] = {}
    for change in changes:
        taken = (_claim(change, name, change.fields[name]) for name in fields & set(change.fields))
        found = (givers[claim] for claim in taken if claim in givers)
        waits_for[change.delivery_id] = {
            giver.delivery_id for giver in found if giver is not change
        }
    waves: list[list[Change]] = []
    left = list(changes)
    while left:
        open_ids = {change.delivery_id for change in left}
        ready = [change for change in left if not waits_for[change.delivery_id] & open_ids]
        waves.append(ready or left)
        sent = {change.delivery_id for change in waves[-1]}
        left = [change for change in left if change.delivery_id not in sent]
    return waves


def _claim(change: Change, name: str, value: object) -> _Claim | None:
    return (change.account_key, name, fold(str(value))) if value else None
