"""The report as one self-contained HTML file: no network, light and dark, printable, searchable."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from html import unescape
from importlib.resources import files
from pathlib import Path

from markupsafe import Markup

from people_transforms.publishing.chart import draw_headcount
from people_transforms.publishing.headline import headline, status_sentence
from people_transforms.publishing.lines import Writer, as_data
from people_transforms.publishing.phrases import another_day, approve_command, can_approve
from people_transforms.publishing.report import Report
from people_transforms.publishing.schedule import zone_of
from people_transforms.publishing.template import page_template
from people_transforms.publishing.todo import finding_groups, held_groups, refusal_groups
from people_transforms.publishing.words import Words, system_name
from people_transforms.safe_text import without_controls

MOST_NIGHTS = 30
# How it stands at a glance; the picture is drawn on a square of 24.
_TICK = '<path d="M5 12.5l4.5 4.5L19 7.5"/>'
_DASH = '<path d="M6 12h12"/>'
_CALL = '<path d="M12 5v9M12 18.5v.5"/>'
_PAUSE = '<path d="M9 6v12M15 6v12"/>'
_CROSS = '<path d="M7 7l10 10M17 7L7 17"/>'
_LOOKS = {
    "in_order": ("good", _TICK),
    "quiet": ("good", _DASH),
    "needs_you": ("care", _CALL),
    "held": ("care", _PAUSE),
    "preview": ("calm", _PAUSE),
    "partly": ("care", _CALL),
    "hr_incomplete": ("care", _CALL),
    "hr_unreachable": ("bad", _CROSS),
    "platform_unreachable": ("bad", _CROSS),
    "misconfigured": ("bad", _CROSS),
    "failed": ("bad", _CROSS),
}


def render_page(
    report: Report, words: Words, *, staging_path: Path | None = None, desk: str | None = None
) -> str:
    """Render the report; every value of the data is escaped.

    `desk` is the address where a person decides on what waits; without it the command is given,
    among the technical facts.
    """
    here = files(__package__ or "people_transforms.publishing")
    template = page_template()
    css = here.joinpath("page.css").read_text("utf-8")
    script = here.joinpath("page.js").read_text("utf-8")
    run, counts = report.run, report.counts
    is_preview = run.status == "preview"
    title, _, more = status_sentence(report, words).partition(". ")
    writer = Writer(report, words)
    holds = held_groups(report, words, writer)
    refusals = refusal_groups(report, words)
    to_mend, to_know = finding_groups(report, words, writer)
    lists = (
        writer.joined(report.joined),
        writer.changed(report.changed),
        writer.left(report.left),
        writer.skipped(report.skipped),
        writer.upcoming(report.upcoming, report.upcoming_total),
    )
    every = [
        *lists,
        *(hold.lines for hold in holds),
        *(group.lines for group in (*refusals, *to_mend, *to_know)),
    ]
    joined, changed, left, skipped, upcoming = lists
    tone, mark = _LOOKS[run.status]
    systems = words.systems(run.source_system, run.vendor)
    trouble = words["what_next"].get(run.status)
    page = template.render(
        report=report,
        w=words,
        pair=f"{system_name(run.source_system)} → {system_name(run.vendor)}",
        day=words.weekday(run.as_of),
        headline=headline(report, words),
        title=title,
        more=more,
        tone=tone,
        mark=Markup(mark),
        ran=_ran(report, words),
        is_preview=is_preview,
        counts=(
            (counts.joining, counts.changing, counts.leaving)
            if is_preview
            else (counts.joined, counts.changed, counts.left)
        ),
        trouble=words.said(trouble, systems) if trouble else None,
        lasts=_lasts(report, words) if trouble else None,
        holds=holds,
        refusals=refusals,
        to_mend=to_mend,
        to_know=to_know,
        joined=joined,
        changed=changed,
        left=left,
        skipped=skipped,
        upcoming=upcoming,
        reasons=[(_capital(words.reason(code, systems)), n) for code, n in report.skipped_reasons],
        skipped_people=sum(n for _, n in report.skipped_reasons),
        headcount=_headcount(report, words),
        history=_history(report, words),
        desk=desk,
        command=approve_command(report, staging_path) if can_approve(report) else None,
        staging_path=staging_path,
        css=Markup(css),
        script=Markup(script),
        data=as_data(every, words),
        policy=content_policy(f"<style>{css}</style><script>{script}</script>"),
    )
    return without_controls(page)


def _ran(report: Report, words: Words) -> str:
    run = report.run
    zone = zone_of(run.timezone)
    said = []
    if run.started_at is not None:
        at = run.started_at.astimezone(zone)
        said.append(words.say("ran_at", day=at.date(), time=words.time(at)))
    if report.next_at is not None:
        at = report.next_at
        said.append(words.say("next_at", day=at.date(), time=words.time(at)))
    else:
        said.append(words["next_as_planned"])
    if told := another_day(report, words):
        said.append(told)
    return " · ".join(said)


def _lasts(report: Report, words: Words) -> str | None:
    since = report.status_since
    if since is None or since == report.run.as_of:
        return None
    return words.say("lasts_since", day=since)


def _headcount(report: Report, words: Words) -> list[dict[str, object]]:
    places: list[dict[str, object]] = []
    for place in report.headcount:
        first = place.days[0]
        said = words.say(
            "headcount_since",
            n=first.people,
            day=first.on,
            joined=sum(day.joined for day in place.days),
            left=sum(day.left for day in place.days),
        )
        name = words.place(place.account_key, place.place)
        now = place.days[-1].people
        picture = draw_headcount(place, f"{name}: {words.number(now)}. {said}")
        places.append({"name": name, "now": now, "said": said, "picture": picture})
    return places


def _history(report: Report, words: Words) -> list[tuple[str, str]]:
    """Say of each earlier night what it sent, latest first."""
    told: list[tuple[str, str]] = []
    for night in reversed(report.trend):
        if night.as_of == report.run.as_of or len(told) == MOST_NIGHTS:
            continue
        counts = (("joined", night.joining), ("changed", night.changing), ("left", night.leaving))
        said = [words.count(key, n) for key, n in counts if n]
        told.append((words.day(night.as_of), ", ".join(said) or words["status"]["quiet"]))
    return told


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def language_of(page: str) -> str:
    """Tell in which language a rendered report is."""
    found = re.search(r'<html lang="([a-z]{2})"', page)
    return found[1] if found else "en"


def content_policy(html: str) -> str:
    """Write the policy of a page: nothing is loaded; only the styles and the script that are in it."""
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    scripts = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    # Inside a picture a browser reads character references before it hashes, elsewhere it does not.
    texts = {text for style in styles for text in (style, unescape(style))}
    script_src = f"script-src {_hashes(scripts)}; " if scripts else ""
    return (
        f"default-src 'none'; style-src {_hashes(texts)}; {script_src}img-src data:; "
        "form-action 'none'; base-uri 'none'"
    )


def _hashes(texts: Iterable[str]) -> str:
    return " ".join(sorted(f"'sha256-{_digest(text)}'" for text in texts))


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
