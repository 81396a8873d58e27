"""The CDK's own test suite, against a local server."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase
from source_alveno.source import SourceAlveno

from .conftest import Alveno

# A finding of the catalog's checks is a failure here, not a hint.
pytestmark = [
    pytest.mark.filterwarnings("error::airbyte_cdk.test.standard_tests.DiscoveredCatalogWarning")
]


@pytest.fixture(autouse=True)
def _server() -> Iterator[None]:
    server = Alveno()
    TestSuite.api_url = server.url
    yield
    server.close()


class TestSuite(SourceTestSuiteBase):
    """What Airbyte asks of every source."""

    api_url = ""

    @classmethod
    def create_connector(cls, scenario: ConnectorTestScenario | None) -> Any:
        if scenario is None:
            return SourceAlveno()
        config = scenario.get_config_dict(
            connector_root=cls.get_connector_root_dir(), empty_if_missing=True
        )
        return SourceAlveno(config={**config, "api_url": cls.api_url})


def test_the_class_can_be_made_without_a_configuration(alveno: Alveno, tmp_path: Path) -> None:
    """As `airbyte-cdk connector test` does: the configuration comes with the command."""
    source = SourceAlveno()

    config = source.configure(
        {"token": "token-of-a-test-4711", "api_url": alveno.url}, str(tmp_path)
    )

    assert [stream.name for stream in source.discover(source.logger, config).streams]
    assert source.check(source.logger, config).status.value == "SUCCEEDED"
