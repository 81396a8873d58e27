"""What `airbyte-cdk connector test` finds beside this connector: a sandbox to test against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from people_sandbox.standard_tests import configured_for_a_sandbox, skip_without_docker

_HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    skip_without_docker(items, _HERE)


@pytest.fixture(scope="session", autouse=True)
def sandbox_of_the_command(request: pytest.FixtureRequest) -> Iterator[None]:
    """Only where this folder is pytest's root: our own suites start from the repository's."""
    if request.config.rootpath != _HERE:
        yield
        return
    with configured_for_a_sandbox("source-alveno", ("api_url",)):
        yield
