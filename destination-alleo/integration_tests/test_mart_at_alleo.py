"""After a night Alleo holds the mart: the official SDK's own client reads it back, field by field."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import alleo
import duckdb
import pytest
from people_sandbox import start_sandbox

BIN = Path(sys.executable).parent
MAIN = Path(__file__).parents[1] / "main.py"
FIELDS = (
    "external_id",
    "email",
    "first_name",
    "last_name",
    "prefix",
    "language",
    "company_group_id",
    "birthday",
    "work_anniversary",
    "private_email",
)


def run(folder: Path, *command: str | Path, lines: Path | None = None) -> bytes:
    with (lines or Path("/dev/null")).open("rb") as stdin:
        done = subprocess.run(command, cwd=folder, stdin=stdin, capture_output=True, check=False)
    assert done.returncode in (0, 3), done.stdout[-2000:] + done.stderr[-2000:]
    return done.stdout


def deliver(folder: Path, box: Any) -> Path:
    """Preview, approve the plan by its hash, deliver; gives the published file."""
    preview(folder, box)
    return confirm(folder)


def preview(folder: Path, box: Any) -> None:
    """Read everybody once and let the destination say what it would do."""
    config = box.config("destination-alleo", send_private_email=True, num_workers=8)
    (folder / "source.json").write_text(json.dumps(box.config("source-loket")))
    (folder / "destination.json").write_text(json.dumps(config))
    found = run(folder, BIN / "source-loket", "discover", "--config", "source.json")
    messages = map(json.loads, found.splitlines())
    (catalog,) = [one["catalog"] for one in messages if one["type"] == "CATALOG"]
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    streams = [{"stream": stream, **modes} for stream in catalog["streams"]]
    (folder / "catalog.json").write_text(json.dumps({"streams": streams}))
    read = ("read", "--config", "source.json", "--catalog", "catalog.json")
    (folder / "lines.jsonl").write_bytes(run(folder, BIN / "source-loket", *read))
    write(folder)


def confirm(folder: Path) -> Path:
    """Approve the plan of the preview in the configuration and deliver it."""
    staging = folder / ".people-sync" / "alleo" / "staging.duckdb"
    with duckdb.connect(str(staging), read_only=True) as store:
        ((plan_hash,),) = store.execute("select plan_hash from sync.runs").fetchall()
    config = json.loads((folder / "destination.json").read_text())
    (folder / "destination.json").write_text(json.dumps({**config, "approved_plan": plan_hash}))
    write(folder)
    return staging


def write(folder: Path) -> None:
    files = ("--config", "destination.json", "--catalog", "catalog.json")
    run(folder, sys.executable, MAIN, "write", *files, lines=folder / "lines.jsonl")


def at_alleo(box: Any) -> dict[tuple[str, str], dict[str, Any]]:
    known = box.control()["alleo"]
    with alleo.AlleoClient(
        access_key=known["access_key"], secret_key=known["secret_key"], base_url=known["api_url"]
    ) as client:
        return {
            (str(company.id), one.external_id): {name: getattr(one, name) for name in FIELDS}
            for company in client.list_companies()
            for one in client.list_employees_iter(company.id)
            if one.is_active
        }


@pytest.mark.long
@pytest.mark.parametrize("size", [80, 600])
def test_the_sdk_reads_back_exactly_the_mart(size: int, tmp_path: Path) -> None:
    with start_sandbox(size=size, seed=11) as box:
        box.settings("alleo", rate_limit=None)
        staging = deliver(tmp_path, box)
        with duckdb.connect(str(staging), read_only=True) as store:
            mart = store.execute(
                "select * from mart.alleo_employees where desired_state = 'active'"
            )
            names = [column[0] for column in mart.description]
            rows = [dict(zip(names, row, strict=True)) for row in mart.fetchall()]
        desired = {
            (row["account_key"], row["external_id"]): {name: row[name] for name in FIELDS}
            for row in rows
        }
        assert len(desired) == len(rows) > size / 3
        assert any(fields["private_email"] for fields in desired.values())
        assert at_alleo(box) == desired


@pytest.mark.long
@pytest.mark.minutes
def test_a_limit_of_600_a_minute_is_kept_after_the_first(tmp_path: Path) -> None:
    limit, seconds = 600, 60
    with start_sandbox(size=3_000, seed=12) as box:
        preview(tmp_path, box)
        box.settings("alleo", rate_limit={"limit": limit, "seconds": seconds})
        box.clear_requests()
        confirm(tmp_path)
        calls = box.requests("alleo")
    moments = [dt.datetime.fromisoformat(call["at"]).timestamp() for call in calls]
    later = [
        call["status"]
        for call, moment in zip(calls, moments, strict=True)
        if moment > moments[0] + seconds
    ]
    assert len(later) > limit, "the night ended within the first minute"
    assert later.count(429) == 0
