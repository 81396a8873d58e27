"""Days survive every way Alveno may write them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from source_alveno.dates import DayReader, parse_day

from .conftest import WORKLOADS, Alveno, read

PRAGUE = ZoneInfo("Europe/Prague")
BRATISLAVA = ZoneInfo("Europe/Bratislava")


@pytest.mark.parametrize("zone", [PRAGUE, BRATISLAVA], ids=str)
def test_every_day_from_1950_to_2100_survives_with_either_offset(zone: ZoneInfo) -> None:
    reader = DayReader(zone)
    day, last = date(1950, 1, 1), date(2100, 12, 31)
    count = 0
    while day <= last:
        midnight = datetime(day.year, day.month, day.day, tzinfo=zone)
        milliseconds = int(midnight.timestamp()) * 1000
        for offset in ("+0100", "+0200"):
            assert reader.read(f"/Date({milliseconds}{offset})/") == day.isoformat()
        day += timedelta(days=1)
        count += 1
    assert count == 55_152


@settings(deadline=None)
@given(
    day=st.dates(date(1950, 1, 1), date(2100, 12, 31)),
    minute=st.integers(0, 24 * 60 - 1),
    zone=st.sampled_from([PRAGUE, BRATISLAVA]),
    offset=st.sampled_from(["", "+0000", "+0100", "+0200", "-0500"]),
    slash=st.sampled_from(["/", r"\/"]),
)
def test_any_minute_of_a_day_is_that_day(
    day: date, minute: int, zone: ZoneInfo, offset: str, slash: str
) -> None:
    moment = datetime(day.year, day.month, day.day, minute // 60, minute % 60, tzinfo=zone)
    value = f"{slash}Date({int(moment.timestamp()) * 1000}{offset}){slash}"

    # An hour that the clock skips in spring is an hour of the same day.
    assert parse_day(value, zone) == day


@settings(deadline=None)
@given(value=st.text(max_size=40))
def test_a_text_is_a_day_or_nothing_or_unreadable_but_never_a_crash(value: str) -> None:
    found = DayReader(PRAGUE).read(value)

    assert found is None or found.startswith("unreadable: ") or date.fromisoformat(found)


@pytest.mark.parametrize(
    ("value", "day"),
    [
        ("/Date(1735686000000+0100)/", "2025-01-01"),
        ("/Date(1751320800000+0200)/", "2025-07-01"),
        ("/Date(1735689600000)/", "2025-01-01"),
        (r"\/Date(1735686000000+0100)\/", "2025-01-01"),
        ("/Date(-3600000+0100)/", "1970-01-01"),
        ("/Date(-631155600000+0100)/", "1950-01-01"),
        ("/Date(1743289200000+0100)/", "2025-03-30"),  # the night the clocks go forward
        ("/Date(1761429600000+0200)/", "2025-10-26"),  # and back
        ("2025-01-01", "2025-01-01"),
        ("2025-01-01T00:00:00", "2025-01-01"),
        ("2025-01-01 00:00", "2025-01-01"),
        ("2024-12-31T23:00:00Z", "2025-01-01"),
        ("2025-06-30T22:00:00.0000000+00:00", "2025-07-01"),
        ("2025-01-01T00:30:00+01:00", "2025-01-01"),
        ("2024-12-31T18:00:00-0500", "2025-01-01"),
        ("1.2.2025", "2025-02-01"),
        ("01.02.2025", "2025-02-01"),
        ("1. 2. 2025", "2025-02-01"),
        ("31.12.2025 0:00:00", "2025-12-31"),
        (" 2025-01-01 ", "2025-01-01"),
    ],
)
def test_a_day_is_read_in_the_zone_of_the_account(value: str, day: str) -> None:
    assert DayReader(PRAGUE).read(value) == day


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "  ",
        "/Date(-62135596800000)/",
        "/Date(-62135600400000+0100)/",
        "/Date(253402300799999)/",
        "/Date(253402297199999+0100)/",
        "0001-01-01",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59.9999999",
        "9999-12-31",
        "1.1.0001",
        "31.12.9999",
    ],
)
def test_what_means_no_date_is_null(value: str | None) -> None:
    assert DayReader(PRAGUE).read(value) is None


@pytest.mark.parametrize(
    "value",
    [
        "31.02.2026",
        "31.02.2026x",
        "2026-02-30",
        "2026-01-01garbage",
        "2026-01-01T25:00:00",
        "/Date(abc)/",
        "/Date(99999999999999999)/",
        "/Date(1735686000000+0100)",
        "1.2.25",
        "2025",
        "tomorrow",
        1735686000000,
        True,
        ["2025-01-01"],
        {"day": 1},
    ],
)
def test_what_cannot_be_read_is_marked_and_never_null(value: object) -> None:
    found = DayReader(PRAGUE).read(value)

    assert found is not None
    # Whoever lands it takes the first ten characters as a day: they must not be one.
    assert found.startswith("unreadable: ")


def test_an_unreadable_last_day_is_sent_on_marked_and_named_in_the_log(
    alveno: Alveno, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    alveno.lists(workloads=[WORKLOADS[0], {**WORKLOADS[1], "DateTo": "31.02.2026x"}])

    outcome = read(config, "employments")

    assert outcome.error is None
    ends = [record["valid_to"] for record in outcome.records["employments"]]
    assert ends == [None, "unreadable: 31.02.2026x"]
    assert "Unreadable date: employment 9002, field valid_to." in caplog.text
    assert "31.02" not in caplog.text


def test_ten_thousand_unreadable_dates_are_not_ten_thousand_lines(
    alveno: Alveno, config: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    alveno.lists(
        workloads=[{**WORKLOADS[0], "WorkloadID": n, "DateTo": f"x{n}"} for n in range(10_000)]
    )

    read(config, "employments")

    assert caplog.text.count("Unreadable date: ") == 20
    assert "10000 unreadable dates" in caplog.text


def test_the_zone_is_a_setting(alveno: Alveno, config: dict[str, Any]) -> None:
    late = {**WORKLOADS[0], "DateFrom": "2025-01-01T23:30:00Z"}
    alveno.lists(workloads=[late])

    days = [
        read({**config, "timezone": zone}, "employments").records["employments"][0]["valid_from"]
        for zone in ("Europe/Prague", "Europe/Bratislava", "UTC")
    ]

    assert days == ["2025-01-02", "2025-01-02", "2025-01-01"]
