"""The Airbyte destination for Lunchdrive, for whoever drives it through the CDK."""

from __future__ import annotations

from people_transforms.airbyte import PeopleDestination

from destination_lunchdrive.platform import Lunchdrive


class DestinationLunchdrive(PeopleDestination):
    """Keeps the diners of Lunchdrive clients equal to the HR system."""

    platform = Lunchdrive()
