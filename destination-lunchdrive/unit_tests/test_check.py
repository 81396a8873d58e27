from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destination_lunchdrive import DestinationLunchdrive
from destination_lunchdrive.platform import Lunchdrive
from people_sandbox import start_sandbox
from people_transforms.command import launch
from people_transforms.settings import WarehouseSettings
from people_transforms.store.warehouse import hold_store, store_paths

Check = Callable[..., tuple[str, str]]


@pytest.fixture(scope="module")
def box() -> Iterator[Any]:
    with start_sandbox(size=10, seed=7) as running:
        yield running


@pytest.fixture
def check(box: Any, tmp_path: Path) -> Iterator[Check]:
    """Run the command `check`; gives status and message."""

    def run(**changes: Any) -> tuple[str, str]:
        store = {"warehouse": {"type": "file", "path": str(tmp_path / "store")}}
        config = box.config("destination-lunchdrive", **store) | changes
        path = tmp_path / "config.json"
        path.write_text(json.dumps(config))
        destination = DestinationLunchdrive()
        args = destination.parse_args(["check", "--config", str(path)])
        statuses = [message.connectionStatus for message in destination.run_cmd(args)]
        (status,) = [one for one in statuses if one is not None]
        assert config["api_key"] not in str(status)
        return str(status.status.value), status.message or ""

    yield run
    box.clear_faults()


def clients(box: Any) -> list[str]:
    return [str(one) for one in box.control()["lunchdrive"]["client_ids"]]


@pytest.mark.parametrize("allowed", [[], "all", "numbers"])
def test_a_good_group_succeeds(check: Check, box: Any, allowed: Any) -> None:
    ids: list[Any] = {"all": clients(box), "numbers": [int(one) for one in clients(box)]}.get(
        str(allowed), []
    )
    assert check(mode="group", allowed_client_ids=ids) == ("SUCCEEDED", "")


def test_a_good_single_client_succeeds(check: Check, box: Any) -> None:
    assert check(mode="single", client_id=clients(box)[0]) == ("SUCCEEDED", "")
    assert check(mode="single", client_id=int(clients(box)[0])) == ("SUCCEEDED", "")
    # As Airbyte's form gives it back.
    chosen = {"mode": "single", "client_id": clients(box)[0]}
    assert check(mode=chosen, allowed_client_ids=[]) == ("SUCCEEDED", "")


def test_a_flat_mode_that_an_earlier_form_saved_is_still_right(check: Check, box: Any) -> None:
    other, ours = clients(box)[:2]
    saved = {"client_id": other, "allowed_client_ids": [ours]}
    assert check(mode="group", **saved) == ("SUCCEEDED", "")
    assert check(mode={"mode": "group"}, **saved) == ("SUCCEEDED", "")
    # The control: what belongs to the mode is looked at, in either shape.
    for mode in ("group", {"mode": "group"}):
        status, message = check(mode=mode, client_id=other, allowed_client_ids=["999"])
        assert status == "FAILED" and "`allowed_client_ids`" in message


def test_a_store_that_a_sync_is_using_is_one_that_can_be_used(
    check: Check, box: Any, tmp_path: Path
) -> None:
    paths = store_paths(WarehouseSettings(path=str(tmp_path / "store")), "lunchdrive")
    with hold_store(paths):
        assert check(mode="single", client_id=clients(box)[0]) == ("SUCCEEDED", "")


def test_a_store_that_goes_away_with_its_container_is_a_warning(
    check: Check, box: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AIRBYTE_ENTRYPOINT", "destination-lunchdrive")
    mounts = tmp_path / "mountinfo"
    mounts.write_text("1 0 0:40 / / rw - overlay overlay rw\n")
    monkeypatch.setattr("people_transforms.store.lasting._MOUNTS", mounts)
    status, message = check(mode="single", client_id=clients(box)[0])
    assert status == "SUCCEEDED"
    assert "goes away with this container" in message


def test_a_wrong_key_is_named_as_a_setting(check: Check) -> None:
    status, message = check(api_key="wrong-api-key-1")
    assert status == "FAILED"
    assert "`api_key`" in message


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"mode": "single", "client_id": None}, "needs `client_id`"),
        ({"mode": "single", "client_id": "999999"}, "no open client 999999: correct `client_id`"),
        (
            {"mode": "group", "allowed_client_ids": ["999999"]},
            "no open client 999999: correct `allowed_client_ids`",
        ),
        (
            {"mode": "group", "allowed_client_ids": [], "default_client_id": "999999"},
            "no open client 999999: correct `default_client_id`",
        ),
    ],
)
def test_an_unknown_client_lists_what_the_key_sees(
    check: Check, box: Any, changes: dict[str, Any], text: str
) -> None:
    status, message = check(**changes)
    assert status == "FAILED"
    assert text in message
    assert clients(box)[0] in message


def test_a_default_outside_the_allowed_clients_is_refused(check: Check, box: Any) -> None:
    one, other = clients(box)[:2]
    status, message = check(mode="group", allowed_client_ids=[one], default_client_id=other)
    assert status == "FAILED"
    assert "not one of `allowed_client_ids`" in message


def test_a_missing_right_is_said_although_the_client_is_listed(check: Check, box: Any) -> None:
    client = clients(box)[0]
    box.fault("lunchdrive", "forbidden", match=f"GET /clients/{client}/diners*", times=None)
    status, message = check()
    assert status == "FAILED"
    assert "no right" in message
    assert f"client_id={client}" in message


@pytest.mark.parametrize("api_url", ["{url}/nothing", "http://127.0.0.1:9/api"])
def test_a_wrong_address_is_said(check: Check, box: Any, api_url: str) -> None:
    status, message = check(api_url=api_url.format(url=box.url))
    assert status == "FAILED"
    assert "`api_url`" in message


def test_an_address_is_never_guessed(check: Check, box: Any, tmp_path: Path) -> None:
    status, message = check(api_url="")
    assert status == "FAILED"
    assert "api_url" in message or "non-empty" in message or "too short" in message


def test_check_writes_nothing_to_lunchdrive(check: Check, box: Any) -> None:
    box.clear_requests()
    assert check()[0] == "SUCCEEDED"
    assert box.requests("lunchdrive", writes=True) == []
    assert len(box.requests("lunchdrive", writes=False)) > 1


def test_places_are_listed_as_data_for_whoever_lets_a_person_choose(
    box: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def places(**changes: Any) -> tuple[dict[str, Any], int]:
        path = tmp_path / "config.json"
        path.write_text(json.dumps(box.config("destination-lunchdrive") | changes))
        with pytest.raises(SystemExit) as ended:
            launch(Lunchdrive(), ["places", "--config", str(path)], DestinationLunchdrive)
        return json.loads(capsys.readouterr().out.splitlines()[-1]), int(ended.value.code or 0)

    said, code = places(mode="single", client_id=None)
    assert (said["type"], code) == ("PLACES", 0)
    assert {one["key"] for one in said["places"]} >= set(clients(box))
    assert all(set(one) == {"key", "name"} for one in said["places"])
    refused, code = places(api_key="wrong-api-key-1")
    assert (refused["trace"]["error"]["failure_type"], code) == ("config_error", 2)
