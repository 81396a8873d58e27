"""The canteen's own settings, parsed once from a configuration that matches `spec.json`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from people_transforms.delivery.addresses import safe_address
from people_transforms.errors import ConfigError
from people_transforms.settings import wrong_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator


class ExampleSettings(BaseModel):
    """What the client and the check need; the shared settings are parsed by the core."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    key: str = Field(min_length=1, repr=False)
    api_url: str
    house_id: str

    @field_validator("api_url")
    @classmethod
    def _safe_url(cls, url: str) -> str:
        return safe_address(url)


def parse_example_settings(config: Mapping[str, Any]) -> ExampleSettings:
    """Parse a configuration; raises ConfigError that names the settings, never their values."""
    try:
        return ExampleSettings.model_validate(config)
    except ValidationError as error:
        raise ConfigError(wrong_values(error, ExampleSettings)) from None
