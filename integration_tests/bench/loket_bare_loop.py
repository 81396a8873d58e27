"""The peer of the benchmark: what anybody would write in ten minutes to get the same lines.

`requests` and `orjson`, page by page, the fields of `fields: minimal` (or all of them), one print
per record. No retries, no proof that the list is whole, no states.
"""

from __future__ import annotations

import sys
import time
from typing import Any

import orjson
import requests

_PERSONAL = ("firstName", "lastName", "prefix", "initials", "dateOfBirth", "dateOfDeath")
_CONTACT = ("emailAddress", "businessEmailAddress")


def main(url: str, employer_id: str, fields: str) -> None:
    session = requests.Session()
    headers = {"Authorization": "Bearer bench", "Accept": "application/json;version=2021-03-29"}
    number, pages = 1, 1
    while number <= pages:
        asked: dict[str, str | int] = {"orderBy": "id", "pageNumber": number, "pageSize": 250}
        response = session.get(
            f"{url}/providers/employers/{employer_id}/employees",
            params=asked,
            headers=headers,
            timeout=60,
        )
        page = orjson.loads(response.content)
        pages = page["totalPages"]
        for row in page["_embedded"]:
            data = {
                "total_size": page["totalSize"],
                "employer_id": employer_id,
                **(_minimal(row) if fields == "minimal" else row),
            }
            record = {
                "stream": "employees",
                "data": data,
                "emitted_at": int(time.time() * 1000),
            }
            print(orjson.dumps({"type": "RECORD", "record": record}).decode())
        number += 1


def _minimal(row: dict[str, Any]) -> dict[str, Any]:
    personal, contact = row["personalDetails"], row["contactInformation"]
    return {
        "id": row["id"],
        "employeeNumber": row["employeeNumber"],
        "personalDetails": {name: personal[name] for name in _PERSONAL},
        "contactInformation": {name: contact[name] for name in _CONTACT},
    }


if __name__ == "__main__":
    main(*sys.argv[1:4])
