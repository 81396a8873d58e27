"""What the page, the letter and the command line say in the same words."""

from __future__ import annotations

import re
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.formats import parse_iso_day, write_euros
from people_transforms.publishing.report import Finding, Refusal, Report
from people_transforms.publishing.schedule import zone_of
from people_transforms.publishing.words import Words

_DAYS = frozenset(("starts_on", "ends_on", "death_on", "valid_from", "valid_to"))
# What the models put between two things of which HR is to choose one.
_OR = " / "


def words_of(finding: Finding, words: Words) -> tuple[str, str]:
    """Say what is wrong with a record and what to type instead."""
    return words.finding(finding.code, values_of(finding, words))


def words_of_group(findings: Sequence[Finding], words: Words) -> tuple[str, str]:
    """Say how many have one problem and what to do; `findings` all have one code."""
    each = [values_of(finding, words) for finding in findings]
    shared = {
        name: value for name, value in each[0].items() if all(o.get(name) == value for o in each)
    }
    return words.finding_group(findings[0].code, len(findings), shared)


def words_of_refusal(refusal: Refusal, report: Report, words: Words) -> tuple[str, str]:
    """Say why the platform refused changes and what to do."""
    systems = words.systems(report.run.source_system, report.run.vendor)
    return words.refusal(refusal.cause, refusal.total, {**systems, "field": refusal.field})


def values_of(finding: Finding, words: Words) -> dict[str, Any]:
    """Put together what the texts of a finding may name, in the words of the language."""
    args = finding.args
    typed = finding.typed_value
    suggestion = args.get("suggestion")
    euros = {
        name: write_euros(words.code, cents)
        for name, cents in (
            ("before", args.get("before_cents")),
            ("after", args.get("after_cents")),
        )
        if isinstance(cents, int)
    }
    return {
        **args,
        **euros,
        **(_readings(typed, words) if finding.code == "budget_ambiguous" else {}),
        **words.systems(args.get("source"), args.get("vendor")),
        "field": words.field(finding.field),
        "column": words.field(args.get("column")),
        "account_field": words.field(args.get("account_field")),
        "stream": words["streams"].get(args.get("stream")),
        "employer": finding.employer,
        "on": parse_iso_day(args.get("on")),
        "value": (parse_iso_day(typed) if finding.field in _DAYS else None) or typed,
        "suggestion": suggestion and suggestion.replace(_OR, f" {words.messages['or']} "),
    }


def _readings(typed: str | None, words: Words) -> dict[str, str]:
    """Read an amount such as `1.250` both ways: as thousands, and with decimals."""
    found = re.search(r"(\d{1,3})[.,](\d{3})\b", typed or "")
    if not found:
        return {}
    decimals = found[2].rstrip("0").ljust(2, "0")
    point = "." if words.code == "en" else ","
    return {"whole": str(int(found[1] + found[2])), "part": f"{found[1]}{point}{decimals}"}


def approve_command(report: Report, staging_path: Path | None) -> str:
    """Give the exact command that releases this plan, from any folder."""
    store = f" --store {shlex.quote(str(staging_path.parent))}" if staging_path else ""
    return f"people-sync approve {report.run.plan_hash}{store}"


def can_approve(report: Report) -> bool:
    """Tell whether an approval would release anything, or let a connection go live as it is."""
    waits = any(group.hold in RELEASABLE for group in report.held)
    return waits or (report.run.status == "preview" and not report.held)


def another_day(report: Report, words: Words) -> str | None:
    """Say that a setting for tests made the night act as on another day than it was; None if it did not."""
    run = report.run
    if run.started_at is None or run.as_of is None:
        return None
    if run.started_at.astimezone(zone_of(run.timezone)).date() == run.as_of:
        return None
    return words.say("another_day", day=run.as_of)
