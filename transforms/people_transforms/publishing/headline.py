"""The night in one sentence: its status, then what the business day has brought."""

from __future__ import annotations

from people_transforms.publishing.report import Report
from people_transforms.publishing.words import Words

# Nothing may be said to have happened, or to be about to happen, beside these.
_ALONE = frozenset({"quiet"})


def headline(report: Report, words: Words) -> str:
    """Say in one sentence how it stands, and in a second what was sent that day."""
    said = f"{status_sentence(report, words)}."
    if report.run.status in _ALONE:
        return said
    counts = report.counts
    is_plan = report.run.status == "preview"
    parts = (
        ("would_join", counts.joining) if is_plan else ("joined", counts.joined),
        ("would_change", counts.changing) if is_plan else ("changed", counts.changed),
        ("would_leave", counts.leaving) if is_plan else ("left", counts.left),
        ("invited", counts.invited),
    )
    happened = ", ".join(words.count(key, n) for key, n in parts if n)
    return f"{said} {happened[0].upper()}{happened[1:]}." if happened else said


def status_sentence(report: Report, words: Words) -> str:
    """Say the status of the night, without a full stop."""
    run, counts = report.run, report.counts
    numbers = {"needs_you": counts.to_do, "held": counts.waiting, "partly": counts.refused}
    systems = words.systems(run.source_system, run.vendor)
    return words.status(run.status, numbers.get(run.status, 0), systems)
