"""What `airbyte-cdk connector test` needs beside a connector's folder; a connector's conftest asks for it.

The command knows the folder and nothing else: the address in `config.json` is that of no running
server, and its image tests ask for a Docker engine.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario

from people_sandbox import start_sandbox

_NO_ENGINE = "no Docker engine is running: `make images` builds and tries the image without one"


@contextmanager
def configured_for_a_sandbox(
    connector: str, names: Iterable[str], store: Path | None = None
) -> Iterator[None]:
    """Put a running sandbox's values for these settings, and a store, into each configuration.

    A text `of-the-sandbox` inside a configuration becomes the sandbox's value too, wherever it is.
    """
    written = ConnectorTestScenario.get_config_dict
    kept = {"warehouse": {"type": "file", "path": str(store)}} if store else {}

    def filled(scenario: ConnectorTestScenario, **how: Any) -> dict[str, Any]:
        config: dict[str, Any] = _filled(written(scenario, **how), known)
        return config | {name: known[name] for name in names if name in config} | kept

    with start_sandbox(size=10, seed=7) as box, pytest.MonkeyPatch.context() as patch:
        known = box.config(connector)
        patch.setattr(ConnectorTestScenario, "get_config_dict", filled)
        yield


def _filled(written: Any, known: Any) -> Any:
    if isinstance(written, dict):
        return {key: _filled(value, (known or {}).get(key)) for key, value in written.items()}
    return known if written == "of-the-sandbox" else written


def skip_without_docker(items: list[pytest.Item], folder: Path) -> None:
    """Mark the CDK's image tests of a connector as skipped where nothing could run them."""
    for item in items:
        is_ours = item.path.is_relative_to(folder) and item.get_closest_marker("image_tests")
        if is_ours and not _has_engine():
            item.add_marker(pytest.mark.skip(reason=_NO_ENGINE))


@cache
def _has_engine() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "info"], capture_output=True, timeout=20).returncode == 0
