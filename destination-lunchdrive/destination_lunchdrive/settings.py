"""Lunchdrive's own settings, parsed once from a configuration that matches `spec.json`."""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Any, Literal

from people_transforms.delivery.addresses import safe_address
from people_transforms.errors import ConfigError
from people_transforms.settings import WrongValueError, wrong_values
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)


class _Frozen(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="ignore", hide_input_in_errors=True, coerce_numbers_to_str=True
    )


class Auth(_Frozen):
    """The header that carries the API key."""

    header: str = Field(default="Authorization", pattern=r"^[A-Za-z0-9-]+$")
    prefix: str = "Bearer"

    def value(self, api_key: str) -> str:
        """Put the prefix before the key; `Bearer` and `Bearer ` mean the same."""
        return f"{self.prefix.strip()} {api_key}".strip()


class Endpoints(_Frozen):
    """Paths below `api_url`; {client_id} and {diner_id} are filled in."""

    clients: str = "/clients"
    diners: str = "/clients/{client_id}/diners"
    diner: str = "/clients/{client_id}/diners/{diner_id}"
    invitation: str | None = "/clients/{client_id}/diners/{diner_id}/invitation"

    @field_validator("*")
    @classmethod
    def _known_places(cls, path: str | None) -> str | None:
        if path is None:
            return None
        try:
            names = {name for _, name, _, _ in string.Formatter().parse(path) if name is not None}
        except ValueError:
            names = {path}
        if "://" in path or names - {"client_id", "diner_id"}:
            raise WrongValueError("must be a path that uses only {client_id} and {diner_id}")
        return "/" + path.lstrip("/")


class FieldNames(_Frozen):
    """Lunchdrive's name of each logical field; None = Lunchdrive has none, never sent."""

    id: str = Field(default="id", min_length=1)
    external_id: str | None = "external_id"
    personal_number: str | None = "personal_number"
    first_name: str | None = "first_name"
    last_name: str | None = "last_name"
    email: str | None = "email"
    chip_number: str | None = "chip_number"
    valid_from: str | None = "valid_from"
    valid_to: str | None = "valid_to"
    active: str | None = "active"
    invitation_state: str | None = "invitation_state"

    @model_validator(mode="after")
    def _can_end_and_find(self) -> FieldNames:
        if not self.active:
            raise WrongValueError("`active` needs a name, or no diner could ever be ended")
        if not self.external_id and not self.personal_number:
            raise WrongValueError(
                "`external_id` or `personal_number` needs a name to find diners by"
            )
        return self


class LunchdriveSettings(_Frozen):
    """What the client and the check need; the shared settings are parsed by the core."""

    api_url: str
    api_key: str = Field(min_length=1, repr=False)
    auth: Auth = Auth()
    mode: Literal["single", "group"] = "single"
    client_id: str | None = None
    allowed_client_ids: tuple[str, ...] = ()
    default_client_id: str | None = None
    missing_email: Literal["create_without", "skip"] = "create_without"
    endpoints: Endpoints = Endpoints()
    field_names: FieldNames = FieldNames()

    @field_validator("api_key", "client_id", "default_client_id", mode="before")
    @classmethod
    def _trimmed(cls, value: object) -> object:
        return value.strip() if isinstance(value, str) else value

    @field_validator("client_id", "default_client_id")
    @classmethod
    def _empty_is_none(cls, value: str | None) -> str | None:
        return value or None

    @field_validator("allowed_client_ids", mode="before")
    @classmethod
    def _trimmed_ids(cls, value: object) -> object:
        if not isinstance(value, (list, tuple)):
            return value
        return [item.strip() if isinstance(item, str) else item for item in value]

    @field_validator("api_key")
    @classmethod
    def _one_line(cls, key: str) -> str:
        if not key.isprintable() or not key.isascii():
            raise WrongValueError("must be one line of plain characters; copy the key again")
        return key

    @field_validator("api_url")
    @classmethod
    def _safe_url(cls, url: str) -> str:
        return safe_address(url)


def parse_lunchdrive_settings(config: Mapping[str, Any]) -> LunchdriveSettings:
    """Parse a configuration; raises ConfigError that names the settings, never their values."""
    given = {name: value for name, value in config.items() if value is not None}
    try:
        return LunchdriveSettings.model_validate(given)
    except ValidationError as error:
        wrong = wrong_values(error, LunchdriveSettings)
        raise ConfigError(f"The Lunchdrive configuration cannot be used: {wrong}") from None
