from __future__ import annotations

import datetime as dt
import json
import logging
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from destination_lunchdrive.client import LunchdriveVendor
from destination_lunchdrive.settings import parse_lunchdrive_settings
from people_sandbox.contracts.client import ClientContract
from people_transforms.delivery.vendor import Account, Place, RateLimit
from people_transforms.errors import (
    ConfigError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
    SyncError,
)

DINERS = "/api/clients/32567/diners"
CREATE = f"POST {DINERS}"
PATCH = f"PATCH {DINERS}/9"
INVITE = f"POST {DINERS}/9/invitation"
PERSON = {
    "personal_number": "0012",
    "first_name": "Jiří",
    "last_name": "Dvořák",
    "email": None,
    "chip_number": "00A1B2C3",
    "valid_from": dt.date(2025, 1, 1),
    "valid_to": None,
}


def row(**changes: Any) -> dict[str, Any]:
    return {
        "id": 9,
        "external_id": "alveno:alveno:101",
        "personal_number": "0012",
        "first_name": "Jiří",
        "last_name": "Dvořák",
        "email": None,
        "chip_number": "00A1B2C3",
        "valid_from": "2025-01-01",
        "valid_to": None,
        "active": True,
        "invitation_state": "none",
        **changes,
    }


def page(items: list[dict[str, Any]], total: int | None = None) -> dict[str, Any]:
    count = len(items) if total is None else total
    return {"items": items, "page": 1, "per_page": 100, "total": count}


def diners(numbers: range) -> list[dict[str, Any]]:
    return [row(id=number, external_id=f"alveno:alveno:{number}") for number in numbers]


@pytest.fixture
def make(server: Any) -> Iterator[Callable[..., LunchdriveVendor]]:
    made: list[LunchdriveVendor] = []

    def build(**changes: Any) -> LunchdriveVendor:
        config = {"api_url": f"{server.url}/api", "api_key": "k-1", "client_id": "32567"}
        timeout = changes.pop("timeout", 60.0)
        made.append(
            LunchdriveVendor(parse_lunchdrive_settings({**config, **changes}), timeout=timeout)
        )
        return made[-1]

    yield build
    for vendor in made:
        vendor.close()


@pytest.fixture
def vendor(make: Callable[..., LunchdriveVendor]) -> LunchdriveVendor:
    return make()


class TestAsEveryClient(ClientContract):
    PLACES, LIST, CREATE = "GET /api/clients", f"GET {DINERS}", CREATE
    places: ClassVar[Any] = {"items": [{"id": 32567}], "page": 1, "per_page": 100, "total": 1}
    unreadable: ClassVar[tuple[Any, ...]] = ({"items": 5},)

    def create(self, vendor: LunchdriveVendor) -> Account:
        return vendor.create("32567", "a:b:1", PERSON)

    def read(self, vendor: LunchdriveVendor) -> list[Account]:
        return list(vendor.accounts("32567"))

    def row(self, number: int) -> dict[str, Any]:
        return row(id=number, external_id=f"alveno:alveno:{number}")

    def page(self, rows: list[dict[str, Any]], count: int) -> dict[str, Any]:
        return page(rows, count)


CLIENTS = [
    {"id": 32567, "name": "Praha", "group_id": 12, "active": True},
    {"id": 32568, "name": "Brno", "group_id": 12, "active": True},
    {"id": 32569, "name": "Closed", "group_id": 12, "active": False},
]


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ({"mode": "single", "client_id": "32567"}, ["32567"]),
        ({"mode": "single", "client_id": "999"}, []),
        ({"mode": "single", "client_id": None}, []),
        ({"mode": "group"}, ["32567", "32568"]),
        ({"mode": "group", "allowed_client_ids": ["32568", "999"]}, ["32568"]),
    ],
)
def test_the_places_are_the_open_clients_of_this_connection(
    server: Any,
    reply: Any,
    make: Callable[..., LunchdriveVendor],
    settings: dict[str, Any],
    keys: list[str],
) -> None:
    server.script("GET /api/clients", reply(200, page(CLIENTS)))
    vendor = make(**settings)
    assert [place.account_key for place in vendor.places()] == keys
    assert vendor.visible_places() == [Place("32567", "Praha"), Place("32568", "Brno")]


def test_a_create_sends_what_is_known_and_no_nulls(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(CREATE, reply(201, row()))
    account = vendor.create("32567", "alveno:alveno:101", PERSON)
    assert account == Account(
        account_key="32567",
        account_id="9",
        is_active=True,
        external_id="alveno:alveno:101",
        invitation_state="none",
        fields=PERSON,
    )
    assert server.writes()[0].body == {
        "personal_number": "0012",
        "first_name": "Jiří",
        "last_name": "Dvořák",
        "chip_number": "00A1B2C3",
        "valid_from": "2025-01-01",
        "active": True,
        "external_id": "alveno:alveno:101",
    }
    assert server.writes()[0].headers["Authorization"] == "Bearer k-1"


def test_changes_are_sent_alone_and_empty_values_as_null(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(PATCH, reply(200, row()))
    vendor.update("32567", "9", {"chip_number": None, "unknown_field": "x"})
    vendor.update("32567", "9", {}, external_id="alveno:alveno:101")
    vendor.deactivate("32567", "9", {"valid_to": dt.date(2026, 3, 1), "chip_number": None})
    vendor.activate("32567", "9", {"valid_to": None})
    assert [one.body for one in server.writes()] == [
        {"chip_number": None},
        {"external_id": "alveno:alveno:101"},
        {"valid_to": "2026-03-01", "chip_number": None, "active": False},
        {"valid_to": None, "active": True},
    ]


def test_an_ended_diner_is_read_with_its_last_day(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(PATCH, reply(200, row(active=False, valid_to="2026-03-01T00:00:00Z")))
    account = vendor.deactivate("32567", "9", {})
    assert (account.is_active, account.ended_on) == (False, "2026-03-01")
    assert account.fields["valid_to"] == dt.date(2026, 3, 1)


def test_a_change_without_a_body_in_the_answer_is_done(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(PATCH, reply(204))
    account = vendor.deactivate("32567", "9", {"chip_number": None})
    assert (account.account_id, account.is_active) == ("9", False)
    assert account.tells_state
    assert not vendor.update("32567", "9", {"chip_number": None}).tells_state, "nobody said"


def test_an_invitation_is_one_call(server: Any, reply: Any, vendor: LunchdriveVendor) -> None:
    server.script(INVITE, reply(202, {"invitation_state": "sent"}))
    vendor.invite("32567", "9")
    assert [one.path for one in server.writes()] == [f"{DINERS}/9/invitation"]


def test_an_invitation_that_somebody_else_sent_is_sent(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(INVITE, reply(409, {"error": {"code": "already_invited", "message": "x"}}))
    vendor.invite("32567", "9")
    assert len(server.writes()) == 1


def test_an_invitation_that_is_refused_is_parked(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    body = {"error": {"code": "inactive", "message": "x", "field": "active"}}
    server.script(INVITE, reply(409, body))
    with pytest.raises(RejectedError) as refused:
        vendor.invite("32567", "9")
    assert type(refused.value) is RejectedError
    assert refused.value.cause == "409 active"


def test_an_external_id_that_is_too_long_is_not_sent(server: Any, vendor: LunchdriveVendor) -> None:
    with pytest.raises(RejectedError) as refused:
        vendor.create("32567", "x" * 65, PERSON)
    assert refused.value.field == "external_id"
    assert server.writes() == []


# What is configured.


def test_paths_header_and_names_come_from_the_configuration(
    server: Any, reply: Any, make: Callable[..., LunchdriveVendor]
) -> None:
    vendor = make(
        auth={"header": "X-API-Key", "prefix": ""},
        endpoints={
            "clients": "canteens",
            "diners": "/c/{client_id}/people",
            "diner": "/people/{diner_id}",
            "invitation": None,
        },
        field_names={
            "id": "uid",
            "chip_number": "card",
            "valid_from": None,
            "external_id": None,
            "active": "enabled",
        },
    )
    server.script("GET /api/canteens", reply(200, page(CLIENTS)))
    answer = {"uid": "A/9", "card": "1", "enabled": True, "personal_number": "0012"}
    server.script("POST /api/c/32567/people", reply(201, answer))
    server.script("PATCH /api/people/A%2F9", reply(200, answer))
    assert [place.account_key for place in vendor.places()] == ["32567"]
    assert vendor.create("32567", "alveno:alveno:101", PERSON).fields["chip_number"] == "1"
    vendor.update("32567", "A/9", {"chip_number": "2", "valid_from": None})
    vendor.invite("32567", "A/9")
    first, second = server.writes()
    assert first.body == {
        "personal_number": "0012",
        "first_name": "Jiří",
        "last_name": "Dvořák",
        "card": "00A1B2C3",
        "enabled": True,
    }
    assert second.body == {"card": "2"}
    assert first.headers["X-API-Key"] == "k-1"
    assert "Authorization" not in first.headers
    assert vendor.traits.invites is False
    assert "valid_from" not in vendor.traits.fields


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"api_url": "http://lunchdrive.example.com"}, "api_url"),
        ({"api_url": "HTTP://LUNCHDRIVE.EXAMPLE.COM"}, "api_url"),
        ({"api_url": "http://127.0.0.1.example.com"}, "api_url"),
        ({"api_url": "http://localhost@example.com"}, "api_url"),
        ({"api_url": "http://10.0.0.1"}, "api_url"),
        ({"api_url": "//example.com/x"}, "api_url"),
        ({"api_url": "lunchdrive.example.com"}, "api_url"),
        ({"api_url": "https://user:pw@lunchdrive.example.com"}, "api_url"),
        ({"api_url": "https://:pw@lunchdrive.example.com"}, "api_url"),
        ({"api_key": "two\nlines"}, "api_key"),
        ({"api_key": " "}, "api_key"),
        ({"endpoints": {"diner": "/x/{person}"}}, "endpoints.diner"),
        ({"endpoints": {"clients": "https://elsewhere.example.com/x"}}, "endpoints.clients"),
        ({"field_names": {"active": None}}, "active"),
        ({"field_names": {"external_id": None, "personal_number": None}}, "personal_number"),
        ({"mode": "both"}, "mode"),
    ],
)
def test_a_setting_that_cannot_work_is_named(
    make: Callable[..., LunchdriveVendor], settings: dict[str, Any], name: str
) -> None:
    with pytest.raises(ConfigError, match=name) as refused:
        make(**settings)
    assert "pw" not in str(refused.value)


def test_the_key_is_not_replaced_by_a_netrc_entry(
    server: Any,
    reply: Any,
    make: Callable[..., LunchdriveVendor],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    server.script("GET /api/clients", reply(200, page(CLIENTS)))
    make().places()
    assert server.seen[0].headers["Authorization"] == "Bearer k-1"


@pytest.mark.parametrize("kept_out", ["", "127.0.0.1"])
def test_calls_go_through_the_proxy_of_the_machine_but_for_addresses_kept_out_of_it(
    server: Any,
    reply: Any,
    make: Callable[..., LunchdriveVendor],
    monkeypatch: pytest.MonkeyPatch,
    kept_out: str,
) -> None:
    for name, value in (("http_proxy", server.url), ("no_proxy", kept_out)):
        monkeypatch.setenv(name, value)
        monkeypatch.delenv(name.upper(), raising=False)
    server.script("GET /api/clients", reply(200, page(CLIENTS)))
    vendor = make(api_url="http://127.0.0.1:9/api")
    if kept_out:
        with pytest.raises(RetryableError):
            vendor.places()
    else:
        assert vendor.places()
    assert len(server.seen) == (0 if kept_out else 1)


# What the vendor answers → what the engine is told.

NESTED = {"error": {"code": "invalid", "message": "dvorak@example.com", "field": "email"}}
YII = [{"field": "chip_number", "message": "00A1B2C3 is used"}]


@pytest.mark.parametrize(
    ("status", "body", "error", "field", "cause"),
    [
        (400, NESTED, RejectedError, "email", "400 email"),
        (422, NESTED, RejectedError, "email", "422 email"),
        (422, YII, RejectedError, "chip_number", "422 chip_number"),
        (422, "E-mail dvorak@example.com is wrong", RejectedError, None, "422"),
        (422, {"error": "Dvořák"}, RejectedError, None, "422"),
        (422, {"errors": YII}, RejectedError, "chip_number", "422 chip_number"),
        (422, [{"field": "Dvořák"}, 5], RejectedError, None, "422"),
        (409, NESTED, ConflictError, "email", "409 email"),
        (409, YII, ConflictError, "chip_number", "409 chip_number"),
        (409, "taken", ConflictError, None, "409"),
        (404, {"error": {"code": "not_found", "message": "x"}}, GoneError, None, "404"),
    ],
)
def test_a_refused_record_is_named_by_its_field(
    server: Any,
    reply: Any,
    vendor: LunchdriveVendor,
    status: int,
    body: Any,
    error: type[RejectedError],
    field: str | None,
    cause: str,
) -> None:
    server.script(PATCH, reply(status, body))
    with pytest.raises(error) as refused:
        vendor.update("32567", "9", {"email": "dvorak@example.com"})
    assert type(refused.value) is error
    assert (refused.value.field, refused.value.cause) == (field, cause)
    assert "dvo" not in str(refused.value).casefold()
    assert "00A1" not in str(refused.value)


def test_a_refusal_names_the_field_in_our_words(
    server: Any, reply: Any, make: Callable[..., LunchdriveVendor]
) -> None:
    server.script(CREATE, reply(409, [{"field": "card", "message": "x"}]))
    with pytest.raises(ConflictError) as refused:
        make(field_names={"chip_number": "card"}).create("32567", "a:b:1", PERSON)
    assert refused.value.field == "chip_number"


def test_a_client_that_is_gone_stops_its_people_only(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(CREATE, reply(404, NESTED))
    with pytest.raises(RejectedError) as refused:
        vendor.create("32567", "a:b:1", PERSON)
    assert refused.value.cause == "404 client"
    server.script(f"GET {DINERS}", reply(404, NESTED))
    with pytest.raises(ConfigError, match="`client_id`"):
        list(vendor.accounts("32567"))


@pytest.mark.parametrize(
    ("status", "text"),
    [(401, "`api_key`"), (403, "no right"), (301, "`api_url`"), (405, "`endpoints`")],
)
def test_keys_rights_and_addresses_stop_the_run(
    server: Any, reply: Any, vendor: LunchdriveVendor, status: int, text: str
) -> None:
    server.script(CREATE, reply(status, "no", {"Location": "https://elsewhere.example.com"}))
    with pytest.raises(ConfigError, match=text):
        vendor.create("32567", "a:b:1", PERSON)
    assert len(server.seen) == 1


# Reading lists.


def test_every_diner_is_read_once_page_by_page(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    server.script(
        f"GET {DINERS}",
        reply(200, page(diners(range(100)), 150)),
        reply(200, page(diners(range(100, 150)), 150)),
    )
    assert len({account.account_id for account in vendor.accounts("32567")}) == 150
    assert [one.query for one in server.seen] == [
        {"page": "1", "per_page": "100", "include_inactive": "1"},
        {"page": "2", "per_page": "100", "include_inactive": "1"},
    ]


def test_a_bare_array_counts_by_its_header_or_until_nothing_new_comes(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    counted = {"X-Pagination-Total-Count": "3"}
    server.script(f"GET {DINERS}", reply(200, diners(range(3)), counted))
    assert len(list(vendor.accounts("32567"))) == 3
    server.script(
        f"GET {DINERS}",
        reply(200, diners(range(100))),
        reply(200, diners(range(100, 130))),
        reply(200, []),
    )
    assert len(list(vendor.accounts("32567"))) == 130


def test_a_diner_is_found_by_external_id_before_the_exact_number(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    rows = [
        row(id=1, external_id=None, personal_number="12"),
        row(id=2, external_id=None, personal_number="0012"),
        row(id=3, personal_number="77"),
    ]
    server.script(f"GET {DINERS}", reply(200, page(rows)))

    def found(external_id: str, number: str) -> str | None:
        account = vendor.find("32567", external_id, {"personal_number": number})
        return account.account_id if account else None

    assert found("alveno:alveno:101", "0012") == "3"
    assert found("alveno:alveno:999", "0012") == "2"
    assert found("alveno:alveno:999", "012") is None


def test_the_rate_limit_is_that_of_the_latest_answer(
    server: Any, reply: Any, vendor: LunchdriveVendor
) -> None:
    limits = {
        "X-RateLimit-Limit": "60",
        "X-RateLimit-Remaining": "59",
        "X-RateLimit-Reset": "60",
    }
    server.script("GET /api/clients", reply(200, page(CLIENTS), limits))
    assert vendor.rate_limit() is None
    vendor.places()
    assert vendor.rate_limit() == RateLimit(60, 59, 60.0)


def test_no_error_and_no_log_line_quotes_a_person_or_the_key(
    server: Any, reply: Any, make: Callable[..., LunchdriveVendor], caplog: pytest.LogCaptureFixture
) -> None:
    vendor = make(api_key="canary-key-1")
    person = {**PERSON, "email": "canary@example.com", "last_name": "Canary"}
    texts = []
    with caplog.at_level(logging.DEBUG):
        for answer in (
            reply(422, {"error": {"code": "canary@x", "message": "Canary", "field": "Canary"}}),
            reply(409, "canary@example.com exists"),
            reply(500, "canary@example.com"),
            reply(200, "canary@example.com"),
            reply(201, row(), fault="reset"),
            reply(401, "canary-key-1"),
        ):
            server.script(CREATE, answer)
            with pytest.raises(SyncError) as raised:
                vendor.create("32567", "a:b:1", person)
            texts.append(str(raised.value) + repr(raised.value.facts))
    texts += [record.getMessage() for record in caplog.records]
    assert len(texts) > 6
    assert "canary" not in json.dumps(texts).casefold()
