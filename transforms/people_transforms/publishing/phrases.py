"""What the page, the letter and the command line say in the same words."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.report import Finding, Report
from people_transforms.publishing.words import Words


def words_of(finding: Finding, words: Words) -> tuple[str, str]:
    """Say what is wrong with a record and what to type instead."""
    values: dict[str, Any] = {
        **finding.args,
        "field": words["fields"].get(finding.field, finding.field),
        "typed_value": finding.typed_value,
        "value": finding.typed_value,
        "employer": finding.employer,
        "stream": words["streams"].get(finding.args.get("stream"), finding.args.get("stream")),
    }
    return words.finding(finding.code, values)


def approve_command(report: Report, staging_path: Path | None) -> str:
    """Give the exact command that releases this plan, from any folder."""
    store = f" --store {shlex.quote(str(staging_path.parent))}" if staging_path else ""
    return f"people-sync approve {report.run.plan_hash}{store}"


def can_approve(report: Report) -> bool:
    """Tell whether an approval would release anything that is held."""
    return any(group.hold in RELEASABLE for group in report.held)
