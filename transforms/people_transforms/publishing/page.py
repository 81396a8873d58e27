"""The report as one self-contained HTML file: no script, no network, light and dark, printable."""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from html import unescape
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.chart import draw_care, draw_trend
from people_transforms.publishing.headline import headline
from people_transforms.publishing.phrases import (
    approve_command,
    can_approve,
    words_of,
    words_of_group,
    words_of_refusal,
)
from people_transforms.publishing.report import Finding, Report
from people_transforms.publishing.words import Words, system_name
from people_transforms.safe_text import shortened, without_controls


def render_page(report: Report, words: Words, *, staging_path: Path | None = None) -> str:
    """Render the report; every value of the data is escaped."""
    here = files(__package__ or "people_transforms.publishing")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shortened,
    )
    template = environment.from_string(here.joinpath("page.html.j2").read_text("utf-8"))
    css = here.joinpath("page.css").read_text("utf-8")
    charts = [chart for draw in (draw_trend, draw_care) if (chart := draw(report.trend, words))]
    findings = [(finding, *words_of(finding, words)) for finding in report.findings]
    page = template.render(
        report=report,
        w=words,
        title=words.say("title", vendor=system_name(report.run.vendor)),
        systems=words.systems(report.run.source_system, report.run.vendor),
        headline=headline(report, words),
        finding_groups=_groups(report, words),
        refusals=[(one, *words_of_refusal(one, report, words)) for one in report.refusals],
        to_mend=[pair for pair in findings if pair[0].severity != "info"],
        to_know=[pair for pair in findings if pair[0].severity == "info"],
        approve_command=approve_command(report, staging_path),
        can_approve=can_approve(report),
        approvable=RELEASABLE,
        staging_path=staging_path,
        charts=charts,
        css=Markup(css),
        policy=content_policy(f"<style>{css}</style>{''.join(charts)}"),
    )
    return without_controls(page)


def language_of(page: str) -> str:
    """Tell in which language a rendered report is."""
    found = re.search(r'<html lang="([a-z]{2})"', page)
    return found[1] if found else "en"


def content_policy(html: str) -> str:
    """Write the policy of a page: nothing is loaded, and of styles only those that are in it."""
    styles = re.findall(r"<style[^>]*>(.*?)</style>", html, re.DOTALL)
    # Inside a picture a browser reads character references before it hashes, elsewhere it does not.
    texts = {text for style in styles for text in (style, unescape(style))}
    hashes = sorted(f"'sha256-{_digest(text)}'" for text in texts)
    return (
        f"default-src 'none'; style-src {' '.join(hashes)}; img-src data:; "
        "form-action 'none'; base-uri 'none'"
    )


def _groups(report: Report, words: Words) -> list[tuple[str, str]]:
    grouped: dict[tuple[str, str], list[Finding]] = {}
    for finding in report.findings:
        if finding.severity != "info":
            grouped.setdefault((finding.severity, finding.code), []).append(finding)
    return [(kind, words_of_group(found, words)[0]) for (kind, _), found in grouped.items()]


def _shortened(value: object) -> object:
    return shortened(value) if type(value) is str else value


def _digest(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
