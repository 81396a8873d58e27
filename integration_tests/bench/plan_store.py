"""A staging store with raw rows of any size, and a ledger one night old: what planning starts from.

Per person 1.3 employments and 5 extra fields, each in 3 versions; the ledger is what tonight's mart
would have delivered, but for 1 % joiners, 1 % changes and 1 % leavers. Made by SQL, not measured.
"""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import duckdb
from people_transforms.delivery.vendor import Traits
from people_transforms.landing.raw_tables import create_raw_tables
from people_transforms.models import runner
from people_transforms.models.contracts import RawStream, raw_streams
from people_transforms.settings import Settings
from people_transforms.store.warehouse import StorePaths, json_text, open_store

from integration_tests.bench.live import let_it_send
from integration_tests.bench.people import FIELD_NAMES, PEOPLE_PER_EMPLOYER
from integration_tests.bench.plan_vendor import store_traits, vendor_settings

NOW = dt.datetime(2026, 3, 2, 1, 0, tzinfo=dt.UTC)
RUN, PREVIOUS_RUN = "run-4", "run-3"
VERSIONS = 3

_EMPLOYER = f"printf('E%06d', person // {PEOPLE_PER_EMPLOYER})"
_EMPLOYEE = "printf('%08x-4b2a-4c3d-8e9f-%012x', person, person * 7919)"
_EMPLOYMENT = "printf('%08x-9d1c-4f7b-a2e4-%012x', person, contract * 104729 + person)"
_PERSON = "('0x' || left(employee_id, 8))::bigint"
_DAY = "date '2005-01-01' + (person * 7919 % 7000)::integer"

# What each version of a record says; `version` counts up to the one that is current.
_EMPLOYEES = f"""
    select {_EMPLOYER} as employer_id, {_EMPLOYEE} as employee_id,
        (100000 + person)::varchar as employee_number,
        ['Susan', 'Jan', 'Zoë', 'Piet', 'Anouk', 'Daan', 'Sanne', 'Bram'][1 + person % 8] as first_name,
        'S.L.' as initials,
        if(person % 5 = 0, 'van der', null) as prefix,
        ['Bergen', 'Jansen', 'Dvořák', 'Visser', 'Smit', 'Mulder'][1 + person % 6]
            || ' ' || person || if(version < {VERSIONS}, '-' || version, '') as last_name,
        date '1960-01-01' + (person * 31 % 16000)::integer as birth_on,
        null::date as death_on,
        'person' || person || '@example.nl' as business_email,
        null as private_email, version
    from range($size) as people(person), (select $version as version)
"""
_EMPLOYMENTS = f"""
    select {_EMPLOYER} as employer_id, {_EMPLOYMENT} as employment_id, {_EMPLOYEE} as employee_id,
        if(contract = 0, {_DAY}, {_DAY} + 7100) as starts_on,
        -- A second contract follows the first; one in twenty has ended, one in forty will.
        case
            when contract = 0 and person % 10 < 3 then {_DAY} + 7099
            when person % 20 = 4 then date '2025-01-31'
            when person % 40 = 5 then date '2026-06-30'
            when version < {VERSIONS} and person % 3 = 0 then date '2026-01-31'
        end as ends_on,
        {_DAY} as historical_starts_on, 'PA' || {_EMPLOYER} as payroll_administration_id, version
    from range($size) as people(person), range(2) as contracts(contract),
        (select $version as version)
    where contract = 0 or person % 10 < 3
"""
_VALUES = f"""[
    if(version < {VERSIONS}, 'FALSE', ['TRUE', 'True ', 'ja', 'FALSE'][1 + person % 7 % 4]),
    case person % 10
        when 0 then '32567, 32568'
        when 1 then 'LDID: 32567' || chr(10) || 'LDID: 32569'
        when 2 then '0'
        else (32567 + person % 3)::varchar
    end,
    ((person % 200) + version) || ',50',
    'K' || (person * version) % 977,
    'team ' || person % 13
]"""
_CUSTOM_FIELDS = f"""
    select {_EMPLOYER} as employer_id, {_EMPLOYMENT} || ':' || field as value_id,
        {_EMPLOYMENT} as employment_id, null as employee_id,
        'F' || field as custom_field_id, {list(FIELD_NAMES)}[field] as name,
        {_VALUES}[field] as value, version
    from range($size) as people(person), range(1, 6) as fields(field),
        (select $version as version), (select 0 as contract)
"""
_EMPLOYERS = f"""
    select distinct {_EMPLOYER} as employer_id, 'Employer ' || {_EMPLOYER} as company_name,
        (person // {PEOPLE_PER_EMPLOYER})::bigint as employer_number, {VERSIONS} as version
    from range($size) as people(person)
"""
_DEFINITIONS = f"""
    select distinct {_EMPLOYER} as employer_id, 'F' || field as custom_field_id,
        {list(FIELD_NAMES)}[field] as name, {VERSIONS} as version
    from range($size) as people(person), range(1, 6) as fields(field)
"""
_ROWS = {
    "employers": _EMPLOYERS,
    "employees": _EMPLOYEES,
    "employments": _EMPLOYMENTS,
    "custom_field_definitions": _DEFINITIONS,
    "employee_custom_fields": _CUSTOM_FIELDS,
}


def make_store(folder: Path, vendor: str, size: int, *, is_first: bool = False) -> StorePaths:
    """Make the store of a connection loket → `vendor` in a folder; a first night has no ledger."""
    paths = StorePaths(folder / "staging.duckdb", folder / "work" / "work.duckdb")
    streams = raw_streams("loket")
    traits = store_traits(folder, vendor)
    with open_store(paths) as connection:
        create_raw_tables(connection, streams.values())
        for name, rows in _ROWS.items():
            _fill(connection, streams[name], rows, size)
        set_variables(connection, vendor, size)
        _read_whole(connection)
        runner.build(connection, source_system="loket", vendor=vendor)
        if not is_first:
            _remember_last_night(connection, traits, vendor)
        _approve(connection, vendor)
        connection.execute("checkpoint store")
    return paths


def make_bare(path: Path, size: int) -> None:
    """Write the same people as a pipeline without our raw tables would keep them.

    Append only, one row per version, the extra fields as a list within the record: the shape that
    suits the peer best.
    """
    fields = f"list_transform({_VALUES}, lambda value, i : {{name: {list(FIELD_NAMES)}[i], value: value}})"
    rows = {
        "employees": f"select *, {fields} as custom_fields from (select *, {_PERSON} as person from ({_EMPLOYEES}))",
        "employments": _EMPLOYMENTS,
    }
    with duckdb.connect(config={"preserve_insertion_order": False}) as connection:
        connection.execute(f"attach '{path}' as bare (storage_version 'v1.4.0')")
        for table, select in rows.items():
            for version in range(1, VERSIONS + 1):
                into = (
                    f"create table bare.{table} as" if version == 1 else f"insert into bare.{table}"
                )
                connection.execute(
                    f"{into} select * exclude (version), version as loaded_at from ({select})",
                    {"size": size, "version": version},
                )


def set_variables(connection: duckdb.DuckDBPyConnection, vendor: str, size: int) -> None:
    """Set what the models read of a run."""
    variables: dict[str, Any] = {
        "as_of": NOW.date(),
        "run_id": RUN,
        "source_system": "loket",
        "vendor": vendor,
        "settings": json_text(vendor_settings(vendor, size)),
        "known_account_keys": [],
    }
    for name, value in variables.items():
        connection.execute(f"set variable {name} = ?", [value])


def _fill(connection: duckdb.DuckDBPyConnection, stream: RawStream, rows: str, size: int) -> None:
    columns = ", ".join(column.name for column in stream.columns)
    hashed = ", ".join(f"coalesce({column.name}::varchar, chr(0))" for column in stream.columns)
    # Versions arrive night by night.
    nights = range(1, VERSIONS + 1) if "$version" in rows else (VERSIONS,)
    for version in nights:
        given = {"size": size} | ({"version": version} if len(nights) > 1 else {})
        connection.execute(
            f"""
            insert into raw.{stream.table} by name
            select {columns}, md5_number_lower(concat_ws(chr(31), {hashed})) as _record_hash,
                'run-{version}' as _valid_from_run,
                if({version} < {VERSIONS}, 'run-{version + 1}', null) as _valid_to_run,
                timestamptz '2026-02-27 01:00:00+00' + {version} * interval 1 day as _extracted_at,
            from ({rows})
            """,
            given,
        )


def _remember_last_night(
    connection: duckdb.DuckDBPyConnection, traits: Traits, vendor: str
) -> None:
    fields = ", ".join(f"'{name}', {name}::varchar" for name in traits.fields)
    connection.execute(
        f"""
        insert into sync.ledger by name
        select $vendor as vendor,
            if(turn = 1, person_id || '-left', person_id) as person_id,
            account_key, 'A' || row_number() over (order by person_id, account_key) as account_id,
            external_id, employer_id, 'active' as state,
            json_object({fields.replace("first_name::varchar", "if(turn = 2, 'Sanna', first_name)")}) as fields,
            if(turn = 2, 'changed', payload_hash) as payload_hash,
            spell_starts_on, ends_on, $run as updated_run_id,
        from (
            select *, (hash(person_id, account_key) % 100)::integer as turn from {traits.mart}
            where desired_state = 'active'
        )
        where turn <> 0
        """,
        {"vendor": vendor, "run": PREVIOUS_RUN},
    )


def _approve(connection: duckdb.DuckDBPyConnection, vendor: str) -> None:
    """Note an approved run of yesterday, and tonight's."""
    let_it_send(connection, Settings(vendor=vendor, source_system="loket"))
    rates = '{"last_name": 1.0, "business_email": 1.0}'
    for run, fill_rates in ((PREVIOUS_RUN, rates), (RUN, None)):
        connection.execute(
            "insert into sync.runs (run_id, started_at, fill_rates) values (?, ?, ?)",
            [run, NOW, fill_rates],
        )


def _read_whole(connection: duckdb.DuckDBPyConnection) -> None:
    """Note tonight's complete reads, which the models judge."""
    connection.execute(
        """
        insert into sync.evidence by name
        select ? as run_id, unnest(?::varchar[]) as stream, employer_id, 'whole' as verdict,
        from (select distinct employer_id from raw.loket__employers)
        """,
        [RUN, list(raw_streams("loket"))],
    )


if __name__ == "__main__":
    folder, size = Path(sys.argv[1]), int(sys.argv[3])
    is_first = "--first" in sys.argv
    make_store(folder, sys.argv[2], size, is_first=is_first)
    if not is_first:
        make_bare(folder / "bare.duckdb", size)
