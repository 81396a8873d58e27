"""The report as one self-contained HTML file: no script, no network, light and dark, printable."""

from __future__ import annotations

import shlex
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from people_transforms.publishing.chart import draw_trend
from people_transforms.publishing.headline import headline
from people_transforms.publishing.report import Finding, Report
from people_transforms.publishing.words import Words

# These wait for a better read or for HR, not for an approval.
NOT_APPROVABLE = (
    "incomplete_read",
    "employer_gone",
    "scope_changed",
    "conflict",
    "import_off",
    "dead_letter",
    "move_waits",
)


def render_page(report: Report, words: Words, *, staging_path: Path | None = None) -> str:
    """Render the report; every value of the data is escaped."""
    here = files(__package__ or "people_transforms.publishing")
    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    template = environment.from_string(here.joinpath("page.html.j2").read_text("utf-8"))
    findings = [(finding, *words_of(finding, words)) for finding in report.findings]
    return template.render(
        report=report,
        w=words,
        title=words["title"].format(vendor=(report.run.vendor or "").replace("_", " ").title()),
        headline=headline(report, words),
        to_mend=[pair for pair in findings if pair[0].severity != "info"],
        to_know=[pair for pair in findings if pair[0].severity == "info"],
        approve_command=approve_command(report, staging_path),
        can_approve=can_approve(report),
        not_approvable=NOT_APPROVABLE,
        staging_path=staging_path,
        chart=draw_trend(report.trend, words),
        css=Markup(here.joinpath("page.css").read_text("utf-8")),
    )


def words_of(finding: Finding, words: Words) -> tuple[str, str]:
    """Say what is wrong with a record and what to type instead."""
    values: dict[str, Any] = {
        **finding.args,
        "field": finding.field,
        "typed_value": finding.typed_value,
        "value": finding.typed_value,
        "employer": finding.employer,
    }
    return words.finding(finding.code, values)


def approve_command(report: Report, staging_path: Path | None) -> str:
    """Give the exact command that releases this plan, from any folder."""
    store = f" --store {shlex.quote(str(staging_path.parent))}" if staging_path else ""
    return f"people-sync approve {report.run.plan_hash}{store}"


def can_approve(report: Report) -> bool:
    """Tell whether an approval would release anything that is held."""
    return any(group.hold not in NOT_APPROVABLE for group in report.held)
