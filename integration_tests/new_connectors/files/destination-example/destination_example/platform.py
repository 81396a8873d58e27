"""The canteen as a platform: its settings, its client and what `check` asks of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from destination_example.client import ExampleVendor
from destination_example.settings import parse_example_settings
from people_transforms.delivery.vendor import Vendor
from people_transforms.platform import Platform


class Example(Platform):
    """Keeps the guests of a canteen equal to the HR system."""

    vendor_name = "example"
    default_source_system = "example"

    def vendor(self, config: Mapping[str, Any]) -> Vendor:
        """Build the client of a checked configuration."""
        return ExampleVendor(parse_example_settings(config))

    def verify(self, config: Mapping[str, Any], vendor: Vendor) -> list[str]:
        """Say what is wrong with the house."""
        house, places = parse_example_settings(config).house_id, vendor.places()
        if house in {place.account_key for place in places}:
            return []
        return [f"`house_id` {house} is none of: {', '.join(map(str, places))}."]
