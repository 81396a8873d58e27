"""Answers that no honest Loket gives: what comes of each, and that nobody else pays for it."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people_connector import guard
from source_loket.pages import PageParser

pytestmark = pytest.mark.few(9)

SECRET = "client-secret-4711"
EMPLOYER = {"id": "11111111-2222-4333-8444-555555555555", "companyName": "Bakkerij Test"}
Answer = tuple[int, dict[str, str], bytes]
quick = settings(
    max_examples=120,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@dataclass
class Host:
    """A host on this machine: what it was asked, and what it says of employees and tokens."""

    url: str = ""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    employees: Answer = (200, {}, b"")
    employer: dict[str, str] = field(default_factory=lambda: dict(EMPLOYER))
    token: Answer = (200, {}, b'{"access_token": "a-token", "expires_in": 3599}')

    def answer_to(self, path: str) -> Answer:
        if path.endswith("/token"):
            return self.token
        return (
            self.employees if "/employees" in path else (200, {}, page(json.dumps(self.employer)))
        )


def page(*rows: str) -> bytes:
    head = f'"totalSize":{len(rows)},"currentPage":1,"totalPages":1,"pageSize":250'
    return f'{{{head},"_embedded":[{",".join(rows)}]}}'.encode()


def person(number: int, last_name: str = '"Bakker"', more: str = "") -> str:
    details = f'"personalDetails":{{"firstName":"Jan","lastName":{last_name}}}'
    return f'{{"id":"P{number}","employeeNumber":{number},{more}{details}}}'


def serve(host: Host) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            host.asked.append((self.path, self.headers.get("Authorization", ""), body))
            status, headers, content = host.answer_to(self.path.partition("?")[0])
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(content))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = answer

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
    return server


@pytest.fixture
def hosts() -> Iterator[tuple[Host, Host]]:
    """Loket, and a host of somebody else."""
    loket, other = Host(), Host()
    servers = [serve(loket), serve(other)]
    yield loket, other
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def loket(hosts: tuple[Host, Host]) -> Host:
    return hosts[0]


def config_of(host: Host) -> dict[str, Any]:
    credentials = {"client_id": "c", "client_secret": SECRET, "refresh_token": "refresh-4711"}
    return {"credentials": credentials, "api_url": host.url, "oauth_url": f"{host.url}/oauth"}


def test_an_honest_answer_is_read(loket: Host, read: Any) -> None:
    """The control of every test here."""
    loket.employees = (200, {}, page(person(1), person(2)))
    outcome = read(config_of(loket), ["employees"])
    assert outcome.status("employees") == "COMPLETE", outcome.errors
    assert outcome.ids("employees") == ["P1", "P2"]


@pytest.mark.parametrize("employer_id", ["a/b", "../../user", "a?b=c", "a#b", "a%2Fb", "é 1"])
def test_an_id_stays_one_part_of_a_path(loket: Host, read: Any, employer_id: str) -> None:
    """Else another list would be read, and taken for this employer's."""
    loket.employer["id"] = employer_id
    loket.employees = (200, {}, page(person(1)))
    outcome = read(config_of(loket), ["employees"])
    assert [r["employer_id"] for r in outcome.records["employees"]] == [employer_id]
    (path,) = {path.partition("?")[0] for path, _, _ in loket.asked if "/employees" in path}
    before, one, after = path.rsplit("/", 2)
    assert (before, unquote(one), after) == ("/providers/employers", employer_id, "employees")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_to_another_host_is_not_followed_and_not_believed(
    hosts: tuple[Host, Host], read: Any, status: int
) -> None:
    loket, other = hosts
    other.employees = (200, {}, page(person(666)))
    loket.employees = (status, {"Location": f"{other.url}/employees"}, b"")
    outcome = read(config_of(loket), ["employees"])
    assert other.asked == []
    assert outcome.status("employees") == "INCOMPLETE"
    assert outcome.records["employees"] == []
    assert {error["failure_type"] for error in outcome.errors} == {"config_error"}
    assert "set api_url" in outcome.errors[0]["message"]


@pytest.mark.parametrize("status", [302, 307, 308])
def test_a_redirected_token_request_takes_no_secret_to_another_host(
    hosts: tuple[Host, Host], read: Any, status: int
) -> None:
    loket, other = hosts
    honest = loket.token
    loket.token = (status, {"Location": f"{other.url}/token"}, b"")
    outcome = read(config_of(loket), ["employers"])
    assert other.asked == []
    assert {error["failure_type"] for error in outcome.errors} == {"config_error"}
    assert "oauth_url" in outcome.errors[0]["message"]
    assert SECRET not in str(outcome.errors)
    loket.token = honest
    assert read(config_of(loket), ["employers"]).status("employers") == "COMPLETE"
    assert any(SECRET in body for _, _, body in loket.asked), "the control: Loket itself gets it"


@pytest.mark.parametrize("setting", ["api_url", "oauth_url"])
@pytest.mark.parametrize(
    "url", ["http://loket.example/v2", "http://127.0.0.1.loket.example/v2", "ftp://127.0.0.1.x"]
)
def test_nothing_is_sent_without_encryption_but_on_this_machine(
    loket: Host, read: Any, setting: str, url: str
) -> None:
    outcome = read(config_of(loket) | {setting: url}, ["employers"])
    assert outcome.status("employers") == "INCOMPLETE"
    assert "https" in outcome.errors[0]["message"]
    assert outcome.errors[0]["failure_type"] == "config_error"
    assert [path for path, _, _ in loket.asked if setting == "oauth_url"] == []


def test_a_redirect_on_the_same_host_is_followed(loket: Host, read: Any) -> None:
    moved = {"Location": f"{loket.url}/moved"}
    loket.employees = (307, moved, b"")
    outcome = read(config_of(loket), ["employees"])
    assert outcome.ids("employees") == [EMPLOYER["id"]]


def test_an_answer_that_inflates_without_end_is_refused(
    loket: Host, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    bomb = gzip.compress(page(person(1, more=" " * 3_000_000)))
    loket.employees = (200, {"Content-Encoding": "gzip"}, bomb)
    assert read(config_of(loket), ["employees"]).ids("employees") == ["P1"]
    loket.asked.clear()
    monkeypatch.setattr(guard, "MOST_BYTES", 2 << 20)
    outcome = read(config_of(loket), ["employees"])
    assert outcome.status("employees") == "INCOMPLETE"
    assert outcome.records["employees"] == []
    assert "larger than 2 MB" in outcome.errors[0]["message"]
    assert sum("/employees" in path for path, _, _ in loket.asked) == 1


DEEP = "[" * 200 + "]" * 200
SPOILED: dict[str, tuple[str, Callable[[dict[str, Any]], object], object]] = {
    "NaN in a name": (person(1, "NaN"), lambda row: row["personalDetails"]["lastName"], None),
    "infinity elsewhere": (person(1, more='"weight":-Infinity,'), lambda row: row["id"], "P1"),
    "a number without end": (person(1, more='"weight":1e999,'), lambda row: row["id"], "P1"),
    "half a surrogate pair": (
        person(1, more='"weight":NaN,', last_name=r'"B\ud83dkker"'),
        lambda row: row["personalDetails"]["lastName"],
        "B?kker",
    ),
    "nested 200 deep": (person(1, more=f'"extra":{DEEP},'), lambda row: row["id"], "P1"),
    "nested 200 deep in a name": (
        person(1, last_name=DEEP),
        lambda row: json.dumps(row["personalDetails"]["lastName"]).replace(" ", ""),
        DEEP,
    ),
    "a key twice": (
        person(1, last_name='"First","lastName":"Second"'),
        lambda row: row["personalDetails"]["lastName"],
        "Second",
    ),
    "a number of 400 digits": (
        person(1, more=f'"weight":{"9" * 400},'),
        lambda row: row["id"],
        "P1",
    ),
    "a megabyte": (
        person(1, last_name='"' + "B" * 1_000_000 + '"'),
        lambda row: len(row["personalDetails"]["lastName"]),
        1_000_000,
    ),
    "signs of HTML, shells and SQL": (
        person(1, last_name=json.dumps("<script>'; drop table raw.x; --\x1b[2J../../=1")),
        lambda row: row["personalDetails"]["lastName"],
        "<script>'; drop table raw.x; --\x1b[2J../../=1",
    ),
}


@pytest.mark.parametrize("fields", ["minimal", "all"])
@pytest.mark.parametrize("name", SPOILED)
@pytest.mark.some(5)
def test_one_spoiled_record_stops_nobody(loket: Host, read: Any, name: str, fields: str) -> None:
    row, look, seen = SPOILED[name]
    loket.employees = (200, {}, page(row, person(2)))
    outcome = read({**config_of(loket), "fields": fields}, ["employees"])
    assert outcome.status("employees") == "COMPLETE", outcome.errors
    assert outcome.ids("employees") == ["P1", "P2"]
    assert look(outcome.records["employees"][0]) == seen
    assert outcome.records["employees"][1]["personalDetails"]["lastName"] == "Bakker"


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=12,
)
NAMES = [
    "totalSize",
    "currentPage",
    "totalPages",
    "_embedded",
    "id",
    "a",
    "version",
    "obsoleteDate",
]
NEAR_JSON = st.recursive(
    ANY_JSON | st.integers(0, 3) | st.just("P1"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner),
    max_leaves=12,
)


@quick
@given(
    body=st.binary(max_size=40)
    | NEAR_JSON.map(lambda value: json.dumps(value).encode())
    | st.lists(st.sampled_from([person(1), person(2, "NaN"), "{}", "7", '"x"']), max_size=3).map(
        lambda rows: page(*rows)
    ),
    cut=st.integers(0, 400),
    fields=st.sampled_from([("a.b", "personalDetails.lastName"), None]),
)
def test_any_body_is_a_list_or_broken(body: bytes, cut: int, fields: Any) -> None:
    parser = PageParser(["id"], fields)
    for candidate in (body, body[:cut]):
        try:
            page = parser.parse(candidate)
        except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
            continue  # what the error handler takes for broken
        assert len(page.rows) == len(page.ids)
        for row, identity in zip(page.rows, page.ids, strict=True):
            assert str(row["id"]) == identity
            orjson.dumps(row)
