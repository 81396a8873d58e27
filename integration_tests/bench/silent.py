"""A night without changes: the real destination process, from the first line to the last state.

Setup lets the destination see everybody once (an Alleo that has nobody, nothing sent because nobody
approved) and then find all accounts at Alleo, so that the measured night has nothing to do.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb

from integration_tests.bench.alleo_server import FIRST_COMPANY
from integration_tests.bench.deliver import alleo_server, writes
from integration_tests.bench.lines import STREAMS, write_night
from integration_tests.bench.measure import Usage, measure, median_of
from integration_tests.bench.people import PEOPLE_PER_EMPLOYER, employer_id

_MAIN = Path(__file__).parents[2] / "destination-alleo" / "main.py"
_HELD = 3
_KEY = "the key of a benchmark"


def run(size: int, rounds: int = 3) -> dict[str, float]:
    """Let a night without changes pass for `size` people, in a plain and in an encrypted store."""
    sent = 0
    usages: dict[str, list[Usage]] = {"plain": [], "encrypted": []}
    with tempfile.TemporaryDirectory() as name:
        lines = Path(name) / "lines.ndjson"
        write_night(lines, size)
        folders = {store: Path(name) / store for store in usages}
        for store, folder in folders.items():
            folder.mkdir()
            (folder / "catalog.json").write_text(json.dumps(_catalog()))
            with alleo_server(size) as url:
                _pass(_command(folder, url, size), lines, expected=_HELD)
            if store == "plain":
                _write_accounts(folder)
        with alleo_server(size, folders["plain"] / "accounts.tsv") as url:
            commands = {store: _command(folders[store], url, size) for store in usages}
            for store, command in commands.items():
                # That everybody has an account already is approved like any first plan.
                asked = _pass(command, lines, expected=_HELD)
                approved = re.findall(r"plan=(\w+)", asked)[-1]
                _pass(
                    _command(folders[store], url, size, approved_plan=approved), lines, expected=0
                )
                _command(folders[store], url, size)
            for _ in range(rounds):
                for store, command in commands.items():
                    usages[store].append(measure(command, stdin=lines))
            sent = writes(url)
        _require_accounts(folders["plain"])
    plain, encrypted = median_of(usages["plain"]), median_of(usages["encrypted"])
    return {
        "silent_night_cpu_s": plain.cpu_seconds,
        "silent_night_peak_mb": plain.peak_mb,
        "silent_night_writes": sent,
        "silent_night_encrypted_times": encrypted.cpu_seconds / plain.cpu_seconds,
    }


def _pass(command: list[str], lines: Path, *, expected: int) -> str:
    """Let a night pass that ends with this exit code; gives what it said."""
    with lines.open("rb") as source:
        done = subprocess.run(command, stdin=source, capture_output=True, check=False)
    if done.returncode != expected:
        raise SystemExit(
            f"A night of the setup ended with {done.returncode}:\n{done.stdout.decode()}"
        )
    return done.stdout.decode()


def _command(folder: Path, url: str, size: int, **settings: str) -> list[str]:
    config: dict[str, Any] = settings | {
        "access_key": "bench",
        "secret_key": "bench",
        "api_url": url,
        "warehouse": {"type": "file", "path": str(folder / "store")}
        | ({"encryption_key": _KEY} if folder.name == "encrypted" else {}),
        "companies": [
            {"employer_id": employer_id(number), "company_id": FIRST_COMPANY + number}
            for number in range(-(-size // PEOPLE_PER_EMPLOYER))
        ],
    }
    (folder / "config.json").write_text(json.dumps(config))
    arguments = ["--config", str(folder / "config.json"), "--catalog", str(folder / "catalog.json")]
    return [sys.executable, str(_MAIN), "write", *arguments]


def _write_accounts(folder: Path) -> None:
    """Render what Alleo has after the first import: one line per account that the mart wants."""
    with duckdb.connect(_database(folder), read_only=True) as connection:
        connection.execute(
            f"""
            copy (
                select account_key, to_json({{
                    'id': row_number() over (order by person_id), 'email': email,
                    'first_name': first_name, 'last_name': last_name, 'prefix': prefix,
                    'language': language, 'is_active': true, 'company_group_id': null,
                    'external_id': external_id, 'birthday': birthday,
                    'work_anniversary': work_anniversary
                }}) from mart.alleo_employees where desired_state = 'active'
            ) to '{folder}/accounts.tsv' (delimiter '\t', header false, quote '', escape '')
            """
        )


def _require_accounts(folder: Path) -> None:
    """A night with nobody in it would be silent as well."""
    with duckdb.connect(_database(folder), read_only=True) as connection:
        row = connection.execute(
            "select (select count(*) from mart.alleo_employees where desired_state = 'active'), "
            "(select count(*) from sync.ledger where state = 'active')"
        ).fetchone()
    if not row or not row[0] or row[0] != row[1]:
        raise SystemExit(f"The silent night was not one: desired and active accounts are {row}.")


def _database(folder: Path) -> str:
    return str(next((folder / "store" / "work").glob("*.duckdb")))


def _catalog() -> dict[str, object]:
    modes = {"sync_mode": "full_refresh", "destination_sync_mode": "append"}
    streams = [
        {"name": name, "json_schema": {}, "supported_sync_modes": ["full_refresh"]}
        for name in STREAMS
    ]
    return {"streams": [{"stream": stream, **modes} for stream in streams]}
