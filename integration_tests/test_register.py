"""The record of processing names as received by a platform exactly what its destination sends."""

from __future__ import annotations

import destination_alleo.client
import destination_lunchdrive.client
import pytest
from people_sync.register import build_register
from people_transforms.delivery.vendor import Traits
from people_transforms.models.vendors import vendors

TRAITS = {
    "alleo": destination_alleo.client.TRAITS,
    "lunchdrive": destination_lunchdrive.client.TRAITS,
}


@pytest.mark.parametrize(("vendor", "traits"), TRAITS.items())
def test_the_platform_receives_what_the_record_says(vendor: str, traits: Traits) -> None:
    assert vendors()[vendor]["accounts"] == traits.mart
    for source in ("loket", "alveno"):
        assert set(build_register(source, vendor).sent) == {"external_id", *traits.fields}


def test_the_record_knows_every_platform() -> None:
    assert set(vendors()) == set(TRAITS)
