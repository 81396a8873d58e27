"""YAML in which no key may stand twice: the reader's own way is to take the last one silently."""

from __future__ import annotations

from typing import Any

import yaml
from people_connector.own_words import TwiceError, said_twice

_MERGE = "tag:yaml.org,2002:merge"


class _Loader(yaml.SafeLoader):
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        # What is merged (`<<`) may be said again: that is what merging is for.
        own = [str(key.value) for key, _ in node.value if key.tag != _MERGE]
        if twice := said_twice(own):
            raise TwiceError(f"{twice} (line={node.start_mark.line + 1})")
        return super().construct_mapping(node, deep)


def load_yaml(content: bytes) -> Any:
    """Read YAML; raises yaml.YAMLError, and TwiceError with a sentence."""
    return yaml.load(content, _Loader)  # noqa: S506 - a SafeLoader
