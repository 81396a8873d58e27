"""What needs a person, in groups: what is held, what was refused, what is to mend. Also as a file."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.consequences import MAILS, say_consequences
from people_transforms.publishing.lines import Line, Lines, Writer
from people_transforms.publishing.phrases import words_of, words_of_group, words_of_refusal
from people_transforms.publishing.report import Finding, Held, Report
from people_transforms.publishing.words import Words
from people_transforms.safe_text import shortened

FILE_NAME = "to-do.csv"
SHEET_NAME = "to-do.xlsx"
Rows = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class HeldGroup:
    """Changes held for one cause, with what follows where a person says yes."""

    hold: str
    title: str
    size: str
    consequences: tuple[str, ...]
    is_releasable: bool
    ends: str
    lines: Lines


@dataclass(frozen=True, slots=True)
class Group:
    """People with the same problem at one employer."""

    says: str
    type: str
    about: str
    is_new: bool
    lines: Lines


def held_groups(report: Report, words: Words, writer: Writer) -> list[HeldGroup]:
    """Group the held changes by cause: first what a person can release."""
    order = sorted(
        {one.hold for one in report.held}, key=lambda hold: (hold not in RELEASABLE, hold)
    )
    groups = []
    for hold in order:
        # Everybody of a first plan stands in the lists of the page already.
        rows = [row for row in report.waiting.rows if row.hold == hold and hold != "activation"]
        held = [one for one in report.held if one.hold == hold]
        total = sum(one.rows for one in held)
        lines = writer.waiting(f"held-{hold}", rows)
        groups.append(
            HeldGroup(
                hold,
                words.name("holds", hold),
                words.say("held_rows", n=total, people=sum(one.people for one in held)),
                consequences_of(held, report, words) if hold in RELEASABLE else (),
                hold in RELEASABLE,
                words["not_approvable_outside" if hold == "outside_settings" else "not_approvable"],
                Lines(lines.name, lines.all, total if rows else 0),
            )
        )
    return groups


def consequences_of(held: Sequence[Held], report: Report, words: Words) -> tuple[str, ...]:
    """Say what a yes to held changes costs people, a sentence per kind."""
    counts = Counter[str]()
    for one in held:
        counts[one.operation] += one.rows if one.operation != "invite" else 0
    counts[MAILS] += sum(one.mails for one in held)
    return tuple(
        words.say("after_yes", what=said)
        for said in say_consequences(counts, report.run.vendor, words)
    )


def refusal_groups(report: Report, words: Words) -> list[Group]:
    """Group what the platform refused by cause."""
    groups = []
    for number, refusal in enumerate(report.refusals):
        says, advice = words_of_refusal(refusal, report, words)
        people = refusal.names or refusal.people
        lines = Lines(f"refused-{number}", tuple(map(Line, people)), refusal.total)
        groups.append(Group(says, advice, "", False, lines))
    return groups


def finding_groups(report: Report, words: Words, writer: Writer) -> tuple[list[Group], list[Group]]:
    """Group findings by cause and employer, new ones first; apart from what is only to be known."""
    today = report.run.as_of

    def key(finding: Finding) -> tuple[str, str]:
        return finding.code, finding.employer_id or finding.employer or ""

    groups: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        groups.setdefault(key(finding), []).append(finding)
    several = len({one.employer for one in report.findings if one.employer}) > 1
    made = []
    for number, (_, found) in enumerate(groups.items()):
        is_info = found[0].severity == "info"
        made.append((is_info, _group(f"f{number}", found, words, writer, today, several)))
    to_mend = [group for is_info, group in made if not is_info]
    to_mend.sort(key=lambda group: not group.is_new)
    return to_mend, [group for is_info, group in made if is_info]


def _group(
    name: str,
    found: Sequence[Finding],
    words: Words,
    writer: Writer,
    today: dt.date | None,
    has_employers: bool,
) -> Group:
    says, _ = words_of(found[0], words) if len(found) == 1 else words_of_group(found, words)
    advices = {words_of(one, words)[1] for one in found}
    # Where it differs it stands beside each person.
    shared = advices.pop() if len(advices) == 1 else ""
    known = [one.since for one in found if one.since]
    first = min(known) if known else None
    about = [
        found[0].employer if has_employers and found[0].person_id else None,
        words.say("since_day", day=first) if first and first != today else None,
    ]
    is_new = bool(known) and first == today
    return Group(
        says,
        shared,
        " · ".join(part for part in about if part),
        is_new,
        writer.findings(
            name, [one for one in found if one.person_id or len(found) > 1], says, shared, first
        ),
    )


def list_points(report: Report, words: Words) -> tuple[list[str], Rows]:
    """Give everything that needs a person as titles and rows: one row per person and point."""
    rows: Rows = []
    for row in report.waiting.rows:
        rows.append(
            (
                row.name or row.person_id or "",
                row.employer or "",
                f"{words.name('holds', row.hold)}: {words.name('operations', row.operation)}",
                "",
                "",
                words.day(row.ends_on),
            )
        )
    for refusal in report.refusals:
        says, advice = words_of_refusal(refusal, report, words)
        rows += [(who, "", says, "", advice, "") for who in refusal.names or refusal.people]
    for finding in report.findings:
        if finding.severity == "info":
            continue
        says, advice = words_of(finding, words)
        rows.append(
            (
                finding.name or finding.person_id or "",
                finding.employer or "",
                says,
                finding.typed_value or "",
                advice,
                words.day(finding.since),
            )
        )
    titles = ("person", "employer", "why", "it_says", "what_to_type", "since_title")
    return [words[title] for title in titles], [tuple(map(shortened, row)) for row in rows]
