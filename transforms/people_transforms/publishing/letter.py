"""The report as the text of a mail: the headline, what needs the reader, and where the page is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from people_transforms.publishing.headline import headline
from people_transforms.publishing.phrases import approve_command, can_approve, words_of
from people_transforms.publishing.report import Report
from people_transforms.publishing.words import Words

MOST_LINES = 20


def write_letter(
    report: Report, words: Words, *, page: Path | None = None, staging: Path | None = None
) -> str:
    """Write the mail. It names nobody: names are only on the page."""
    lines = [headline(report, words), ""]
    for group in report.held:
        held = words.count("held_rows", group.rows, people=words.number(group.people))
        operation = words.name("operations", group.operation)
        lines.append(f"- {words.name('holds', group.hold)}: {operation}, {held}")
    if report.run.plan_hash and can_approve(report):
        lines += ["", words["approve_with"], f"  {approve_command(report, staging)}", ""]
    lines += _findings(report, words)
    for refusal in report.refusals:
        lines.append(f"- {words['refused']}: {refusal.cause} ({words.number(refusal.total)})")
    if not report.counts.to_do:
        lines.append(words["needs_nobody"])
    if page is not None and page.is_file():
        lines += ["", str(page)]
    return "\n".join(lines)


def _findings(report: Report, words: Words) -> list[str]:
    to_mend = [finding for finding in report.findings if finding.severity != "info"]
    if not to_mend:
        return []
    counted: dict[tuple[str, str], int] = {}
    for finding in to_mend:
        hidden = dict.fromkeys(finding.args, "…")
        nameless = dataclasses.replace(finding, args=hidden, typed_value=None, name=None)
        says, _ = words_of(nameless, words)
        key = (finding.severity, says)
        counted[key] = counted.get(key, 0) + 1
    lines = [f"{words['findings']} ({words.number(len(to_mend))}):"]
    for (severity, says), count in list(counted.items())[:MOST_LINES]:
        lines.append(f"- {words.name('severities', severity)}: {says} ({words.number(count)})")
    if len(counted) > MOST_LINES:
        lines.append("- …")
    return lines
