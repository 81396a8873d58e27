from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destination_alleo import DestinationAlleo
from destination_alleo.platform import Alleo
from people_connector.cdk_words import speak_for_the_cdk
from people_sandbox import start_sandbox
from people_transforms.command import launch

MAIN = Path(__file__).parents[1] / "main.py"
Check = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def box() -> Iterator[Any]:
    with start_sandbox(size=10, seed=7) as running:
        yield running


@pytest.fixture
def check(box: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Check]:
    """Run the command `check`; gives status and message."""

    monkeypatch.setenv("ALLEO_SECRET_KEY", "from-the-environment")
    speak_for_the_cdk()

    def run(**changes: Any) -> tuple[str, str]:
        store = {"warehouse": {"type": "file", "path": str(tmp_path / "store")}}
        config = box.config("destination-alleo", **store) | changes
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config))
        destination = DestinationAlleo()
        args = destination.parse_args(["check", "--config", str(path)])
        statuses = [message.connectionStatus for message in destination.run_cmd(args)]
        (status,) = [one for one in statuses if one is not None]
        assert config["secret_key"] not in str(status)
        return str(status.status.value), status.message or ""

    yield run
    box.clear_faults()
    box.settings("alleo", forbidden_companies=[])


def test_a_good_configuration_succeeds(check: Check) -> None:
    assert check() == ("SUCCEEDED", "")


def test_ids_may_be_typed_with_quotes(check: Check, box: Any) -> None:
    company = box.config("destination-alleo")["companies"][0]
    quoted = {**company, "company_id": str(company["company_id"])}
    assert check(companies=[quoted]) == ("SUCCEEDED", "")


def test_wrong_keys_are_named_as_settings(check: Check) -> None:
    status, message = check(secret_key="wrong-secret-key-1")
    assert status == "FAILED"
    assert "`access_key` and `secret_key`" in message


def test_no_mapping_lists_what_the_keys_see(check: Check, box: Any) -> None:
    status, message = check(companies=[])
    assert status == "FAILED"
    assert "No employer is mapped" in message
    for company in box.control()["alleo"]["companies"]:
        assert str(company["company_id"]) in message


def test_an_unknown_company_lists_what_the_keys_see(check: Check, box: Any) -> None:
    known = box.config("destination-alleo")["companies"]
    wrong = {"employer_id": "another", "company_id": 999999}
    status, message = check(companies=[*known, wrong])
    assert status == "FAILED"
    assert "company 999999, which these keys cannot see" in message
    assert str(known[0]["company_id"]) in message


def test_an_employer_that_is_mapped_twice_is_named(check: Check, box: Any) -> None:
    known = box.config("destination-alleo")["companies"]
    status, message = check(companies=[*known, known[0]])
    assert status == "FAILED"
    assert f"maps employer {known[0]['employer_id']} 2 times" in message


def test_an_unknown_group_lists_the_companys_groups(check: Check, box: Any) -> None:
    company = box.config("destination-alleo")["companies"][0]
    status, message = check(companies=[{**company, "company_group_id": 999999}])
    assert status == "FAILED"
    assert f"Company {company['company_id']} has no group 999999" in message
    assert "`company_group_id`" in message


def test_a_missing_right_is_said_although_the_company_is_listed(check: Check, box: Any) -> None:
    company = box.config("destination-alleo")["companies"][0]["company_id"]
    box.fault("alleo", "forbidden", match=f"GET /companies/{company}/employees*", times=None)
    status, message = check()
    assert status == "FAILED"
    assert "no right to this company" in message
    assert f"company_id={company}" in message


def test_a_wrong_address_is_said(check: Check, box: Any) -> None:
    status, message = check(api_url=f"{box.url}/nothing/here")
    assert status == "FAILED"
    assert "`api_url`" in message


def test_plain_http_to_another_machine_is_refused(check: Check) -> None:
    status, message = check(api_url="http://alleo.example.com/v1")
    assert status == "FAILED"
    assert "api_url" in message
    assert "https://" in message


def test_check_writes_nothing_to_alleo(check: Check, box: Any) -> None:
    box.clear_requests()
    assert check()[0] == "SUCCEEDED"
    assert box.requests("alleo", writes=True) == []
    assert len(box.requests("alleo", writes=False)) > 1


def test_spec_answers_in_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    done = subprocess.run(
        [sys.executable, str(MAIN), "spec"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0
    assert json.loads(done.stdout)["type"] == "SPEC"


def test_places_are_listed_as_data_for_whoever_lets_a_person_choose(
    box: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def places(**changes: Any) -> tuple[dict[str, Any], int]:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(box.config("destination-alleo") | changes))
        with pytest.raises(SystemExit) as ended:
            launch(Alleo(), ["places", "--config", str(path)], DestinationAlleo)
        return json.loads(capsys.readouterr().out.splitlines()[-1]), int(ended.value.code or 0)

    said, code = places(companies=[])
    assert (said["type"], code) == ("PLACES", 0)
    assert {one["key"] for one in said["places"]} >= {
        str(one["company_id"]) for one in box.control()["alleo"]["companies"]
    }
    assert all(set(one) == {"key", "name"} for one in said["places"])
    refused, code = places(companies=[], secret_key="wrong-secret-key-1")
    assert (refused["trace"]["error"]["failure_type"], code) == ("config_error", 2)
