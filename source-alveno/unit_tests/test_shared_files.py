"""What both sources share is the same file in both: they are released without each other."""

from __future__ import annotations

from pathlib import Path

import pytest

from .test_declarative import PACKAGE, SHARED

LOKET = Path(__file__).parents[2] / "source-loket" / "source_loket"


@pytest.mark.parametrize("name", sorted(SHARED))
def test_both_sources_have_the_same_file(name: str) -> None:
    assert (PACKAGE / name).read_bytes() == (LOKET / name).read_bytes()
