"""`airbyte-cdk connector test`, as somebody runs it in a connector's folder of a fresh clone."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .workspace import CONNECTORS, DESTINATIONS

REPOSITORY = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("airbyte-cdk")


@pytest.mark.long
@pytest.mark.parametrize("connector", CONNECTORS)
def test_the_command_passes(connector: str, tmp_path: Path) -> None:
    # `spec`, its sample, `check` that succeeds, and that fails; a source: `discover`, `read`.
    least = 3 if connector in DESTINATIONS else 7
    without = shutil.ignore_patterns("build", ".tmp", "*.egg-info", "__pycache__")
    shutil.copytree(REPOSITORY / connector, tmp_path / connector, ignore=without)
    ended = subprocess.run(
        [COMMAND, "connector", "test"],
        cwd=tmp_path / connector,
        env=os.environ | {"COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-3000:] + ended.stderr[-1000:]
    (passed,) = re.findall(r"(\d+) passed", ended.stdout)
    assert int(passed) >= least
    assert "failed" not in ended.stdout.splitlines()[-1]
