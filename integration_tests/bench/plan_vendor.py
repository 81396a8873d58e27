"""The vendors of the plan benchmark: the real destinations' traits, and places that answer nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from people_transforms.delivery.vendor import Account, Place, RateLimit, Traits
from people_transforms.settings import Settings

from integration_tests.bench.people import PEOPLE_PER_EMPLOYER

CLIENTS = ("32567", "32568", "32569")


@dataclass(frozen=True, slots=True)
class SilentVendor:
    """A vendor whose lists are empty: reading them is no part of planning's figure."""

    name: str
    traits: Traits

    def places(self) -> list[Place]:
        return []

    def accounts(self, account_key: str) -> Iterator[Account]:
        yield from ()

    def rate_limit(self) -> RateLimit | None:
        return None


def store_traits(folder: Path, vendor: str) -> Traits:
    """Keep the real destination's traits beside the store: its client needs no import later."""
    if vendor == "alleo":
        from destination_alleo.client import TRAITS
    else:
        from destination_lunchdrive.client import TRAITS
    (folder / "traits.json").write_text(json.dumps(asdict(TRAITS)))
    return TRAITS


def stored_traits(folder: Path) -> Traits:
    """Give the traits that were kept beside a store."""
    kept: dict[str, Any] = json.loads((folder / "traits.json").read_text())
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()
    }
    return Traits(**values)


def vendor_settings(vendor: str, size: int) -> dict[str, Any]:
    """Give the destination's settings that the models read."""
    if vendor == "alleo":
        employers = -(-size // PEOPLE_PER_EMPLOYER)
        return {
            "companies": [
                {"employer_id": f"E{number:06d}", "company_id": str(500 + number)}
                for number in range(employers)
            ],
            "language": "nl",
        }
    return {
        "mode": "group",
        "allowed_client_ids": list(CLIENTS),
        "selective_sync": {"field": "alleo_access", "when_not_said": "exclude"},
    }


def engine_settings(vendor: str, size: int) -> Settings:
    """Give the settings of the engine."""
    return Settings(
        vendor=vendor, source_system="loket", configuration=vendor_settings(vendor, size)
    )
