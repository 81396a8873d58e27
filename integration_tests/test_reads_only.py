"""A source has no way to write to HR: not in its manifest, not in its code, whatever HR answers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parent.parent
WRITES = re.compile(
    r"\.(post|put|patch|delete|request|send)\(|\b(POST|PUT|PATCH|DELETE)\b|urlopen|http\.client"
)

# Between two threads of the source.
A_QUEUE = "batches.py: super().put(batch, block, timeout)"


def methods(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every method that a manifest names, with where it stands."""
    if isinstance(part, dict):
        for key, value in part.items():
            if key in ("http_method", "request_method"):
                yield path, str(value)
            yield from methods(value, f"{path}.{key}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            yield from methods(value, f"{path}[{number}]")


@pytest.mark.parametrize("source", ["loket", "alveno"])
def test_a_source_knows_no_method_but_reading(source: str) -> None:
    package = ROOT / f"source-{source}" / f"source_{source}"
    shared = ROOT / "connector" / "people_connector"
    manifest = yaml.safe_load((package / "manifest.yaml").read_text("utf-8"))
    found = dict(methods(manifest))
    assert "GET" in found.values(), "control"
    # Changing a code or a token for a token is asked of the login, never of HR's data.
    # Asking for a token is asked of the login, never of HR's data.
    asks_login = {".definitions.authenticator.token_requester"}
    assert {path for path, method in found.items() if method != "GET"} <= asks_login
    code = {
        f"{path.name}: {line.strip()}"
        for path in (*package.glob("*.py"), *shared.glob("*.py"))
        for line in path.read_text("utf-8").splitlines()
        if WRITES.search(line)
    }
    assert code == {A_QUEUE}
