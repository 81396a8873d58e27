"""Latest version, eligibility, fan-out and difference in Polars.

python steps_polars.py FOLDER RESULT
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import polars as pl

_PERSON = ["employer_id", "employee_id"]
_YES = ["true", "yes", "ja", "ano", "waar", "1"]


def main(folder: str) -> dict[str, int]:
    employees = _latest(folder, "employees", _PERSON).collect()
    employments = _latest(folder, "employments", [*_PERSON, "employment_id"]).collect()
    custom_fields = _latest(folder, "custom_fields", ["employer_id", "value_id"]).collect()
    fields = (
        custom_fields.lazy()
        .with_columns(pl.col("name", "value").str.strip_chars().str.to_lowercase())
        .filter(pl.col("name").is_in(["alleo_access", "ldid"]))
        .join(employments.lazy(), on=["employer_id", "employment_id"])
        .select(*_PERSON, "name", "value")
        .collect()
    )
    eligible = (
        fields.lazy()
        .filter((pl.col("name") == "alleo_access") & pl.col("value").is_in(_YES))
        .select(_PERSON)
        .unique()
        .collect()
    )
    routes = (
        fields.lazy()
        .filter(pl.col("name") == "ldid")
        .with_columns(client_id=pl.col("value").str.extract_all("[0-9]+").list.unique())
        .explode("client_id")
        .filter(pl.col("client_id").is_not_null() & (pl.col("client_id") != "0"))
        .select(pl.len().alias("routes"), pl.col("client_id").cast(pl.Int64).sum())
        .collect()
    )
    ledger = pl.read_parquet(f"{folder}/ledger.parquet").with_columns(is_delivered=True)
    pairs = employees.with_columns(is_desired=True).join(
        ledger, on=_PERSON, how="full", suffix="_before"
    )
    changed = (pl.col("last_name") != pl.col("last_name_before")) | (
        pl.col("business_email") != pl.col("business_email_before")
    )
    return {
        "employees": employees.height,
        "employments": employments.height,
        "custom_fields": custom_fields.height,
        "eligible": eligible.height,
        "routes": routes["routes"][0],
        "clients": routes["client_id"][0],
        "joiners": pairs["is_delivered"].null_count(),
        "leavers": pairs["is_desired"].null_count(),
        "changed": pairs.select(changed.sum()).item(),
    }


def _latest(folder: str, name: str, key: list[str]) -> pl.LazyFrame:
    return (
        pl.scan_parquet(f"{folder}/{name}.parquet")
        .sort("_extracted_at")
        .unique(subset=key, keep="last", maintain_order=False)
    )


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(sys.argv[1])))
