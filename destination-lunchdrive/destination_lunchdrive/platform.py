"""Lunchdrive as a platform: its settings, its client and what `check` asks of both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from people_transforms.delivery.vendor import Place, Vendor
from people_transforms.platform import Platform

from destination_lunchdrive.client import LunchdriveVendor
from destination_lunchdrive.settings import (
    LunchdriveSettings,
    parse_lunchdrive_settings,
)


class Lunchdrive(Platform):
    """Keeps the diners of Lunchdrive clients equal to the HR system."""

    vendor_name = "lunchdrive"
    default_source_system = "alveno"

    def vendor(self, config: Mapping[str, Any]) -> Vendor:
        """Build the client of a checked configuration."""
        return LunchdriveVendor(parse_lunchdrive_settings(config))

    def verify(self, config: Mapping[str, Any], vendor: Vendor) -> list[str]:
        """Say in sentences what is wrong with the clients and the rights of the key."""
        settings = parse_lunchdrive_settings(config)
        if not isinstance(vendor, LunchdriveVendor):
            return []
        return _unknown_clients(settings, vendor.visible_places())

    def visible(self, vendor: Vendor) -> Sequence[Place]:
        """List every open client of the key, whatever the mode."""
        return vendor.visible_places() if isinstance(vendor, LunchdriveVendor) else ()

    def probe(self, config: Mapping[str, Any], vendor: Vendor) -> None:
        """Try whether the key may read each client's diners."""
        if isinstance(vendor, LunchdriveVendor):
            for place in vendor.places():
                vendor.probe(place.account_key)


def _unknown_clients(settings: LunchdriveSettings, visible: Sequence[Place]) -> list[str]:
    known = {place.account_key for place in visible}
    wrong = []
    if settings.mode == "single" and not settings.client_id:
        wrong.append(f"Mode `single` needs `client_id`. {_listed(visible)}")
    if settings.mode == "single" and settings.client_id and settings.client_id not in known:
        wrong.append(
            f"The key sees no open client {settings.client_id}: correct `client_id`. "
            f"{_listed(visible)}"
        )
    if settings.mode == "group":
        if not visible:
            wrong.append(_listed(visible))
        wrong += [
            f"The key sees no open client {client_id}: correct `allowed_client_ids`. "
            f"{_listed(visible)}"
            for client_id in settings.allowed_client_ids
            if client_id not in known
        ]
        wrong += _unusable_default(settings, visible)
    return wrong


def _unusable_default(settings: LunchdriveSettings, visible: Sequence[Place]) -> list[str]:
    default, allowed = settings.default_client_id, settings.allowed_client_ids
    if default is None:
        return []
    if allowed and default not in allowed:
        return [f"`default_client_id` {default} is not one of `allowed_client_ids`: add it there."]
    if default not in {place.account_key for place in visible}:
        return [
            f"The key sees no open client {default}: correct `default_client_id`. "
            f"{_listed(visible)}"
        ]
    return []


def _listed(visible: Sequence[Place]) -> str:
    if not visible:
        return (
            "The key sees no open client; make the key in the account that owns the clients "
            "(Lunchdrive: menu at the top right, API keys)."
        )
    return f"It sees: {', '.join(map(str, visible))}."
