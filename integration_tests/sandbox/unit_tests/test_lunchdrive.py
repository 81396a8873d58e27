"""The Lunchdrive server, by the contract of this project."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
import requests
from people_sandbox import Sandbox

_NUMBERS = count()
DINERS = "/clients/32567/diners"


def _diner(**fields: Any) -> dict[str, Any]:
    number = next(_NUMBERS)
    own = {
        "external_id": f"alveno:alveno:{number}",
        "first_name": "Jiří",
        "last_name": "Dvořák",
        "personal_number": "0012",
    }
    return own | {"email": f"jiri{number}@example.cz", "chip_number": f"CHIP{number}"} | fields


def _create(lunchdrive: Any, path: str = DINERS, **fields: Any) -> dict[str, Any]:
    answer = lunchdrive.send("POST", path, json=_diner(**fields))
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


def test_both_ways_to_send_the_key_work_and_no_other(box: Sandbox, lunchdrive: Any) -> None:
    key = box.control()["lunchdrive"]["api_key"]
    assert lunchdrive.get("/clients").status_code == 200
    url = lunchdrive.base + "/clients"
    assert requests.get(url, headers={"X-API-Key": key}, timeout=20).status_code == 200
    wrong = requests.get(url, headers={"Authorization": "Bearer wrong"}, timeout=20)
    assert wrong.status_code == 401 and set(wrong.json()["error"]) == {"code", "message", "field"}


def test_clients_are_those_of_the_keys_group(lunchdrive: Any) -> None:
    body = lunchdrive.get("/clients?page=1&per_page=2").json()
    assert body == {
        "items": [
            {"id": 32567, "name": "Praha", "group_id": 12, "active": True},
            {"id": 32568, "name": "Ostrava", "group_id": 12, "active": True},
        ],
        "page": 1,
        "per_page": 2,
        "total": 3,
    }
    assert lunchdrive.get("/clients/40001/diners").status_code == 403
    assert lunchdrive.get("/clients/99999/diners").status_code == 404


def test_a_diner_comes_back_as_it_was_created(lunchdrive: Any) -> None:
    fields = _diner(valid_from="2026-01-01", valid_to="2026-12-31")
    made = lunchdrive.send("POST", DINERS, json=fields).json()
    assert {name: made[name] for name in fields} == fields
    assert (made["active"], made["invitation_state"]) == (True, "none")
    assert set(made) == set(fields) | {"id", "active", "invitation_state"}


def test_inactive_diners_are_listed_only_when_asked_for(lunchdrive: Any) -> None:
    made = [_create(lunchdrive, "/clients/32570/diners")["id"] for _ in range(5)]
    lunchdrive.send("PATCH", f"/clients/32570/diners/{made[0]}", json={"active": False})
    assert lunchdrive.get("/clients/32570/diners").json()["total"] == 4
    pages = [
        lunchdrive.get(f"/clients/32570/diners?include_inactive=1&per_page=2&page={page}").json()
        for page in (1, 2, 3)
    ]
    assert [row["id"] for page in pages for row in page["items"]] == made
    assert {page["total"] for page in pages} == {5}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"note": "LDID: 0"}, "note"),
        ({"invitation_state": "sent"}, "invitation_state"),
        ({"email": "nobody"}, "email"),
        ({"first_name": ""}, "first_name"),
        ({"external_id": "x" * 65}, "external_id"),
        ({"valid_from": "2026-02-01", "valid_to": "2026-01-01"}, "valid_to"),
        ({"valid_to": "31.12.2026"}, "valid_to"),
    ],
)
def test_a_wrong_body_is_a_422_in_both_shapes(
    box: Sandbox, lunchdrive: Any, fields: dict[str, Any], field: str
) -> None:
    answer = lunchdrive.send("POST", DINERS, json=_diner(**fields))
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    box.settings("lunchdrive", error_shape="list")
    answer = lunchdrive.send("POST", DINERS, json=_diner(**fields))
    box.settings("lunchdrive", error_shape="object")
    assert answer.status_code == 422
    assert [(row["field"], set(row)) for row in answer.json()] == [(field, {"field", "message"})]


@pytest.mark.parametrize(
    ("field", "value", "again"),
    [("email", "spolu@example.cz", "SPOLU@example.cz"), ("chip_number", "00AB", " 00ab")],
)
def test_email_and_chip_are_unique_among_active_diners(
    lunchdrive: Any, field: str, value: str, again: str
) -> None:
    holder = _create(lunchdrive, **{field: value})
    taken = lunchdrive.send("POST", DINERS, json=_diner(**{field: again}))
    assert (taken.status_code, taken.json()["error"]["field"]) == (409, field)
    lunchdrive.send("PATCH", f"{DINERS}/{holder['id']}", json={"active": False})
    heir = _create(lunchdrive, **{field: again})
    back = lunchdrive.send("PATCH", f"{DINERS}/{holder['id']}", json={"active": True})
    assert (back.status_code, back.json()["error"]["field"]) == (409, field)
    lunchdrive.send("PATCH", f"{DINERS}/{heir['id']}", json={field: None})
    assert (
        lunchdrive.send("PATCH", f"{DINERS}/{holder['id']}", json={"active": True}).status_code
        == 200
    )


@pytest.mark.parametrize(
    ("scope", "status"), [("client", 201), ("group", 409), ("global", 409), ("none", 201)]
)
def test_how_far_uniqueness_reaches_is_a_setting(
    box: Sandbox, lunchdrive: Any, scope: str, status: int
) -> None:
    made = _create(lunchdrive)
    box.settings("lunchdrive", unique_scope=scope)
    other = lunchdrive.send("POST", "/clients/32568/diners", json=_diner(email=made["email"]))
    same = lunchdrive.send("POST", DINERS, json=_diner(chip_number=made["chip_number"]))
    box.settings("lunchdrive", unique_scope="client")
    assert (other.status_code, same.status_code) == (status, 201 if scope == "none" else 409)
    box.put_accounts("lunchdrive", [])


def test_an_external_id_exists_once_per_client_even_inactive(lunchdrive: Any) -> None:
    made = _create(lunchdrive, active=False)
    again = lunchdrive.send("POST", DINERS, json=_diner(external_id=made["external_id"]))
    assert (again.status_code, again.json()["error"]["field"]) == (409, "external_id")
    assert (
        _create(lunchdrive, "/clients/32568/diners", external_id=made["external_id"])["id"]
        != made["id"]
    )


def test_invitations_are_counted_and_need_an_address(box: Sandbox, lunchdrive: Any) -> None:
    made = _create(lunchdrive)
    for _ in range(2):
        answer = lunchdrive.send("POST", f"{DINERS}/{made['id']}/invitation")
        assert (answer.status_code, answer.json()) == (202, {"invitation_state": "sent"})
    [account] = [one for one in box.accounts("lunchdrive") if one["id"] == made["id"]]
    assert (account["invitations"], account["invitation_state"]) == (2, "sent")
    silent = _create(lunchdrive, email=None)
    assert lunchdrive.send("POST", f"{DINERS}/{silent['id']}/invitation").status_code == 422


def test_the_vendors_names_can_be_others(box: Sandbox, lunchdrive: Any) -> None:
    box.settings("lunchdrive", field_names={"personal_number": "osobni_cislo"})
    fields = _diner()
    fields["osobni_cislo"] = fields.pop("personal_number")
    made = lunchdrive.send("POST", DINERS, json=fields)
    old = lunchdrive.send("POST", DINERS, json=_diner())
    box.settings("lunchdrive", field_names={})
    assert (made.status_code, made.json()["osobni_cislo"]) == (201, "0012")
    assert (old.status_code, old.json()["error"]["field"]) == (422, "personal_number")


def test_a_limit_answers_429_with_retry_after(box: Sandbox, lunchdrive: Any) -> None:
    box.settings("lunchdrive", rate_limit={"limit": 1, "seconds": 60})
    first, second = lunchdrive.get("/clients"), lunchdrive.get("/clients")
    box.settings("lunchdrive", rate_limit=None)
    assert (first.status_code, second.status_code) == (200, 429)
    assert 0 < int(second.headers["Retry-After"]) <= 60
