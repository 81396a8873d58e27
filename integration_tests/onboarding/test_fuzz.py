"""Anything sent to any page: an answer that is meant, strict headers, and nothing of a secret."""

from __future__ import annotations

import functools
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from people_sync.desk.app import build_app
from people_sync.desk.links import make_link, use_link
from people_sync.desk.office import Office
from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.serve import build_server, link_for_customer, open_office
from people_sync.desk.staff import Listed, Person, Staff
from people_sync.desk.web.forms import csrf_of
from people_sync.desk.web.serving import listen
from starlette.routing import Route

from .conftest import WEEK, WHO, write_connection
from .routes import ANSWERS, FORMS, schema_of_routes

SECRET = "a-very-secret-client-secret"
SUPPORT, HR = "support@example.com", "joke@example.nl"
# What the server itself says to bytes that are no request; no page is asked then.
NO_HTTP = "Invalid HTTP request received."


@functools.cache
def routes() -> list[Route]:
    """Every route that a desk has, but its style sheet and the page for what there is not."""
    with tempfile.TemporaryDirectory() as name:
        path = write_connection(Path(name), "source-loket", "destination-alleo", ({}, {}))
        nobody = open_office([path], Staff(None), Path(name), "http://127.0.0.1:1", print)
    listed = [one for one in build_app(nobody).routes if isinstance(one, Route)]
    return [one for one in listed if one.path not in ("/style.css", "/{path:path}")]


@dataclass
class Served:
    """A desk with a session of each role; the tokens are those of the browsers."""

    office: Office
    folder: Path
    tokens: dict[str, str]

    @property
    def onboarding(self) -> Onboarding:
        served = self.office.connections.find("bakkerij")
        found = self.office.onboarding(served) if served else None
        assert found is not None
        return found


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    source = {"credentials": {"client_id": "client", "client_secret": SECRET}}
    destination = {"access_key": "the-access-key", "secret_key": SECRET, "companies": []}
    folder: Path = tmp_path_factory.mktemp("desk")
    configs = (source, destination)
    write_connection(folder / "bakkerij", "source-loket", "destination-alleo", configs)
    staff = Staff(
        None,
        [
            Listed(address=SUPPORT, role="support"),
            Listed(address=HR, role="hr", connection=("bakkerij",)),
        ],
    )
    with listen("127.0.0.1", 0) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        office = open_office([folder], staff, folder / "records", url, lambda text: None)
        server = build_server(office)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [taken]})
        thread.start()
        yield Served(office, folder, _sign_in(office))
        server.should_exit = True
        thread.join()


def _sign_in(office: Office) -> dict[str, str]:
    now = office.clock()
    links = {
        "support": make_link(office.records, Person(SUPPORT, "support"), now),
        "hr": make_link(office.records, Person(HR, "hr", ("bakkerij",)), now),
        "customer": link_for_customer(office, "bakkerij", WHO, WEEK).rpartition("/")[2],
    }
    return {
        role: use_link(office.records, office.staff, link, now, of_customer=role == "customer")[1]
        for role, link in links.items()
    }


def test_every_form_is_one_of_a_route() -> None:
    posts = [one.path for one in routes() if "POST" in (one.methods or ())]
    assert {path.removeprefix("/c/{connection}") for path in posts} == set(FORMS)


@pytest.mark.some(20)
@pytest.mark.parametrize("route", routes(), ids=lambda route: route.path)
@pytest.mark.parametrize("role", ["support", "customer"])
def test_anything_sent_gets_an_answer_that_is_meant(desk: Served, route: Route, role: str) -> None:
    token = desk.tokens[role]
    schema = schemathesis.openapi.from_dict(schema_of_routes([route], csrf_of(token)))
    before = desk.onboarding.file.source.config.read_bytes()

    def check(case: schemathesis.Case, has_session: bool) -> None:
        if has_session:
            case.headers["Cookie"] = f"desk={token}"
        sent = case.as_transport_kwargs(base_url=desk.office.base_url)
        with requests.Session() as browser:
            answer = browser.request(**sent, allow_redirects=False, timeout=60)
        assert answer.status_code in ANSWERS, (case.body, answer.text[:500])
        if answer.text == NO_HTTP:
            return
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert SECRET not in answer.text and token not in answer.text
        assert "Traceback" not in answer.text and "<script" not in answer.text

    for method in sorted({"GET", "POST"} & (route.methods or set())):
        strategy = schema[route.path][method].as_strategy()
        settings(
            max_examples=max(3, settings().max_examples // 20),
            phases=[Phase.explicit, Phase.generate],
            suppress_health_check=list(HealthCheck),
        )(given(case=strategy, has_session=st.booleans())(check))()
    assert desk.onboarding.file.source.config.read_bytes() == before
    assert desk.office.records.pending() == []


def test_the_control_a_session_opens_what_strangers_do_not_see(desk: Served) -> None:
    address = f"{desk.office.base_url}/c/bakkerij/onboarding/reads"
    for role, token in desk.tokens.items():
        with requests.Session() as browser:
            session = {"Cookie": f"desk={token}"}
            assert browser.get(address, timeout=60).status_code == 401
            assert browser.get(address, headers=session, timeout=60).status_code == 200, role
