"""Alleo's own settings, parsed once from a configuration that matches `spec.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from people_transforms.delivery.addresses import safe_address
from people_transforms.errors import ConfigError
from people_transforms.settings import wrong_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

API_URL = "https://api.yourcampus.co/customer_api/v1"


class Company(BaseModel):
    """One employer of the HR system and the Alleo company that its people belong to."""

    model_config = ConfigDict(frozen=True, coerce_numbers_to_str=True)

    employer_id: str = Field(min_length=1)
    company_id: int
    company_group_id: int | None = None


class AlleoSettings(BaseModel):
    """What the client and the check need; the shared settings are parsed by the core."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    # The SDK would fall back to environment variables for empty keys: never empty here.
    access_key: str = Field(min_length=1, repr=False)
    secret_key: str = Field(min_length=1, repr=False)
    api_url: str = API_URL
    companies: tuple[Company, ...] = ()
    language: Literal["nl", "en"] = "nl"
    num_workers: int = Field(default=4, ge=1)

    @field_validator("access_key", "secret_key", "api_url", mode="before")
    @classmethod
    def _trimmed(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @field_validator("api_url")
    @classmethod
    def _safe_url(cls, url: str) -> str:
        if not url:
            return API_URL
        return safe_address(url)


def parse_alleo_settings(config: Mapping[str, Any]) -> AlleoSettings:
    """Parse a configuration; raises ConfigError that names the settings, never their values."""
    given = {name: value for name, value in config.items() if value is not None}
    try:
        return AlleoSettings.model_validate(given)
    except ValidationError as error:
        wrong = wrong_values(error, AlleoSettings)
        raise ConfigError(f"The Alleo configuration cannot be used: {wrong}") from None
