"""What a connector supplies beside its client: its name, its settings, and what is wrong between them."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from functools import cached_property
from importlib.resources import files
from typing import Any, ClassVar

from people_connector.own_words import read_json, wrong_settings

from people_transforms.delivery.vendor import Place, Vendor
from people_transforms.errors import ConfigError
from people_transforms.form import fit
from people_transforms.settings import Settings, parse_settings
from people_transforms.shared_spec import with_sources


class Platform(ABC):
    """A benefit platform. Its package has a `spec.json`, the only list of its settings."""

    vendor_name: ClassVar[str]
    default_source_system: ClassVar[str]

    @abstractmethod
    def vendor(self, config: Mapping[str, Any]) -> Vendor:
        """Build the vendor's client from a checked configuration."""

    def verify(self, config: Mapping[str, Any], vendor: Vendor) -> list[str]:
        """Name what is wrong between configuration and vendor, one sentence each."""
        return []

    def visible(self, vendor: Vendor) -> Sequence[Place]:
        """List every place that the keys can see, chosen or not: what somebody may choose from."""
        return vendor.places()

    def probe(self, config: Mapping[str, Any], vendor: Vendor) -> None:
        """Try what only `check` tries; raises SyncError that says what is wrong."""
        vendor.places()

    @cached_property
    def spec(self) -> dict[str, Any]:
        """The JSON schema of the settings; `source_system` may be any that there are models for."""
        package = type(self).__module__.split(".", 1)[0]
        whole: dict[str, Any] = json.loads(files(package).joinpath("spec.json").read_bytes())
        return with_sources(whole["connectionSpecification"])

    def fit(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """Read what a form or a person gives as the spec has it: choices flat, ids as text or number."""
        return fit(config, self.spec)

    def read_config(self, path: str) -> dict[str, Any]:
        """Read and check a configuration; raises ConfigError in words that quote no value."""
        try:
            content = read_json(path)
        except ValueError as error:
            raise ConfigError(str(error)) from None
        if not isinstance(content, dict):
            raise ConfigError(f"The configuration {path} cannot be read as one JSON object.")
        config = self.fit(content)
        if wrong := wrong_settings(config, self.spec):
            raise ConfigError(" ".join(wrong))
        return config

    def settings(self, config: Mapping[str, Any]) -> Settings:
        """Parse what the engine needs of a configuration."""
        return parse_settings(
            config, self.spec, vendor=self.vendor_name, source_system=self.default_source_system
        )
