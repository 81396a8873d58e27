"""What the onboarding must know of each connector: a source's file beside this one, a mart's vendor.yaml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml
from people_transforms.errors import ConfigError
from people_transforms.models.vendors import vendors

from people_sync.desk.onboarding.consent import Server


@dataclass(frozen=True, slots=True)
class Described:
    """A connector's description; a part that it does not have is empty."""

    name: str
    title: str
    language: str
    timezone: str
    keys: tuple[dict[str, str], ...]
    consent: Mapping[str, Any]
    reads: Mapping[str, list[str]]
    notes: tuple[str, ...]
    employers: Mapping[str, str]
    # What must be there before the places of a key can be asked for.
    to_list_places: Mapping[str, Any]
    mapping: Mapping[str, str]
    routing: Mapping[str, str]
    choices: tuple[str, ...]
    only_if: Mapping[str, str]
    sends: tuple[str, ...]
    note_links: Mapping[str, Mapping[int, str]]

    def read_groups(self, config: Mapping[str, Any]) -> dict[str, list[str]]:
        """Give what is read with a configuration: a group with a switch only where it is on."""
        return {
            group: fields
            for group, fields in self.reads.items()
            if group not in self.only_if or config.get(self.only_if[group]) is True
        }

    def server(self, config: Mapping[str, Any]) -> Server:
        """Find the authorization server and the client in the source's configuration."""
        address = self._server_address(config)
        credentials = config.get(self.consent["settings"])
        credentials = credentials if isinstance(credentials, dict) else {}
        if not credentials.get("client_id"):
            raise ConfigError(
                f"`{self.consent['settings']}.client_id` is missing in the source's configuration."
            )
        return Server(
            authorize_url=address + self.consent["authorize"],
            token_url=address + self.consent["token"],
            scope=self.consent["scope"],
            client_id=str(credentials["client_id"]),
            client_secret=credentials.get("client_secret") or None,
        )

    def origin(self, config: Mapping[str, Any]) -> str | None:
        """Give the origin of the consent page, which a form may lead to."""
        if not self.consent:
            return None
        parts = urlsplit(self._server_address(config))
        return f"{parts.scheme}://{parts.netloc}"

    def secrets_of(self, config: Mapping[str, Any]) -> list[str]:
        """List the secret values of a configuration, so that no page repeats one."""
        values = [config.get(key["setting"]) for key in self.keys]
        credentials = config.get(self.consent.get("settings", ""))
        values += list(credentials.values()) if isinstance(credentials, dict) else []
        return [value for value in values if isinstance(value, str) and len(value) > 3]

    def _server_address(self, config: Mapping[str, Any]) -> str:
        environment = config.get(self.consent["environment_setting"])
        servers = self.consent["servers"]
        usual = servers.get(environment) or next(iter(servers.values()))
        return str(config.get(self.consent["server_setting"]) or usual).rstrip("/")


def describe(connector: str) -> Described:
    """Read a connector's description; ConfigError where there is none."""
    name = Path(connector).name
    found = _found(name)
    if found is None:
        raise ConfigError("The onboarding does not know this connector.", connector=name)
    return Described(
        name=name,
        title=found["title"],
        language=found.get("language", "en"),
        timezone=found.get("timezone", "UTC"),
        keys=tuple(found.get("keys", [])),
        consent=found.get("consent", {}),
        reads=found.get("reads", {}),
        notes=tuple(found.get("notes", [])),
        employers=found.get("employers", {}),
        to_list_places=found.get("to_list_places", {}),
        mapping=found.get("mapping", {}),
        routing=found.get("routing", {}),
        choices=tuple(found.get("choices", [])),
        only_if=found.get("only_if", {}),
        sends=tuple(found.get("sends", [])),
        note_links=found.get("note_links", {}),
    )


def is_known(connector: str) -> bool:
    """Tell whether a connector has a description."""
    return _found(Path(connector).name) is not None


def _found(name: str) -> dict[str, Any] | None:
    return _of_platform(name) if name.startswith("destination-") else _of_source(name)


def _of_platform(name: str) -> dict[str, Any] | None:
    """What is told of a platform beside its mart."""
    told = vendors().get(name.removeprefix("destination-").replace("-", "_"))
    if told is None or "onboarding" not in told:
        return None
    return {"title": told["title"], **told["onboarding"]}


@cache
def _of_source(name: str) -> dict[str, Any] | None:
    file = files(__package__ or "people_sync.desk.onboarding.connectors").joinpath(f"{name}.yaml")
    return yaml.safe_load(file.read_text("utf-8")) if file.is_file() else None
