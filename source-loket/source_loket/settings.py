"""The configuration as one frozen value. The list of settings is the spec in manifest.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_HOSTS = {
    "production": ("https://api.loket.nl/v2", "https://oauth.loket.nl"),
    "acceptance": ("https://api.loket-acc.nl/v2", "https://oauth.loket-acc.nl"),
}


@dataclass(frozen=True, slots=True)
class Settings:
    api_url: str
    oauth_url: str
    employer_ids: tuple[str, ...]
    is_minimal: bool
    skip_unchanged_employers: bool


def parse_settings(config: Mapping[str, Any]) -> Settings:
    api_url, oauth_url = _HOSTS[config.get("environment") or "production"]
    wanted = [str(employer_id).strip() for employer_id in config.get("employer_ids") or []]
    return Settings(
        api_url=(config.get("api_url") or api_url).rstrip("/"),
        oauth_url=(config.get("oauth_url") or oauth_url).rstrip("/"),
        employer_ids=tuple(dict.fromkeys(employer_id for employer_id in wanted if employer_id)),
        is_minimal=config.get("fields", "minimal") != "all",
        skip_unchanged_employers=bool(config.get("skip_unchanged_employers")),
    )
