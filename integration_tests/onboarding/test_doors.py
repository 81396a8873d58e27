"""Who may come in, with what, and what nobody ever sees."""

from __future__ import annotations

import datetime as dt
import html
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from people_sandbox.client import Sandbox
from people_sync.desk.onboarding.journey import Journey
from people_sync.desk.web.limits import ALLOWED

from .conftest import (
    Customer,
    answer_consent,
    loket_before_consent,
    open_customer,
    write_connection,
)

pytestmark = pytest.mark.few(9)

SECRET = "a-very-secret-client-secret"
PAGES = ["/", "/reads", "/source", "/destination", "/test", "/report", "/employers", "/confirm"]


@pytest.fixture
def customer(tmp_path: Path) -> Iterator[Customer]:
    source = {"credentials": {"client_id": "client", "client_secret": SECRET}}
    destination = {"access_key": "the-access-key", "secret_key": SECRET, "companies": []}
    connection = write_connection(
        tmp_path, "source-loket", "destination-alleo", (source, destination)
    )
    with open_customer(connection) as opened:
        yield opened


def other_browser(customer: Customer) -> httpx.Client:
    return httpx.Client(base_url=customer.onboarding.base_url, follow_redirects=True)


def test_a_link_opens_the_onboarding_once_and_looking_at_it_does_not_use_it_up(
    customer: Customer,
) -> None:
    link = customer.new_link()
    for _ in range(2):
        assert "Begin" in customer.open(f"{link}?lang=en").text
    assert customer.send().url.path.endswith("/reads")
    assert customer.open(link).url.path.endswith("/reads"), "the same browser goes on where it was"
    with other_browser(customer) as other:
        late = other.get(f"{link}?lang=cs")
        assert (late.status_code, "Tento odkaz už byl použit" in late.text) == (410, True)
        assert other.get(customer.at("/reads")).status_code == 401


def test_a_link_expires_and_a_newer_link_replaces_one_that_was_not_used(customer: Customer) -> None:
    first = customer.new_link()
    second = customer.new_link(dt.timedelta(hours=1))
    assert customer.open(f"{first}?lang=nl").status_code == 410
    assert "Deze link is verlopen" in customer.page.text
    assert customer.open(second).status_code == 200
    customer.now[0] += dt.timedelta(hours=2)
    assert customer.send().status_code == 410
    assert customer.open("/reads").status_code == 401


def test_an_unknown_link_and_an_unknown_page_say_what_to_do(customer: Customer) -> None:
    assert customer.open("/link/never-made?lang=en").status_code == 404
    assert "Copy the whole link" in customer.page.text
    assert customer.open("/no/such/page").status_code == 404


def test_no_page_is_open_without_a_session_and_with_one_each_is(customer: Customer) -> None:
    with other_browser(customer) as other:
        assert {other.get(customer.at(path)).status_code for path in PAGES} == {401}
        assert other.post(customer.at("/confirm"), data={"plan_hash": "x"}).status_code == 401
    customer.begin()
    assert {customer.open(path).status_code for path in PAGES} == {200}


def test_a_form_needs_the_token_of_its_own_browser(customer: Customer) -> None:
    customer.begin()
    mine = re.findall(r'name="csrf" value="([^"]+)"', customer.open("/reads").text)[0]
    for forged in ({}, {"csrf": ""}, {"csrf": mine[::-1]}, {"csrf": "ž\x00"}):
        assert customer.client.post(customer.at("/reads"), data=forged).status_code == 403
    there = {"sec-fetch-site": "cross-site"}
    assert (
        customer.client.post(customer.at("/reads"), data={"csrf": mine}, headers=there).status_code
        == 403
    )
    assert customer.client.post(customer.at("/reads"), json={"csrf": mine}).status_code == 403
    assert customer.onboarding.journey.read().done == {}
    assert customer.client.post(customer.at("/reads"), data={"csrf": mine}).status_code == 200
    assert "reads" in customer.onboarding.journey.read().done


def test_headers_allow_no_script_no_frame_no_referrer_and_no_cache(customer: Customer) -> None:
    customer.begin()
    for path in ("/reads", "/no-such-page", "/style.css"):
        headers = customer.open(path).headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; style-src 'self'"), path
        assert "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert "form-action 'self';" in policy
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers
    assert customer.open("/reads").headers["cache-control"] == "no-store"
    leads_away = customer.open("/source").headers["content-security-policy"]
    assert "form-action 'self' https://oauth.loket.nl;" in leads_away
    cookie = customer.client.post(customer.new_link(), data={}).headers
    assert "desk=" not in str(cookie.get("set-cookie")), "a refused form opens no session"


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(customer: Customer) -> None:
    link = customer.new_link()
    customer.open(link)
    before = customer.client.cookies["desk"]
    token = re.findall(r'name="csrf" value="([^"]+)"', customer.page.text)[0]
    answer = customer.client.post(link, data={"csrf": token}, follow_redirects=False)
    cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("desk="))
    assert "HttpOnly" in cookie and "SameSite=lax" in cookie
    assert before not in cookie, "a session gets a token that was not known before"


def test_another_host_name_is_refused(customer: Customer) -> None:
    answer = customer.client.get(customer.at("/reads"), headers={"host": "attacker.example"})
    assert answer.status_code == 400


def test_tokens_are_kept_as_hashes_and_no_page_shows_a_stored_secret(customer: Customer) -> None:
    link = customer.new_link()
    customer.open(link)
    customer.send()
    session = customer.client.cookies["desk"]
    state = customer.onboarding.file.state.parent
    kept = b"".join(
        path.read_bytes()
        for folder in (state, state.parent / "records")
        for path in folder.rglob("*")
        if path.is_file()
    )
    assert b"Joke" in kept, "control: what is kept was looked at"
    assert link.rpartition("/")[2].encode() not in kept and session.encode() not in kept
    for path in PAGES:
        page = customer.open(path).text
        assert SECRET not in page and session not in page and "the-access-key" not in page


def test_a_name_with_control_characters_or_tags_stays_text(customer: Customer) -> None:
    customer.begin()
    hostile = "Bakkerij\x1b[2J\x00<script>alert(1)</script>"

    def name(journey: Journey) -> None:
        at = "2026-01-01T00:00:00+00:00"
        journey.done.update({"source": at, "destination": at})
        journey.employers = [{"id": "1", "name": hostile}]
        journey.places = [{"key": "1", "name": hostile}]

    customer.onboarding.journey.change(name)
    for path in ("/employers", "/destination"):
        page = customer.open(path).text
        assert "Bakkerij" in page
        assert not {"\x1b", "\x00"} & set(page) and "<script" not in page


def test_links_cannot_be_guessed_without_end(customer: Customer) -> None:
    allowed = int(ALLOWED["wrong link"].partition("/")[0])
    statuses = [customer.open(f"/link/guess-{n}").status_code for n in range(allowed + 1)]
    assert statuses == [404] * allowed + [429]
    assert customer.page.headers["retry-after"] == "60"


def test_refused_consent_a_strange_answer_and_a_used_code_each_have_their_page(
    box: Sandbox, tmp_path: Path
) -> None:
    configs = (loket_before_consent(box), box.config("destination-alleo"))
    connection = write_connection(tmp_path, "source-loket", "destination-alleo", configs)
    with open_customer(connection) as customer:
        customer.begin("en")
        customer.open("/source")
        denied = answer_consent(customer, "deny")
        assert (denied.status_code, "No access was given" in denied.text) == (403, True)
        repeated = customer.open(str(denied.url))
        assert "does not belong to this browser" in repeated.text
        state = denied.url.params["state"]
        for odd in (f"?code=x&state={state}", "?code=x&state=invented", "?code=x", "?state="):
            assert customer.open(f"/consent/back{odd}").status_code == 400
        assert "source" not in customer.onboarding.journey.read().done
        assert "refresh_token" not in (tmp_path / "source.json").read_text()


def test_the_onboarding_runs_without_the_connector_kit() -> None:
    code = "import sys; import people_sync.desk.serve; sys.exit('airbyte_cdk' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_the_command_prints_the_link_once_and_logs_nothing_that_is_asked_for(
    tmp_path: Path,
) -> None:
    source = {"credentials": {"client_id": "client"}}
    connection = write_connection(tmp_path, "source-loket", "destination-alleo", (source, {}))
    command = [
        Path(sys.executable).parent / "people-sync",
        "onboard",
        connection,
        "--for",
        "Joke de Vries",
        "--records",
        str(tmp_path / "records"),
        "--port",
        "0",
        "--output",
        "json",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        opened = httpx.get(said["link"], params={"lang": "cs"})
        assert (opened.status_code, "Nastavení integrace" in opened.text) == (200, True)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate()
    assert (process.returncode, out, err) == (0, b"", b"")
    assert said["url"].startswith("http://127.0.0.1:")


def test_a_setting_that_the_operator_forgot_is_named_on_the_page(tmp_path: Path) -> None:
    connection = write_connection(tmp_path, "source-loket", "destination-alleo", ({}, {}))
    with open_customer(connection) as customer:
        customer.begin()
        customer.open("/source")
        problem = customer.send()
    assert problem.status_code == 500
    assert "`credentials.client_id` is missing" in html.unescape(problem.text)
