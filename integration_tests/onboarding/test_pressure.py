"""Strangers who hold connections, send by drips, fill the log or use up other people's tries."""

from __future__ import annotations

import contextlib
import json
import resource
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from people_sync.desk.web import forms, sockets
from people_sync.desk.web.limits import ALLOWED

from .conftest import Customer, open_customer, write_connection

pytestmark = pytest.mark.few(5)

SOCKETS = 1100
# What the smallest systems let a server open; above it nobody is let in.
FEW_FILES = 256
TRIES = int(ALLOWED["wrong link"].partition("/")[0])
PATIENCE = 60.0


@pytest.fixture
def connection(tmp_path: Path) -> Path:
    source = {"credentials": {"client_id": "client"}}
    return write_connection(tmp_path, "source-loket", "destination-alleo", (source, {}))


@dataclass
class Server:
    """The command as an operator starts it, and its link."""

    link: str
    address: tuple[str, int]
    log: Path


# Both are served alike: the onboarding of a connection, and the desk.
COMMANDS = {
    "onboard": ["--for", "Joke de Vries"],
    "desk": ["--allow", "joke@example.nl=support", "--link", "joke@example.nl"],
}


@pytest.fixture(params=COMMANDS)
def server(connection: Path, request: pytest.FixtureRequest) -> Iterator[Server]:
    """Serve with the usual limit of open files."""
    log = connection.with_name("server.log")
    command = [Path(sys.executable).parent / "people-sync", request.param, connection]
    options = [*COMMANDS[request.param], "--port", "0", "--output", "json"]
    options += ["--records", str(connection.with_name("records"))]
    with (
        log.open("wb") as errors,
        subprocess.Popen(
            ["bash", "-c", f'ulimit -n {FEW_FILES}; exec "$@"', "-", *command, *options],
            stdout=subprocess.PIPE,
            stderr=errors,
        ) as process,
    ):
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        url = httpx.URL(said["url"])
        yield Server(said["link"], (url.host, url.port or 0), log)
        process.send_signal(signal.SIGINT)
    assert process.returncode == 0


@contextlib.contextmanager
def many_files() -> Iterator[None]:
    """Let this process hold all the sockets of the attack."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 2 * SOCKETS)), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


HEAD = b"POST /link/guess HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: desk=x\r\n"
FORM = b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000\r\n\r\n"
HALVES = {
    "nothing": b"",
    "half a head": HEAD,
    "half a body": HEAD + FORM + b"csrf=",
    "an answered page and half a head": b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" + HEAD,
}


@pytest.mark.parametrize("half", HALVES)
@pytest.mark.long
@pytest.mark.drawn(3)
def test_eleven_hundred_half_sent_requests_stop_nobody_and_fill_no_log(
    server: Server, half: str
) -> None:
    with many_files(), contextlib.ExitStack() as held:
        for _ in range(SOCKETS):
            attacker = held.enter_context(socket.create_connection(server.address, PATIENCE))
            with contextlib.suppress(ConnectionError):
                attacker.sendall(HALVES[half])
        for _ in range(3):
            page = httpx.get(server.link, timeout=PATIENCE, params={"lang": "en"})
            assert page.status_code == 200
            assert "Begin" in page.text or "Sign in" in page.text
    assert server.log.stat().st_size < 100_000


def test_invalid_requests_fill_no_log(server: Server) -> None:
    for _ in range(300):
        with socket.create_connection(server.address, PATIENCE) as attacker:
            attacker.sendall(b"\x00\r\n\r\n")
            assert b"400" in attacker.recv(1000)
    lines = server.log.read_text().splitlines()
    assert 0 < len(lines) <= 30
    assert "left out" in lines[-1]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch, connection: Path) -> Iterator[Customer]:
    """A server whose patience is a test's."""
    monkeypatch.setattr(sockets, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(forms, "SECONDS", 0.2)
    with open_customer(connection) as customer:
        yield customer


def raw(customer: Customer) -> socket.socket:
    url = customer.client.base_url
    return socket.create_connection((url.host, url.port or 0), PATIENCE)


def ends(attacker: socket.socket) -> bytes:
    """Read until the server ends the connection; a time-out fails."""
    got = b""
    with contextlib.suppress(ConnectionResetError):
        while part := attacker.recv(65536):
            got += part
    return got


@pytest.mark.parametrize("half", ["nothing", "half a head", "an answered page and half a head"])
def test_a_head_that_does_not_come_ends_the_connection(impatient: Customer, half: str) -> None:
    with raw(impatient) as attacker:
        attacker.sendall(HALVES[half])
        assert ends(attacker).count(b"HTTP/1.1") == ("page" in half)


def test_a_body_that_does_not_come_ends_the_request(impatient: Customer) -> None:
    with raw(impatient) as attacker:
        attacker.sendall(HALVES["half a body"])
        assert ends(attacker).startswith(b"HTTP/1.1 403")


def test_who_does_not_read_the_answers_is_dropped(
    connection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sockets, "READ_SECONDS", 0.2)
    with open_customer(connection) as customer, raw(customer) as attacker:
        attacker.settimeout(1)
        with contextlib.suppress(OSError):
            attacker.sendall(b"GET /style.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 20_000)
        gone = select.poll()
        gone.register(attacker, 0)
        assert gone.poll(PATIENCE * 1000), "the connection was not ended"
        assert customer.open("/style.css").status_code == 200


def test_requests_that_come_together_are_all_answered(impatient: Customer) -> None:
    with raw(impatient) as visitor:
        visitor.sendall(b"GET /style.css HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * 5)
        assert ends(visitor).count(b"HTTP/1.1 200") == 5


def test_who_is_not_signed_in_is_refused_before_the_body_is_read(connection: Path) -> None:
    length = b"Content-Length: 200000\r\n\r\n"
    kinds = b"Host: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    with open_customer(connection) as customer:
        for path, status in (
            (customer.at("/destination").encode(), b"401"),
            (b"/sign-out", b"401"),
            (b"/link/x", b"403"),
        ):
            with raw(customer) as attacker:
                attacker.sendall(b"POST " + path + b" HTTP/1.1\r\n" + kinds + length)
                assert ends(attacker).startswith(b"HTTP/1.1 " + status), path


def test_a_body_without_end_is_refused(impatient: Customer) -> None:
    with raw(impatient) as attacker:
        attacker.sendall(HEAD + FORM.replace(b"1000", b"99999999"))
        with contextlib.suppress(ConnectionError):
            attacker.sendall(b"x" * 400_000)
        assert ends(attacker)[:12] in (b"HTTP/1.1 403", b"")
    assert impatient.open("/link/x").status_code == 404


def guesses(customer: Customer, tries: int, **headers: str) -> list[int]:
    return [
        customer.client.get(f"/link/guess-{n}", headers=headers).status_code for n in range(tries)
    ]


def test_guesses_lock_out_neither_the_customer_nor_a_link(connection: Path) -> None:
    with open_customer(connection) as customer:
        assert guesses(customer, TRIES + 1)[-1] == 429
        customer.begin()
        assert customer.step == "reads"
        assert customer.open("/source").status_code == 200


def test_an_address_that_a_stranger_writes_is_not_believed(connection: Path) -> None:
    with open_customer(connection) as customer:
        seen = [
            customer.client.get(f"/link/guess-{n}", headers={"X-Forwarded-For": f"10.9.8.{n}"})
            for n in range(TRIES + 1)
        ]
        assert seen[-1].status_code == 429


def test_behind_a_named_proxy_each_visitor_is_counted_by_the_address_that_it_saw(
    connection: Path,
) -> None:
    with open_customer(connection, proxies=["127.0.0.1"]) as customer:
        spoofed = [
            customer.client.get(
                f"/link/guess-{n}", headers={"X-Forwarded-For": f"10.9.8.{n}, 192.0.2.1"}
            )
            for n in range(TRIES + 1)
        ]
        assert spoofed[-1].status_code == 429, "only what the proxy added counts"
        other = {"X-Forwarded-For": "10.9.8.1, 192.0.2.2"}
        assert customer.client.get("/link/guess", headers=other).status_code == 404


def test_a_link_that_was_sent_is_counted_by_itself(connection: Path) -> None:
    with open_customer(connection, proxies=["127.0.0.1"]) as customer:
        link = customer.new_link()
        seen = [
            customer.client.get(link, headers={"X-Forwarded-For": f"192.0.2.{n}"}).status_code
            for n in range(TRIES + 1)
        ]
        assert seen == [200] * TRIES + [429]


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--host", "0.0.0.0", "--for", "Joke"], "--base-url"),
        (["--base-url", "http://example.com", "--for", "Joke"], "https://"),
        (["--trusted-proxy", "*", "--for", "Joke"], "--trusted-proxy"),
        ([], "--for"),
        (["--for", "Jo\x1b[2Jke"], "for whom the link is"),
        (["--no-link", "--no-serve"], "nothing to do"),
        (["--no-serve", "--for", "Joke"], "where it is served"),
        (["--no-serve", "--for", "Joke", "--port", "8711"], "--records"),
    ],
)
def test_what_would_not_be_safe_is_refused_before_anything_is_served(
    connection: Path, options: list[str], what: str
) -> None:
    command = [Path(sys.executable).parent / "people-sync", "onboard", connection, "--port", "0"]
    command += ["--records", connection.with_name("records")]
    ended = subprocess.run(
        [*command, *options], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert (ended.returncode, what in ended.stderr) == (2, True), ended.stderr


def test_a_new_link_is_made_while_the_server_runs_and_ends_the_session(connection: Path) -> None:
    command = [Path(sys.executable).parent / "people-sync", "onboard", connection, "--no-serve"]
    with open_customer(connection) as customer:
        customer.begin()
        options = ["--for", "Piet Bakker", "--base-url", customer.office.base_url]
        options += ["--records", str(connection.parent / "records")]
        made = subprocess.run(
            [*command, *options, "--output", "json"], capture_output=True, check=True
        )
        assert customer.open("/reads").status_code == 401
        customer.open(json.loads(made.stdout)["link"])
        assert "Piet Bakker" in customer.send().text
