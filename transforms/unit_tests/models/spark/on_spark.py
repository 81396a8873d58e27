"""Run the translated models of a pair in a Spark process, and read what it made."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from people_transforms.models import runner

from .compare import differences, read_rows
from .stores import write_inputs
from .translate import schema_of, translate

NEEDS_SPARK = pytest.mark.skipif(
    importlib.util.find_spec("pyspark") is None,
    reason="pyspark is not installed: pip install -c constraints.txt -r requirements-spark.txt, and Java 17",
)
_SCRIPT = Path(__file__).with_name("run_models.py")


def run_on_spark(
    connection: duckdb.DuckDBPyConnection, variables: dict[str, Any], folder: Path, only: str = ""
) -> Path:
    """Run the models of the run's pair on Spark; gives the folder with a folder for each.

    `only` is how the names begin; what these read of the others is DuckDB's.
    """
    models = _models(variables, only)
    schema = schema_of(connection)
    rows = folder / "spark"
    job = {
        "folder": str(rows),
        "tables": write_inputs(connection, models, folder / "inputs"),
        "models": [(name, translate(one.sql, variables, schema)) for name, one in models.items()],
    }
    (folder / "job.json").write_text(json.dumps(job))
    ended = subprocess.run(
        [sys.executable, str(_SCRIPT), str(folder / "job.json")],
        capture_output=True,
        text=True,
        check=False,
        cwd=folder,
    )
    assert ended.returncode == 0, ended.stderr[-5000:]
    return rows


def compared(
    connection: duckdb.DuckDBPyConnection,
    variables: dict[str, Any],
    spark_rows: Path,
    only: str = "",
) -> tuple[dict[str, int], dict[str, list[str]]]:
    """Count the rows of every model here, and tell the differences of each that has any."""
    schema, counts = schema_of(connection), dict[str, int]()
    found: dict[str, list[str]] = {}
    for name, model in _models(variables, only).items():
        layer, table = name.split(".")
        columns = schema[layer][table]
        ours = read_rows(connection, name, columns)
        theirs = read_rows(connection, f"read_parquet('{spark_rows}/{name}/*.parquet')", columns)
        counts[name] = ours.rows.total()
        if told := differences(ours, theirs, model.grain):
            found[name] = told
    return counts, found


def _models(variables: dict[str, Any], only: str) -> dict[str, runner.Model]:
    pair = variables["source_system"], variables["vendor"]
    return {model.name: model for model in runner.models(*pair) if model.name.startswith(only)}
