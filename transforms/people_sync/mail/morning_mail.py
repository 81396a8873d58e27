"""The morning mail: the letter of a night for HR, as plain text and as HTML, without an attachment.

It says how it stands and what needs somebody, in the words of the page. Names stand in it only where
the connection asks for them; commands, paths and hashes never do.
"""

from __future__ import annotations

import smtplib
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

from markupsafe import Markup, escape
from people_transforms.errors import RetryableError
from people_transforms.publishing.headline import headline, status_sentence
from people_transforms.publishing.lines import Line, Writer
from people_transforms.publishing.report import Report
from people_transforms.publishing.todo import finding_groups, held_groups, refusal_groups
from people_transforms.publishing.words import Words, system_name

from people_sync.mail.alarms import Mail, send

MOST_NAMES = 12
_CALM = frozenset({"in_order", "quiet"})


@dataclass(frozen=True, slots=True)
class _Point:
    """One thing to do: what it is, what to do about it, and whom it is about."""

    says: str
    do: str
    people: tuple[str, ...]
    more: int


def is_due(mail: Mail | None, report: Report) -> bool:
    """Tell whether this night's letter is wanted."""
    if mail is None or mail.report is None:
        return False
    needs_somebody = report.run.status not in _CALM or report.counts.to_do > 0
    return mail.report == "always" or needs_somebody


def send_letter(mail: Mail, report: Report, words: Words, folder: Path) -> None:
    """Send the letter. Raises RetryableError when the server did not take it."""
    try:
        send(mail, write_message(mail, report, words), folder)
    except (OSError, smtplib.SMTPException) as error:
        raise RetryableError(
            "The mail server did not take the letter.", cause=type(error).__name__
        ) from None


def write_message(mail: Mail, report: Report, words: Words) -> EmailMessage:
    """Write the letter; `report` is masked where names are not wanted."""
    pair = f"{system_name(report.run.source_system)} → {system_name(report.run.vendor)}"
    points = _points(report, words, with_names=mail.with_names)
    trouble = words["what_next"].get(report.run.status)
    systems = words.systems(report.run.source_system, report.run.vendor)
    opening = [headline(report, words), *([words.said(trouble, systems)] if trouble else [])]
    message = EmailMessage()
    message["Subject"] = f"{pair}: {status_sentence(report, words)}"
    message.set_content(_text(opening, points, mail, words))
    message.add_alternative(_html(opening, points, mail, words), subtype="html")
    return message


def _points(report: Report, words: Words, *, with_names: bool) -> list[_Point]:
    writer = Writer(report, words)
    points = []
    for hold in held_groups(report, words, writer):
        do = " ".join(hold.consequences) if hold.is_releasable else hold.ends
        names = _names(hold.lines.all, with_names)
        points.append(_Point(f"{hold.title}: {hold.size}", do, names, hold.lines.total))
    groups = [*refusal_groups(report, words), *finding_groups(report, words, writer)[0]]
    for group in groups:
        names = _names(group.lines.all, with_names)
        points.append(_Point(group.says, group.type, names, group.lines.total))
    return points


def _names(lines: Sequence[Line], with_names: bool) -> tuple[str, ...]:
    if not with_names:
        return ()
    each = (
        " · ".join(
            part for part in (line.who, line.at, line.what) if isinstance(part, str) and part
        )
        for line in lines[:MOST_NAMES]
    )
    return tuple(each)


def _text(opening: Sequence[str], points: Sequence[_Point], mail: Mail, words: Words) -> str:
    lines = [*opening, ""]
    if points:
        lines += [f"{words['needs_you']}:", ""]
    for point in points:
        lines.append(f"- {point.says}")
        if point.do:
            lines.append(f"  → {point.do}")
        lines += [f"    {name}" for name in point.people]
        if rest := _rest(point, words):
            lines.append(f"    {rest}")
        lines.append("")
    if mail.desk:
        lines.append(f"{words['mail_open']}: {mail.desk}")
    elif points and not mail.with_names:
        lines.append(words["mail_names"])
    return "\n".join(lines).rstrip() + "\n"


def _html(opening: Sequence[str], points: Sequence[_Point], mail: Mail, words: Words) -> str:
    first, *others = opening
    parts = [
        Markup('<p style="font-size:20px;font-weight:600;margin:0 0 12px">{}</p>').format(first)
    ]
    parts += [Markup('<p style="margin:0 0 12px">{}</p>').format(one) for one in others]
    if points:
        heading = '<p style="font-weight:600;margin:24px 0 8px">{}</p>'
        parts.append(Markup(heading).format(words["needs_you"]))
    for point in points:
        parts.append(_point(point, words))
    if mail.desk:
        button = (
            '<p style="margin:24px 0"><a href="{}" style="background:#3446c9;color:#ffffff;'
            'padding:9px 16px;border-radius:8px;text-decoration:none;font-weight:600">{}</a></p>'
        )
        parts.append(Markup(button).format(mail.desk, words["mail_open"]))
    elif points and not mail.with_names:
        parts.append(Markup('<p style="color:#5b6470">{}</p>').format(words["mail_names"]))
    frame = (
        '<!DOCTYPE html><html lang="{}"><head><meta charset="utf-8"></head><body style="margin:0;'
        'padding:24px;font:15px/1.5 Segoe UI,Helvetica,Arial,sans-serif;color:#16191d">'
        '<div style="max-width:600px">{}</div></body></html>'
    )
    return str(Markup(frame).format(words.code, Markup("").join(parts)))


def _point(point: _Point, words: Words) -> Markup:
    people = [escape(name) for name in point.people]
    if rest := _rest(point, words):
        people.append(escape(rest))
    inside = Markup("<br>").join(people)
    return Markup(
        '<div style="border:1px solid #e4e7eb;border-radius:10px;padding:12px 16px;margin:0 0 10px">'
        '<p style="margin:0;font-weight:600">{}</p>{}{}</div>'
    ).format(
        point.says,
        Markup('<p style="margin:4px 0 0">→ {}</p>').format(point.do) if point.do else "",
        Markup('<p style="margin:8px 0 0;color:#5b6470">{}</p>').format(inside) if people else "",
    )


def _rest(point: _Point, words: Words) -> str:
    left = point.more - len(point.people)
    return words.say("left_out_here", n=left) if point.people and left > 0 else ""
