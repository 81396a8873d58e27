"""The configured catalog: which streams were asked for, and which of their columns are ticked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import orjson

from people_transforms.errors import ConfigError


@dataclass(frozen=True, slots=True)
class Catalog:
    """What the platform asked of the source: stream name → JSON schema of its records.

    A schema without `properties` says nothing about columns. `replaces` are the streams whose earlier
    generations are to go (a Clear or a Refresh of Airbyte).
    """

    schemas: Mapping[str, Mapping[str, Any]]
    replaces: frozenset[str] = field(default_factory=frozenset)

    @property
    def streams(self) -> frozenset[str]:
        return frozenset(self.schemas)

    def lacks(self, stream: str, path: str) -> bool:
        """Tell whether a column (a dotted path) was unticked, as far as the schema says."""
        schema: Any = self.schemas.get(stream, {})
        for part in path.split("."):
            properties = schema.get("properties") if isinstance(schema, Mapping) else None
            if not isinstance(properties, Mapping) or not properties:
                return False
            if part not in properties:
                return True
            schema = properties[part]
        return False


def of_streams(names: Iterable[str]) -> Catalog:
    """Make a catalog that asks for whole streams."""
    return Catalog({name: {} for name in names})


def read_catalog(path: str) -> Catalog:
    """Read a configured catalog from a file.

    Raises ConfigError with the path where it is none.
    """
    try:
        return parse_catalog(orjson.loads(Path(path).read_bytes()))
    except FileNotFoundError:
        raise ConfigError("The catalog file does not exist.", path=path) from None
    except (orjson.JSONDecodeError, AttributeError, KeyError, TypeError, OSError):
        raise ConfigError(
            'The catalog file is not a configured Airbyte catalog ({"streams": [{"stream": …}]}).',
            path=path,
        ) from None


def parse_catalog(catalog: Mapping[str, Any]) -> Catalog:
    """Take what is used of a configured catalog."""
    configured = catalog["streams"]
    return Catalog(
        {c["stream"]["name"]: c["stream"].get("json_schema") or {} for c in configured},
        frozenset(
            c["stream"]["name"]
            for c in configured
            if (c.get("generation_id") or 0) > 0
            and c.get("generation_id") == c.get("minimum_generation_id")
        ),
    )
