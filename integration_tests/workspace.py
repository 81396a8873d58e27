"""What is in the repository: its connectors, found as `make` and the documentation find them."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import cast

from people_transforms.delivery.vendor import Traits

ROOT = Path(__file__).parents[1]
CONNECTORS = tuple(sorted(path.parent.name for path in ROOT.glob("*/metadata.yaml")))
DESTINATIONS = tuple(name for name in CONNECTORS if name.startswith("destination-"))


def traits_of(destination: str) -> Traits:
    """Give what a destination's client says of its platform."""
    client = import_module(f"{destination.replace('-', '_')}.client")
    return cast(Traits, client.TRAITS)
