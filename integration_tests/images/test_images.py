"""The four images: built from their Dockerfiles, started as the platform starts them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from people_sandbox import start_sandbox
from people_sandbox.client import Sandbox

from .content import REPOSITORY
from .engine import missing
from .trial import Trial, try_image

pytestmark = pytest.mark.image_tests
CONNECTORS = ("source-loket", "source-alveno", "destination-alleo", "destination-lunchdrive")
# A setting that must be refused, in words, by the image as well.
WRONG: dict[str, dict[str, Any]] = {
    "source-loket": {
        "credentials": {"client_id": "nobody", "client_secret": "none", "refresh_token": "none"}
    },
    "source-alveno": {"token": "not-the-token"},
    "destination-alleo": {"secret_key": "not-the-secret-key"},
    "destination-lunchdrive": {"api_key": "not-the-key"},
}


@pytest.fixture(scope="module")
def box() -> Iterator[Sandbox]:
    if reason := missing():
        pytest.skip(reason)
    with start_sandbox(size=10, seed=7) as started:
        yield started


@pytest.fixture(scope="module", params=CONNECTORS)
def connector(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def trial(connector: str, box: Sandbox) -> Trial:
    right = box.config(connector)
    return try_image(connector, {"right": right, "wrong": right | WRONG[connector]})


def status(messages: list[dict[str, Any]]) -> dict[str, Any]:
    (found,) = [one["connectionStatus"] for one in messages if one["type"] == "CONNECTION_STATUS"]
    return dict(found)


def test_it_answers_spec(connector: str, trial: Trial) -> None:
    (spec,) = [one["spec"] for one in trial.spec if one["type"] == "SPEC"]
    assert spec["connectionSpecification"]["properties"]


def test_it_answers_check_truthfully(connector: str, trial: Trial) -> None:
    right, wrong = status(trial.checks["right"]), status(trial.checks["wrong"])
    assert right["status"] == "SUCCEEDED", right
    assert wrong["status"] == "FAILED"
    assert wrong["message"]


def test_its_labels_are_those_of_the_metadata(connector: str, trial: Trial) -> None:
    data = yaml.safe_load((REPOSITORY / connector / "metadata.yaml").read_text())["data"]
    assert trial.labels["io.airbyte.name"] == data["dockerRepository"]
    assert trial.labels["io.airbyte.version"] == data["dockerImageTag"]


def test_it_runs_as_user_1000_who_cannot_change_its_code(connector: str, trial: Trial) -> None:
    assert trial.user == "1000"
    assert not trial.can_change_its_code


def test_its_packages_fit_together(connector: str, trial: Trial) -> None:
    assert trial.packages == "No broken requirements found."
