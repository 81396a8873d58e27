"""`write` starts without Airbyte's CDK, and speaks its protocol all the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from people_transforms.protocol import secrets_of

WITHOUT_CDK = """
import atexit, sys
atexit.register(lambda: sys.stderr.write(" ".join(m for m in sys.modules if m == "airbyte_cdk")))
from {package}.run import run
run()
"""


def write(package: str, folder: Path, config: str) -> subprocess.CompletedProcess[str]:
    (folder / "config.json").write_text(config)
    (folder / "catalog.json").write_text('{"streams": []}')
    return subprocess.run(
        [sys.executable, "-c", WITHOUT_CDK.format(package=package),
         "write", "--config", "config.json", "--catalog", "catalog.json"],
        cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip


@pytest.mark.parametrize("package", ["destination_alleo", "destination_lunchdrive"])
@pytest.mark.parametrize("config", ["{}", "[1]", '{"acess_key": "word"}', "no json"])
def test_write_without_the_cdk_refuses_a_setting_as_a_trace(
    package: str, config: str, tmp_path: Path
) -> None:
    ended = write(package, tmp_path, config)
    assert (ended.returncode, ended.stderr) == (2, "")
    (message,) = map(json.loads, ended.stdout.splitlines())
    error = message["trace"]["error"]
    assert (message["type"], message["trace"]["type"]) == ("TRACE", "ERROR")
    assert error["failure_type"] == "config_error"
    assert "word" not in error["message"]


def test_secrets_are_found_wherever_a_spec_marks_them() -> None:
    secret = {"airbyte_secret": True}
    spec = {
        "properties": {
            "key": secret,
            "store": {"oneOf": [{"properties": {"password": secret}}, {"properties": {}}]},
            "ends": {"items": {"properties": {"token": secret, "url": {}}}},
        }
    }
    config = {"key": "a", "store": {"password": "b"}, "ends": [{"token": "c", "url": "u"}, {}]}
    assert list(secrets_of(config, spec)) == ["a", "b", "c"]
    assert list(secrets_of({"key": ""}, spec)) == []


def test_words_that_a_terminal_cannot_write_are_a_trace_all_the_same(tmp_path: Path) -> None:
    """A pod without a locale has ASCII only; a path is said as it was given."""
    ended = subprocess.run(
        [sys.executable, "-c", WITHOUT_CDK.format(package="destination_alleo"),
         "write", "--config", "přístup.json", "--catalog", "catalog.json"],
        cwd=tmp_path, capture_output=True, check=False, stdin=subprocess.DEVNULL,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert (ended.returncode, ended.stderr) == (2, b"")
    assert "přístup.json" in json.loads(ended.stdout)["trace"]["error"]["message"]
