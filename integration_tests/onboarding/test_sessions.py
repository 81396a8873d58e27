"""Who is signed in, as whom, until when, and what only a fresh sign-in may do."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import re
import sqlite3
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import httpx
import pytest
from people_sandbox.client import Sandbox
from people_sandbox.webhook import Webhook
from people_sync.commands.store import store_of
from people_sync.desk.onboarding.journey import Journey, Preview
from people_sync.desk.web.sessions import hashed
from people_transforms.planning.approvals import approve
from people_transforms.store.warehouse import hold_store, open_store

from .conftest import WEEK, WHO, Customer, open_customer, write_connection
from .test_doors import PAGES
from .walks import run_again

pytestmark = pytest.mark.few(8)

OTHER = "Piet Bakker"
# The tables as the first release of the desk made them.
OLDER = """
create table links (
    hash text primary key, who text not null, then_path text not null,
    expires_at text not null, used_at text
);
create table sessions (
    hash text primary key, who text not null, began_at text not null, seen_at text not null
);
create table audit (
    id integer primary key, at text not null, who text not null, role text not null,
    connection text not null, action text not null, facts text not null
);
create table news (
    id integer primary key, connection text not null, at text not null, event text not null
);
pragma user_version = 1;
"""
KEYS = {"access_key": "the-access-key", "secret_key": "a-very-secret-key"}


@pytest.fixture
def connection(tmp_path: Path) -> Path:
    source = {"credentials": {"client_id": "client", "client_secret": "secret"}}
    return write_connection(
        tmp_path, "source-loket", "destination-alleo", (source, {**KEYS, "companies": []})
    )


@pytest.fixture
def customer(connection: Path) -> Iterator[Customer]:
    with open_customer(connection) as opened:
        yield opened


def opens(customer: Customer) -> set[int]:
    """The statuses with which the pages answer a browser that has the customer's cookies."""
    return {customer.client.get(customer.at(path)).status_code for path in PAGES}


def test_a_newer_link_ends_the_session_of_an_older_one_also_for_another_person(
    customer: Customer,
) -> None:
    customer.begin()
    assert opens(customer) == {200}
    customer.new_link(who=OTHER)
    assert opens(customer) == {401}


def test_a_session_ends_when_it_was_idle_and_after_half_a_day_at_most(customer: Customer) -> None:
    customer.begin()
    customer.now[0] += dt.timedelta(hours=1, minutes=59)
    assert opens(customer) == {200}
    customer.now[0] += dt.timedelta(hours=1, minutes=59)
    assert opens(customer) == {200}, "it was used in between"
    customer.now[0] += dt.timedelta(hours=2)
    assert opens(customer) == {401}
    customer.begin()
    for _ in range(11):
        customer.now[0] += dt.timedelta(hours=1)
        assert opens(customer) == {200}
    customer.now[0] += dt.timedelta(hours=1)
    assert opens(customer) == {401}, "however much it is used"


def test_a_session_outlives_a_restart_as_a_record_of_the_server_and_dies_with_it(
    connection: Path,
) -> None:
    with open_customer(connection) as first:
        first.begin()
        cookies = dict(first.client.cookies)
    with open_customer(connection) as second:
        second.client.cookies.update(cookies)
        assert opens(second) == {200}
        with second.records.open() as database:
            database.execute("delete from sessions")
        assert opens(second) == {401}


def test_a_journey_of_an_older_version_is_read_and_its_sessions_and_links_open_nothing(
    customer: Customer,
) -> None:
    """An earlier release kept them in the journey's own file."""
    ends = "2099-01-01T00:00:00+00:00"
    one = {"hash": hashed("token"), "who": WHO, "began_at": ends, "seen_at": ends}
    path = customer.onboarding.file.state.parent / "connection.onboarding.json"
    old = {"links": [{**one, "expires_at": ends, "used_at": None}], "sessions": [one]}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({**old, "consents": [], "news": [], "done": {"reads": ends}}))
    customer.client.cookies.set("desk", "token")
    assert opens(customer) == {401}
    assert customer.open("/link/token").status_code == 404
    customer.client.cookies.clear()
    customer.begin()
    assert customer.step == "source", "what was done is kept"


def test_the_records_of_an_older_version_are_read_and_their_sessions_open_nothing(
    connection: Path,
) -> None:
    path = connection.parent / "records" / "desk.sqlite"
    path.parent.mkdir()
    at = dt.datetime.now(dt.UTC).isoformat()
    with contextlib.closing(sqlite3.connect(path)) as database:
        database.executescript(OLDER)
        database.execute("insert into sessions values (?, ?, ?, ?)", [hashed("token"), WHO, at, at])
        database.execute(
            "insert into audit values (1, ?, ?, 'hr', '', 'signed_in', '{}')", [at, WHO]
        )
        database.commit()
    with open_customer(connection) as customer:
        customer.client.cookies.set("desk", "token")
        assert opens(customer) == {401}
        customer.client.cookies.clear()
        customer.begin()
        kept = [one.action for one in customer.records.actions(None, 10)]
        assert kept == ["signed_in", "link_made", "signed_in"]


@pytest.mark.parametrize("everywhere", ["", "1"])
def test_signing_out_ends_the_session_on_the_server_and_everywhere_also_unused_links(
    customer: Customer, everywhere: str
) -> None:
    customer.begin()
    stolen = dict(customer.client.cookies)
    with open_customer(customer.onboarding.file.path) as second:
        customer.open("/reads")
        assert f"Signed in as {WHO}" in customer.page.text
        customer.send("/sign-out", **({"everywhere": everywhere} if everywhere else {}))
        assert "You are signed out" in customer.page.text
        assert ("every link" in customer.page.text) == bool(everywhere)
        customer.client.cookies.clear()
        customer.client.cookies.update(stolen)
        assert opens(customer) == {401}
        second.client.cookies.update(stolen)
        assert opens(second) == {401}, "another server of the same onboarding knows it too"


def test_signing_out_everywhere_ends_a_link_that_was_not_used_yet(customer: Customer) -> None:
    customer.begin()
    with customer.records.open() as database:
        records = [tuple(one) for one in database.execute("select * from sessions")]
    unused = customer.new_link(who=OTHER)
    with customer.records.open() as database:
        database.executemany("insert into sessions values (?, ?, ?, ?, ?, ?)", records)
    customer.open("/reads")
    customer.send("/sign-out", everywhere="1")
    assert customer.open(unused).status_code == 410


def test_signing_out_needs_the_form_of_this_browser(customer: Customer) -> None:
    customer.begin()
    assert customer.client.post("/sign-out", data={"everywhere": "1"}).status_code == 403
    assert customer.open("/sign-out").url.path.endswith("/reads"), (
        "looking at the address does nothing"
    )
    assert opens(customer) == {200}


def test_two_servers_let_one_link_in_once(connection: Path) -> None:
    with open_customer(connection) as one, open_customer(connection) as two:
        reads = one.at("/reads")
        for _ in range(12):
            token = one.new_link().rpartition("/")[2]
            together = threading.Barrier(2)
            entered: list[str] = []

            def enter(
                base_url: str, token: str, together: threading.Barrier, entered: list[str]
            ) -> None:
                with httpx.Client(base_url=base_url) as browser:
                    page = browser.get(f"/link/{token}").text
                    form = re.findall(r'name="csrf" value="([^"]+)"', page)[0]
                    together.wait()
                    answer = browser.post(f"/link/{token}", data={"csrf": form})
                    if answer.status_code == 303 and browser.get(reads).status_code == 200:
                        entered.append(base_url)

            browsers = [
                threading.Thread(
                    target=enter, args=(at.onboarding.base_url, token, together, entered)
                )
                for at in (one, two)
            ]
            for browser in browsers:
                browser.start()
            for browser in browsers:
                browser.join()
            assert len(entered) == 1


@pytest.mark.parametrize("who", ["", " ", "Joke\x1b[2J", "Joke\nroot", "Joke\u202e", "J" * 101])
def test_a_link_needs_a_person_whose_name_is_one_plain_line(customer: Customer, who: str) -> None:
    with pytest.raises(Exception, match="for whom the link is"):
        customer.new_link(WEEK, who)
    with customer.records.open() as database:
        assert database.execute("select count(*) from links").fetchone()[0] == 0


@pytest.mark.parametrize("typed", [KEYS.keys(), ["secret_key"], ["access_key"]])
def test_stored_keys_are_changed_only_after_a_fresh_sign_in(
    customer: Customer, typed: Iterable[str]
) -> None:
    config = customer.onboarding.file.destination.config
    # Also where another key is still missing: what is there is what an attacker would replace.
    config.write_text(json.dumps({name: KEYS[name] for name in typed}))
    before = config.read_bytes()
    customer.begin()
    customer.now[0] += dt.timedelta(minutes=10)
    customer.open("/destination")
    refused = customer.send(**dict.fromkeys(typed, "of-an-attacker"))
    assert (refused.status_code, "Sign in again" in refused.text) == (403, True)
    assert config.read_bytes() == before


def test_a_given_consent_is_replaced_only_after_a_fresh_sign_in(customer: Customer) -> None:
    config = customer.onboarding.file.source.config
    known = json.loads(config.read_text())["credentials"]
    customer.begin()
    customer.now[0] += dt.timedelta(minutes=10)
    for credentials, status in ((known, 303), ({**known, "refresh_token": "given"}, 403)):
        config.write_text(json.dumps({"credentials": credentials}))
        form = re.findall(r'name="csrf" value="([^"]+)"', customer.open("/source").text)[0]
        answer = customer.client.post(
            customer.at("/source"), data={"csrf": form}, follow_redirects=False
        )
        assert answer.status_code == status


def test_every_sign_in_is_told_each_time_also_when_nobody_could_be_told_at_first(
    connection: Path, hook: Webhook
) -> None:
    connection.write_text(f"{connection.read_text()}alarms: {{webhook: '{hook.url}'}}\n")
    hook.status = 500
    with open_customer(connection) as customer:
        customer.begin()
    hook.status = 204
    with open_customer(connection) as customer:
        customer.begin()
    assert [event["event"] for event in hook.events] == ["signed_in", "signed_in"]
    assert hook.events[0]["at"] < hook.events[1]["at"]
    assert WHO not in json.dumps(hook.events)
    assert customer.records.news() == []


def hold_removals(box: Sandbox, folder: Path) -> Path:
    """A connection that is active, and whose last night was held because people leave."""
    configs = (box.config("source-loket"), box.config("destination-alleo"))
    connection = write_connection(folder, "source-loket", "destination-alleo", configs)
    with open_customer(connection) as customer:
        first = run_again(customer)
        hold = customer.onboarding.store().paths
        with open_store(hold) as database:
            approve(database, first["plan_hash"], "support", dt.datetime.now(dt.UTC))
        assert run_again(customer)["exit_code"] == 0
        box.night(leavers=6)
        later = {**configs[1], "as_of": box.control()["as_of"]}
        (folder / "destination.json").write_text(json.dumps(later))
        assert run_again(customer)["status"] == "held"

        def walked(journey: Journey) -> None:
            at = "2026-01-01T00:00:00+00:00"
            steps = ("reads", "source", "destination", "congratulations", "employers")
            journey.done.update(dict.fromkeys(steps, at))
            journey.preview = Preview("all", 3, at, str(first["plan_hash"]))
            journey.approved = {
                "since": at,
                "at": at,
                "by": "support",
                "plan_hash": first["plan_hash"],
                "counts": {},
                "expires_at": at,
            }

        customer.onboarding.journey.change(walked)
    return connection


def approvers(connection: Path) -> list[tuple[str, str]]:
    with open_store(store_of(connection).paths) as database:
        return database.execute(
            "select approved_by, source from sync.approvals order by approved_at"
        ).fetchall()


@pytest.mark.long
def test_removals_are_approved_by_who_signed_in_just_now_and_then_nothing_opens_any_more(
    box: Sandbox, tmp_path: Path, hook: Webhook
) -> None:
    connection = hold_removals(box, tmp_path)
    connection.write_text(f"{connection.read_text()}alarms: {{webhook: '{hook.url}'}}\n")
    with open_customer(connection) as customer:
        customer.begin()
        assert "The last night is held" in customer.page.text
        form = customer.open("/confirm").text
        plan_hash = re.findall(r'name="plan_hash" value="([^"]+)"', form)[0]
        customer.now[0] += dt.timedelta(minutes=11)
        assert "Accounts that end with this plan" in customer.open("/confirm").text
        late = customer.send(plan_hash=plan_hash, seen="1", name="Made Up")
        assert (late.status_code, "Sign in again" in late.text) == (403, True)
        assert approvers(connection) == [("support", "command")]
        customer.begin()
        customer.open("/confirm")
        with hold_store(customer.onboarding.store().paths):
            busy = customer.send(seen="1")
        assert (busy.status_code, "A run is going on" in busy.text) == (409, True)
        customer.open("/confirm")
        cookies = dict(customer.client.cookies)
        done = customer.send(seen="1", name="Made Up")
        assert "Active since" in done.text and "You are signed out now" in done.text
        assert WHO in done.text and "Made Up" not in done.text
        assert opens(customer) == {401}
        customer.client.cookies.update(cookies)
        assert opens(customer) == {401}
        assert customer.client.get(customer.at("/active")).status_code == 401
    assert approvers(connection) == [("support", "command"), (WHO, "onboarding")]
    with open_customer(connection) as restarted:
        restarted.client.cookies.update(cookies)
        assert opens(restarted) == {401}
        restarted.begin()
        assert opens(restarted) == {200}
    told = [event["event"] for event in hook.events]
    assert told == ["signed_in", "signed_in", "approved", "signed_in"]
    assert hook.events[2]["plan_hash"] == plan_hash
    approved = restarted.onboarding.journey.read().approved
    assert approved is not None and approved["by"] == WHO
