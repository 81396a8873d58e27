"""Signing in and out: ask for a link, open it, press its button.

Looking at a link does not use it up, because mail programs look at links before people do.
"""

from __future__ import annotations

import logging

from people_connector.own_words import named
from starlette.background import BackgroundTask
from starlette.responses import Response

from people_sync.desk.links import (
    STATUS_OF_LINK,
    end_sessions,
    find_link,
    make_link,
    our_path,
    use_link,
)
from people_sync.desk.staff import Person
from people_sync.desk.visit import Visit

logger = logging.getLogger("people_sync.desk")


def sign_in(visit: Visit) -> Response:
    """Ask for a link. The answer is the same for every address, listed or not."""
    if not visit.office.can_sign_in:
        return visit.go("/")
    if not visit.is_post:
        then = our_path(visit.asked("then"))
        return visit.show("sign_in.html.j2", then=then, was_asked=False)
    address = visit.value("address").lower()
    if not visit.office.limits.may("sign in", visit.peer):
        return visit.too_often()
    person = visit.office.staff.find(address)
    answer = visit.show("sign_in.html.j2", then="/", was_asked=True)
    if person is not None and _may_mail(visit, person):
        # After the answer: how long it takes tells nobody who is listed.
        answer.background = BackgroundTask(_send_link, visit, person)
    return answer


def _may_mail(visit: Visit, person: Person) -> bool:
    limits = visit.office.limits
    is_welcome = limits.may("mail asked from one place", f"{person.address} {visit.peer}")
    return is_welcome and limits.may("mail", person.address)


def _send_link(visit: Visit, person: Person) -> None:
    try:
        token = make_link(visit.office.records, person, visit.now, visit.value("then"))
        link = f"{visit.office.base_url}/sign-in/{token}"
        visit.office.tell_link(person.address, link, visit.language)
    except Exception as error:
        # No page can show it any more, and the server would log its text.
        logger.error("A sign-in link could not be made: %s", named(error))


def link(visit: Visit) -> Response:
    """Show the button of a link, or use the link up."""
    office, token = visit.office, visit.request.path_params["token"]
    state = find_link(office.records, token, visit.now, of_customer=False).state
    if not visit.may_open(token, state):
        return visit.too_often()
    if visit.is_post:
        used, session = use_link(office.records, office.staff, token, visit.now, of_customer=False)
        state = used.state
        if state == "open":
            visit.token = session
            return visit.go(used.then)
    if state == "used" and visit.person is not None:
        return visit.go("/")
    return visit.show(f"sign_in_{state}.html.j2", STATUS_OF_LINK[state], is_step=False)


def sign_out(visit: Visit) -> Response:
    """End this session; everywhere also ends all others and the links that were not used yet."""
    if not visit.is_post or visit.session is None:
        return visit.go("/")
    is_everywhere = bool(visit.value("everywhere"))
    only = None if is_everywhere else visit.session
    was_customer = visit.who.role == "customer"
    end_sessions(visit.office.records, visit.who, visit.now, only)
    visit.sign_out()
    return visit.show("signed_out.html.j2", everywhere=is_everywhere, was_customer=was_customer)
