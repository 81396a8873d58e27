"""What `check` says: what is wrong, in words that name the setting or the right."""

from __future__ import annotations

from typing import Any

import pytest
from source_loket.source import SourceLoket

pytestmark = pytest.mark.few(9)


def check(config: dict[str, Any]) -> tuple[str, str]:
    source = SourceLoket(config=config)
    result = source.check(source.logger, config)
    return result.status.value, result.message or ""


def test_a_good_configuration_succeeds_without_a_warning(config: Any, caplog: Any) -> None:
    assert check(config) == ("SUCCEEDED", "")
    assert [r for r in caplog.records if r.levelname == "WARNING"] == []


def test_a_wrong_refresh_token_is_named(config: Any) -> None:
    config["credentials"]["refresh_token"] = "not-the-token-1"
    status, message = check(config)
    assert status == "FAILED"
    assert "credentials.refresh_token" in message
    assert "not-the-token-1" not in message


def test_a_wrong_client_is_named(config: Any) -> None:
    config["credentials"]["client_id"] = "somebody-else"
    status, message = check(config)
    assert status == "FAILED"
    assert "credentials.client_id" in message


def test_an_unknown_employer_is_named(box: Any, config: Any) -> None:
    known = box.control()["loket"]["employer_ids"][0]
    for wanted in (["20720"], [known, "20720"]):
        status, message = check(config | {"employer_ids": wanted})
        assert status == "FAILED"
        assert "20720" in message
        assert "employer_ids" in message


def test_no_employer_is_explained(box: Any, config: Any) -> None:
    box.fault("loket", "empty_list", times=None, match="GET /providers/employers")
    status, message = check(config)
    assert status == "FAILED"
    assert "sees no employer" in message


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("/providers/employers", "GetEmployersByUserId"),
        ("/providers/employers/*/employees", "GetEmployeesByEmployerId"),
        ("/providers/employers/*/employees/employments", "GetEmploymentsByEmployerId"),
    ],
)
def test_a_missing_right_is_named(box: Any, config: Any, path: str, right: str) -> None:
    box.fault("loket", "forbidden", times=None, match=f"GET {path}")
    status, message = check(config)
    assert status == "FAILED"
    assert right in message


@pytest.mark.parametrize("path", ["/providers/employers/*/customfields", "/user/filtersettings/*"])
def test_a_right_that_not_everybody_needs_stops_no_check(box: Any, config: Any, path: str) -> None:
    box.fault("loket", "forbidden", times=None, match=f"GET {path}")
    assert check(config)[0] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("path", "right"),
    [
        ("leavetypes", "GetLeaveTypesByEmployerId"),
        ("leavebalances", "GetLeaveBalancesByEmployerId"),
        ("payrolladministrations", "GetPayrollAdministrationsByEmployerId"),
        ("payrolladministrations/*/payrollruns", "GetPayrollRunsByPayrollAdministrationId"),
    ],
)
def test_the_rights_of_flex_salary_are_asked_for_when_it_is_on(
    box: Any, config: Any, path: str, right: str
) -> None:
    prefix = "GET /providers/employers/" + ("" if "runs" in path else "*/")
    box.fault("loket", "forbidden", times=None, match=f"{prefix}{path}")
    status, message = check(config)
    assert status == "FAILED"
    assert right in message
    assert check(config | {"flex_salary": False}) == ("SUCCEEDED", "")


def test_a_loket_that_is_down_is_said_so(config: Any) -> None:
    status, message = check(config | {"api_url": "http://127.0.0.1:9/v2"})
    assert status == "FAILED"
    assert "connection to Loket failed" in message
