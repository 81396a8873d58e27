"""Anything sent to any page: an answer that is meant, strict headers, and nothing of a secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from people_sync.desk.web.forms import csrf_of

from .conftest import Customer, open_customer, write_connection
from .routes import ANSWERS, schema_of_routes

SECRET = "a-very-secret-client-secret"
# What the server itself says to bytes that are no request; no page is asked then.
NO_HTTP = "Invalid HTTP request received."
OPERATIONS = [
    (path, method) for path, methods in schema_of_routes("")["paths"].items() for method in methods
]


@pytest.fixture(scope="module")
def customer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Customer]:
    """A customer in the middle of the way, with a session."""
    source = {"credentials": {"client_id": "client", "client_secret": SECRET}}
    destination = {"access_key": "the-access-key", "secret_key": SECRET, "companies": []}
    folder: Path = tmp_path_factory.mktemp("onboarding")
    connection = write_connection(
        folder, "source-loket", "destination-alleo", (source, destination)
    )
    with open_customer(connection) as opened:
        opened.begin()
        yield opened


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_anything_sent_gets_an_answer_that_is_meant(
    customer: Customer, path: str, method: str
) -> None:
    session = customer.client.cookies["onboarding"]
    schema = schemathesis.openapi.from_dict(schema_of_routes(csrf_of(session)))
    before = customer.onboarding.file.source.config.read_bytes()

    @settings(
        max_examples=settings().max_examples // 10,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method.upper()].as_strategy(), has_session=st.booleans())
    def send(case: schemathesis.Case, has_session: bool) -> None:
        if has_session:
            case.headers["Cookie"] = f"onboarding={session}"
        sent = case.as_transport_kwargs(base_url=customer.onboarding.base_url)
        with requests.Session() as browser:
            answer = browser.request(**sent, allow_redirects=False, timeout=60)
        assert answer.status_code in ANSWERS, (case.body, answer.text[:500])
        if answer.text == NO_HTTP:
            return
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        assert SECRET not in answer.text and session not in answer.text
        assert "Traceback" not in answer.text and "<script" not in answer.text

    send()
    assert customer.onboarding.file.source.config.read_bytes() == before


def test_the_control_a_session_opens_what_strangers_do_not_see(customer: Customer) -> None:
    session = {"Cookie": f"onboarding={customer.client.cookies['onboarding']}"}
    with requests.Session() as browser:
        address = f"{customer.onboarding.base_url}/reads"
        assert browser.get(address, timeout=60).status_code == 401
        assert browser.get(address, headers=session, timeout=60).status_code == 200
