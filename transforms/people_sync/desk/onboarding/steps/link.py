"""The first steps: an integration link, where the customer left off, and what is read.

Looking at a link does not use it up, because mail programs look at links before people do.
"""

from __future__ import annotations

from starlette.responses import Response

from people_sync.desk.links import STATUS_OF_LINK, find_link, use_link
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.visit import Visit


def link(visit: Visit) -> Response:
    """Show the button of an integration link, or use the link up."""
    office, token = visit.office, visit.request.path_params["token"]
    found = find_link(office.records, token, visit.now, of_customer=True)
    served = office.connections.find(found.connection)
    is_here = served and served.place == found.place and office.onboarding(served)
    state = found.state if is_here else "unknown"
    if not visit.may_open(token, state):
        return visit.too_often()
    if served is None or state == "unknown":
        return visit.show("sign_in_unknown.html.j2", 404, is_step=True)
    visit.turn_to(served)
    if visit.is_post:
        found, session = use_link(office.records, office.staff, token, visit.now, of_customer=True)
        state = found.state
        if state == "open":
            visit.token = session
            return visit.go_to()
    if state == "used" and visit.find(served.name):
        return visit.go_to()
    return visit.show(f"onboarding/link_{state}.html.j2", STATUS_OF_LINK[state])


def home(visit: Visit) -> Response:
    """Go on where the customer left."""
    return visit.go_to(visit.onboarding.next_step(visit.journey))


def reads(visit: Visit) -> Response:
    """What will be read and why; the customer says yes."""
    if visit.is_post:
        mark_done(visit, "reads")
        return visit.go_to("source")
    onboarding = visit.onboarding
    groups = onboarding.source.read_groups(onboarding.config(onboarding.file.source))
    return visit.show("onboarding/reads.html.j2", groups=groups)


def mark_done(visit: Visit, step: str) -> None:
    """Note that a step is done, and when."""
    now = visit.now.isoformat()

    def note(journey: Journey) -> None:
        journey.done[step] = now

    visit.change(note)
