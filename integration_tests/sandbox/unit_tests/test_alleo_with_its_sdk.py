"""The Alleo server, judged by Alleo's own SDK."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

import alleo as sdk
import pytest
import requests
from alleo import AlleoClient
from people_sandbox import Sandbox

_NUMBERS = count()


def _person(**fields: Any) -> dict[str, Any]:
    return {
        "email": f"person{next(_NUMBERS)}@example.nl",
        "first_name": "Zoë",
        "last_name": "Jansen",
    } | fields


def test_companies_and_groups_are_bare_lists_and_names_may_be_null(
    alleo: AlleoClient, company: int
) -> None:
    companies = alleo.list_companies()
    assert company in {one.id for one in companies} and None in {one.name for one in companies}
    assert [group.name for group in alleo.list_company_groups(company)] == [
        "Kantoor",
        "Magazijn",
        None,
    ]


def test_an_employee_comes_back_as_it_was_created(alleo: AlleoClient, company: int) -> None:
    group = alleo.list_company_groups(company)[0]
    fields = _person(
        prefix="van der", language="nl", company_group_id=group.id, birthday=date(1980, 1, 2),
        work_anniversary=date(2019, 4, 1), private_email="zoe@example.nl", external_id="loket:1",
    )  # fmt: skip
    made = alleo.create_employee(company, fields)
    assert made.model_dump(include=set(fields)) == fields
    assert made.is_active and made.group_name == "Kantoor" and made.offboarding_date is None
    assert alleo.get_employee(company, made.id) == made


def test_language_is_english_where_nobody_says_otherwise(alleo: AlleoClient, company: int) -> None:
    assert alleo.create_employee(company, _person()).language == "en"


def test_an_edit_changes_what_is_sent_and_null_empties(alleo: AlleoClient, company: int) -> None:
    made = alleo.create_employee(company, _person(prefix="de", external_id="x"))
    edited = alleo.update_employee(company, made.id, {"external_id": None, "last_name": "Bakker"})
    assert (edited.external_id, edited.last_name, edited.prefix, edited.email) == (
        None,
        "Bakker",
        "de",
        made.email,
    )


def test_deactivate_dates_the_account_and_activate_revives_it(
    box: Sandbox, alleo: AlleoClient, company: int
) -> None:
    made = alleo.create_employee(company, _person())
    gone = alleo.deactivate_employee(company, made.id)
    assert not gone.is_active and gone.offboarding_date is not None
    assert gone.offboarding_date.date().isoformat() == box.control()["as_of"]
    assert alleo.deactivate_employee(company, made.id) == gone
    assert alleo.activate_employee(company, made.id).is_active


def test_the_iterator_reads_every_employee_and_filters_work(
    box: Sandbox, alleo: AlleoClient
) -> None:
    company = int(box.control()["alleo"]["companies"][2]["company_id"])
    accounts = [
        _person(company_id=company, is_active=number % 5 != 0, first_name=f"Voor{number}")
        for number in range(230)
    ]
    box.put_accounts("alleo", [*box.accounts("alleo"), *accounts])
    everybody = list(alleo.list_employees_iter(company))
    assert [one.email for one in everybody] == [one["email"] for one in accounts]
    assert len(list(alleo.list_employees_iter(company, is_active=False))) == 46
    page = alleo.list_employees(company, skip=200, limit=500)
    assert (page.count, len(page.data)) == (230, 30)
    assert len(alleo.list_employees(company, limit=500).data) == 100
    assert alleo.list_employees(company, search="voor229").count == 1
    assert alleo.list_employees(company, company_group_id=company * 100 + 1).count == 0


def test_an_address_is_taken_whatever_its_case_within_a_company(
    box: Sandbox, alleo: AlleoClient, company: int
) -> None:
    fields = _person(email="Jan.Jansen@example.nl")
    made = alleo.create_employee(company, fields)
    with pytest.raises(sdk.ConflictError, match="^Email address already exists$") as caught:
        alleo.create_employee(company, fields | {"email": "jan.jansen@EXAMPLE.nl"})
    assert caught.value.status_code == 409 and caught.value.request_id
    other = alleo.create_employee(company, _person())
    with pytest.raises(sdk.ConflictError):
        alleo.update_employee(company, other.id, {"email": "JAN.jansen@example.nl"})
    assert alleo.update_employee(company, made.id, {"email": "jan.jansen@example.nl"}).id == made.id
    second = int(box.control()["alleo"]["companies"][0]["company_id"])
    assert alleo.create_employee(second, fields).id != made.id


def test_an_address_given_up_is_free_again(alleo: AlleoClient, company: int) -> None:
    first = alleo.create_employee(company, _person(email="afdeling@example.nl"))
    alleo.update_employee(company, first.id, {"email": "weg@example.nl"})
    assert alleo.create_employee(company, _person(email="afdeling@example.nl")).id != first.id


def _raw(alleo: AlleoClient, method: str, path: str, **options: Any) -> requests.Response:
    headers = {"Authorization": f"Bearer {alleo._auth.token()}"}
    return requests.request(
        method, alleo._core.base_url + path, headers=headers, timeout=20, **options
    )


@pytest.mark.parametrize(
    "field", ["is_active", "offboarding_date", "registration_date", "budget", "id"]
)
def test_fields_that_cannot_be_set_are_refused_by_name(
    alleo: AlleoClient, company: int, field: str
) -> None:
    answer = _raw(alleo, "POST", f"/companies/{company}/employees", json=_person() | {field: None})
    assert answer.status_code == 422
    assert [error["loc"] for error in answer.json()["detail"]] == [["body", field]]
    made = alleo.create_employee(company, _person())
    assert (
        _raw(
            alleo, "PATCH", f"/companies/{company}/employees/{made.id}", json={field: None}
        ).status_code
        == 422
    )


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": "a@b.test"}, "email"),
        ({"email": "a" * 60 + "@" + "b" * 40 + ".nl"}, "email"),
        ({"birthday": ""}, "birthday"),
        ({"birthday": "15-05-1990"}, "birthday"),
        ({"private_email": ""}, "private_email"),
        ({"external_id": 5}, "external_id"),
        ({"first_name": None}, "first_name"),
        ({"first_name": "x" * 1001}, "first_name"),
        ({"company_group_id": 1}, "company_group_id"),
    ],
)
def test_a_wrong_value_is_a_422_the_sdk_can_word(
    alleo: AlleoClient, company: int, fields: dict[str, Any], place: str
) -> None:
    answer = _raw(alleo, "POST", f"/companies/{company}/employees", json=_person() | fields)
    assert answer.status_code == 422
    error = alleo._core.map_error(_as_httpx(answer))
    assert isinstance(error, sdk.ValidationError) and error.message.startswith(f"body.{place}: ")


def _as_httpx(answer: requests.Response) -> Any:
    import httpx

    return httpx.Response(answer.status_code, headers=dict(answer.headers), content=answer.content)


def test_what_must_be_there_cannot_be_emptied_by_an_edit(alleo: AlleoClient, company: int) -> None:
    made = alleo.create_employee(company, _person())
    with pytest.raises(sdk.ValidationError):
        alleo.update_employee(company, made.id, {"email": None})


def test_unknown_ids_are_404_and_other_companies_403(
    box: Sandbox, alleo: AlleoClient, company: int
) -> None:
    with pytest.raises(sdk.NotFoundError):
        alleo.get_employee(company, 1)
    with pytest.raises(sdk.NotFoundError):
        alleo.list_employees(99999)
    box.settings("alleo", forbidden_companies=[company])
    with pytest.raises(sdk.PermissionError):
        alleo.list_employees(company)
    assert company not in {one.id for one in alleo.list_companies()}
    box.settings("alleo", forbidden_companies=[])
    assert alleo.list_employees(company).count >= 0


def test_wrong_keys_get_no_token(box: Sandbox) -> None:
    known = box.control()["alleo"]
    with (
        AlleoClient(access_key="wrong", secret_key="wrong", base_url=known["api_url"]) as client,
        pytest.raises(sdk.AuthenticationError, match="invalid_client"),
    ):
        client.list_companies()


def test_an_expired_token_is_renewed_by_the_sdk_once(box: Sandbox, alleo: AlleoClient) -> None:
    alleo.list_companies()
    box.clear_requests()
    box.fault("alleo", "expired_token")
    assert alleo.list_companies()
    assert [(call["path"], call["status"]) for call in box.requests("alleo")] == [
        ("/companies", 401),
        ("/oauth/token", 200),
        ("/companies", 200),
    ]


def test_a_real_limit_answers_429_with_the_seconds_to_wait(
    box: Sandbox, alleo: AlleoClient
) -> None:
    alleo.list_companies()
    assert alleo.last_rate_limit == sdk.RateLimit(limit=600, remaining=599, reset_seconds=60)
    box.settings("alleo", rate_limit={"limit": 2, "seconds": 60})
    try:
        alleo.list_companies()
        alleo.list_companies()
        assert alleo.last_rate_limit is not None and alleo.last_rate_limit.remaining == 0
        with pytest.raises(sdk.RateLimitError) as caught:
            alleo.list_companies()
    finally:
        box.settings("alleo", rate_limit=None)
    assert caught.value.retry_after is not None and 0 < caught.value.retry_after <= 60
