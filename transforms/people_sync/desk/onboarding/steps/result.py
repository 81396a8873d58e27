"""From "Gefeliciteerd" to "active since": support is told, the dry run, its report, the yes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from people_transforms.errors import ConfigError
from people_transforms.publishing.page import content_policy
from starlette.responses import HTMLResponse, Response, StreamingResponse

from people_sync.desk.onboarding.dryrun import DryRun
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.onboarding.plans import (
    is_live,
    latest_plan,
    release,
    render_report,
    trouble_of_last_night,
)
from people_sync.desk.onboarding.steps.link import mark_done
from people_sync.desk.onboarding.support import note_news, tell_support
from people_sync.desk.onboarding.visit import Handler, Visit

_CONNECTED = ("source", "destination")
HEARTBEAT_SECONDS = 2.0


def congratulations(visit: Visit) -> Response:
    """Say that access works and tell support, once."""
    if not _is_connected(visit):
        return visit.go("")
    if visit.is_post and not visit.value("again"):
        mark_done(visit, "congratulations")
        return visit.go("")
    was_told = tell_support(visit.onboarding, "onboarded", "access was given.")
    if visit.is_post:
        return visit.go("congratulations")
    return visit.show(
        "congratulations.html.j2",
        was_told=was_told,
        is_configured=visit.onboarding.file.alarms is not None,
    )


def test(dry_run: DryRun) -> Handler:
    """The dry run's page: what it does, its start, and what came out."""

    def handler(visit: Visit) -> Response:
        if not _is_connected(visit):
            return visit.go("")
        if is_live(visit.onboarding):
            return visit.show("live.html.j2", 409 if visit.is_post else 200)
        if not visit.onboarding.is_mapped():
            return visit.go("employers")
        if visit.is_post:
            if not visit.may("program"):
                return visit.too_often()
            dry_run.start()
        if dry_run.is_running:
            return visit.go("test/progress")
        preview = visit.journey.preview
        is_current = preview is not None and preview.choice == visit.onboarding.choice()
        plan = (
            latest_plan(visit.onboarding, visit.pages.words[visit.language]) if is_current else None
        )
        return visit.show("test.html.j2", preview=preview if is_current else None, plan=plan)

    return handler


def progress(dry_run: DryRun) -> Handler:
    """A page that grows while the dry run goes on, and ends with the way to its result."""

    def handler(visit: Visit) -> Response:
        if not dry_run.is_running:
            return visit.go("test")
        page = visit.show("progress.html.j2")
        before, after = bytes(page.body).split(b"<!-- here -->")

        def parts() -> Iterator[bytes]:
            yield before
            while not dry_run.wait(HEARTBEAT_SECONDS):
                yield b'<span aria-hidden="true">. </span>'
            yield after

        return StreamingResponse(parts(), media_type="text/html; charset=utf-8")

    return handler


def report(visit: Visit) -> Response:
    """The report itself, in the visitor's language; its own styles are allowed by their hashes."""
    html = render_report(visit.onboarding, visit.pages.words[visit.language])
    if html is None:
        return visit.go("")
    policy = f"{content_policy(html)}; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def confirm(visit: Visit) -> Response:
    """Show the plan once more, and approve exactly the one that was shown."""
    words = visit.pages.words[visit.language]
    plan = latest_plan(visit.onboarding, words)
    if plan is None or visit.onboarding.next_step(visit.journey) not in ("confirm", "active"):
        return visit.go("")
    if not visit.is_post:
        return visit.show("confirm.html.j2", plan=plan, missing=False, is_fresh=visit.is_fresh)
    if visit.value("plan_hash") != plan.plan_hash:
        return visit.show("plan_changed.html.j2", 409, plan=plan)
    if plan.removals and not visit.is_fresh:
        return visit.sign_in_again()
    if not visit.value("seen"):
        return visit.show("confirm.html.j2", 422, plan=plan, missing=True, is_fresh=True)
    by = visit.signed_in.who
    try:
        counts, until = release(visit.onboarding, plan.plan_hash, by)
    except ConfigError:
        return visit.show("plan_changed.html.j2", 409, plan=plan)
    _activate(visit, plan.plan_hash, by, counts, until)
    return visit.show("activated.html.j2", approved=visit.journey.approved)


def _activate(
    visit: Visit, plan_hash: str, by: str, counts: dict[str, int], until: dt.datetime
) -> None:
    """Note the approval, tell it, and end every session: what comes now needs a new link."""
    onboarding, now = visit.onboarding, visit.onboarding.clock().isoformat()

    def note(journey: Journey) -> Journey:
        is_first = journey.approved is None
        journey.approved = {
            "since": now if journey.approved is None else journey.approved["since"],
            "at": now,
            "by": by,
            "plan_hash": plan_hash,
            "counts": counts,
            "expires_at": until.isoformat(),
        }
        event = "activated" if is_first else "approved"
        note_news(
            onboarding,
            journey,
            event,
            "a plan was confirmed.",
            plan_hash=plan_hash,
            counts=counts,
        )
        journey.sessions.clear()
        return journey

    visit.journey = onboarding.journey.change(note)
    visit.sign_out()


def active(visit: Visit) -> Response:
    """Since when the connection is active, and what waits for the customer now."""
    if visit.journey.approved is None:
        return visit.go("")
    words = visit.pages.words[visit.language]
    plan, trouble = (
        latest_plan(visit.onboarding, words),
        trouble_of_last_night(visit.onboarding, words),
    )
    waits = (
        plan is not None
        and bool(plan.report.held)
        and plan.plan_hash != visit.journey.approved["plan_hash"]
    )
    return visit.show(
        "active.html.j2",
        plan=plan,
        waits=waits,
        trouble=trouble,
        approved=visit.journey.approved,
    )


def _is_connected(visit: Visit) -> bool:
    return all(step in visit.journey.done for step in _CONNECTED)
