"""The record of processing names as received by a platform exactly what its destination sends."""

from __future__ import annotations

import pytest
from people_sync.register import build_register
from people_transforms.models.contracts import source_systems
from people_transforms.models.vendors import vendors

from .workspace import DESTINATIONS, traits_of


@pytest.mark.parametrize("destination", DESTINATIONS)
def test_the_platform_receives_what_the_record_says(destination: str) -> None:
    vendor, traits = destination.removeprefix("destination-"), traits_of(destination)
    assert vendors()[vendor]["accounts"] == traits.mart
    for source in source_systems():
        assert set(build_register(source, vendor).sent) == {"external_id", *traits.fields}


def test_the_record_knows_every_platform() -> None:
    assert {f"destination-{vendor}" for vendor in vendors()} == set(DESTINATIONS)
