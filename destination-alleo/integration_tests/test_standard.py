"""The CDK's standard tests, against a sandbox of this session."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests import DestinationTestSuiteBase
from destination_alleo import DestinationAlleo
from people_sandbox import start_sandbox


@pytest.fixture(scope="module", autouse=True)
def sandbox_config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with start_sandbox(size=10, seed=7) as box:
        known = box.config("destination-alleo")
        places = {name: known[name] for name in ("api_url", "companies")}
        store = tmp_path_factory.mktemp("store")
        TestSuite.overrides = {**places, "warehouse": {"type": "file", "path": str(store)}}
        yield


class TestSuite(DestinationTestSuiteBase):
    overrides: dict[str, Any] = {}

    @classmethod
    def get_connector_root_dir(cls) -> Path:
        return Path(__file__).parents[1]

    @classmethod
    def create_connector(cls, scenario: ConnectorTestScenario | None) -> DestinationAlleo:
        class AtTheSandbox(DestinationAlleo):
            """The connector, with the address that the sandbox happened to get."""

            def read_config(self, config_path: str) -> MutableMapping[str, Any]:
                return {**super().read_config(config_path), **cls.overrides}

        AtTheSandbox.__module__ = DestinationAlleo.__module__
        return AtTheSandbox()
