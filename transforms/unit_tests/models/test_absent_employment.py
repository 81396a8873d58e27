"""What an account was told of its days stays where HR's records say nothing, or speak of later."""

from __future__ import annotations

from typing import Any

import pytest

BOTH = pytest.mark.parametrize(
    ("source", "vendor", "fields"),
    [
        ("alveno", "lunchdrive", ("valid_from", "valid_to")),
        ("loket", "alleo", ("work_anniversary",)),
    ],
)
# What is left of the employments, and what that makes of the person.
LEFT = {
    "no_employment": [],
    "start_unknown": [{"start": None}],
    "starts_later": [{"start": "2026-05-01", "end": "2026-12-31"}],
}


@BOTH
@pytest.mark.parametrize("reason", LEFT)
def test_nothing_is_said_of_days_that_are_not_known(
    world: Any, source: str, vendor: str, fields: tuple[str, ...], reason: str
) -> None:
    pair = world(source, vendor)
    pair.person("P1")
    for employment in LEFT[reason]:
        pair.employment("P1", **employment)
    pair.build()
    account = pair.account()
    assert (account["desired_state"], account["reason"]) == ("update_only", reason)
    assert tuple(account["kept_fields"]) == fields
    assert [account[name] for name in fields] == [None] * len(fields)


@BOTH
def test_days_that_are_known_are_said_and_compared_when_they_come_back(
    world: Any, source: str, vendor: str, fields: tuple[str, ...]
) -> None:
    pair = world(source, vendor)
    pair.person("P1")
    pair.build()
    silent = pair.account()["payload_hash"]
    pair.employment("P1", "2020-01-01")
    pair.build()
    account = pair.account()
    assert account["kept_fields"] == []
    assert str(account[fields[0]]) == "2020-01-01"
    assert account["payload_hash"] != silent


def test_an_open_end_is_no_unknown_end(single: Any) -> None:
    """Both are empty, and only one of them empties a last day that was told."""
    single.person("P1", note="LDID: abc", start="2020-01-01")
    single.build()
    account = single.account()
    assert (account["desired_state"], account["kept_fields"]) == ("update_only", [])
    assert account["valid_to"] is None
