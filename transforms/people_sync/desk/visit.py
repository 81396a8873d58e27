"""One request at the desk: who asks, about which connection, with which checked form."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import duckdb
from people_transforms.errors import BusyError, SyncError
from people_transforms.own_words import named
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from people_sync.desk.office import Office
from people_sync.desk.pages import LANGUAGES
from people_sync.desk.served import Served
from people_sync.desk.sign_in import find_session
from people_sync.desk.staff import Person
from people_sync.desk.web.forms import Form, csrf_of, is_own, may_be_own, read_form
from people_sync.desk.web.sessions import Session

logger = logging.getLogger("people_sync.desk")

Handler = Callable[["Visit"], Response]


@dataclass(slots=True)
class Visit:
    """A request that may be answered. `token` is the browser's; it is never put on a page."""

    office: Office
    request: Request
    token: str
    language: str
    person: Person | None
    session: Session | None
    served: Served | None = None
    form: Form = field(default_factory=list)

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def now(self) -> dt.datetime:
        return self.office.clock()

    @property
    def who(self) -> Person:
        """The person of a page that is not public: there is one."""
        assert self.person is not None
        return self.person

    @property
    def connection(self) -> Served:
        """The connection of a page below `/c/`: there is one, and this person may see it."""
        assert self.served is not None
        return self.served

    @property
    def home(self) -> str:
        """Where the pages of this connection are."""
        return f"/c/{self.connection.name}"

    @property
    def is_fresh(self) -> bool:
        """Tell whether the person signed in just now; a sign-in by header is made anew each time."""
        return self.session is None or self.session.is_fresh(self.now)

    def value(self, name: str) -> str:
        """Give one value of the form, trimmed."""
        return next((value.strip() for key, value in self.form if key == name), "")

    def values(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.form if key == name]

    def asked(self, name: str) -> str:
        """Give one value of the address, trimmed and of a bearable length."""
        return self.request.query_params.get(name, "").strip()[:200]

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page for this visitor."""
        response = self.office.pages.render(
            template,
            status,
            language=self.language,
            path=self.request.url.path,
            csrf=csrf_of(self.token),
            person=self.person,
            served=self.served,
            now=self.now,
            is_by_header=self.session is None,
            **values,
        )
        self.keep(response)
        return response

    def go(self, path: str) -> Response:
        """Send the browser to a page of ours."""
        response = RedirectResponse(path, 303)
        self.keep(response)
        return response

    def keep(self, response: Response) -> None:
        self.office.cookies.keep(self.request, response, self.token, self.language)

    def note(self, action: str, **facts: Any) -> None:
        """Add to the audit table what this person does here."""
        name = self.served.name if self.served else ""
        self.office.records.note(self.now, self.who.address, self.who.role, action, name, **facts)

    def may(self, kind: str) -> bool:
        """Count one try of this person."""
        return self.office.limits.may(kind, self.who.address)

    def too_often(self) -> Response:
        response = self.show("too_often.html.j2", 429)
        response.headers["Retry-After"] = "60"
        return response

    def sign_in_again(self) -> Response:
        """Say that this act needs a sign-in of a few minutes ago, with the button for a link."""
        return self.show("sign_in_again.html.j2", 403, then=self.request.url.path)


def page(
    office: Office, handler: Handler, *, is_public: bool = False, role: str | None = None
) -> Any:
    """Make an endpoint: identity, role, connection, form and explained errors are dealt with here."""

    async def endpoint(request: Request) -> Response:
        visit = await run_in_threadpool(_arrive, office, request)
        if visit.person is None and not is_public:
            return await run_in_threadpool(_refuse, visit, "no_session.html.j2", 401)
        if not is_public and not await run_in_threadpool(_may_enter, visit, role):
            # The same for what there is not and for what somebody may not see.
            return await run_in_threadpool(_refuse, visit, "not_found.html.j2", 404)
        if visit.is_post:
            # Whoever may not send a form keeps nobody waiting for its body.
            is_right = may_be_own(request, office.cookies.token(request))
            form = await read_form(request) if is_right else None
            if form is None or not is_own(form, visit.token):
                return await run_in_threadpool(_refuse, visit, "stale_form.html.j2", 403)
            visit.form = form
        return await run_in_threadpool(_answer, visit, handler)

    return endpoint


def _arrive(office: Office, request: Request) -> Visit:
    token = office.cookies.token(request)
    person, session = None, None
    if office.trust_header:
        address = request.headers.get(office.trust_header, "")
        person = office.staff.find(address) if address and _is_by_proxy(office, request) else None
    else:
        session = find_session(office.records, token, office.clock())
        # Looked up each time: who is taken off the list is out at once.
        person = office.staff.find(session.who) if session else None
    return Visit(
        office=office,
        request=request,
        token=token or secrets.token_urlsafe(32),
        language=_language(request, office),
        person=person,
        session=session if person else None,
    )


def _is_by_proxy(office: Office, request: Request) -> bool:
    """Tell whether the request came from the proxy itself: its peer, not what a header says of it."""
    return office.is_proxy(str(request.scope.get("peer", "")))


def _may_enter(visit: Visit, role: str | None) -> bool:
    person = visit.who
    if role is not None and person.role != role:
        return False
    name = visit.request.path_params.get("connection")
    if name is None:
        return True
    visit.served = visit.office.connections.find(name) if person.may_see(name) else None
    return visit.served is not None


def _refuse(visit: Visit, template: str, status: int) -> Response:
    response = visit.show(template, status, then=visit.request.url.path)
    if visit.is_post:
        # What is left of the body is not waited for.
        response.headers["Connection"] = "close"
    return response


def _answer(visit: Visit, handler: Handler) -> Response:
    try:
        return handler(visit)
    except BusyError:
        response = visit.show("busy.html.j2", 409)
        response.headers["Retry-After"] = "60"
        return response
    except SyncError as error:
        return visit.show("problem.html.j2", 500, sentence=error.sentence)
    except (duckdb.BinderException, duckdb.CatalogException):
        # Published by an earlier release: the next run publishes what this one asks for.
        return visit.show("older.html.j2", 409)
    except Exception as error:
        # The server would log its text, which may quote what was typed.
        logger.error("A page failed: %s", named(error))
        return visit.show("problem.html.j2", 500, sentence="")


def _language(request: Request, office: Office) -> str:
    wanted = [request.query_params.get("lang"), office.cookies.language(request)]
    if not wanted[0] and not wanted[1]:
        accepted = request.headers.get("accept-language", "").split(",")
        wanted += [part.split(";")[0].strip()[:2].lower() for part in accepted]
    return next((code for code in wanted if code in LANGUAGES), "en")
