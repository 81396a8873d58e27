"""Start and end days are right to the day, for every date and against a plain oracle."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people_transforms.models.runner import models

DAY = dt.timedelta(days=1)
FIRST, LAST = dt.date(2024, 1, 1), dt.date(2032, 12, 31)


def every_day() -> list[dt.date]:
    return [FIRST + n * DAY for n in range((LAST - FIRST).days + 1)]


def edges() -> list[dt.date]:
    """First and last days of months, leap days, and the days on which clocks change."""
    return [
        day
        for day in every_day()
        if day.day == 1
        or (day + DAY).day == 1
        or (day.month, day.day) == (2, 28)
        or (day.month in (3, 10) and day.weekday() == 6 and day.day > 24)
    ]


@pytest.fixture(scope="module")
def totals(request: pytest.FixtureRequest) -> Any:
    """One person for each first day and each last day, with the model that says who is employed."""
    pair = request.getfixturevalue("world_class")("alveno", "lunchdrive")
    pair.connection.execute(
        "insert into raw.alveno__employments by name "
        "select 'E1' as employer_id, 'S' || d::date as employee_id, 'W' as employment_id, "
        "d::date as starts_on, null::date as ends_on from range(date '2023-12-30', date '2033-01-03', interval 1 day) t(d) "
        "union all by name "
        "select 'E1' as employer_id, 'E' || d::date as employee_id, 'W' as employment_id, "
        "date '2000-01-01' as starts_on, d::date as ends_on from range(date '2023-12-30', date '2033-01-03', interval 1 day) t(d)"
    )
    pair.build()
    (model,) = [m for m in models("alveno", "lunchdrive") if m.name == "people.employment_totals"]

    def employed(day: dt.date) -> tuple[dt.date, dt.date, int]:
        pair.connection.execute("update people.policy set as_of_on = ?", [day])
        row = pair.connection.execute(
            "select max(person_id) filter (where person_id like 'alveno:E1:S%'), "
            "min(person_id) filter (where person_id like 'alveno:E1:E%'), count(*) "
            f"from ({model.sql}) where current_count > 0"
        ).fetchone()
        return dt.date.fromisoformat(row[0][-10:]), dt.date.fromisoformat(row[1][-10:]), row[2]

    return employed


def assert_right_to_the_day(totals: Any, days: list[dt.date]) -> None:
    begin, end = dt.date(2023, 12, 30), dt.date(2033, 1, 2)
    for day in days:
        latest_start, earliest_end, count = totals(day)
        assert (latest_start, earliest_end) == (day, day)
        assert count == ((day - begin).days + 1) + ((end - day).days + 1)


def test_the_first_and_the_last_day_are_right_on_every_edge_of_2024_to_2032(totals: Any) -> None:
    assert_right_to_the_day(totals, edges())


@pytest.mark.long
def test_the_first_and_the_last_day_are_right_on_every_day_of_2024_to_2032(totals: Any) -> None:
    assert_right_to_the_day(totals, every_day())


Employment = tuple[int, int | None]
employments = st.lists(
    st.tuples(st.integers(-40, 40), st.one_of(st.none(), st.integers(0, 30))).map(
        lambda pair: (pair[0], None if pair[1] is None else pair[0] + pair[1])
    ),
    max_size=5,
)


def oracle(cases: list[Employment], bridge: int) -> tuple[str, int | None, int | None]:
    """Say day by day, without any trick, what the models should say for day 0."""
    reach = max(bridge, 1)

    def works(day: int) -> bool:
        return any(start <= day and (end is None or day <= end) for start, end in cases)

    def neighbour(day: int, step: int) -> int | None:
        """The nearest working day that way, if no gap before it is too long."""
        return next((day + step * n for n in range(1, reach + 1) if works(day + step * n)), None)

    def far(day: int, step: int) -> int:
        while abs(day) < 400 and (found := neighbour(day, step)) is not None:
            day = found
        return day

    if not cases:
        return "no_employment", None, None
    past = [end for _, end in cases if end is not None and end < 0]
    future = [start for start, _ in cases if start > 0]
    if works(0):
        status, day = "employed", 0
    elif not past:
        return "starts_later", None, None
    else:
        day = max(past)
        coming = neighbour(day, 1)
        if coming is not None and coming > 0:
            status = "gap_bridged"
        else:
            return "between_employments" if future else "employment_ended", far(day, -1), day
    last = far(day, 1)
    return status, far(day, -1), None if last >= 400 else last


@settings(max_examples=settings().max_examples // 10, suppress_health_check=list(HealthCheck))
@given(people=st.lists(employments, min_size=40, max_size=60), bridge=st.sampled_from([0, 1, 7]))
def test_spells_agree_with_counting_day_by_day(
    world: Any, people: list[list[Employment]], bridge: int
) -> None:
    pair = world("alveno", "lunchdrive", bridge_gap_days=bridge)
    today = pair.as_of
    rows = []
    for number, cases in enumerate(people):
        pair.person(f"P{number}")
        for place, (start, end) in enumerate(cases):
            last = None if end is None else today + end * DAY
            rows.append(("E1", f"P{number}", f"W{number}-{place}", today + start * DAY, last))
    if rows:
        pair.connection.executemany(
            "insert into raw.alveno__employments (employer_id, employee_id, employment_id, starts_on, ends_on) "
            "values (?, ?, ?, ?, ?)",
            rows,
        )
    pair.build()
    found = {row["person_id"]: row for row in pair.rows("people.people")}
    for number, cases in enumerate(people):
        row = found[f"alveno:E1:P{number}"]
        status, first, last = oracle(cases, bridge)
        assert row["employment_status"] == status, cases
        if first is not None:
            assert row["spell_starts_on"] == today + first * DAY, cases
            assert row["ends_on"] == (None if last is None else today + last * DAY), cases
