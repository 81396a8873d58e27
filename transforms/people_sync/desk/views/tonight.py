"""Tonight: how the last night went, what needs somebody, the whole report, and the nights before."""

from __future__ import annotations

from pathlib import Path

from people_transforms.errors import NothingYetError
from people_transforms.publishing.build_report import build_report
from people_transforms.publishing.headline import headline
from people_transforms.publishing.page import content_policy, render_page
from people_transforms.status import known_status
from starlette.responses import HTMLResponse, Response

from people_sync.commands.store import last_night, look_at
from people_sync.connection.connection_file import read_config
from people_sync.connection.status_file import later_failure
from people_sync.desk.growing import grow
from people_sync.desk.onboarding.plans import is_live
from people_sync.desk.pages import LANGUAGES
from people_sync.desk.queries import ask
from people_sync.desk.visit import Visit
from people_sync.mail.morning_mail import send_letter

MOST_NIGHTS = 60


def tonight(visit: Visit) -> Response:
    """The page that a morning begins with."""
    words = visit.office.pages.words[visit.language]
    try:
        with look_at(visit.connection.store) as database:
            nights = ask(database, "nights", most=MOST_NIGHTS)
            has_ended = any(night["outcome"] is not None for night in nights)
            report = build_report(database, last_night(database)) if has_ended else None
    except NothingYetError:
        nights, report = [], None
    for night in nights:
        night["state"] = (
            "cut off"
            if night["outcome"] is None
            else known_status(night["status"], night["outcome"])
        )
    file = visit.connection.file
    last = nights[0] if nights else {}
    failure = later_failure(file, last.get("state"), last.get("finished_at"))
    said = headline(report, words) if report else ""
    if failure and file:
        ends = (file.source.name, file.destination.name)
        systems = words.systems(*(Path(end).name.partition("-")[2] for end in ends))
        said = f"{words.status(failure[0], 0, systems)}."
    return visit.show(
        "tonight.html.j2",
        nights=nights,
        report=report,
        headline=said,
        failed_at=failure[1] if failure else None,
        can_share=_has_mail(visit),
        was_shared=bool(visit.asked("shared")),
        is_running=visit.office.runs.is_going(visit.connection.name),
        needs_setup=_needs_setup(visit),
    )


def report(visit: Visit) -> Response:
    """The report of one night as a page of its own; its styles are allowed by their hashes."""
    with look_at(visit.connection.store) as database:
        known = {night["run_id"] for night in ask(database, "nights", most=10_000)}
        run = visit.request.path_params.get("run") or last_night(database)
        if run not in known:
            return visit.show("not_found.html.j2", 404)
        found = build_report(database, run, is_masked=bool(visit.asked("masked")))
    words = visit.office.pages.words[visit.language]
    html = render_page(found, words, desk=f"{visit.home}/approvals")
    policy = f"{content_policy(html)}; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def run_now(visit: Visit) -> Response:
    """Start tonight's run now."""
    served = visit.connection
    if not visit.is_post:
        return visit.go(f"{visit.home}/running" if _is_going(visit) else visit.home)
    if served.file is None:
        return visit.show("not_found.html.j2", 404)
    if not visit.may("program"):
        return visit.too_often()
    visit.note("run_started")
    visit.office.runs.start(served.name, served.file)
    return visit.go(f"{visit.home}/running")


def share(visit: Visit) -> Response:
    """Send the latest result to HR: to who gets the morning mail, in the report's language."""
    file = visit.connection.file
    mail = file.alarms.email if file is not None and file.alarms is not None else None
    if not visit.is_post or file is None or mail is None:
        return visit.go(visit.home)
    if not visit.may("program"):
        return visit.too_often()
    chosen = read_config(file.destination.config).get("report_language")
    language = chosen if chosen in LANGUAGES else visit.language
    with look_at(visit.connection.store) as database:
        found = build_report(database, last_night(database), is_masked=not mail.with_names)
    send_letter(mail, found, visit.office.pages.words[language], file.folder)
    visit.note("result_shared", people=len(mail.to))
    return visit.go(f"{visit.home}?shared=1")


def running(visit: Visit) -> Response:
    """A page that grows while a run goes on, and ends with the way to its result."""
    if not _is_going(visit):
        return visit.go(visit.home)
    name = visit.connection.name
    page = visit.show("running.html.j2")
    return grow(visit, page, lambda: not visit.office.runs.is_going(name))


def _has_mail(visit: Visit) -> bool:
    file = visit.connection.file
    return file is not None and file.alarms is not None and file.alarms.email is not None


def _needs_setup(visit: Visit) -> bool:
    onboarding = visit.office.onboarding(visit.connection)
    return onboarding is not None and not is_live(onboarding)


def _is_going(visit: Visit) -> bool:
    return visit.office.runs.is_going(visit.connection.name)
