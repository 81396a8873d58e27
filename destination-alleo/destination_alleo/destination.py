"""The Airbyte destination for Alleo, for whoever drives it through the CDK."""

from __future__ import annotations

from people_transforms.airbyte import PeopleDestination

from destination_alleo.platform import Alleo


class DestinationAlleo(PeopleDestination):
    """Keeps the accounts of Alleo companies equal to the HR system."""

    platform = Alleo()
