"""From "Gefeliciteerd" to "active since": support is told, the dry run, its report, the yes."""

from __future__ import annotations

import datetime as dt

from people_transforms.errors import ConfigError
from people_transforms.publishing.page import content_policy
from starlette.responses import HTMLResponse, Response

from people_sync.desk.growing import grow
from people_sync.desk.links import end_customers
from people_sync.desk.news import tell_one
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.onboarding.plans import (
    is_live,
    latest_plan,
    release,
    render_report,
    trouble_of_last_night,
)
from people_sync.desk.onboarding.steps.link import mark_done
from people_sync.desk.records import add_action, add_news
from people_sync.desk.visit import Visit

_CONNECTED = ("source", "destination")


def congratulations(visit: Visit) -> Response:
    """Say that access works and tell support, once."""
    if not _is_connected(visit):
        return visit.go_to()
    if visit.is_post and not visit.value("again"):
        mark_done(visit, "congratulations")
        return visit.go_to()
    was_told = _tell_support(visit)
    if visit.is_post:
        return visit.go_to("congratulations")
    return visit.show(
        "onboarding/congratulations.html.j2",
        was_told=was_told,
        is_configured=visit.onboarding.file.alarms is not None,
    )


def test(visit: Visit) -> Response:
    """The dry run's page: what it does, its start, and what came out."""
    onboarding = visit.onboarding
    if not _is_connected(visit):
        return visit.go_to()
    if is_live(onboarding):
        return visit.show("onboarding/live.html.j2", 409 if visit.is_post else 200)
    if not onboarding.is_mapped():
        return visit.go_to("employers")
    if visit.is_post:
        if not visit.may("program"):
            return visit.too_often()
        visit.note("test_started")
        onboarding.start_dry_run()
    if onboarding.dry_run.is_running:
        return visit.go_to("test/progress")
    words = visit.office.pages.words[visit.language]
    preview = visit.journey.preview
    if preview is not None and preview.choice != onboarding.choice():
        preview = None
    plan = latest_plan(onboarding, words) if preview is not None else None
    return visit.show("onboarding/test.html.j2", preview=preview, plan=plan)


def progress(visit: Visit) -> Response:
    """A page that grows while the dry run goes on, and ends with the way to its result."""
    dry_run = visit.onboarding.dry_run
    if not dry_run.is_running:
        return visit.go_to("test")
    return grow(visit, visit.show("onboarding/progress.html.j2"), lambda: not dry_run.is_running)


def report(visit: Visit) -> Response:
    """The report itself, in the visitor's language; its own styles are allowed by their hashes."""
    html = render_report(visit.onboarding, visit.office.pages.words[visit.language])
    if html is None:
        return visit.go_to()
    policy = f"{content_policy(html)}; frame-ancestors 'none'"
    return HTMLResponse(html, headers={"Content-Security-Policy": policy})


def confirm(visit: Visit) -> Response:
    """Show the plan once more, and approve exactly the one that was shown."""
    words = visit.office.pages.words[visit.language]
    plan = latest_plan(visit.onboarding, words)
    if plan is None or visit.onboarding.next_step(visit.journey) not in ("confirm", "active"):
        return visit.go_to()
    if not visit.is_post:
        return visit.show(
            "onboarding/confirm.html.j2", plan=plan, missing=False, is_fresh=visit.is_fresh
        )
    if visit.value("plan_hash") != plan.plan_hash:
        return visit.show("onboarding/plan_changed.html.j2", 409, plan=plan)
    if plan.removals and not visit.is_fresh:
        return visit.sign_in_again()
    if not visit.value("seen"):
        return visit.show("onboarding/confirm.html.j2", 422, plan=plan, missing=True, is_fresh=True)
    by = visit.who.address
    try:
        counts, until = release(visit.onboarding, plan.plan_hash, by)
    except ConfigError:
        return visit.show("onboarding/plan_changed.html.j2", 409, plan=plan)
    _activate(visit, plan.plan_hash, by, counts, until)
    return visit.show("onboarding/activated.html.j2", approved=visit.journey.approved)


def _activate(
    visit: Visit, plan_hash: str, by: str, counts: dict[str, int], until: dt.datetime
) -> None:
    """Note the approval, tell it, and end every customer's session: what comes now needs a new link."""
    name, who, now = visit.connection.name, visit.who, visit.now
    event = "activated" if visit.journey.approved is None else "approved"
    with visit.office.records.open() as database:
        end_customers(database, name, now)
        add_action(database, now, by, who.role, event, name, plan=plan_hash, counts=counts)
        add_news(database, now, name, event, plan_hash=plan_hash, counts=counts)

    def note(journey: Journey) -> None:
        at = now.isoformat()
        journey.approved = {
            "since": at if journey.approved is None else journey.approved["since"],
            "at": at,
            "by": by,
            "plan_hash": plan_hash,
            "counts": counts,
            "expires_at": until.isoformat(),
        }

    visit.change(note)
    if who.role == "customer":
        visit.sign_out()


def _tell_support(visit: Visit) -> bool:
    """Tell support once that access was given; False when nobody could be told."""
    event, at = "onboarded", visit.now.isoformat(timespec="seconds")
    if event in visit.journey.told:
        return True
    if visit.onboarding.file.alarms is None or not tell_one(visit.connection, event, at, {}):
        return False

    def note(journey: Journey) -> None:
        journey.told[event] = at

    visit.change(note)
    return True


def active(visit: Visit) -> Response:
    """Since when the connection is active, and what waits for the customer now."""
    if visit.journey.approved is None:
        return visit.go_to()
    words = visit.office.pages.words[visit.language]
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
        "onboarding/active.html.j2",
        plan=plan,
        waits=waits,
        trouble=trouble,
        approved=visit.journey.approved,
    )


def _is_connected(visit: Visit) -> bool:
    return all(step in visit.journey.done for step in _CONNECTED)
