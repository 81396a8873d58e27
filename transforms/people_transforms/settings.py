"""The settings that every destination shares, parsed once from a checked configuration.

`spec.json` of the destination stays the only list of settings: its defaults are filled in and its
secrets taken out here, and the result is passed on as one frozen value.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, get_args

from people_connector.own_words import unknown_key
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)

from people_transforms.errors import ConfigError
from people_transforms.folders import at_home

# What is said of each kind of mistake that the models find, with the bound that it broke.
_REFUSED = {
    "missing": "is missing",
    "literal_error": "must be {expected}",
    "greater_than": "must be more than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "too_short": "needs at least {min_length}",
    "string_type": "must be text",
    "string_too_short": "needs at least {min_length} characters",
    "string_pattern_mismatch": "must look like {pattern}",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "tuple_type": "must be a list",
    "list_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "date_type": "must be a day, as YYYY-MM-DD",
    "date_parsing": "must be a day, as YYYY-MM-DD",
    "date_from_datetime_parsing": "must be a day that the calendar has, as YYYY-MM-DD",
}


class WrongValueError(ValueError):
    """What a validator of ours says of a value: a rest of a sentence that does not quote it."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Brake(_Frozen):
    """Hold a kind when its count reaches max(`at_least`, `share` of the active accounts)."""

    at_least: int = Field(ge=0)
    share: float = Field(ge=0, le=1)

    def limit(self, active: int) -> float:
        return max(self.at_least, self.share * active)


class Brakes(_Frozen):
    """One brake per kind; None switches it off. Defaults are those of the design, section 7.

    Who switches `removals` off and says nothing of `removals_7_days` means both.
    """

    removals: Brake | None = Brake(at_least=3, share=0.10)
    announced_removals: Brake | None = Brake(at_least=3, share=0.50)
    additions: Brake | None = Brake(at_least=5, share=0.25)
    updates: Brake | None = Brake(at_least=20, share=0.75)
    fill_rate: Brake | None = Brake(at_least=3, share=0.20)
    wipes: Brake | None = Brake(at_least=3, share=0.20)
    removals_7_days: Brake | None = Brake(at_least=5, share=0.25)
    invitations: Brake | None = Brake(at_least=5, share=0.25)
    identity_changes: Brake | None = Brake(at_least=3, share=0.10)

    @model_validator(mode="before")
    @classmethod
    def _removals_as_one(cls, given: Any) -> Any:
        return removals_as_one(given)


def removals_as_one(brakes: Any) -> Any:
    """Switch off the brake that remembers removals with the one that doesn't."""
    if isinstance(brakes, Mapping) and "removals" in brakes and brakes["removals"] is None:
        return {"removals_7_days": None, **brakes}
    return brakes


class FleetBrake(Brake):
    """Hold everything when one cause strikes max(`at_least`, `share` of the connections) in `hours`."""

    at_least: int = Field(default=5, ge=1)
    share: float = Field(default=0.10, ge=0, le=1)
    hours: float = Field(default=12, gt=0)


class Reconcile(_Frozen):
    """What to do about accounts that somebody changed at the vendor; see `planning/drift.py`.

    `every_days` reads the vendor's lists on its own that often; else drift shows when they are read
    for another reason.
    """

    every_days: int | None = Field(default=None, ge=1)
    adopt: tuple[str, ...] = ()
    repair: tuple[str, ...] = ()


class Retention(_Frozen):
    """Days after a person's last day that each kind of record is kept; None keeps it.

    `out_of_scope` says what is kept of people who take no part: all, or a keyed pseudonym.
    """

    raw: int | None = Field(default=None, ge=0)
    plan: int | None = Field(default=None, ge=0)
    deliveries: int | None = Field(default=None, ge=0)
    findings: int | None = Field(default=None, ge=0)
    out_of_scope: Literal["keep", "pseudonyms"] = "keep"


class WarehouseSettings(_Frozen):
    # A misspelt key would run as another connection, or without encryption.
    model_config = ConfigDict(extra="forbid")

    type: Literal["file", "ducklake"] = "file"
    path: str | None = None
    # A connection string may hold a password.
    catalog: SecretStr | None = None
    data_path: str | None = None
    connection_id: str | None = Field(default=None, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$")
    s3_key_id: str | None = None
    s3_secret: SecretStr | None = None
    s3_endpoint: str | None = None
    s3_region: str | None = None
    encryption_key: SecretStr | None = None
    previous_encryption_key: SecretStr | None = None

    @field_validator("encryption_key")
    @classmethod
    def _long_enough(cls, key: SecretStr | None) -> SecretStr | None:
        # Not in the spec: a checker of the spec would quote the key in its message.
        if key and 0 < len(key.get_secret_value()) < 16:
            raise WrongValueError("needs at least 16 characters")
        return key


class Settings(_Frozen):
    """What the engine needs of a destination's configuration.

    `configuration` is the whole configuration with defaults and without secrets, for the models.
    """

    vendor: str
    source_system: str
    warehouse: WarehouseSettings = WarehouseSettings()
    approved_plan: str | None = None
    brakes: Brakes = Brakes()
    fleet_brake: FleetBrake | None = FleetBrake()
    announced_after_days: int = Field(default=3, ge=0)
    when_absent: Literal["report", "end"] = "report"
    absence_reads: int = Field(default=2, ge=2)
    reconcile: Reconcile = Reconcile()
    retention: Retention = Retention()
    timezone: str = "Europe/Amsterdam"
    as_of: dt.date | None = None
    max_requests_per_minute: int | None = Field(default=None, ge=1)
    num_workers: int = Field(default=4, ge=1, le=64)
    report_dir: str | None = None
    report_language: Literal["nl", "cs", "en"] | None = None
    desk_url: str | None = Field(default=None, pattern=r"^https?://[^\s?#]+$")
    import_employees: bool = True
    invitations: Literal["off", "newcomers", "all_not_yet_invited"] = "off"
    max_invitations_per_run: int | None = Field(default=None, ge=0)
    fail_on_refused: bool = False
    configuration: dict[str, Any] = Field(default_factory=dict)

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError) as error:
            raise WrongValueError("is not a time zone; use a name like Europe/Amsterdam") from error
        return name

    @field_validator("approved_plan", "as_of", mode="before")
    @classmethod
    def _empty_is_none(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("approved_plan")
    @classmethod
    def _as_printed(cls, value: str | None) -> str | None:
        """Read a plan's hash that was pasted with what stood around it."""
        return (value or "").strip().casefold() or None

    def today(self, now: dt.datetime) -> dt.date:
        """Give the business day: `as_of`, else the calendar day in the configured zone."""
        return self.as_of or self.calendar_day(now)

    def calendar_day(self, now: dt.datetime) -> dt.date:
        """Give the day that the calendar of the configured zone shows."""
        return now.astimezone(zoneinfo.ZoneInfo(self.timezone)).date()


def parse_settings(
    config: Mapping[str, Any], spec: Mapping[str, Any], *, vendor: str, source_system: str
) -> Settings:
    """Parse a configuration against its connector's spec.

    Raises ConfigError that names each setting that is wrong.
    """
    # Before a default of the spec looks like somebody's choice.
    if "brakes" in config:
        config = {**config, "brakes": removals_as_one(config["brakes"])}
    filled = _without_secrets(_with_defaults(config, spec), spec)
    # An empty setting is its default, but for what may be switched off.
    values = {k: v for k, v in filled.items() if v is not None or _may_be_none(k)}
    values.setdefault("source_system", source_system)
    # The one secret that the engine itself needs: the key of its store.
    values["warehouse"] = without_airbytes_own(
        config.get("warehouse") or values.get("warehouse") or {}
    )
    try:
        return Settings(**{**values, "vendor": vendor, "configuration": filled})
    except ValidationError as error:
        raise ConfigError(
            f"The configuration has a setting that cannot be used: {wrong_values(error, Settings)}"
        ) from None


def fit_ids(value: Any, schema: Mapping[str, Any], name: str = "") -> Any:
    """Read ids that were typed with quotes as the numbers that the spec asks for, and the other way round.

    An id is a setting whose name ends in `_id` or `_ids`; every other value stays as it is.
    """
    if isinstance(value, Mapping):
        known = schema.get("properties", {})
        return {key: fit_ids(one, known.get(key, {}), key) for key, one in value.items()}
    if isinstance(value, list):
        return [fit_ids(one, schema.get("items", {}), name) for one in value]
    kinds = schema.get("type") or ()
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if not name.endswith(("_id", "_ids")):
        return value
    if "string" in kinds and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if "integer" in kinds and isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    return value


def _may_be_none(name: str) -> bool:
    field = Settings.model_fields.get(name)
    return field is not None and type(None) in get_args(field.annotation)


def wrong_values(error: ValidationError, model: type[BaseModel], under: str = "") -> str:
    """Say of each setting that is wrong why, never its value; it stands below the setting `under`."""
    return " ".join(
        _wrong_value(item, model, under)
        for item in error.errors(include_input=False, include_url=False)
    )


def _wrong_value(item: Mapping[str, Any], model: type[BaseModel], under: str) -> str:
    *above, name = item["loc"] or ("",)
    if item["type"] == "extra_forbidden":
        place = ".".join(str(part) for part in (under, *above) if part != "")
        return unknown_key(name, place, _names_of(model, above))
    place = ".".join(str(part) for part in (under, *item["loc"]) if part != "")
    cause = item.get("ctx", {}).get("error")
    if isinstance(cause, WrongValueError):
        return f"`{place}` {cause}."
    bounds = item.get("ctx", {})
    said = _REFUSED.get(item["type"], "cannot be used").format_map(bounds)
    return f"`{place}` {said}."


def _names_of(model: type[BaseModel], place: Sequence[int | str]) -> list[str]:
    """Give the names that a model, or the one at a place in it, knows."""
    for name in place:
        fields = {field.alias or key: field for key, field in model.model_fields.items()}
        kinds = (
            (fields[name].annotation, *get_args(fields[name].annotation)) if name in fields else ()
        )
        model = next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), model)
    return [field.alias or key for key, field in model.model_fields.items()]


def without_airbytes_own(value: Any) -> Any:
    """Leave out the keys that Airbyte adds to a configuration for itself."""
    if not isinstance(value, Mapping):
        return value
    return {key: item for key, item in value.items() if not str(key).startswith("__")}


def parse_day(text: str) -> dt.date:
    """Read YYYY-MM-DD, for the command line."""
    return dt.date.fromisoformat(text)


def resolve(path: str | Path, base: Path | None = None) -> Path:
    """Make a configured path absolute, relative to `base` or the working directory."""
    if "\0" in str(path):
        raise ConfigError("A path in the configuration holds a NUL character.")
    expanded = at_home(path)
    return expanded if expanded.is_absolute() else (base or Path.cwd()) / expanded


def _with_defaults(value: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    filled = dict(value)
    for name, property_spec in spec.get("properties", {}).items():
        if name not in filled and "default" in property_spec:
            filled[name] = property_spec["default"]
        if isinstance(filled.get(name), Mapping) and "properties" in property_spec:
            filled[name] = _with_defaults(filled[name], property_spec)
    return filled


def _without_secrets(value: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    properties = dict(spec.get("properties", {}))
    for variant in spec.get("oneOf", ()):
        properties |= variant.get("properties", {})
    kept = {}
    for name, item in value.items():
        property_spec = properties.get(name, {})
        # Keys with two lines before them are Airbyte's own, or comments.
        if property_spec.get("airbyte_secret") or name.startswith("__"):
            continue
        kept[name] = _without_secrets(item, property_spec) if isinstance(item, Mapping) else item
    return kept
