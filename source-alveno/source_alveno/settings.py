"""The configuration, read once into one frozen value.

What the settings mean is in the manifest's `spec`; here is what JSON Schema cannot say about them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import tzinfo as TimeZone
from difflib import get_close_matches
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from source_alveno.errors import ConfigError
from source_alveno.field_names import ChipList, FieldNames, read_field_names


@dataclass(frozen=True, slots=True)
class Settings:
    token: str
    timezone: TimeZone
    field_names: FieldNames
    throttle_error_codes: frozenset[str]
    allow_empty: bool
    is_hr: bool
    employer_id: str

    @property
    def header(self) -> str:
        return "X-API-Key" if self.is_hr else "AuthorizationToken"

    @property
    def chip_list(self) -> ChipList | None:
        return self.field_names.chip_list


def read_settings(config: Mapping[str, Any]) -> Settings:
    """Return the settings, or say in a ConfigError which one to mend."""
    api = config.get("api") or "attendance"
    tenant = str(config.get("tenant") or "").strip()
    if api == "hr" and not tenant:
        raise ConfigError(
            "The HR API needs the tenant. Set tenant to your 8-digit number, leading zeros kept."
        )
    if api_url := config.get("api_url"):
        require_safe_url(str(api_url), "api_url")
        if urlsplit(str(api_url)).query or urlsplit(str(api_url)).fragment:
            raise ConfigError("api_url must end with a path, without ? or #.")
    return Settings(
        token=_token(config.get("token")),
        timezone=_timezone(str(config.get("timezone") or "Europe/Prague")),
        field_names=read_field_names(
            config.get("field_names") or {}, config.get("required_keys") or [], is_hr=api == "hr"
        ),
        throttle_error_codes=frozenset(
            str(code).strip() for code in config.get("throttle_error_codes") or []
        ),
        allow_empty=bool(config.get("allow_empty")),
        is_hr=api == "hr",
        employer_id=tenant or "alveno",
    )


def require_safe_url(url: str, setting: str) -> None:
    """Refuse an address that would show the token to everybody on the way."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ConfigError(f"{setting} is not an address. It begins with https://.") from None
    if parts.username or parts.password:
        raise ConfigError(f"{setting} must not contain a user name or a password.")
    if not parts.hostname:
        raise ConfigError(f"{setting} is not an address. It begins with https://.")
    if parts.scheme == "https" or (parts.scheme == "http" and _is_loopback(parts.hostname)):
        return
    raise ConfigError(
        f"{setting} must begin with https://, because the token travels with every request."
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def _token(value: object) -> str:
    token = str(value or "").strip()
    if not token:
        raise ConfigError(
            "The token is missing. Make one in Alveno under Nastavení and paste it into token."
        )
    if not (token.isascii() and token.isprintable()):
        raise ConfigError(
            "The token has characters that no Alveno token has. Copy it again, without line breaks."
        )
    return token


@lru_cache(maxsize=8)
def _timezone(name: str) -> TimeZone:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        known = get_close_matches(name, sorted(available_timezones()), n=1)
        hint = f" Did you mean {known[0]}?" if known else " Example: Europe/Prague."
        raise ConfigError(f"timezone is not a time zone we know.{hint}") from None
