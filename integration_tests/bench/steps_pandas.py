"""Latest version, eligibility, fan-out and difference in pandas.

python steps_pandas.py FOLDER RESULT
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pandas as pd

_PERSON = ["employer_id", "employee_id"]
_YES = ["true", "yes", "ja", "ano", "waar", "1"]


def main(folder: str) -> dict[str, int]:
    employees = _latest(folder, "employees", _PERSON)
    employments = _latest(folder, "employments", [*_PERSON, "employment_id"])
    custom_fields = _latest(folder, "custom_fields", ["employer_id", "value_id"])
    fields = custom_fields.assign(name=custom_fields["name"].str.strip().str.lower())
    fields = fields[fields["name"].isin(["alleo_access", "ldid"])]
    fields = fields.assign(value=fields["value"].str.strip().str.lower())
    fields = fields.merge(employments, on=["employer_id", "employment_id"])
    says_yes = (fields["name"] == "alleo_access") & fields["value"].isin(_YES)
    eligible = fields.loc[says_yes, _PERSON].drop_duplicates()
    ldid = fields[fields["name"] == "ldid"]
    routes = ldid.assign(client_id=ldid["value"].str.findall("[0-9]+")).explode("client_id")
    routes = routes[routes["client_id"].notna() & (routes["client_id"] != "0")]
    routes = routes.drop_duplicates([*_PERSON, "client_id"])
    ledger = pd.read_parquet(f"{folder}/ledger.parquet")
    pairs = employees.merge(
        ledger, on=_PERSON, how="outer", suffixes=("", "_before"), indicator="side"
    )
    both = pairs[pairs["side"] == "both"]
    changed = (both["last_name"] != both["last_name_before"]) | (
        both["business_email"] != both["business_email_before"]
    )
    return {
        "employees": len(employees),
        "employments": len(employments),
        "custom_fields": len(custom_fields),
        "eligible": len(eligible),
        "routes": len(routes),
        "clients": int(routes["client_id"].astype("int64").sum()),
        "joiners": int((pairs["side"] == "left_only").sum()),
        "leavers": int((pairs["side"] == "right_only").sum()),
        "changed": int(changed.sum()),
    }


def _latest(folder: str, name: str, key: list[str]) -> pd.DataFrame:
    rows = pd.read_parquet(f"{folder}/{name}.parquet")
    return rows.sort_values("_extracted_at").drop_duplicates(key, keep="last")


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(main(sys.argv[1])))
    # One in hundreds of ends aborts: Arrow's threads and the interpreter's end are not of one mind.
    os._exit(0)
