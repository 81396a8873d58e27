"""Beside landing, for the record: the plain CDK destination that buffers dicts and inserts Arrow.

python land_plain_cdk.py DATABASE CATALOG < LINES
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from airbyte_cdk.destinations import Destination
from airbyte_cdk.models import (
    AirbyteMessage,
    ConfiguredAirbyteCatalog,
    ConnectorSpecification,
    Type,
)

_BATCH = 10_000


class PlainDestination(Destination):
    """What a destination looks like when it is written by the book."""

    def spec(self, *args: Any, **kwargs: Any) -> ConnectorSpecification:
        return ConnectorSpecification(connectionSpecification={"type": "object"})

    def check(self, logger: Any, config: Mapping[str, Any]) -> Any:
        raise NotImplementedError

    def write(
        self,
        config: Mapping[str, Any],
        configured_catalog: ConfiguredAirbyteCatalog,
        input_messages: Iterable[AirbyteMessage],
    ) -> Iterable[AirbyteMessage]:
        connection = duckdb.connect(config["database"])
        rows: list[dict[str, Any]] = []
        for message in input_messages:
            if message.type == Type.RECORD and message.record:
                if message.record.stream == "employees":
                    rows.append(_row(message.record.data))
                if len(rows) >= _BATCH:
                    _insert(connection, rows)
            elif message.type == Type.STATE:
                yield message
        _insert(connection, rows)
        connection.close()


def _row(data: Mapping[str, Any]) -> dict[str, Any]:
    person, contact = data["personalDetails"], data["contactInformation"]
    return {
        "employer_id": data["employer_id"],
        "employee_id": data["id"],
        "employee_number": data["employeeNumber"],
        "first_name": person["firstName"],
        "initials": person["initials"],
        "prefix": person["prefix"],
        "last_name": person["lastName"],
        "birth_on": person["dateOfBirth"],
        "death_on": person["dateOfDeath"],
        "business_email": contact["businessEmailAddress"],
    }


def _insert(connection: duckdb.DuckDBPyConnection, rows: list[dict[str, Any]]) -> None:
    if rows:
        batch = pa.Table.from_pylist(rows)
        connection.register("batch", batch)
        connection.execute("create table if not exists employees as select * from batch limit 0")
        connection.execute("insert into employees select * from batch")
        rows.clear()


if __name__ == "__main__":
    with tempfile.NamedTemporaryFile("w", suffix=".json") as config:
        json.dump({"database": sys.argv[1]}, config)
        config.flush()
        arguments = ["write", "--config", config.name, "--catalog", str(Path(sys.argv[2]))]
        PlainDestination().run(arguments)
