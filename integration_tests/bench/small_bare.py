"""The floor of a small night: read the same lists, land them in DuckDB, compare with yesterday's.

`requests`, one loop per list, no rules, no proof, no delivery: nobody can do the job for less.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any

import duckdb
import requests

_OF_EMPLOYER = ("employees", "employees/employments", "customfields", "employees/customfields",
                "employees/employments/customfields")  # fmt: skip


def loket(config: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    session = requests.Session()
    credentials = config["credentials"]
    token = credentials.get("access_token") or session.post(
        config["oauth_url"],
        data={"grant_type": "refresh_token"} | {k: v for k, v in credentials.items() if v},
        timeout=60,
    ).json()["access_token"]  # fmt: skip
    session.headers["Authorization"] = f"Bearer {token}"
    base = config["api_url"].rstrip("/")
    employers = list(pages(session, f"{base}/providers/employers"))
    yield "employers", employers
    for employer in employers:
        for path in _OF_EMPLOYER:
            url = f"{base}/providers/employers/{employer['id']}/{path}"
            yield path.replace("/", "_"), list(pages(session, url))


def pages(session: requests.Session, url: str) -> Iterator[Any]:
    number = total = 1
    while number <= total:
        page = session.get(url, params={"pageNumber": number, "pageSize": 250}, timeout=60)
        page.raise_for_status()
        body = page.json()
        total = body.get("totalPages", 1)
        yield from body["_embedded"]
        number += 1


def alveno(config: dict[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    session = requests.Session()
    session.headers["AuthorizationToken"] = config["token"]
    for path in ("employees", "workloads", "operations"):
        found = session.get(f"{config['api_url'].rstrip('/')}/{path}", timeout=60)
        found.raise_for_status()
        yield path, found.json()


def main(vendor: str, config: str, database: str) -> None:
    lists = {"loket": loket, "alveno": alveno}[vendor](json.loads(config))
    with duckdb.connect(database) as store:
        store.execute("create table if not exists people (list varchar, body varchar)")
        store.execute("create temp table tonight (list varchar, body varchar)")
        for name, rows in lists:
            if rows:
                bodies = [json.dumps(row) for row in rows]
                store.execute("insert into tonight select ?, unnest(?)", [name, bodies])
        changed = store.execute(
            "select count(*) from (from tonight except all from people)"
        ).fetchone()
        store.execute("delete from people")
        store.execute("insert into people from tonight")
    print(changed)


if __name__ == "__main__":
    main(*sys.argv[1:4])
