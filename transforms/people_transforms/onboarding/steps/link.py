"""The integration link: opening it shows a page, pressing its button uses it up.

Looking does not use it up, because mail programs look at links before people do.
"""

from __future__ import annotations

from starlette.responses import Response

from people_transforms.onboarding.journey import Journey
from people_transforms.onboarding.links import is_session, state_of_link, use_link
from people_transforms.onboarding.visit import Visit

_STATUS = {"open": 200, "used": 410, "expired": 410, "unknown": 404}


def link(visit: Visit) -> Response:
    if not visit.may("link"):
        return visit.too_often()
    token, now = visit.request.path_params["token"], visit.desk.clock()
    if visit.is_post:
        state, session = visit.desk.journey.change(lambda journey: use_link(journey, token, now))
        if state == "open":
            visit.token = session
            return visit.go("")
    else:
        state = state_of_link(visit.journey, token, now)
    if state == "used" and is_session(visit.journey, visit.token, now):
        return visit.go("")
    return visit.show(f"link_{state}.html.j2", _STATUS[state])


def home(visit: Visit) -> Response:
    """Go on where the customer left."""
    return visit.go(visit.desk.next_step(visit.journey))


def reads(visit: Visit) -> Response:
    """What will be read and why; the customer says yes."""
    if visit.is_post:
        mark_done(visit, "reads")
        return visit.go("source")
    return visit.show("reads.html.j2")


def mark_done(visit: Visit, step: str) -> None:
    """Note that a step is done, and when."""
    now = visit.desk.clock().isoformat()

    def note(journey: Journey) -> Journey:
        journey.done[step] = now
        return journey

    visit.journey = visit.desk.journey.change(note)
