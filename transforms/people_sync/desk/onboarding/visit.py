"""One request as the pages see it: who asks, in which language, with which checked form."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from people_transforms.errors import BusyError, SyncError
from people_transforms.own_words import named
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.onboarding.pages import LANGUAGES, Pages
from people_sync.desk.web import sessions
from people_sync.desk.web.cookies import Cookies
from people_sync.desk.web.forms import Form, csrf_of, is_own, may_be_own, read_form
from people_sync.desk.web.rounds import Rounds
from people_sync.desk.web.sessions import Session

logger = logging.getLogger("people_sync.onboarding")

Handler = Callable[["Visit"], Response]


@dataclass(frozen=True, slots=True)
class Site:
    """What answers the visits: the connection's onboarding, its pages, cookies, and who tells the news."""

    onboarding: Onboarding
    pages: Pages
    cookies: Cookies
    teller: Rounds


@dataclass(slots=True)
class Visit:
    """A request that may be answered. `token` is the browser's; it is never put on a page."""

    onboarding: Onboarding
    pages: Pages
    request: Request
    cookies: Cookies
    token: str
    language: str
    journey: Journey
    session: Session | None
    form: Form = field(default_factory=list)

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def signed_in(self) -> Session:
        """The session of a page that is not public: it has one."""
        assert self.session is not None
        return self.session

    @property
    def is_fresh(self) -> bool:
        """Tell whether the person signed in just now."""
        return self.signed_in.is_fresh(self.onboarding.clock())

    def value(self, name: str) -> str:
        """Give one value of the form, trimmed."""
        return next((value.strip() for key, value in self.form if key == name), "")

    def values(self, name: str) -> list[str]:
        return [value.strip() for key, value in self.form if key == name]

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page for this visitor."""
        response = self.pages.render(
            template,
            status,
            onboarding=self.onboarding,
            journey=self.journey,
            language=self.language,
            path=self.request.url.path,
            csrf=csrf_of(self.token),
            next_step=self.onboarding.next_step(self.journey),
            session=self.session,
            **values,
        )
        self.cookies.keep(self.request, response, self.token, self.language)
        return response

    def go(self, step: str) -> Response:
        """Send the browser to a step."""
        response = RedirectResponse(f"/{step}", 303)
        self.cookies.keep(self.request, response, self.token, self.language)
        return response

    def sign_out(self) -> None:
        """Forget the browser's token; the record of its session is ended by who calls this."""
        self.session, self.token = None, secrets.token_urlsafe(32)

    def sign_in_again(self) -> Response:
        """Say that this act needs a sign-in of a few minutes ago."""
        return self.show("sign_in_again.html.j2", 403)

    def may(self, kind: str) -> bool:
        """Count one try of this session."""
        return self.onboarding.limits.may(kind, self.signed_in.key)

    def too_often(self) -> Response:
        response = self.show("too_often.html.j2", 429)
        response.headers["Retry-After"] = "60"
        return response


def page(site: Site, handler: Handler, *, is_public: bool = False) -> Any:
    """Make an endpoint: session, form, form token and explained errors are taken care of here."""

    async def endpoint(request: Request) -> Response:
        visit = await run_in_threadpool(_arrive, site, request)
        if visit.session is None and not is_public:
            return await run_in_threadpool(_refuse, visit, "no_session.html.j2", 401)
        if visit.is_post:
            # Whoever may not send a form keeps nobody waiting for its body.
            is_right = may_be_own(request, site.cookies.token(request))
            form = await read_form(request) if is_right else None
            if form is None or not is_own(form, visit.token):
                return await run_in_threadpool(_refuse, visit, "stale_form.html.j2", 403)
            visit.form = form
        response = await run_in_threadpool(_answer, visit, handler)
        site.teller.wake()
        return response

    return endpoint


def _arrive(site: Site, request: Request) -> Visit:
    onboarding, cookies = site.onboarding, site.cookies
    journey, token, now = onboarding.journey.read(), cookies.token(request), onboarding.clock()
    session = sessions.find_session(journey.sessions, token, now)
    if session is not None and sessions.is_to_be_noted(session, now):
        known = session
        onboarding.journey.change(lambda journey: sessions.note_seen(journey.sessions, known, now))
    return Visit(
        onboarding=onboarding,
        pages=site.pages,
        request=request,
        cookies=cookies,
        token=token or secrets.token_urlsafe(32),
        language=_language(request, cookies, onboarding),
        journey=journey,
        session=session,
    )


def _refuse(visit: Visit, template: str, status: int) -> Response:
    response = visit.show(template, status)
    if visit.is_post:
        # What is left of the body is not waited for.
        response.headers["Connection"] = "close"
    return response


def _answer(visit: Visit, handler: Handler) -> Response:
    try:
        response = handler(visit)
    except BusyError:
        response = visit.show("busy.html.j2", 409)
        response.headers["Retry-After"] = "60"
    except SyncError as error:
        response = visit.show("problem.html.j2", 500, sentence=error.sentence, facts=error.facts)
    except Exception as error:
        # The server would log its text, which may quote what was typed.
        logger.error("A page failed: %s", named(error))
        response = visit.show("problem.html.j2", 500, sentence="", facts={})
    return response


def _language(request: Request, cookies: Cookies, onboarding: Onboarding) -> str:
    wanted = [request.query_params.get("lang"), cookies.language(request)]
    if not wanted[0] and not wanted[1]:
        accepted = request.headers.get("accept-language", "").split(",")
        wanted += [part.split(";")[0].strip()[:2].lower() for part in accepted]
    return next((code for code in wanted if code in LANGUAGES), onboarding.source.language) or "en"
