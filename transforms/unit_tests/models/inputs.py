"""What a source hands to the rules, shown: no run stores it."""

from __future__ import annotations

import duckdb
from people_transforms.models import runner, stored


def show_inputs(connection: duckdb.DuckDBPyConnection, source_system: str, vendor: str) -> None:
    """Make views of the models that are not stored, on the rows of the store."""
    for model in runner.models(source_system, vendor):
        if not stored.is_kept(model):
            connection.execute(f"create or replace view {model.name} as\n{model.sql}")
