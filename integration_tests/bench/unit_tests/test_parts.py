"""Each part of `make bench` fills its keys, at a size at which the figures mean nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from people_sandbox.postgres import NO_POSTGRES, find_programs

from integration_tests.bench.table import TARGETS, missed
from integration_tests.onboarding.browser import find_chromium

ROOT = Path(__file__).parents[3]
KEYS = {
    "read": {
        "read_loket_ratio",
        "read_loket_peak_mb",
        "read_alveno_ratio",
        "read_alveno_cdk_ratio",
        "read_alveno_peak_mb",
    },
    "land": {"land_records_per_s", "land_ratio_read_json", "land_peak_mb"},
    "plan": {
        "plan_s",
        "plan_ratio_bare",
        "plan_ratio_polars",
        "plan_ratio_pandas",
        "plan_peak_mb",
    },
    "deliver": {"deliver_ratio"},
    "silent": {
        "silent_night_cpu_s",
        "silent_night_peak_mb",
        "silent_night_writes",
        "silent_night_encrypted_times",
    },
    "small": {
        "small_silent_cpu_s",
        "small_silent_wall_s",
        "small_three_changes_cpu_s",
        "small_destination_cpu_s",
        "small_floor_cdk_cpu_s",
        "small_floor_script_cpu_s",
    }
    | (
        {"small_floor_pyairbyte_cpu_s"}
        if (ROOT / "build/pyairbyte/bin/python").is_file()
        else set()
    ),
    "report": {"report_mb"} | ({"report_opens_s"} if find_chromium() else set()),
    "soak": {
        "soak_memory_growth",
        "soak_files_growth",
        "soak_seconds_growth",
        "soak_size_ratio",
    },
    "fleet": {
        "fleet_employers_per_minute",
        "fleet_conflict_retries",
        "fleet_cost_s_per_employer",
        "fleet_cost_growth",
        "fleet_run_cpu_s_per_employer",
    },
    "desk": {"desk_files_s", "desk_files_ratio", "desk_lake_s", "desk_lake_ratio"},
    "year": {"false_holds_per_year", "mass_faults_held_share"},
}


def bench(result: Path, part: str, size: int) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "integration_tests.bench", "--only", part, "--size", str(size),
         "--rounds", "1", "--result", str(result)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.long
@pytest.mark.minutes
@pytest.mark.parametrize("part", list(KEYS))
def test_each_part_fills_its_keys(tmp_path: Path, part: str) -> None:
    if part in ("fleet", "desk") and find_programs() is None:
        pytest.skip(NO_POSTGRES)
    result = tmp_path / "build" / "bench.json"
    # Of a fleet each is a connection, of the years each size up to it has some employers.
    size = 10 if part in ("fleet", "year") else 20
    bench(result, part, size)
    figures = json.loads(result.read_text())
    assert set(figures) == KEYS[part] | {"size"}
    assert figures["size"] == size
    assert all(value >= 0 for value in figures.values())


def test_a_figure_has_a_target_unless_it_is_a_size_or_a_peers() -> None:
    """What has none is told with what it is beside, and holds nobody to anything."""
    without = {key for key, target in TARGETS.items() if not target.words()}
    assert without == {
        "size",
        "plan_ratio_polars",
        "plan_ratio_pandas",
        "small_floor_cdk_cpu_s",
        "small_floor_script_cpu_s",
        "small_floor_pyairbyte_cpu_s",
        "fleet_employers_per_minute",
        "fleet_conflict_retries",
        "fleet_cost_s_per_employer",
    }


def test_a_missed_target_is_named_and_ends_the_check() -> None:
    assert missed({"deliver_ratio": 0.8, "silent_night_writes": 0, "size": 5}) == []
    (said,) = missed({"deliver_ratio": 0.64, "silent_night_writes": 0})
    assert said == "Deliver: 0.64, ≥ 0.8 is the target (deliver_ratio)"


def test_a_check_of_another_size_is_refused(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "integration_tests.bench", "--check", "--size", "20"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert "usual sizes" in done.stderr


@pytest.mark.long
def test_a_part_adds_its_figures_to_those_of_the_others_and_says_what_the_target_is(
    tmp_path: Path,
) -> None:
    result = tmp_path / "bench.json"
    result.write_text('{"plan_s": 1.5, "report_mb": 99}')
    printed = bench(result, "report", 20)
    figures = json.loads(result.read_text())
    assert figures["plan_s"] == 1.5
    assert figures["report_mb"] < 1
    (line,) = [line for line in printed.splitlines() if " MB " in line]
    assert "≤ 1 ✓" in line
