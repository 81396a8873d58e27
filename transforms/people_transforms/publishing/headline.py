"""The night in one sentence."""

from __future__ import annotations

from people_transforms.publishing.report import Report
from people_transforms.publishing.words import Words


def headline(report: Report, words: Words) -> str:
    """Say in one sentence what happened and whether somebody is needed."""
    counts = report.counts
    parts = [
        words.count(key, n)
        for key, n in (
            ("joining", counts.joining),
            ("changing", counts.changing),
            ("leaving", counts.leaving),
            ("to_do", counts.to_do),
        )
        if n
    ]
    outcome = "preview" if report.waits_for_activation else report.run.outcome
    frame = words["headline"].get(outcome) or words["headline"]["done"]
    return f"{frame.format(parts=', '.join(parts) or words['nothing'])}."
