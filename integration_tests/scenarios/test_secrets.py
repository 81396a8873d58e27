"""HR is only read, and a key or token is in its own configuration file and nowhere else."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .connections import BIN, Connection

Connect = Callable[..., Connection]
SECRET = {
    *("client_secret", "refresh_token", "access_token", "token"),
    *("access_key", "secret_key", "api_key"),
}


def secrets_of(node: Any) -> Iterator[str]:
    for name, value in node.items():
        if isinstance(value, dict):
            yield from secrets_of(value)
        elif name in SECRET and value:
            yield value


def tables_with(connection: Connection, words: set[str]) -> list[str]:
    """The tables of the published file, which is compressed, that have a row with such a word."""
    tables = connection.ask(
        "select schema_name, table_name from duckdb_tables() where not internal"
    )
    return [
        f"{schema}.{table}"
        for schema, table in tables
        for (row,) in connection.ask(f"select one::varchar from staging.{schema}.{table} as one")
        if any(word in row for word in words)
    ]


@pytest.mark.long
@pytest.mark.parametrize(
    ("source", "destination", "hr"),
    [
        ("source-loket", "destination-alleo", "loket"),
        ("source-alveno", "destination-lunchdrive", "alveno"),
    ],
)
def test_a_night_only_reads_hr_and_leaves_no_secret_behind(
    connect: Connect, box: Sandbox, source: str, destination: str, hr: str
) -> None:
    connection = connect(source, destination)
    files = [connection.folder / name for name in ("source.json", "destination.json")]
    before = [set(secrets_of(json.loads(path.read_text()))) for path in files]
    said = []
    for step in (connection.sync, connection.approve, connection.sync):
        ended = step()
        said.append(ended.out + ended.err)
    assert connection.accounts(), "control: the night was a real one"
    assert box.requests(hr) and box.requests(hr, writes=True) == []
    after = [set(secrets_of(json.loads(path.read_text()))) for path in files]
    secrets = set().union(*before, *after)
    assert all(before) and all(len(secret) > 12 for secret in secrets)
    assert not [secret for secret in secrets for text in said if secret in text]
    for path in connection.folder.rglob("*"):
        if path.is_file() and path not in files:
            content = path.read_bytes()
            assert not [secret for secret in secrets if secret.encode() in content], path
    assert tables_with(connection, secrets) == []
    assert tables_with(connection, {connection.accounts()[0]["external_id"]}) != [], "control"
    mine, theirs = (path.read_text() for path in files)
    assert not [secret for secret in after[1] if secret in mine]
    assert not [secret for secret in after[0] if secret in theirs]


@pytest.mark.parametrize("source", ["source-loket", "source-alveno"])
def test_a_source_that_is_killed_leaves_no_key_in_a_temporary_folder(
    connect: Connect, tmp_path: Path, source: str
) -> None:
    """A real process: only a kill shows what nobody tidies up."""
    connection = connect(source, "destination-alleo")
    config = connection.folder / "source.json"
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    process = subprocess.Popen(
        [BIN / source, "read", "--config", config, "--catalog", connection.catalog()],
        stdout=subprocess.PIPE,
        cwd=connection.folder,
        env={**os.environ, "TMPDIR": str(temporary)},
    )
    assert process.stdout is not None
    with process.stdout:
        assert any(b"STARTED" in line for line in process.stdout), "control: it had begun"
        process.kill()
    process.wait(60)
    secrets = set(secrets_of(json.loads(config.read_text())))
    assert secrets
    for path in temporary.rglob("*"):
        if path.is_file():
            assert not [one for one in secrets if one in path.read_text("utf-8", "replace")], path
