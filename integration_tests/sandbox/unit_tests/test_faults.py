"""Every fault of the menu, at a vendor where it matters; each ends, and the next call is answered."""

from __future__ import annotations

from typing import Any

import pytest
import requests
from people_sandbox import Sandbox
from people_sandbox.errors import SandboxError
from people_sandbox.faults import NAMES

from .conftest import Caller

LISTS = {"loket": "/providers/employers", "alveno": "/employees", "lunchdrive": "/clients"}
VENDORS = list(LISTS)
DINER = {"first_name": "Ema", "last_name": "Nováková"}


@pytest.fixture(scope="module")
def callers(loket: Caller, alveno: Caller, lunchdrive: Caller) -> dict[str, Caller]:
    return {"loket": loket, "alveno": alveno, "lunchdrive": lunchdrive}


def _diners(box: Sandbox) -> int:
    return len(box.accounts("lunchdrive"))


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ("too_many_requests", 429),
        ("too_many_requests_no_header", 429),
        ("server_error", 500),
        ("unavailable", 503),
        ("forbidden", 403),
        ("not_found", 404),
        ("conflict", 409),
        ("unprocessable", 422),
        ("locked", 423),
        ("html_error", 502),
        ("html_200", 200),
    ],
)
def test_an_answer_instead_of_the_vendors(
    box: Sandbox, callers: dict[str, Caller], vendor: str, fault: str, status: int
) -> None:
    box.fault(vendor, fault, retry_after=7)
    spoiled, after = callers[vendor].get(LISTS[vendor]), callers[vendor].get(LISTS[vendor])
    assert (spoiled.status_code, after.status_code) == (status, 200)
    assert spoiled.headers.get("Retry-After") == (
        "7" if fault in ("too_many_requests", "server_error", "unavailable") else None
    )
    is_html = fault.startswith("html") or vendor == "alveno"
    assert spoiled.headers["content-type"].startswith("text/html") is is_html
    after.json()
    if is_html:
        with pytest.raises(requests.exceptions.JSONDecodeError):
            spoiled.json()


def test_the_wait_is_one_second_where_none_is_given(box: Sandbox, loket: Caller) -> None:
    box.fault("loket", "too_many_requests")
    assert loket.get("/user").headers["Retry-After"] == "1"


@pytest.mark.parametrize("vendor", VENDORS)
def test_a_reset_connection_gives_no_answer(
    box: Sandbox, callers: dict[str, Caller], vendor: str
) -> None:
    box.fault(vendor, "reset_before")
    with pytest.raises(requests.ConnectionError):
        callers[vendor].get(LISTS[vendor])
    assert callers[vendor].get(LISTS[vendor]).status_code == 200
    assert [call["status"] for call in box.requests(vendor)[-2:]] == [None, 200]


@pytest.mark.parametrize(
    ("fault", "added"),
    [("reset_before", 0), ("reset_after", 1), ("timeout_before", 0), ("timeout_after", 1)],
)
def test_before_and_after_differ_in_what_the_vendor_did(
    box: Sandbox, lunchdrive: Caller, fault: str, added: int
) -> None:
    before = _diners(box)
    box.fault("lunchdrive", fault, match="POST /clients/*/diners", seconds=20)
    expected = requests.ReadTimeout if fault.startswith("timeout") else requests.ConnectionError
    with pytest.raises(expected):
        lunchdrive.send("POST", "/clients/32567/diners", json=DINER, timeout=0.3)
    assert _diners(box) == before + added
    assert lunchdrive.send("POST", "/clients/32567/diners", json=DINER).status_code == 201


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after"])
def test_a_silence_ends_in_a_reset_after_its_seconds(
    box: Sandbox, loket: Caller, fault: str
) -> None:
    box.fault("loket", fault, seconds=0.05)
    with pytest.raises(requests.ConnectionError):
        loket.get("/user")


@pytest.mark.parametrize("vendor", VENDORS)
def test_half_a_body_breaks_off(box: Sandbox, callers: dict[str, Caller], vendor: str) -> None:
    box.fault(vendor, "half_body")
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        callers[vendor].get(LISTS[vendor])
    assert callers[vendor].get(LISTS[vendor]).json()


def test_an_expired_token_is_not_accepted_again(box: Sandbox, loket: Caller) -> None:
    from .conftest import loket_caller

    mine = loket_caller(box)
    box.fault("loket", "expired_token")
    assert [mine.get("/user").status_code for _ in range(2)] == [401, 401]
    assert loket.get("/user").status_code == 200


def test_a_short_page_still_tells_the_whole_total(
    box: Sandbox, loket: Caller, employer: str
) -> None:
    path = f"/providers/employers/{employer}/employees"
    whole = loket.get(path).json()
    box.fault("loket", "page_short", match="GET /providers/employers/*/employees")
    short = loket.get(path).json()
    assert short == whole | {"_embedded": whole["_embedded"][:15]}


def test_a_repeated_page_counts_on_but_has_the_rows_before(
    box: Sandbox, loket: Caller, employer: str
) -> None:
    path = f"/providers/employers/{employer}/employees?pageSize=10&orderBy=id&pageNumber="
    first, second = loket.get(f"{path}1").json(), loket.get(f"{path}2").json()
    box.fault("loket", "page_repeated")
    assert loket.get(f"{path}1").json() == first
    assert loket.get(f"{path}2").json() == second | {"_embedded": first["_embedded"]}
    assert loket.get(f"{path}2").json() == second


def test_an_unpaged_list_repeats_itself(box: Sandbox, alveno: Caller) -> None:
    whole = alveno.get("/employees").json()
    box.fault("alveno", "page_repeated")
    repeated = alveno.get("/employees").json()
    assert len(repeated) == len(whole) and repeated[30:] == whole[:30]


@pytest.mark.parametrize("vendor", VENDORS)
def test_an_empty_list_looks_like_a_real_one(
    box: Sandbox, callers: dict[str, Caller], vendor: str
) -> None:
    box.fault(vendor, "empty_list")
    body = callers[vendor].get(LISTS[vendor]).json()
    assert (
        body == []
        if vendor == "alveno"
        else (body.get("_embedded", body.get("items")), body.get("totalSize", body.get("total")))
        == ([], 0)
    )
    assert callers[vendor].get(LISTS[vendor]).json() != body


def test_an_employer_that_is_gone_stays_gone_until_cleared(
    box: Sandbox, loket: Caller, employer: str
) -> None:
    before = loket.get("/providers/employers").json()
    box.fault("loket", "employer_gone", employer_id=employer)
    for _ in range(2):
        body = loket.get("/providers/employers").json()
        assert body["totalSize"] == len(body["_embedded"]) == before["totalSize"] - 1
        assert employer not in {row["id"] for row in body["_embedded"]}
        assert loket.get(f"/providers/employers/{employer}/employees").status_code == 403
    box.clear_faults()
    assert loket.get("/providers/employers").json() == before


def test_a_client_that_is_gone_is_not_found(box: Sandbox, lunchdrive: Caller) -> None:
    box.fault("lunchdrive", "employer_gone", employer_id=32568)
    assert [row["id"] for row in lunchdrive.get("/clients").json()["items"]] == [32567, 32570]
    assert lunchdrive.get("/clients/32568/diners").status_code == 404
    assert lunchdrive.get("/clients/32567/diners").status_code == 200


def test_match_after_and_times_choose_the_calls(box: Sandbox, lunchdrive: Caller) -> None:
    box.fault("lunchdrive", "server_error", match="GET /clients/*", after=1, times=2)
    assert lunchdrive.get("/clients").status_code == 200
    assert [lunchdrive.get("/clients/32567/diners").status_code for _ in range(4)] == [
        200,
        500,
        500,
        200,
    ]


def test_a_fault_leaves_the_token_call_alone_unless_it_is_named(box: Sandbox) -> None:
    known = box.control()["loket"]
    form = {
        "grant_type": "refresh_token",
        "client_id": known["client_id"],
        "refresh_token": known["refresh_token"],
    }

    def token() -> int:
        return requests.post(f"{known['oauth_url']}/token", data=form, timeout=20).status_code

    box.fault("loket", "server_error", times=None)
    assert token() == 200
    box.fault("loket", "unavailable", match="POST /oauth/token")
    assert [token(), token()] == [503, 200]


def test_a_fault_of_one_vendor_leaves_the_others_alone(
    box: Sandbox, loket: Caller, alveno: Caller
) -> None:
    box.fault("loket", "server_error", times=None)
    assert (loket.get("/user").status_code, alveno.get("/operations").status_code) == (500, 200)


@pytest.mark.parametrize("options", [{"name": "earthquake"}, {"name": "server_error", "tmies": 2}])
def test_a_fault_that_is_not_understood_is_refused(box: Sandbox, options: dict[str, Any]) -> None:
    with pytest.raises(SandboxError):
        box.fault("loket", **options)


def test_the_menu_is_the_documented_one() -> None:
    assert sorted(NAMES) == sorted(
        [
            "too_many_requests", "too_many_requests_no_header", "server_error", "unavailable", "reset_before", "reset_after",
            "timeout_before", "timeout_after", "half_body", "html_200", "html_error", "expired_token", "page_short",
            "page_repeated", "empty_list", "employer_gone", "not_found", "forbidden", "conflict",
            "unprocessable", "locked",
        ]
    )  # fmt: skip
