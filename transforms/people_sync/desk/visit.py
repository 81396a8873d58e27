"""One request at the desk: who asks, about which connection, with which checked form."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from people_sync.desk.links import LinkState, onboarding_of
from people_sync.desk.office import Office
from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.journey import STEPS, Journey
from people_sync.desk.pages import LANGUAGES
from people_sync.desk.served import Served
from people_sync.desk.staff import Person
from people_sync.desk.web.forms import Form, csrf_of
from people_sync.desk.web.sessions import Session, hashed

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
    _journey: Journey | None = None

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

    def find(self, name: str) -> Served | None:
        """Find a connection that this person may see."""
        if self.person is None or not self.person.may_see(name):
            return None
        served = self.office.connections.find(name)
        if served and self.session and self.session.connection:
            # A customer's: one of the same name elsewhere is another company's.
            return served if served.place == self.session.place else None
        return served

    @property
    def onboarding(self) -> Onboarding:
        """The onboarding of this connection: on its pages there is one."""
        found = self.office.onboarding(self.connection)
        assert found is not None
        return found

    @property
    def journey(self) -> Journey:
        """How far the customer had come when this request asked first."""
        if self._journey is None:
            self._journey = self.onboarding.journey.read()
        return self._journey

    @property
    def whose(self) -> str:
        """Name the sign-in: its session, or who a proxy says it is."""
        return self.session.key if self.session else f"header {self.who.address}"

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

    def turn_to(self, served: Served) -> None:
        """Let this visit be about a connection; its language is that of the HR system by default."""
        self.served = served
        onboarding = self.office.onboarding(served)
        if onboarding is not None:
            self.language = language_of(self.request, self.office, onboarding.source.language)

    def show(self, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page for this visitor."""
        if template.startswith("onboarding/"):
            values = {**self._of_onboarding(), **values}
        response = self.office.pages.render(
            template,
            status,
            language=self.language,
            path=self.request.url.path,
            csrf=csrf_of(self.token),
            person=self.person,
            served=self.served,
            now=self.now,
            session=self.session,
            can_sign_in=self.office.can_sign_in,
            **values,
        )
        self.keep(response)
        return response

    def _of_onboarding(self) -> dict[str, Any]:
        onboarding, name = self.onboarding, self.connection.name
        return {
            "source": onboarding.source,
            "destination": onboarding.destination,
            "journey": self.journey,
            "next_step": onboarding.next_step(self.journey),
            "steps": STEPS,
            "step": self._step(name),
            "begin": onboarding_of(name),
            "zone": onboarding.zone(),
        }

    def _step(self, name: str) -> str:
        """Name the step that this page belongs to."""
        path = self.request.url.path
        if not path.startswith(f"{onboarding_of(name)}/"):
            # The authorization server's answer comes back to one address for all connections.
            return "source"
        step = path.removeprefix(f"{onboarding_of(name)}/").partition("/")[0]
        return step if step in STEPS else self.onboarding.next_step(self.journey)

    def change(self, what: Callable[[Journey], None]) -> None:
        """Change the journey; the page shows it as it is then."""

        def changed(journey: Journey) -> Journey:
            what(journey)
            return journey

        self._journey = self.onboarding.journey.change(changed)

    def go_to(self, step: str = "") -> Response:
        """Send the browser to a step of the onboarding."""
        here = onboarding_of(self.connection.name)
        return self.go(f"{here}/{step}" if step else here)

    def sign_out(self) -> None:
        """Forget the browser's token; the record of its session is ended by who calls this."""
        self.person, self.session, self.token = None, None, secrets.token_urlsafe(32)

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

    @property
    def peer(self) -> str:
        """The address that asks, behind named proxies as they say it."""
        return self.request.client.host if self.request.client else ""

    def may_open(self, token: str, state: LinkState) -> bool:
        """Count one look at a link: of a known one by itself, of a wrong one by who asks."""
        which = ("wrong link", self.peer) if state == "unknown" else ("link", hashed(token))
        return self.office.limits.may(*which)

    def may(self, kind: str) -> bool:
        """Count one try of this person; customers may have one name, and are told apart by session."""
        whose = self.whose if self.who.role == "customer" else self.who.address
        return self.office.limits.may(kind, whose)

    def too_often(self) -> Response:
        response = self.show("too_often.html.j2", 429)
        response.headers["Retry-After"] = "60"
        return response

    def sign_in_again(self) -> Response:
        """Say that this act needs a sign-in of a few minutes ago, with the button for a link."""
        return self.show("sign_in_again.html.j2", 403, then=self.request.url.path)


def language_of(request: Request, office: Office, usual: str = "en") -> str:
    """Choose the language: asked for, chosen before, wanted by the browser, else the usual one."""
    wanted = [request.query_params.get("lang"), office.cookies.language(request)]
    if not wanted[0] and not wanted[1]:
        accepted = request.headers.get("accept-language", "").split(",")
        wanted += [part.split(";")[0].strip()[:2].lower() for part in accepted]
    return next((code for code in wanted if code in LANGUAGES), usual)
