"""The CDK's standard tests, against a sandbox of their own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from airbyte_cdk.test.models import ConnectorTestScenario
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase
from people_sandbox import start_sandbox
from source_loket.source import SourceLoket


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> Iterator[None]:
    """Fill the address and the token of a running sandbox into the configurations."""
    written = ConnectorTestScenario.get_config_dict

    def filled(scenario: ConnectorTestScenario, **how: Any) -> dict[str, Any]:
        config: dict[str, Any] = written(scenario, **how)
        for name in ("api_url", "oauth_url"):
            if name in config:
                config[name] = config[name].replace("http://sandbox", box.url)
        if config.get("credentials", {}).get("refresh_token") == "of-the-sandbox":
            config["credentials"]["refresh_token"] = token
        return config

    with start_sandbox(size=30, seed=7) as box, pytest.MonkeyPatch.context() as patch:
        token = box.config("source-loket")["credentials"]["refresh_token"]
        patch.setattr(ConnectorTestScenario, "get_config_dict", filled)
        yield


class TestSuite(SourceTestSuiteBase):
    connector = SourceLoket
