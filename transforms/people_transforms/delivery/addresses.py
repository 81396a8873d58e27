"""Addresses that a configuration names: nothing personal and no key travels in the clear."""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from people_transforms.settings import WrongValueError


def safe_address(text: str) -> str:
    """Give a vendor's address without a slash at its end; raises WrongValueError."""
    address = text.strip()
    try:
        parts = urlsplit(address)
    except ValueError:
        raise WrongValueError("is not an address") from None
    if not parts.hostname or parts.scheme not in ("https", "http"):
        raise WrongValueError("must be a full address that starts with https://")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise WrongValueError(
            "must hold neither a user name nor a query; a key has its own setting"
        )
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise WrongValueError(
            "must start with https://, or keys and personal data travel in the clear"
        )
    return address.rstrip("/")


def is_loopback(host: str) -> bool:
    """Tell whether a host is this machine, where plain http is harmless."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
