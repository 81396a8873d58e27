"""Signing in and out: opening a link shows a page, pressing its button uses the link up.

Looking does not use it up, because mail programs look at links before people do.
"""

from __future__ import annotations

from starlette.responses import Response

from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.onboarding.links import LinkState, end_links, state_of_link, use_link
from people_sync.desk.onboarding.support import note_news
from people_sync.desk.onboarding.visit import Visit
from people_sync.desk.web import sessions
from people_sync.desk.web.sessions import hashed

_STATUS = {"open": 200, "used": 410, "expired": 410, "unknown": 404}


def link(visit: Visit) -> Response:
    token = visit.request.path_params["token"]
    state = state_of_link(visit.journey, token, visit.onboarding.clock())
    address = visit.request.client.host if visit.request.client else ""
    counted = ("wrong link", address) if state == "unknown" else ("link", hashed(token))
    if not visit.onboarding.limits.may(*counted):
        return visit.too_often()
    if visit.is_post:
        state, session = _sign_in(visit, token)
        if state == "open":
            visit.token = session
            return visit.go("")
    if state == "used" and visit.session is not None:
        return visit.go("")
    return visit.show(f"link_{state}.html.j2", _STATUS[state])


def sign_out(visit: Visit) -> Response:
    """End this session; everywhere also ends all others and the links that were not used yet."""
    session, now = visit.signed_in, visit.onboarding.clock()

    is_everywhere = bool(visit.value("everywhere"))

    def end(journey: Journey) -> None:
        sessions.end_session(journey.sessions, session)
        if is_everywhere:
            journey.sessions.clear()
            end_links(journey, now)

    if not visit.is_post:
        return visit.go("")
    visit.onboarding.journey.change(end)
    visit.sign_out()
    return visit.show("signed_out.html.j2", everywhere=is_everywhere)


def home(visit: Visit) -> Response:
    """Go on where the customer left."""
    return visit.go(visit.onboarding.next_step(visit.journey))


def reads(visit: Visit) -> Response:
    """What will be read and why; the customer says yes."""
    if visit.is_post:
        mark_done(visit, "reads")
        return visit.go("source")
    onboarding = visit.onboarding
    groups = onboarding.source.read_groups(onboarding.config(onboarding.file.source))
    return visit.show("reads.html.j2", groups=groups)


def mark_done(visit: Visit, step: str) -> None:
    """Note that a step is done, and when."""
    now = visit.onboarding.clock().isoformat()

    def note(journey: Journey) -> Journey:
        journey.done[step] = now
        return journey

    visit.journey = visit.onboarding.journey.change(note)


def _sign_in(visit: Visit, token: str) -> tuple[LinkState, str]:
    onboarding, now = visit.onboarding, visit.onboarding.clock()

    def use(journey: Journey) -> tuple[LinkState, str]:
        state, session = use_link(journey, token, now)
        if state == "open":
            note_news(
                onboarding, journey, "signed_in", "somebody signed in with an integration link."
            )
        return state, session

    return onboarding.journey.change(use)
