"""The models on Spark give the rows they give on DuckDB, for three thousand people of each source.

Every model of a pair is translated and run on what Spark made of the models before it; each one's
rows are compared as a multiset. JSON is compared by its value, all else must be equal (`compare.py`).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from people_transforms.models import runner

from ..inputs import show_inputs
from .on_spark import NEEDS_SPARK, compared, run_on_spark
from .stores import built_store

PEOPLE = 3_000
pytestmark = [pytest.mark.long, NEEDS_SPARK]


@pytest.mark.minutes
@pytest.mark.parametrize(
    ("source_system", "vendor", "name"),
    [
        ("loket", "alleo", "raw.loket__employees"),
        ("alveno", "lunchdrive", "raw.alveno__employees"),
    ],
)
def test_every_model_has_the_same_rows_on_spark(
    tmp_path: Path, source_system: str, vendor: str, name: str
) -> None:
    with built_store(tmp_path, source_system, vendor, PEOPLE) as (connection, variables):
        spark_rows = run_on_spark(connection, variables, tmp_path)
        counts, found = compared(connection, variables, spark_rows)
        for model, told in found.items():
            print(model, *told, sep="\n    ")
        assert found == {}
        assert counts["people.people"] >= PEOPLE
        assert counts["people.employments"] > counts["people.people"]
        assert counts["people.person_history"] > 2 * PEOPLE
        assert counts["mart.findings"] > PEOPLE // 10
        # Alveno has no extra fields, no leave and no payroll: what is shared has Loket's rows.
        shared = {one.name for one in runner.models("loket", "alleo")}
        own = counts.keys() - (shared if source_system == "alveno" else set())
        assert {model for model in own if not counts[model]} == set()

        # The control: one other name here is seen, in every model that carries it, and named.
        (person,) = _rename_somebody(connection, name, spark_rows)
        runner.build(connection, source_system=source_system, vendor=vendor)
        show_inputs(connection, source_system, vendor)
        _, found = compared(connection, variables, spark_rows)
        mart = "mart.alleo_employees" if vendor == "alleo" else "mart.lunchdrive_diners"
        assert {"people.people", "staging.people_input_versions", mart} <= set(found)
        told, *_ = found["people.people"][1:]
        assert person in told and "last_name 'Somebody else' <> " in told


@pytest.mark.drawn(1)
@pytest.mark.parametrize(
    "settings",
    [
        {"chip_transform": "dec_to_hex", "mode": "single", "client_id": " 32567 "},
        {"chip_transform": "reverse_bytes", "missing_email": "create_without"},
        {"chip_transform": "strip_leading_zeros", "default_client_id": "32570"},
    ],
)
def test_lunchdrives_other_settings_give_the_same_rows(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with built_store(tmp_path, "alveno", "lunchdrive", 1_000, **settings) as (
        connection,
        variables,
    ):
        only = "mart.lunchdrive_"
        spark_rows = run_on_spark(connection, variables, tmp_path, only)
        counts, found = compared(connection, variables, spark_rows, only)
        assert found == {}
        assert counts["mart.lunchdrive_chips"] > 500


def _rename_somebody(connection: Any, table: str, spark_rows: Path) -> tuple[str]:
    found = connection.execute(
        f"select person_id, employee_id from read_parquet('{spark_rows}/people.people/*.parquet') "
        "where employment_status = 'employed' and last_name is not null order by person_id limit 1"
    ).fetchone()
    connection.execute(
        f"update {table} set last_name = 'Somebody else' "
        "where employee_id = ? and _valid_to_run is null",
        [found[1]],
    )
    return (found[0],)
