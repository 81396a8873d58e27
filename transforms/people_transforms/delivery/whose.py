"""Whose account one is that the vendor shows: our id alone proves nothing, another id refutes.

With our id and one more thing that tells the person it is theirs. Without ids at the vendor, or
without one on the account, number (or address) and name must be the same, and it may be nobody's yet.
Where the name is free to differ, one without a word in common is another person's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import orjson

from people_transforms.delivery.vendor import Account, Traits, Vendor
from people_transforms.same_value import fold

if TYPE_CHECKING:
    from people_transforms.delivery.call import Change


# What a name is made of, where a platform has it.
NAMES = ("first_name", "prefix", "last_name")


def find(change: Change, vendor: Vendor, taken: Collection[str]) -> Account | None:
    """Look the account of a change up at the vendor; None if there is none, or none for sure."""
    if not vendor.traits.has_external_ids:
        accounts = vendor.accounts(change.account_key)
        if change.account_id is None:
            return unclaimed(accounts, change, vendor.traits, taken)
        return next((one for one in accounts if one.account_id == change.account_id), None)
    found = vendor.find(change.account_key, change.external_id, change.fields)
    if found is None or found.account_id == change.account_id:
        return found
    # One that is nobody's yet was not made by this change, whatever its name.
    return theirs([found], change, vendor.traits)


def theirs(accounts: Iterable[Account], change: Change, traits: Traits) -> Account | None:
    """Give the one account with the person's external id; None where it is somebody else's, or two are."""
    if not change.external_id:
        return None
    found = [one for one in accounts if one.external_id == change.external_id]
    return found[0] if len(found) == 1 and is_theirs(found[0], change, traits) else None


def is_theirs(account: Account, change: Change, traits: Traits) -> bool:
    """Tell whether an account has one more thing of the person, as it is to be or as it was."""
    held = orjson.loads(change.held_fields or "{}")

    def same(name: str) -> bool:
        shown = account.fields.get(name)
        return any(
            is_same(shown, known.get(name)) for known in (change.fields, change.before, held)
        )

    return any(all(same(name) for name in group) for group in traits.telling_fields)


def unclaimed(
    accounts: Iterable[Account], change: Change, traits: Traits, taken: Collection[str]
) -> Account | None:
    """Give the one account without an id that has number (or address) and name of the person."""
    held = orjson.loads(change.held_fields or "{}") | change.fields
    found = [
        one
        for one in accounts
        if not one.external_id
        and one.account_id not in taken
        and any(is_same(one.fields.get(name), held.get(name)) for name in traits.match_fields)
        and all(is_same(one.fields.get(name), held.get(name)) for name in traits.name_fields)
        and not is_evidently_anothers(one.fields, held, traits)
    ]
    return found[0] if len(found) == 1 else None


def telling_alone(traits: Traits) -> list[str]:
    """Name what alone tells a person, beside the name and what finds an account."""
    alone = [group[0] for group in traits.telling_fields if len(group) == 1]
    return [name for name in alone if name not in (*NAMES, *traits.match_fields)]


def is_evidently_anothers(
    shown: Mapping[str, Any], wanted: Mapping[str, Any], traits: Traits
) -> bool:
    """Tell whether two names have no word in common, and nothing else tells the same person.

    The twin of what `models/plan/adoptions.sql` asks of a list.
    """
    one, other = (
        {
            word
            for name in NAMES
            for word in re.split(r"[\W\d_]+", fold(str(fields.get(name) or "")))
            if len(word) > 1
        }
        for fields in (shown, wanted)
    )
    agrees = any(is_same(shown.get(name), wanted.get(name)) for name in telling_alone(traits))
    return bool(one and other) and not one & other and not agrees


def is_same(one: Any, other: Any) -> bool:
    """Tell whether two values are one, whatever their spelling; nothing is the same as nothing."""
    return None not in (one, other) and fold(str(one)) == fold(str(other))
