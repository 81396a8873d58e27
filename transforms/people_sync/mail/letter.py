"""The report as the text of a mail: the headline, what needs the reader, and where the page is."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from people_transforms.planning.holds import RELEASABLE
from people_transforms.privacy.masking import without_persons
from people_transforms.publishing.headline import headline
from people_transforms.publishing.phrases import (
    another_day,
    approve_command,
    can_approve,
    words_of_group,
    words_of_refusal,
)
from people_transforms.publishing.report import Finding, Report
from people_transforms.publishing.todo import consequences_of
from people_transforms.publishing.words import Words

MOST_LINES = 20


def write_letter(
    report: Report, words: Words, *, page: Path | None = None, staging: Path | None = None
) -> str:
    """Write the mail. It names nobody: names are only on the page."""
    lines = [headline(report, words), ""]
    if told := another_day(report, words):
        lines += [f"{told[:1].upper()}{told[1:]}.", ""]
    for group in report.held:
        held = words.count("held_rows", group.rows, people=group.people)
        operation = words.name("operations", group.operation)
        lines.append(f"- {words.name('holds', group.hold)}: {operation}, {held}")
    waiting = [group for group in report.held if group.hold in RELEASABLE]
    lines += [f"  {said}" for said in consequences_of(waiting, report, words)]
    if report.run.plan_hash and can_approve(report):
        lines += ["", words["approve_with"], f"  {approve_command(report, staging)}", ""]
    lines += _findings(report, words)
    for refusal in report.refusals:
        lines.append(f"- {words_of_refusal(refusal, report, words)[0]}")
    if not report.counts.to_do:
        lines.append(words["needs_nobody"])
    elif report.held:
        lines.append(words["mail_names"])
    if page is not None and page.is_file():
        lines += ["", str(page)]
    return "\n".join(lines)


def _findings(report: Report, words: Words) -> list[str]:
    to_mend = [finding for finding in report.findings if finding.severity != "info"]
    if not to_mend:
        return []
    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in to_mend:
        args = without_persons(finding.args, None)
        nameless = dataclasses.replace(finding, args=args, typed_value=None, name=None)
        groups.setdefault((finding.severity, finding.code), []).append(nameless)
    lines = [f"{words['findings']} ({words.number(len(to_mend))}):"]
    for (severity, _), group in list(groups.items())[:MOST_LINES]:
        says, _ = words_of_group(group, words)
        lines.append(f"- {words.name('severities', severity)}: {says}")
    if len(groups) > MOST_LINES:
        lines.append(f"- + {words.number(len(groups) - MOST_LINES)}")
    return lines
