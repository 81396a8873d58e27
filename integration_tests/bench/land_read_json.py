"""The peer of landing: DuckDB's own typed `read_json` over the same bytes, into a .duckdb file.

No deduplication, no hash, no proof that the list is whole.

    python land_read_json.py LINES DATABASE
"""

from __future__ import annotations

import sys

import duckdb

_DATA = """
    STRUCT(
        employer_id VARCHAR, id VARCHAR, employeeNumber VARCHAR,
        personalDetails STRUCT(firstName VARCHAR, initials VARCHAR, prefix VARCHAR, lastName VARCHAR,
            dateOfBirth DATE, dateOfDeath DATE),
        contactInformation STRUCT(businessEmailAddress VARCHAR, emailAddress VARCHAR)
    )
"""


def main(lines: str, database: str) -> None:
    connection = duckdb.connect(config={"memory_limit": "2GB", "preserve_insertion_order": False})
    connection.execute(f"attach '{database}' as store (storage_version 'v1.4.0')")
    connection.execute(
        f"""
        create table store.employees as
        select data.employer_id, data.id, data.employeeNumber,
            unnest(data.personalDetails), unnest(data.contactInformation), emitted_at
        from (
            select unnest(record) from read_json(
                ?, format = 'newline_delimited',
                columns = {{type: 'VARCHAR',
                    record: 'STRUCT(stream VARCHAR, emitted_at BIGINT, data {_DATA})'}}
            )
            where type = 'RECORD' and record.stream = 'employees'
        )
        """,
        [lines],
    )
    print(connection.execute("select count(*) from store.employees").fetchone())
    connection.execute("checkpoint store")
    connection.close()


if __name__ == "__main__":
    main(*sys.argv[1:3])
