"""Latest version, eligibility, fan-out and difference in SQL, as our models and plan write them.

python steps_duckdb.py FOLDER RESULT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import duckdb

_LATEST = """
    create temp table {name} as
    select * from read_parquet('{folder}/{name}.parquet')
    qualify row_number() over (partition by {key} order by _extracted_at desc) = 1
"""
_KEYS = {
    "employees": "employer_id, employee_id",
    "employments": "employer_id, employee_id, employment_id",
    "custom_fields": "employer_id, value_id",
}
_FIELDS_OF_PEOPLE = """
    select employments.employer_id, employments.employee_id, lower(trim(name)) as name,
        lower(trim(value)) as value
    from custom_fields
    inner join employments
        on custom_fields.employer_id = employments.employer_id
        and custom_fields.employment_id = employments.employment_id
    where lower(trim(name)) in ('alleo_access', 'ldid')
"""
_ELIGIBLE = """
    select count(*) from (
        select distinct employer_id, employee_id from fields
        where name = 'alleo_access' and value in ('true', 'yes', 'ja', 'ano', 'waar', '1')
    )
"""
_ROUTES = """
    select count(*), sum(client_id::bigint) from (
        select employer_id, employee_id,
            unnest(list_distinct(regexp_extract_all(value, '[0-9]+'))) as client_id
        from fields where name = 'ldid'
    )
    where client_id <> '0'
"""
_DIFFERENCE = """
    select count(*) filter (where delivered.employee_id is null),
        count(*) filter (where desired.employee_id is null),
        count(*) filter (
            where desired.last_name <> delivered.last_name
            or desired.business_email <> delivered.business_email
        )
    from employees as desired
    full outer join read_parquet('{folder}/ledger.parquet') as delivered
        on desired.employer_id = delivered.employer_id
        and desired.employee_id = delivered.employee_id
"""


def main(folder: str) -> dict[str, int]:
    connection = duckdb.connect(config={"preserve_insertion_order": False, "memory_limit": "3GB"})
    counts = {}
    for name, key in _KEYS.items():
        connection.execute(_LATEST.format(name=name, folder=folder, key=key))
        row = connection.execute(f"select count(*) from {name}").fetchone()
        counts[name] = row[0] if row else 0
    connection.execute(f"create temp table fields as {_FIELDS_OF_PEOPLE}")
    (eligible,) = connection.execute(_ELIGIBLE).fetchall()[0]
    routes, clients = connection.execute(_ROUTES).fetchall()[0]
    joiners, leavers, changed = connection.execute(_DIFFERENCE.format(folder=folder)).fetchall()[0]
    return {
        **counts,
        "eligible": eligible,
        "routes": routes,
        "clients": int(clients),
        "joiners": joiners,
        "leavers": leavers,
        "changed": changed,
    }


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(sys.argv[1])))
