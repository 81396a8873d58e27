"""The order of updates that hand a value on: whoever gives it up goes before whoever takes it."""

from __future__ import annotations

from collections.abc import Sequence

from people_transforms.delivery.call import Change
from people_transforms.delivery.vendor import Traits
from people_transforms.same_value import fold

_Claim = tuple[str, str]


def in_waves(changes: Sequence[Change], traits: Traits) -> list[list[Change]]:
    """Split updates into waves, each to be delivered after the one before.

    Values of the same place that may be empty are released beforehand; a value that may not (an e-mail
    address that is the login) has to be changed at its holder first, and so has one at another place:
    the vendor may want it once in all of them. A ring of people who swap has no order: they come
    last, and the vendor refuses what it can't do.
    """
    givers: dict[_Claim, list[Change]] = {}
    for change in changes:
        for name in {*traits.unique_fields} & set(change.fields):
            if claim := _claim(name, change.before.get(name)):
                givers.setdefault(claim, []).append(change)
    waits_for = {
        change.delivery_id: {
            giver.delivery_id
            for name in {*traits.unique_fields} & set(change.fields)
            if (claim := _claim(name, change.fields[name]))
            for giver in givers.get(claim, ())
            if giver.person_id != change.person_id
            and (name in traits.required_fields or giver.account_key != change.account_key)
        }
        for change in changes
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


def _claim(name: str, value: object) -> _Claim | None:
    return (name, fold(str(value))) if value else None
