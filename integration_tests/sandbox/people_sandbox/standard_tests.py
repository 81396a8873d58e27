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
def configured_for_a_sandbox(connector: str, names: Iterable[str], store: Path) -> Iterator[None]:
    """Put a running sandbox's values for these settings, and a store, into each configuration."""
    written = ConnectorTestScenario.get_config_dict

    def filled(scenario: ConnectorTestScenario, **how: Any) -> dict[str, Any]:
        config: dict[str, Any] = written(scenario, **how)
        given = {name: known[name] for name in names if name in config}
        return config | given | {"warehouse": {"type": "file", "path": str(store)}}

    with start_sandbox(size=10, seed=7) as box, pytest.MonkeyPatch.context() as patch:
        known = box.config(connector)
        patch.setattr(ConnectorTestScenario, "get_config_dict", filled)
        yield


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
