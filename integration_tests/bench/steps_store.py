"""Parquet files for the four steps that other engines do as well, made from a benchmark's store.

python -m integration_tests.bench.steps_store STORE_FOLDER FOLDER
"""

from __future__ import annotations

import sys

import duckdb

_FILES = {
    "employees": """
        select employer_id, employee_id, last_name, business_email, _extracted_at
        from raw.loket__employees
    """,
    "employments": """
        select employer_id, employee_id, employment_id, _extracted_at from raw.loket__employments
    """,
    "custom_fields": """
        select employer_id, value_id, employment_id, name, value, _extracted_at
        from raw.loket__employee_custom_fields
    """,
    # What was delivered last: without 1 % of today's people, with 1 % others, 1 % under another name.
    "ledger": """
        select if(turn = 1, employee_id || '-left', employee_id) as employee_id, employer_id,
            business_email, if(turn = 2, 'Sanna', last_name) as last_name
        from (select *, hash(employee_id) % 100 as turn from raw.loket__employees)
        where _valid_to_run is null and turn <> 0
    """,
}


def make_files(database: str, folder: str) -> None:
    """Write one Parquet file per input of the steps."""
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        connection.execute(f"attach '{database}' as store (read_only)")
        connection.execute("use store")
        connection.execute("set TimeZone = 'UTC'")
        for name, select in _FILES.items():
            connection.execute(f"copy ({select}) to '{folder}/{name}.parquet'")


if __name__ == "__main__":
    make_files(*sys.argv[1:3])
