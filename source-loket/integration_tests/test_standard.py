"""The CDK's standard tests, against a sandbox of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from airbyte_cdk.test.standard_tests import SourceTestSuiteBase
from people_sandbox.standard_tests import configured_for_a_sandbox
from source_loket.source import SourceLoket


@pytest.fixture(scope="module", autouse=True)
def sandbox() -> Iterator[None]:
    with configured_for_a_sandbox("source-loket", ("api_url", "oauth_url")):
        yield


class TestSuite(SourceTestSuiteBase):
    connector = SourceLoket
