"""The wheels hold everything: installed away from this checkout, the connector answers."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1]
NAME = FOLDER.name
PACKAGE = NAME.replace("-", "_")
DATA = (".sql", ".yaml", ".json", ".j2", ".css", ".typed")


def pip(*arguments: str | Path) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.mark.long
def test_the_wheels_answer_spec_from_anywhere(tmp_path: Path) -> None:
    without = shutil.ignore_patterns("build", "*.egg-info", "__pycache__", "unit_tests")
    for package in (FOLDER.parent / "transforms", FOLDER):
        shutil.copytree(package, tmp_path / "source" / package.name, ignore=without)
    sources = list((tmp_path / "source").iterdir())
    pip("wheel", "--quiet", "--no-deps", "--wheel-dir", tmp_path / "wheels", *sources)
    wheels = list((tmp_path / "wheels").glob("*.whl"))
    assert len(wheels) == 2
    site = tmp_path / "site"
    pip("install", "--quiet", "--no-deps", "--target", site, *wheels)
    for package in ("people_transforms", PACKAGE):
        (source,) = (tmp_path / "source").glob(f"*/{package}")
        wanted = {path.relative_to(source) for path in source.rglob("*") if path.suffix in DATA}
        assert wanted
        assert {path for path in wanted if not (site / package / path).is_file()} == set()
    before = {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()}
    code = f"import {PACKAGE}, {PACKAGE}.run as entry; print({PACKAGE}.__file__); entry.run()"
    done = subprocess.run(
        [sys.executable, "-B", "-c", code, "spec"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    home, spec = done.stdout.splitlines()
    assert Path(home).is_relative_to(site)
    assert json.loads(spec)["spec"]["connectionSpecification"]["properties"]["warehouse"]
    assert {path: path.stat().st_mtime_ns for path in site.rglob("*") if path.is_file()} == before
