"""What the program must know of each platform beside its models: marts/<vendor>/vendor.yaml as values."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def vendors() -> dict[str, dict[str, Any]]:
    """Read every platform's vendor.yaml: vendor → title, usual_source, accounts, account_settings, …"""
    folder = files(__package__).joinpath("marts")
    found = {}
    for mart in sorted(folder.iterdir(), key=lambda entry: entry.name):
        file = mart.joinpath("vendor.yaml")
        if file.is_file():
            found[mart.name] = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    return found
