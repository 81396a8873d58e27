"""What an account was told of its days stays where HR's records say nothing, or speak of later."""

from __future__ import annotations

from typing import Any

import pytest

pytestmark = pytest.mark.few(6)

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
    "ends_before_start": [{"start": "2026-02-01", "end": "2026-01-31"}],
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


@BOTH
@pytest.mark.parametrize(
    "other",
    [{"start": None}, {"start": "2026-02-01", "end": "2026-01-31"}],
    ids=["no start", "backwards"],
)
def test_of_two_employments_one_without_sound_days_leaves_the_days_as_they_were(
    world: Any, source: str, vendor: str, fields: tuple[str, ...], other: dict[str, Any]
) -> None:
    pair = world(source, vendor)
    pair.person("P1", start="2020-01-01", end="2026-03-05")
    pair.employment("P1", **other)
    pair.build()
    account = pair.account()
    assert account["desired_state"] == "active"
    assert tuple(account["kept_fields"]) == fields
    pair.build("2026-03-06")
    assert pair.account()["desired_state"] == "update_only", "only one of them has ended"
    assert tuple(pair.account()["kept_fields"]) == fields


@BOTH
def test_days_that_contradict_each_other_are_old_where_an_employment_followed(
    world: Any, source: str, vendor: str, fields: tuple[str, ...]
) -> None:
    pair = world(source, vendor)
    pair.person("P1", start="2015-02-01", end="2015-01-31")
    pair.employment("P1", "2016-01-01", "2026-03-01")
    pair.build()
    assert pair.states() == [("*", "ended", "employment_ended")]


def vanish(pair: Any, start: str | None, end: str | None = None, **version: Any) -> None:
    """Let an employment be one that run-2 no longer read."""
    version = {"valid_from": "run-0", "valid_to": "run-2"} | version
    pair.employment("P1", start, end, **version)


@BOTH
@pytest.mark.parametrize("end", [None, "2026-03-02"], ids=["open", "to come"])
def test_an_employment_that_is_gone_is_no_last_day(
    world: Any, source: str, vendor: str, fields: tuple[str, ...], end: str | None
) -> None:
    pair = world(source, vendor)
    pair.connection.execute(
        "insert into sync.runs (run_id, as_of) values ('run-2', date '2026-03-02')"
    )
    pair.person("P1", start="2015-01-01", end="2019-06-30")
    vanish(pair, "2020-01-01", end)
    pair.build()
    assert [row["person_id"] for row in pair.rows("people.vanished_employments")] == [
        f"{source}:E1:P1"
    ]
    assert "employment_gone" in pair.codes()
    assert tuple(pair.account()["kept_fields"]) == fields


GONE_AND_DONE: dict[str, Any] = {
    "it had ended": {"start": "2020-01-01", "end": "2026-03-01"},
    "it was to come": {"start": "2026-04-01"},
    "something was said since": {"start": "2020-01-01", "valid_to": "run-1"},
}


@BOTH
@pytest.mark.parametrize("how", GONE_AND_DONE)
def test_an_employment_that_is_gone_and_answered_holds_nobody(
    world: Any, source: str, vendor: str, fields: tuple[str, ...], how: str
) -> None:
    pair = world(source, vendor)
    for run in ("run-1", "run-2"):
        pair.connection.execute(
            "insert into sync.runs (run_id, as_of) values (?, date '2026-03-02')", [run]
        )
    pair.person("P1", start="2015-01-01", end="2026-02-28")
    vanish(pair, **GONE_AND_DONE[how])
    pair.build()
    assert pair.rows("people.vanished_employments") == []
    assert pair.states() == [("*", "ended", "employment_ended")]
    assert "employment_gone" not in pair.codes()


def test_an_open_end_is_no_unknown_end(single: Any) -> None:
    """Both are empty, and only one of them empties a last day that was told."""
    single.person("P1", note="LDID: abc", start="2020-01-01")
    single.build()
    account = single.account()
    assert (account["desired_state"], account["kept_fields"]) == ("update_only", [])
    assert account["valid_to"] is None
