"""The control side: worlds, accounts, the request log, configurations, the command line."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
import requests
from people_sandbox import Sandbox, start_sandbox
from people_sandbox.errors import SandboxError


def test_control_tells_everything_needed_to_connect(box: Sandbox) -> None:
    known = box.control()
    assert (
        requests.get(f"{box.url}/control", timeout=20).json()["as_of"]
        == known["as_of"]
        == "2026-03-02"
    )
    assert {
        "api_url",
        "oauth_url",
        "client_id",
        "client_secret",
        "refresh_token",
        "employer_ids",
    } == set(known["loket"])
    assert [one["source_system"] for one in known["alleo"]["companies"]] == [
        "alveno",
        "loket",
        "loket",
    ]
    assert known["lunchdrive"]["client_ids"] == [32567, 32568, 32570]


def test_a_record_can_be_added_changed_and_removed(box: Sandbox, loket: Any, alveno: Any) -> None:
    row = {"EmployeeID": 7, "Firstname": "Ája", "Lastname": "Ř", "Note": None}
    assert box.add("alveno", "employees", row) == "7"
    assert alveno.get("/employees").json()[-1] == row
    box.patch("alveno", "employees", 7, Note="LDID: 32567", Poznamka="x")
    assert alveno.get("/employees").json()[-1] == row | {"Note": "LDID: 32567", "Poznamka": "x"}
    box.remove("alveno", "employees", 7)
    assert 7 not in {row["EmployeeID"] for row in alveno.get("/employees").json()}
    employee = box.world("loket")["employees"][0]
    box.patch("loket", "employees", employee["id"], personalDetails={"prefix": "ter"})
    [after] = loket.rows(
        f"/providers/employers/{employee['employer_id']}/employees",
        params={"filter": f"id eq '{employee['id']}'"},
    )
    assert after["personalDetails"] == employee["personalDetails"] | {"prefix": "ter"}
    assert "employer_id" not in after


@pytest.mark.parametrize("vendor", ["loket", "alveno"])
def test_a_world_put_back_is_the_same_world(box: Sandbox, vendor: str) -> None:
    world = box.world(vendor)
    box.put_world(vendor, world)
    assert box.world(vendor) == world


def test_a_world_may_hold_two_records_of_one_id(box: Sandbox, alveno: Any) -> None:
    world = box.world("alveno")
    box.put_world("alveno", {"operations": world["operations"][:1] * 2})
    twice = alveno.get("/operations").json()
    box.put_world("alveno", world)
    assert twice == world["operations"][:1] * 2


@pytest.mark.parametrize(
    "call",
    [
        lambda box: box.world("workday"),
        lambda box: box.patch("loket", "people", "1", name="x"),
        lambda box: box.patch("loket", "employees", "1", name="x"),
        lambda box: box.remove("alveno", "employees", "1"),
        lambda box: box.accounts("loket"),
        lambda box: box.put_accounts("alleo", [{"first_name": "x"}]),
        lambda box: box.settings("alleo", rate_limits=3),
        lambda box: box.config("source-workday"),
        lambda box: box.night(joiner=1),
    ],
)
def test_a_control_call_that_makes_no_sense_says_so(box: Sandbox, call: Any) -> None:
    with pytest.raises(SandboxError):
        call(box)


def test_accounts_can_be_put_and_get_ids(box: Sandbox) -> None:
    company = box.control()["alleo"]["companies"][1]["company_id"]
    box.put_accounts(
        "alleo", [{"company_id": company, "email": "a@example.nl", "is_active": False}]
    )
    [account] = box.accounts("alleo")
    assert account["id"] and account["is_active"] is False
    box.put_accounts(
        "lunchdrive", [{"client_id": 32567, "first_name": "A", "last_name": "B", "id": 5}]
    )
    [diner] = box.accounts("lunchdrive")
    assert (diner["id"], diner["active"], diner["invitations"]) == (5, True, 0)


def test_the_log_tells_writes_from_reads_and_token_calls(
    box: Sandbox, lunchdrive: Any, alveno: Any
) -> None:
    box.clear_requests()
    lunchdrive.get("/clients?page=1")
    lunchdrive.send("POST", "/clients/32568/diners", json={"first_name": "A", "last_name": "B"})
    alveno.send("POST", "/echo", data='"x"')
    known = box.control()["alleo"]
    form = {
        "grant_type": "client_credentials",
        "client_id": known["access_key"],
        "client_secret": known["secret_key"],
    }
    requests.post(f"{known['api_url']}/oauth/token", data=form, timeout=20)
    assert [
        (row["vendor"], row["method"], row["path"], row["status"]) for row in box.requests()
    ] == [
        ("lunchdrive", "GET", "/clients", 200),
        ("lunchdrive", "POST", "/clients/32568/diners", 201),
        ("alveno", "POST", "/echo", 200),
        ("alleo", "POST", "/oauth/token", 200),
    ]
    assert [row["vendor"] for row in box.requests(writes=True)] == ["lunchdrive"]
    assert box.requests("lunchdrive", writes=False)[0]["query"] == "page=1"


def test_each_configuration_works_against_this_sandbox(box: Sandbox) -> None:
    loket = box.config("source-loket", fields="all")
    form = {"grant_type": "refresh_token"} | loket["credentials"]
    assert requests.post(f"{loket['oauth_url']}/token", data=form, timeout=20).status_code == 200
    assert loket["fields"] == "all"
    alveno = box.config("source-alveno")
    assert (
        requests.get(
            f"{alveno['api_url']}/employees",
            headers={"AuthorizationToken": alveno["token"]},
            timeout=20,
        ).status_code
        == 200
    )
    assert [
        one["employer_id"] for one in box.config("destination-alleo")["companies"]
    ] == box.control()["loket"]["employer_ids"]
    assert [
        one["employer_id"]
        for one in box.config("destination-alleo", source_system="alveno")["companies"]
    ] == ["alveno"]
    assert box.config("destination-lunchdrive")["mode"] == "group"
    assert box.config("destination-lunchdrive", source_system="loket")["client_id"] == "32567"


def test_a_night_moves_the_sandboxs_date() -> None:
    with start_sandbox(size=20, seed=3, as_of="2026-05-31") as box:
        assert box.night(joiners=1)["as_of"] == "2026-06-01"
        assert box.night(joiners=1, as_of="2026-06-10", vendor="alveno")["as_of"] == "2026-06-10"
        assert box.control()["as_of"] == box.config("destination-alleo")["as_of"] == "2026-06-10"


def test_the_command_says_one_line_and_ends_with_its_parent() -> None:
    command = [
        sys.executable,
        "-m",
        "people_sandbox",
        "--size",
        "10",
        "--seed",
        "1",
        "--as-of",
        "2026-01-01",
        "--until-stdin-closes",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin and process.stdout
        ready = json.loads(process.stdout.readline())
        assert requests.get(ready["control"], timeout=20).json()["as_of"] == "2026-01-01"
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def test_a_port_in_use_is_one_clear_sentence(box: Sandbox) -> None:
    port = box.url.rpartition(":")[2]
    done = subprocess.run(
        [sys.executable, "-m", "people_sandbox", "--size", "10", "--port", port],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1 and f"Port {port}" in done.stderr and "Traceback" not in done.stderr
