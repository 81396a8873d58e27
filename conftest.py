"""What tests of several packages start: one PostgreSQL per test process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from people_sandbox.postgres import NO_POSTGRES, Postgres, find_programs, start_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    if find_programs() is None:
        pytest.skip(NO_POSTGRES)
    with start_postgres() as running:
        yield running
