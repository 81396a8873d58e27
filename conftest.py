"""What tests of several packages start: one PostgreSQL per test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from people_sandbox.postgres import NO_POSTGRES, Postgres, find_programs, start_postgres

pytest_plugins = ["people_sandbox.contracts.scripted"]
# Where tests that are inherited are written.
for contract in ("client", "package"):
    pytest.register_assert_rewrite(f"people_sandbox.contracts.{contract}")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if find_programs() is None:
        pytest.skip(NO_POSTGRES)
    with start_postgres() as running:
        yield running
