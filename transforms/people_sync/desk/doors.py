"""The door of every page: who asks, with which role, about which connection, with which checked form."""

from __future__ import annotations

import dataclasses
import logging
import secrets
from typing import Any

import duckdb
from people_connector.own_words import named
from people_transforms.errors import BusyError, NothingYetError, SyncError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from people_sync.desk.links import find_session, person_of
from people_sync.desk.office import Office
from people_sync.desk.staff import Role
from people_sync.desk.visit import Handler, Visit, language_of
from people_sync.desk.web.forms import is_own, may_be_own, read_form

logger = logging.getLogger("people_sync.desk")

STAFF: tuple[Role, ...] = ("hr", "support")
EVERYBODY: tuple[Role, ...] = (*STAFF, "customer")


def page(
    office: Office,
    handler: Handler,
    *,
    is_public: bool = False,
    roles: tuple[Role, ...] = STAFF,
    is_step: bool = False,
) -> Any:
    """Make an endpoint: identity, role, connection, form and explained errors are dealt with here.

    A step is a page of a connection's onboarding; where there is none, there is no such page.
    """

    async def endpoint(request: Request) -> Response:
        try:
            visit = await run_in_threadpool(_arrive, office, request)
        except SyncError as error:
            return await run_in_threadpool(_excuse, _stranger(office, request), error)
        if visit.person is None and not is_public:
            return await run_in_threadpool(_refuse, visit, "no_session.html.j2", 401, is_step)
        if not is_public and not await run_in_threadpool(_may_enter, visit, roles, is_step):
            # The same for what there is not and for what somebody may not see.
            return await run_in_threadpool(_refuse, visit, "not_found.html.j2", 404)
        if visit.is_post:
            # Whoever may not send a form keeps nobody waiting for its body.
            is_right = may_be_own(request, office.cookies.token(request))
            form = await read_form(request) if is_right else None
            if form is None or not is_own(form, visit.token):
                return await run_in_threadpool(_refuse, visit, "stale_form.html.j2", 403)
            visit.form = form
        response = await run_in_threadpool(_answer, visit, handler)
        if visit.is_post:
            office.wake()
        return response

    return endpoint


def _arrive(office: Office, request: Request) -> Visit:
    token = office.cookies.token(request)
    person, session = None, find_session(office.records, token, office.clock())
    if office.trust_header:
        named = request.headers.getlist(office.trust_header)
        # A proxy that adds its header to what a browser has sent leaves two: one of them is a claim.
        address = named[0] if len(named) == 1 else ""
        person = office.staff.find(address) if address and _is_by_proxy(office, request) else None
        if person is not None or (session and not session.connection):
            # Who is listed signs in at the proxy, and in no other way.
            session = None
    if session is not None:
        # Looked up each time: who is taken off the list is out at once.
        person = person_of(session.who, session.connection, office.staff)
    return dataclasses.replace(
        _stranger(office, request), person=person, session=session if person else None
    )


def _stranger(office: Office, request: Request) -> Visit:
    return Visit(
        office=office,
        request=request,
        token=office.cookies.token(request) or secrets.token_urlsafe(32),
        language=language_of(request, office),
        person=None,
        session=None,
    )


def _is_by_proxy(office: Office, request: Request) -> bool:
    """Tell whether the request came from the proxy itself: its peer, not what a header says of it."""
    return office.is_proxy(str(request.scope.get("peer", "")))


def _may_enter(visit: Visit, roles: tuple[Role, ...], is_step: bool) -> bool:
    if visit.who.role not in roles:
        return False
    name = visit.request.path_params.get("connection")
    if name is None:
        return True
    served = visit.find(name)
    if served is None or (is_step and visit.office.onboarding(served) is None):
        return False
    if is_step:
        visit.turn_to(served)
    visit.served = served
    return True


def _refuse(visit: Visit, template: str, status: int, is_step: bool = False) -> Response:
    response = visit.show(template, status, then=visit.request.url.path, is_step=is_step)
    if visit.is_post:
        # What is left of the body is not waited for.
        response.headers["Connection"] = "close"
    return response


def _excuse(visit: Visit, error: SyncError) -> Response:
    logger.error("A page failed: %s", error)
    return visit.show("problem.html.j2", 500, sentence=error.sentence)


def _answer(visit: Visit, handler: Handler) -> Response:
    try:
        return handler(visit)
    except BusyError:
        response = visit.show("busy.html.j2", 409)
        response.headers["Retry-After"] = "60"
        return response
    except NothingYetError:
        return visit.show("nothing_yet.html.j2", 404)
    except SyncError as error:
        return _excuse(visit, error)
    except (duckdb.BinderException, duckdb.CatalogException):
        # Published by an earlier release: the next run publishes what this one asks for.
        return visit.show("older.html.j2", 409)
    except Exception as error:
        # The server would log its text, which may quote what was typed.
        logger.error("A page failed: %s", named(error))
        return visit.show("problem.html.j2", 500, sentence="")
