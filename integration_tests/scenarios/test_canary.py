"""Nobody's data outside the places meant for it: a unique word in every field of every stream."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_sandbox.client import Sandbox
from people_transforms.models.contracts import raw_streams

from .connections import Connection, Ended

Connect = Callable[..., Connection]
PAIRS = [
    pytest.param("source-loket", "destination-alleo", marks=pytest.mark.long),
    ("source-alveno", "destination-lunchdrive"),
]
WORD = re.compile(r"canary\d+x", re.IGNORECASE)
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}.*|\d{4}-\d\d-\d\d.*|[\d.:]*", re.IGNORECASE)
_KEYS = re.compile(r"(^|\.)(\w*_id|id|\w+Id|personal_number)$")


class Canaries:
    """Puts a word of its own into every free text of a record and remembers where each went."""

    def __init__(self) -> None:
        self.places: dict[str, tuple[str, str]] = {}

    def plant(self, line: bytes) -> bytes:
        message = json.loads(line)
        if message["type"] != "RECORD":
            return line
        record = message["record"]
        record["data"] = self._planted(record["stream"], "", record["data"])
        record["data"]["aKeyThatIsNew"] = self._word(record["stream"], "aKeyThatIsNew")
        return json.dumps(message).encode() + b"\n"

    def _planted(self, stream: str, path: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {
                name: self._planted(stream, f"{path}.{name}".lstrip("."), child)
                for name, child in value.items()
            }
        if isinstance(value, list):
            return [self._planted(stream, path, child) for child in value]
        if not isinstance(value, str) or _ID.fullmatch(value) or _KEYS.search(path):
            return value
        if "alleo_access" in value.casefold() or value.strip().casefold() in ("true", "false"):
            return value
        word = self._word(stream, path)
        if "@" in value:
            return f"{word}@example.com"
        return f"{value} {word}" if "LDID" in value.upper() else word

    def _word(self, stream: str, path: str) -> str:
        word = f"Canary{len(self.places)}x"
        self.places[word.casefold()] = (stream, path)
        return word


def words(text: str) -> set[str]:
    return {word.casefold() for word in WORD.findall(text)}


def tables(staging: Path) -> Iterator[tuple[str, str, str]]:
    """Every value of the published file as text, with its table and column."""
    with duckdb.connect(str(staging), read_only=True) as store:
        columns = store.execute(
            "select columns.schema_name || '.' || columns.table_name, column_name "
            "from duckdb_columns() as columns inner join duckdb_tables() as tables "
            "on columns.table_oid = tables.table_oid and columns.schema_oid = tables.schema_oid "
            "where columns.database_name = current_database()"
        ).fetchall()
        for table, column in columns:
            values = store.execute(
                # Fully named: the file's own name is that of one of its schemas.
                f'select distinct "{column}"::varchar from staging.{table} '
                f"where \"{column}\"::varchar ilike '%canary%'"
            ).fetchall()
            yield from ((table, column, value) for (value,) in values)


def deliver(connection: Connection, box: Sandbox, lines: Path) -> list[Ended]:
    """Preview, a night in which the platform refuses and fails, the night after."""
    platform = connection.platform
    ended = [connection.write(lines)]
    assert ended[0].code == 3, ended[0].out + ended[0].err
    connection.approve()
    accounts = "POST *employees" if platform == "alleo" else "POST *diners"
    box.fault(platform, "html_error", match=accounts)
    box.fault(platform, "html_200", match=accounts)
    box.fault(platform, "reset_after", match=accounts)
    ended.append(connection.write(lines))
    box.clear_faults()
    ended.append(connection.write(lines))
    assert len(connection.accounts()) > 10, ended[-1].out
    return ended


@pytest.mark.parametrize(("source", "destination"), PAIRS)
def test_people_are_named_only_where_they_belong(
    source: str, destination: str, connect: Connect, box: Sandbox, tmp_path: Path
) -> None:
    connection = connect(source, destination)
    canaries = Canaries()
    lines = connection.folder / "planted.jsonl"
    planted = [canaries.plant(line) for line in connection.read().read_bytes().splitlines(True)]
    broken = [b"Canary900001x is no message\n", b'{"type":"RECORD","record":{"Canary900002x\n']
    lines.write_bytes(b"".join([*broken, *planted]))
    assert len(canaries.places) > 100
    known = set(connection.folder.rglob("*"))

    for ended in deliver(connection, box, lines):
        assert words(ended.out) == set()
        assert words(ended.err) == set()

    # The control: the words did arrive, at the platform and with the analysts.
    at_platform = words(json.dumps(connection.accounts()))
    assert len(at_platform) > 20
    streams = raw_streams(source.removeprefix("source-"))
    stored = {(stream, column.path) for stream, raw in streams.items() for column in raw.columns}
    published = list(tables(connection.staging))
    assert {table for table, _, _ in published} >= {
        f"raw.{source.removeprefix('source-')}__employees"
    }
    for table, column, value in published:
        for word in words(value):
            stream, path = canaries.places[word]
            # A column may hold a whole part of the record as JSON.
            parts = path.split(".")
            parents = {(stream, ".".join(parts[:end])) for end in range(1, len(parts) + 1)}
            assert parents & stored, f"{table}.{column} holds {stream}: {path}"
        assert table not in ("sync.runs", "sync.deliveries", "sync.reads"), column

    private = connection.store / "work"
    assert private.stat().st_mode & 0o077 == 0
    for path in sorted(set(connection.folder.rglob("*")) - known):
        if path.is_file() and path.name not in ("staging.duckdb", "report.html"):
            content = path.read_bytes().decode("utf-8", "replace")
            assert private in path.parents or words(content) == set(), path
