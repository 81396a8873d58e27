"""The peer of planning: the same steps in bare SQL, without a rule, a finding or an explanation.

Latest version, eligibility, fan-out over clients, join with the employments, key and hash, and the
difference to what was delivered.

    python plan_bare.py DATABASE LEDGER_DATABASE
"""

from __future__ import annotations

import sys

import duckdb

_PIPELINE = """
    create temp table plan as
    with
    employees as (
        select * from bare.employees
        qualify row_number() over (partition by employer_id, employee_id order by loaded_at desc) = 1
    ),
    employments as (
        select * from bare.employments
        qualify row_number() over (
            partition by employer_id, employee_id, employment_id order by loaded_at desc
        ) = 1
    ),
    employed as (
        select employer_id, employee_id, min(starts_on) as starts_on,
            case when bool_and(ends_on is not null) then max(ends_on) end as ends_on
        from employments
        where starts_on <= date '2026-03-02' and coalesce(ends_on, date '9999-12-31') >= date '2026-03-02'
        group by all
    ),
    eligible as (
        select *, list_filter(custom_fields, lambda f : f.name = 'LDID')[1].value as note
        from employees
        where lower(trim(list_filter(custom_fields, lambda f : f.name = 'alleo_access')[1].value))
            in ('true', 'ja')
    ),
    routed as (
        select *, unnest(list_distinct(regexp_extract_all(note, '[0-9]+'))) as client_id from eligible
    ),
    desired as (
        select routed.employer_id || ':' || routed.employee_id as person_id, client_id,
            employee_number, first_name, last_name, business_email, starts_on, ends_on,
            md5(concat_ws(chr(31), routed.employer_id, routed.employee_id, client_id,
                employee_number, first_name, last_name, coalesce(business_email, chr(0)),
                starts_on, coalesce(ends_on::varchar, chr(0)))) as payload_hash
        from routed
        inner join employed
            on routed.employer_id = employed.employer_id
            and routed.employee_id = employed.employee_id
        where client_id <> '0'
    )
    select * from desired
"""


def main(database: str) -> None:
    connection = duckdb.connect(config={"preserve_insertion_order": False, "memory_limit": "2GB"})
    connection.execute(f"attach '{database}' as bare (read_only)")
    connection.execute(_PIPELINE)
    print(connection.execute("select count(*), count(distinct person_id) from plan").fetchone())


if __name__ == "__main__":
    main(sys.argv[1])
