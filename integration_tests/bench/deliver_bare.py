"""The peer of delivery: a bare loop with the vendor's SDK and as many threads.

It sends the same accounts and forgets them: no plan, no ledger, no retries, no order.

    python deliver_bare.py DATABASE URL WORKERS
"""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import duckdb
from alleo import AlleoClient, EmployeeCreate

_FIELDS = (
    "email", "first_name", "last_name", "prefix", "language", "company_group_id", "birthday",
    "work_anniversary", "private_email", "external_id",
)  # fmt: skip


def main(database: str, url: str, workers: int) -> None:
    with duckdb.connect(database, read_only=True) as connection:
        rows = connection.execute(
            f"select account_key, {', '.join(_FIELDS)} from mart.alleo_employees "
            "where desired_state = 'active'"
        ).fetchall()
    client = AlleoClient(access_key="bench", secret_key="bench", base_url=url)

    def send(row: tuple[Any, ...]) -> int:
        body = EmployeeCreate(**dict(zip(_FIELDS, row[1:], strict=True)))
        return client.create_employee(int(row[0]), body).id

    with ThreadPoolExecutor(workers) as threads:
        print(len(list(threads.map(send, rows))))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
