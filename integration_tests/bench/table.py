"""The one table of `make bench`: what, ours, the peer, the ratio, the target."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table


@dataclass(frozen=True, slots=True)
class Target:
    """What a figure is called, its unit, and what it should be; a size and a peer's figure have no target."""

    what: str
    unit: str = ""
    at_least: float | None = None
    at_most: float | None = None
    peer: str = ""

    def words(self) -> str:
        if self.at_least is not None:
            return f"≥ {self.at_least:,g}"
        return f"≤ {self.at_most:,g}" if self.at_most is not None else ""

    def is_met(self, value: float) -> bool:
        return (self.at_least is None or value >= self.at_least) and (
            self.at_most is None or value <= self.at_most
        )


# The keys of build/bench.json, in the table's order. A `peer` makes the figure a ratio.
TARGETS: Mapping[str, Target] = {
    "size": Target("People or records"),
    "read_loket_ratio": Target("Read Loket", at_least=0.5, peer="requests + orjson loop"),
    "read_loket_peak_mb": Target("Read Loket, memory", "MB", at_most=150),
    "read_alveno_ratio": Target("Read Alveno", at_least=0.5, peer="requests + orjson loop"),
    "read_alveno_cdk_ratio": Target("Read Alveno", at_least=0.9, peer="the CDK alone, raw lists"),
    "read_alveno_peak_mb": Target("Read Alveno, memory", "MB", at_most=250),
    "land_records_per_s": Target("Land", "records/s", at_least=80_000),
    "land_ratio_read_json": Target("Land", at_least=0.6, peer="DuckDB read_json"),
    "land_peak_mb": Target("Land, memory", "MB", at_most=1536),
    "plan_s": Target("Plan", "s", at_most=6),
    "plan_ratio_bare": Target("Plan", at_least=0.5, peer="bare SQL without rules"),
    "plan_ratio_polars": Target("Four steps of it", peer="Polars"),
    "plan_ratio_pandas": Target("Four steps of it", peer="pandas"),
    "plan_peak_mb": Target("Plan, memory", "MB", at_most=2200),
    "deliver_ratio": Target("Deliver", at_least=0.8, peer="bare loop with the SDK"),
    "silent_night_cpu_s": Target("Silent night", "s CPU", at_most=25),
    "silent_night_peak_mb": Target("Silent night, memory", "MB", at_most=1024),
    "silent_night_writes": Target("Silent night", "writes", at_most=0),
    "silent_night_encrypted_times": Target("Silent night, encrypted", "times", at_most=1.3),
    "small_silent_cpu_s": Target("60 people, silent night", "s CPU", at_most=2.8),
    "small_silent_wall_s": Target("60 people, silent night", "s", at_most=2.5),
    "small_three_changes_cpu_s": Target("60 people, three changes", "s CPU", at_most=3.1),
    "small_destination_cpu_s": Target("60 people, the destination alone", "s CPU", at_most=1.4),
    "small_floor_cdk_cpu_s": Target("Floor: importing the CDK twice", "s CPU"),
    "small_floor_script_cpu_s": Target("Floor: a bare script", "s CPU"),
    "small_floor_pyairbyte_cpu_s": Target("Floor: PyAirbyte into its cache", "s CPU"),
    "report_opens_s": Target("Report, opened in a browser", "s", at_most=0.5),
    "report_mb": Target("Report", "MB", at_most=1),
    "soak_memory_growth": Target("Soak, memory", "times", at_most=1.25),
    "soak_files_growth": Target("Soak, open files", "times", at_most=1.25),
    "soak_seconds_growth": Target("Soak, run time", "times", at_most=1.5),
    "soak_size_ratio": Target("Soak, file beside its compact size", "times", at_most=3),
    "fleet_employers_per_minute": Target("Fleet, employers in a minute"),
    "fleet_conflict_retries": Target("Fleet, writes repeated after a conflict"),
    "fleet_cost_s_per_employer": Target("Fleet, an employer's night", "s CPU"),
    "fleet_cost_growth": Target("Fleet, that cost beside a fleet of 100", "times", at_most=1.2),
    "fleet_run_cpu_s_per_employer": Target(
        "Fleet of 50 × 60 people, a silent night", "s CPU", at_most=1.2
    ),
    "desk_files_s": Target("Desk, 200 connections of files", "s", at_most=1),
    "desk_files_ratio": Target("Desk, files", at_least=0.3, peer="DuckDB, one question a file"),
    "desk_lake_s": Target("Desk, 200 connections of a lake", "s", at_most=1),
    "desk_lake_ratio": Target("Desk, lake", at_least=0.5, peer="DuckDB, one question"),
    "false_holds_per_year": Target("False holds of an employer's year", at_most=1),
    "mass_faults_held_share": Target("Mass faults held", "share", at_least=1),
}
# For the record: shown when a part says them, not kept.
_BESIDE: Mapping[str, str] = {
    "land_ratio_plain_destination": "Land beside a plain CDK destination",
    "employer_years": "Employer years simulated",
    "mass_faults": "Mass faults tried",
    "soak_nights": "Nights of the soak",
    "fleet_run_employers_per_hour_and_core": "Silent nights of 60 people in an hour, per core",
    "fleet_lived": "Employers of the fleet that lived the night",
}


def missed(figures: Mapping[str, float]) -> list[str]:
    """Say of each figure that misses its target what it is and what it should be."""
    return [
        f"{target.what}: {_number(figures[key], target.unit)}, {target.words()} is the target ({key})"
        for key, target in TARGETS.items()
        if key in figures and not target.is_met(figures[key])
    ]


def print_table(figures: Mapping[str, float]) -> None:
    """Print what was measured; CPU seconds of both sides stand beside their ratio."""
    table = Table()
    table.add_column("what")
    for name in ("ours", "the peer", "ratio", "target"):
        table.add_column(name, justify="right")
    for key, target in TARGETS.items():
        if key in figures:
            table.add_row(target.what, *_cells(key, target, figures))
    for key, what in _BESIDE.items():
        if key in figures:
            table.add_row(what, *_beside(key, figures[key]), style="dim")
    Console().print(table)


def _cells(key: str, target: Target, figures: Mapping[str, float]) -> tuple[str, str, str, str]:
    value = figures[key]
    words = target.words()
    if words:
        words += " ✓" if target.is_met(value) else " ✗"
    if not target.peer:
        return _number(value, target.unit), "", "", words
    ours, peer = figures.get(f"{key}.ours"), figures.get(f"{key}.peer")
    return (
        _number(ours, "s CPU"),
        f"{target.peer} {_number(peer, 's CPU')}".strip(),
        f"{value:.2f}",
        words,
    )


def _beside(key: str, value: float) -> tuple[str, str, str, str]:
    return ("", "", f"{value:.2f}", "") if "ratio" in key else (_number(value, ""), "", "", "")


def _number(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    text = f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:,.2f}"
    return f"{text} {unit}".strip()
