"""The stream prefix and the namespace of a connection: other names for the destination only."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from typing import Any

from .protocol import Message

_Name = tuple[str | None, str]


@dataclass
class Naming:
    """Renames what goes to the destination, and states back when they return.

    `namespace` is a custom format, in which ${SOURCE_NAMESPACE} stands for the source's own; without
    one no namespace is sent (the platform's default: whatever the destination is set to).
    """

    prefix: str = ""
    namespace: str = ""
    _source_name: dict[_Name, _Name] = field(default_factory=dict)

    def catalog(self, streams: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The configured streams under the destination's names."""
        renamed = copy.deepcopy(streams)
        for configured in renamed:
            self._rename(configured["stream"], "name")
        return renamed

    def forth(self, message: Message) -> Message:
        """A RECORD or STATE on its way to the destination."""
        renamed = copy.deepcopy(message)
        if renamed["type"] == "RECORD":
            self._rename(renamed["record"], "stream")
        elif descriptor := _descriptor(renamed):
            given = (descriptor.get("namespace"), descriptor["name"])
            self._rename(descriptor, "name")
            self._source_name[descriptor.get("namespace"), descriptor["name"]] = given
        return renamed

    def back(self, message: Message) -> Message:
        """A STATE on its way from the destination."""
        renamed = copy.deepcopy(message)
        if descriptor := _descriptor(renamed):
            name = (descriptor.get("namespace"), descriptor["name"])
            namespace, descriptor["name"] = self._source_name.get(name, name)
            _set_namespace(descriptor, namespace)
        return renamed

    def target(self, name: str, namespace: str | None) -> tuple[str, str | None]:
        """Name and namespace of a stream at the destination."""
        format_ = self.namespace.replace("${SOURCE_NAMESPACE}", namespace or "")
        return self.prefix + name, format_ if format_.strip() else None

    def _rename(self, holder: dict[str, Any], key: str) -> None:
        holder[key], namespace = self.target(holder[key], holder.get("namespace"))
        _set_namespace(holder, namespace)


def _descriptor(message: Message) -> dict[str, Any] | None:
    """The stream a STATE belongs to; a state of everything has none."""
    state = message.get("state") or {}
    if message["type"] != "STATE" or state.get("type") != "STREAM":
        return None
    descriptor: dict[str, Any] = state["stream"]["stream_descriptor"]
    return descriptor


def _set_namespace(holder: dict[str, Any], namespace: str | None) -> None:
    holder.pop("namespace", None)
    if namespace is not None:
        holder["namespace"] = namespace
