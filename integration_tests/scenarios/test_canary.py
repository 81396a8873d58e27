"""A word of its own in every field of every stream: it may turn up only where it belongs."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_sandbox.client import Sandbox

from .connections import Connection

Connect = Callable[..., Connection]
# Day, number and key fields keep their form, or nothing could be read; texts are what people type.
_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\d.*|https?:.*|\d+", re.IGNORECASE)
_KEPT = {"employer_id", "total_size", "stream", "type"}


def planted(data: dict[str, Any], stream: str) -> tuple[dict[str, Any], list[str]]:
    """The record with one word of its own in each text field, and the words with their places."""
    words: list[str] = []

    def plant(node: Any, path: str) -> Any:
        if isinstance(node, dict):
            return {key: plant(value, f"{path}.{key}") for key, value in node.items()}
        if isinstance(node, list):
            return [plant(value, path) for value in node]
        name = path.rsplit(".", 1)[-1]
        if name in _KEPT or not isinstance(node, str) or _FORM.fullmatch(node):
            return node
        word = f"Kanari{len(words):03}{re.sub('[^a-z]', '', path.lower())}"
        words.append(word)
        return node + f" {word}" if "@" not in node else node.replace("@", f".{word}@")

    planted_data: dict[str, Any] = plant(data, stream)
    return planted_data, words


def plant_all(lines: Path) -> list[str]:
    """Plant words in the first records of each stream, in the file."""
    words: list[str] = []
    seen: dict[str, int] = {}
    out = []
    for line in lines.read_text().splitlines():
        message = json.loads(line)
        if message["type"] == "RECORD":
            record = message["record"]
            seen[record["stream"]] = seen.get(record["stream"], 0) + 1
            if seen[record["stream"]] <= 4:
                record["data"], planted_words = planted(record["data"], record["stream"])
                words += planted_words
        out.append(json.dumps(message, separators=(",", ":")))
    lines.write_text("\n".join(out) + "\n")
    return words


def columns_with(path: Path, key: str | None, words: list[str]) -> dict[str, set[str]]:
    """The columns of a store in which each word stands."""
    found: dict[str, set[str]] = {word: set() for word in words}
    options = "read_only, encryption_key ?" if key else "read_only"
    with duckdb.connect() as store:
        store.execute(f"attach '{path}' as staging ({options})", [key] if key else None)
        columns = store.execute(
            "select database_name, schema_name, table_name, column_name from duckdb_columns() "
            "where not internal and database_name = 'staging'"
        ).fetchall()
        for database, schema, table, column in columns:
            rows = store.execute(
                f'select distinct lower("{column}"::varchar) from "{database}".{schema}.{table}'
            ).fetchall()
            text = "\n".join(str(row[0]) for row in rows)
            for word in words:
                if word.lower() in text:
                    found[word].add(f"{schema}.{table}.{column}")
    return found


@pytest.mark.long
@pytest.mark.parametrize("key", [None, "a sentence that is a key"], ids=["plain", "encrypted"])
@pytest.mark.parametrize(
    ("source", "destination"),
    [("source-loket", "destination-alleo"), ("source-alveno", "destination-lunchdrive")],
)
def test_a_word_in_every_field_turns_up_only_where_it_belongs(
    connect: Connect, box: Sandbox, source: str, destination: str, key: str | None
) -> None:
    brakes = ("removals", "announced_removals", "additions", "updates", "fill_rate", "wipes")
    warehouse = {"type": "file"} | ({"encryption_key": key} if key else {})
    connection = connect(source, destination, brakes=dict.fromkeys(brakes), warehouse=warehouse)
    lines = connection.first_lines()
    words = plant_all(lines)
    assert len(words) > 20
    # Refused people are the ones whom messages are about.
    box.fault(connection.platform, "too_many_requests", match="POST*", times=2, retry_after=0.05)
    said = []
    ended = connection.write(lines)
    said += [ended.out, ended.err]
    connection.approve()
    for _ in range(2):
        ended = connection.write(lines)
        assert ended.code in (0, 4), ended.out + ended.err
        said += [ended.out, ended.err]
    said.append(connection.command("plan", "--connection", str(connection.file)).out)
    said += [connection.command(*call, "--connection", str(connection.file), "--output", "json").out
             for call in (("plan", "--all"), ("plan",))]  # fmt: skip
    for word in words:
        assert not any(word.lower() in text.lower() for text in said), word
    # In files: only in the store and in the report, which people who may see names open.
    # What HR opens, and the list for the platform's own upload.
    names = ("report.html", "to-do.csv", "to-do.xlsx", "alleo_budget.csv")
    here = {connection.store / name for name in names}
    if not key:
        here |= {connection.staging, *connection.store.glob("work/*")}
    mine = {lines, *connection.folder.glob("*.json*")}
    for path in connection.folder.rglob("*"):
        if path.is_file() and path not in here | mine:
            content = path.read_bytes().decode("utf-8", "replace").lower()
            assert not any(word.lower() in content for word in words), path
    # In the store: raw keeps listed columns only, and sync's own words never quote a person.
    where = columns_with(connection.staging, key, words)
    stored = {word for word, columns in where.items() if columns}
    assert stored, "the control: what is needed is there"
    assert len(stored) < len(words), "what is not listed is not stored"
    allowed = re.compile(
        r"(raw|staging|people|mart|report)\.|sync\.(identities\.|ledger\.(fields|adopted)|plan\.changes|findings(_history)?\.(typed_value|args))"
    )
    for word, columns in where.items():
        # The name of a custom field may be named; what somebody typed into it may not.
        named = (
            {"sync.findings.field", "sync.findings_history.field"}
            if word.endswith("description")
            else set()
        )
        assert [one for one in columns - named if not allowed.match(one)] == [], word
