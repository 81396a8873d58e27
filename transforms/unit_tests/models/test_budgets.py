"""Amounts as HR types them, to exact cents, and what changed since the run before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

pytestmark = pytest.mark.few(14)

RUN_BEFORE, RUN = "run-1", "run-2"

READ = {
    "50": 5000,
    "0": 0,
    "0,00": 0,
    "007": 700,
    "50,00": 5000,
    "50.00": 5000,
    "50,5": 5050,
    "12.34": 1234,
    "1250,00": 125000,
    "1250": 125000,
    "1.250,00": 125000,
    "1,250.00": 125000,
    "1.250.000": 125000000,
    "1,250,000.5": 125000050,
    "1 250": 125000,
    "1 250,50": 125050,
    "1\u00a0250,50": 125050,
    "1'250.50": 125050,
    "1.250,-": 125000,
    "€ 50": 5000,
    "€50,00": 5000,
    "50 €": 5000,
    "EUR 7.5": 750,
    "12,5 euro": 1250,
    "50,-": 5000,
    "50,--": 5000,
    "\u20ac 1.250,00": 125000,
    " 33,33 ": 3333,
    "\uff15\uff10\uff0c\uff10\uff10": 5000,
    "999999999,99": 99999999999,
}
REJECTED = {
    "1.250": "ambiguous",
    "1,250": "ambiguous",
    "€ 12.345": "ambiguous",
    "0,125": "too_many_decimals",
    "1234,567": "too_many_decimals",
    "1.250,001": "too_many_decimals",
    "-5": "negative",
    "€ -5,00": "negative",
    "\u22125": "negative",
    "5-": "negative",
    "abc": "not_a_number",
    "1e3": "not_a_number",
    "50%": "not_a_number",
    "vijftig": "not_a_number",
    "50 per maand": "not_a_number",
    "1.25.000": "not_a_number",
    "1,25,000": "not_a_number",
    "50 00": "not_a_number",
    "5.": "not_a_number",
    "€": "not_a_number",
    "$ 50": "not_a_number",
    "1.250,50,00": "not_a_number",
    "TRUE": "not_a_number",
    "1234567890": "too_large",
}


@pytest.fixture
def alleo(alleo: Any) -> Any:
    """As elsewhere, after an accepted day."""
    alleo.connection.execute(
        "insert into sync.runs (run_id, as_of, accepted_on) values (?, $2, $2)",
        [RUN_BEFORE, dt.date(2026, 3, 1)],
    )
    return alleo


def has_account(
    pair: Any,
    person: str,
    made_in: str | None = None,
    operation: str = "create",
    *,
    before: str | None = None,
    status: str = "confirmed",
) -> None:
    """Give a person an active account; one that we made or revived has a delivery."""
    person_id = f"loket:E1:{person}"
    pair.connection.execute(
        "insert into sync.ledger by name select 'alleo' as vendor, ? as person_id, "
        "'11' as account_key, 'E1' as employer_id, 'active' as state",
        [person_id],
    )
    if made_in:
        pair.connection.executemany(
            "insert into sync.deliveries values (?, ?, ?, ?, ?, ?)",
            [
                [person, made_in, person_id, operation, one, state]
                for one, state in (("intent", before), (status, "active"))
            ],
        )


def uploaded(pair: Any) -> list[str]:
    return [row["custom_employee_id"] for row in pair.rows("mart.alleo_budget_upload")]


@pytest.fixture(scope="module")
def amounts(request: pytest.FixtureRequest) -> Any:
    """Everybody has one amount of the corpus; built once."""
    pair = request.getfixturevalue("world_class")("loket", "alleo")
    for number, typed in enumerate([*READ, *REJECTED]):
        pair.person(f"P{number}", start="2020-01-01")
        pair.field("alleo_monthly_all_budget", typed, f"P{number}")
    pair.build()
    return {int(row["person_id"].split("P")[1]): row for row in pair.rows("mart.alleo_budgets")}


@pytest.mark.parametrize(("number", "typed"), list(enumerate(READ)))
def test_r39_an_amount_is_read_to_the_cent(amounts: Any, number: int, typed: str) -> None:
    assert (amounts[number]["amount_cents"], amounts[number]["reject_reason"]) == (
        READ[typed],
        None,
    )


@pytest.mark.parametrize(("number", "typed"), list(enumerate(REJECTED, start=len(READ))))
def test_r39_an_amount_that_is_not_certain_is_rejected_with_a_reason(
    amounts: Any, number: int, typed: str
) -> None:
    assert (amounts[number]["amount_cents"], amounts[number]["reject_reason"]) == (
        None,
        REJECTED[typed],
    )


def test_r39_nothing_typed_is_no_budget_and_zero_is_one(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.person("P2", start="2020-01-01")
    alleo.field("alleo_oneoff_all_budget", " ", "P1")
    alleo.field("alleo_oneoff_all_budget", "0", "P2")
    alleo.build()
    assert [
        (row["person_id"], row["amount_cents"]) for row in alleo.rows("mart.alleo_budgets")
    ] == [("loket:E1:P2", 0)]


@pytest.mark.parametrize(
    ("name", "kind", "category"),
    [
        ("alleo_monthly_all_budget", "monthly", "all"),
        ("alleo_oneoff_all_budget", "oneoff", "all"),
        ("alleo_monthly_health_budget", "monthly", "health"),
        (" ALLEO_OneOff_Health_Budget ", "oneoff", "health"),
        ("alleo_monthly_bike_plan_budget", "monthly", "bike_plan"),
    ],
)
def test_r39_a_budget_field_is_known_by_its_name(
    alleo: Any, name: str, kind: str, category: str
) -> None:
    alleo.person(start="2020-01-01")
    alleo.field(name, "50")
    alleo.build()
    (budget,) = alleo.rows("mart.alleo_budgets")
    assert (budget["budget_type"], budget["category"]) == (kind, category)


def test_r39_a_budget_on_the_employment_does_not_count_and_is_told(alleo: Any) -> None:
    alleo.person("P1")
    work = alleo.employment("P1")
    alleo.field("alleo_monthly_all_budget", "50", level="employment", employment=work)
    alleo.build()
    assert alleo.rows("mart.alleo_budgets") == []
    assert alleo.codes() == ["field_on_employment"]


def test_r39_a_misspelt_budget_field_is_told(alleo: Any) -> None:
    alleo.definition("alleo_montly_all_budgt")
    alleo.definition("alleo_monthly_all_budget")
    alleo.build()
    assert [row["field"] for row in alleo.rows("mart.findings")] == ["alleo_montly_all_budgt"]


def test_r40_old_and_new_amounts_stand_side_by_side(alleo: Any) -> None:
    field = "alleo_oneoff_health_budget"
    for person in ("P1", "P2", "P3", "P4"):
        alleo.person(person, start="2020-01-01")
    alleo.field(field, "10", "P1", valid_to=RUN)
    alleo.field(field, "20", "P1", valid_from=RUN)
    alleo.field(field, "30", "P2", valid_from=RUN)
    alleo.field(field, "40", "P3", valid_to=RUN)
    alleo.field(field, "50", "P4")
    alleo.build()
    budgets = {row["person_id"][-2:]: row for row in alleo.rows("mart.alleo_budgets")}
    assert {
        person: (row["previous_amount_cents"], row["amount_cents"], row["change"])
        for person, row in budgets.items()
    } == {
        "P1": (1000, 2000, "changed"),
        "P2": (None, 3000, "new"),
        "P3": (4000, None, "removed"),
        "P4": (None, 5000, "unchanged"),
    }
    assert alleo.codes("P1") == ["budget_changed"]
    assert alleo.codes("P2") == ["budget_new"]
    assert alleo.codes("P3") == ["budget_removed"]
    assert alleo.codes("P4") == []


def test_r40_another_spelling_of_the_same_amount_is_no_change(alleo: Any) -> None:
    alleo.person(start="2020-01-01")
    alleo.field("alleo_oneoff_all_budget", "50", valid_to=RUN)
    alleo.field("alleo_oneoff_all_budget", "€ 50,00", valid_from=RUN)
    alleo.build()
    (budget,) = alleo.rows("mart.alleo_budgets")
    assert budget["change"] == "unchanged"


def test_r40_the_upload_holds_what_is_new_for_people_with_an_account(alleo: Any) -> None:
    field = "alleo_oneoff_all_budget"
    alleo.person("P1", start="2020-01-01")
    alleo.field(field, "12,50", "P1", valid_from=RUN)
    alleo.person("P2", start="2020-01-01")
    alleo.field(field, "12,50", "P2")
    alleo.person("P3", start="2020-01-01", end="2025-01-01")
    alleo.field(field, "12,50", "P3", valid_from=RUN)
    for person in ("P1", "P2", "P3"):
        has_account(alleo, person, RUN_BEFORE)
    alleo.build()
    (row,) = alleo.rows("mart.alleo_budget_upload")
    assert (row["custom_employee_id"], row["email"], str(row["amount_eur"])) == (
        "P1",
        "P1@example.com",
        "12.50",
    )


def test_r41_two_monthly_budgets_are_told_and_two_one_offs_are_not(alleo: Any) -> None:
    alleo.person("P1", start="2020-01-01")
    alleo.field("alleo_monthly_all_budget", "50", "P1")
    alleo.field("alleo_monthly_health_budget", "20", "P1")
    alleo.person("P2", start="2020-01-01")
    alleo.field("alleo_oneoff_all_budget", "50", "P2")
    alleo.field("alleo_oneoff_health_budget", "20", "P2")
    alleo.person("P3", start="2020-01-01")
    alleo.field("alleo_monthly_all_budget", "50", "P3")
    alleo.field("alleo_monthly_health_budget", "0", "P3")
    alleo.build()
    assert alleo.codes("P1") == ["budget_several_monthly"]
    assert alleo.codes("P2") == alleo.codes("P3") == []


def test_r42_a_future_starter_gets_no_budget_before_the_account(alleo: Any) -> None:
    alleo.person(start="2026-03-03")
    alleo.field("alleo_oneoff_all_budget", "50", valid_from=RUN)
    alleo.build("2026-03-02")
    assert uploaded(alleo) == []
    # The next day reads the same amount, and makes the account.
    alleo.connection.execute(
        "insert into sync.runs (run_id, as_of, accepted_on) values (?, $2, $2)",
        [RUN, dt.date(2026, 3, 2)],
    )
    alleo.run_id = "run-3"
    alleo.build("2026-03-03")
    assert uploaded(alleo) == []
    has_account(alleo, "P1", "run-3")
    assert uploaded(alleo) == ["P1"]


def test_r40_what_a_run_that_failed_has_read_is_told_by_the_next_one(alleo: Any) -> None:
    """Days, not runs: landed is landed, but nobody was told."""
    for person in ("P1", "P2", "P3"):
        alleo.person(person, start="2020-01-01")
        has_account(alleo, person, "run-0")
    alleo.field("alleo_oneoff_all_budget", "30", "P1", valid_from=RUN)
    alleo.field("alleo_oneoff_all_budget", "10", "P2", valid_to=RUN)
    alleo.field("alleo_oneoff_all_budget", "20", "P2", valid_from=RUN)
    alleo.field("alleo_oneoff_all_budget", "10", "P3")
    alleo.connection.execute(
        "insert into sync.runs (run_id, as_of) values (?, ?)", [RUN, dt.date(2026, 3, 2)]
    )
    for run_id, day in (("run-3", "2026-03-02"), ("run-4", "2026-03-03")):
        alleo.run_id = run_id
        alleo.build(day)
        assert uploaded(alleo) == ["P1", "P2"]
        assert alleo.codes("P1") == ["budget_new"]
        assert alleo.codes("P2") == ["budget_changed"]
    # The control: told on an accepted day, it is not told again, and on that day by each of its runs.
    alleo.connection.execute(
        "insert into sync.runs (run_id, as_of, accepted_on) values ('run-4', $1, $1)",
        [dt.date(2026, 3, 3)],
    )
    alleo.run_id = "run-5"
    alleo.build("2026-03-03")
    assert uploaded(alleo) == ["P1", "P2"]
    alleo.run_id = "run-6"
    alleo.build("2026-03-04")
    assert uploaded(alleo) == []
    assert alleo.codes("P1") == alleo.codes("P2") == []


def test_r40_a_retry_past_midnight_tells_what_its_night_has_told(alleo: Any) -> None:
    """Its list takes the place of the one before midnight, which nobody can have seen."""
    for person in ("P1", "P2"):
        alleo.person(person, start="2020-01-01")
        has_account(alleo, person, "run-0")
    alleo.field("alleo_oneoff_all_budget", "30", "P1", valid_from=RUN)
    alleo.field("alleo_oneoff_all_budget", "10", "P2", valid_to=RUN)
    alleo.field("alleo_oneoff_all_budget", "20", "P2", valid_from=RUN)
    for run_id, day, night_on, told in (
        (RUN, "2026-03-02", "2026-03-02", ["P1", "P2"]),
        ("run-3", "2026-03-03", "2026-03-02", ["P1", "P2"]),
        ("run-4", "2026-03-03", "2026-03-03", []),
    ):
        alleo.connection.execute(
            "insert into sync.runs (run_id, as_of, accepted_on, night_on) values (?, $2, $2, $3)",
            [run_id, day, night_on],
        )
        alleo.run_id = run_id
        alleo.build(day)
        assert uploaded(alleo) == told


def test_r40_the_first_import_pays_once_when_the_accounts_are_made(alleo: Any) -> None:
    """The preview has nobody to pay yet; whoever had an account has budgets from whoever made it."""
    alleo.connection.execute("delete from sync.runs")
    for person in ("P1", "P2"):
        alleo.person(person, start="2020-01-01")
        alleo.field("alleo_monthly_all_budget", "50", person, valid_from=RUN)
    alleo.build()
    assert uploaded(alleo) == []
    alleo.connection.execute(
        "insert into sync.runs (run_id, as_of, accepted_on) values (?, $2, $2)",
        [RUN, dt.date(2026, 3, 2)],
    )
    for run_id, day in (("run-3", "2026-03-02"), ("run-4", "2026-03-03")):
        alleo.run_id = run_id
        alleo.build(day)
        alleo.connection.execute("delete from sync.ledger; delete from sync.deliveries")
        has_account(alleo, "P1", run_id)
        has_account(alleo, "P2")
        assert uploaded(alleo) == ["P1"]


def test_r40_an_account_that_comes_back_has_its_budgets_again_once(alleo: Any) -> None:
    """Alleo cancels them when it ends; whoever took over an account in use has left them alone."""
    came = {
        "P1": ("reactivate", "inactive", "confirmed"),
        "P2": ("adopt", "inactive", "confirmed"),
        "P3": ("reactivate", "inactive", "looked_up"),
        "P4": ("reactivate", "inactive", "rejected"),  # the second half of it: it is active
        "P5": ("adopt", "active", "confirmed"),
        "P6": ("create", None, "rejected"),
    }
    for person, (operation, before, status) in came.items():
        alleo.person(person, start="2020-01-01")
        alleo.field("alleo_monthly_all_budget", "50", person)
        has_account(alleo, person, RUN, operation, before=before, status=status)
    alleo.build()
    assert sorted(uploaded(alleo)) == ["P1", "P2", "P3", "P4"]
    alleo.connection.execute(
        "insert into sync.runs (run_id, as_of, accepted_on) values (?, $2, $2)",
        [RUN, dt.date(2026, 3, 2)],
    )
    alleo.run_id = "run-3"
    alleo.build("2026-03-03")
    assert uploaded(alleo) == []


def test_r40_whoever_is_typed_anew_is_not_paid_again_for_what_the_former_id_had(
    alleo: Any,
) -> None:
    """The account goes over to the new id, which HR gives the same amounts, and one that is new."""
    field = "alleo_oneoff_{}_budget"
    for number in (1, 2):
        old, new = f"P{number}", f"N{number}"
        alleo.person(old, start="2020-01-01")
        alleo.field(field.format("all"), "100", old, valid_to=RUN)
        alleo.person(new, start="2020-01-01")
        alleo.field(field.format("all"), "€ 100,00", new, valid_from=RUN)
        has_account(alleo, new)
    alleo.field(field.format("bike"), "30", "P1")
    alleo.field(field.format("bike"), "40", "N1", valid_from=RUN)
    alleo.field(field.format("health"), "20", "N1", valid_from=RUN)
    alleo.connection.execute(
        "insert into sync.findings_history values "
        "('loket:E1:N1', 'person_rekeyed', '{\"former_id\": \"loket:E1:P1\"}', ?)",
        [RUN],
    )
    alleo.build()
    rows = alleo.rows("mart.alleo_budget_upload")
    assert sorted((row["custom_employee_id"], row["category"], row["change"]) for row in rows) == [
        ("N1", "bike", "changed"),
        ("N1", "health", "new"),
        ("N2", "all", "new"),  # the control: somebody else
    ]


def test_r43_flex_salary_keeps_hours_and_days_apart_and_is_only_reported(alleo: Any) -> None:
    alleo.person("P1")
    work = alleo.employment("P1", payroll_administration_id="A1")
    alleo.add(
        "payroll_administrations",
        employer_id="E1",
        payroll_administration_id="A1",
        name="Loon",
        period_type_key=3,
    )
    for number, (period, approved) in enumerate([(2, "2026-02-01T09:00:00"), (3, None)]):
        alleo.add(
            "payroll_runs",
            employer_id="E1",
            payroll_administration_id="A1",
            payroll_run_id=f"R{number}",
            period_year=2026,
            period_number=period,
            approved_at=approved,
        )
    kinds = [
        (1, "Verlof (bovenwettelijk)", "Uren"),
        (15, "Verlof (wettelijk)", "Dagen"),
        (16, "Verlof", None),
    ]
    balances = [
        {
            "year": 2026,
            "leaveType": {"key": key, "value": name},
            **({"unitType": {"key": 1, "value": unit}} if unit else {}),
            "accrual": 30.0,
            "balance": 40.25,
        }
        for key, name, unit in kinds
    ]
    alleo.add(
        "leave_balances",
        employer_id="E1",
        employment_id=work,
        employee_id="P1",
        payroll_administration_id="A1",
        balances=balances,
    )
    alleo.build()
    rows = {row["leave_type_key"]: row for row in alleo.rows("mart.alleo_flex_salary")}
    columns = ("leave_kind", "balance_hours", "balance_days", "balance_unit_not_said")
    assert [[str(rows[key][column]) for column in columns] for key in (1, 15, 16)] == [
        ["non_statutory", "40.25", "None", "None"],
        ["statutory", "None", "40.25", "None"],
        ["other", "None", "None", "40.25"],
    ]
    assert (
        rows[1]["period_type"],
        rows[1]["last_approved_year"],
        rows[1]["last_approved_period_number"],
    ) == (
        "four_weeks",
        2026,
        2,
    )
