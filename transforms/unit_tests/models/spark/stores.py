"""A store with some nights landed and the models built, and its tables as files for Spark."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
from people_transforms import person_id
from people_transforms.landing.catalog import of_streams
from people_transforms.landing.land import Landing
from people_transforms.landing.messages import Intake, read_messages
from people_transforms.models import runner
from people_transforms.models.contracts import raw_streams
from people_transforms.store.warehouse import StorePaths, open_store

from ..inputs import show_inputs
from .nights import AS_OF, nights

SETTINGS: dict[str, dict[str, Any]] = {
    "alleo": {
        "language": "nl",
        "external_id_prefix": "L-",
        "send_private_email": True,
        "access_turned_off": "deactivate",
        "days_before_start": 2,
        "days_after_end": "3",
        "selective_sync": {"field": " Alleo_Access", "aliases": ["Toegang "]},
    },
    "lunchdrive": {
        "mode": "group",
        "allowed_client_ids": ["32567", "32568", "40001"],
        "default_client_id": None,
        "chip_transform": "hex_to_dec",
        "personal_number_prefix": "L",
        "on_ldid_zero": "deactivate",
        "missing_email": "skip",
    },
}


@contextmanager
def built_store(
    folder: Path, source_system: str, vendor: str, people: int, **settings: Any
) -> Iterator[tuple[duckdb.DuckDBPyConnection, dict[str, Any]]]:
    """Land three nights and build; gives the connection and the variables of the last run."""
    paths = StorePaths(folder / "staging.duckdb", folder / "work" / "work.duckdb")
    streams = raw_streams(source_system)
    chosen = {**SETTINGS[vendor], **settings}
    with open_store(paths) as connection:
        for number, lines in enumerate(nights(source_system, people), start=1):
            landing = Landing(
                connection,
                streams,
                run_id=f"run-{number}",
                folder=paths.work.parent,
                settings=chosen,
                catalog=of_streams(streams),
            )
            intake = Intake()
            landing.begin()
            for batch in read_messages(lines, frozenset(streams), intake):
                landing.land(batch)
            landing.finish(intake)
        variables = _variables(connection, source_system, vendor, chosen)
        for name, value in variables.items():
            connection.execute(f"set variable {name} = ?", [value])
        _give_accounts(connection, source_system, vendor, variables["known_account_keys"])
        runner.build(connection, source_system=source_system, vendor=vendor)
        show_inputs(connection, source_system, vendor)
        yield connection, variables


def _give_accounts(
    connection: duckdb.DuckDBPyConnection, source_system: str, vendor: str, places: list[str]
) -> None:
    """Give everybody an account that was made, some at a place that the settings do not name."""
    person_id.define(connection)
    connection.execute(
        f"""
        insert into sync.ledger by name
        select distinct person_id('{source_system}', employer_id, employee_id) as person_id,
            ?[1 + ascii(employee_id[-1]) % ?] as account_key, ? as vendor, 'active' as state,
            employer_id
        from raw.{source_system}__employees where _valid_to_run is null
        """,
        [[*places, "closed"], len(places) + 1, vendor],
    )
    # Made the night before, so that there is something to upload.
    connection.execute(
        """
        insert into sync.deliveries by name
        select person_id as delivery_id, 'run-2' as run_id, person_id, account_key,
            'create' as operation, unnest(['intent', 'confirmed']) as status,
        from sync.ledger
        """
    )


def _variables(
    connection: duckdb.DuckDBPyConnection, source_system: str, vendor: str, settings: dict[str, Any]
) -> dict[str, Any]:
    known = ["32568", "32567"]
    if vendor == "alleo":
        employers = [
            row[0]
            for row in connection.execute(
                f"select distinct employer_id from raw.{source_system}__employers order by all"
            ).fetchall()
        ]
        # One employer without a company, one with two, and one whose company Alleo does not know.
        companies = [
            {"employer_id": employer, "company_id": str(100 + number), "company_group_id": number}
            for number, employer in enumerate(employers[1:])
        ]
        companies += [{"employer_id": employers[1], "company_id": 999}]
        known = [str(company["company_id"]) for company in companies[:-2]]
        excluded = [
            row[0]
            for row in connection.execute(
                f"select distinct employee_id from raw.{source_system}__employees order by all limit 2"
            ).fetchall()
        ]
        settings = {**settings, "companies": companies, "excluded_people": excluded}
    return {
        "as_of": AS_OF,
        "run_id": "run-3",
        "source_system": source_system,
        "vendor": vendor,
        "settings": json.dumps(settings),
        "known_account_keys": known,
    }


def write_inputs(
    connection: duckdb.DuckDBPyConnection, models: Mapping[str, runner.Model], folder: Path
) -> dict[str, str]:
    """Write what the models read and do not make; gives each table's file."""
    folder.mkdir()
    read = {name for model in models.values() for name in model.reads} - set(models)
    files = {name: str(folder / f"{name}.parquet") for name in sorted(read)}
    for name, path in files.items():
        connection.execute(f"copy (from {name}) to '{path}'")
    return files
