"""The standard tests that build an image need a Docker engine: without one they are skipped."""

from __future__ import annotations

import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        is_ours = item.path.is_relative_to(_HERE)
        if is_ours and item.get_closest_marker("image_tests") and not _has_engine():
            item.add_marker(
                pytest.mark.skip(
                    reason="no Docker engine is running: start one to build and try the image"
                )
            )


@cache
def _has_engine() -> bool:
    docker = shutil.which("docker")
    if docker is None:
        return False
    return subprocess.run([docker, "info"], capture_output=True, timeout=20).returncode == 0
