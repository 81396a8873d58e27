"""Who gets the morning mail: the one list in a connection file that HR may change from the desk.

The file is the operator's own, with its comments and its order: only the list itself is replaced.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import yaml
from people_transforms.errors import ConfigError

from people_sync.connection.atomic_file import replace_file

_PLACE = ("alarms", "email", "to")


def read_mail_list(path: Path) -> tuple[str, ...] | None:
    """Give the addresses; None where the connection sends no mail."""
    node = _find(path.read_text("utf-8"))
    if node is None:
        return None
    value = yaml.safe_load(yaml.serialize(node))
    return tuple(str(one) for one in value) if isinstance(value, list) else (str(value),)


def write_mail_list(path: Path, addresses: Sequence[str]) -> None:
    """Replace the addresses, and nothing else of the file."""
    text = path.read_text("utf-8")
    node = _find(text)
    if node is None:
        raise ConfigError("The connection file has no `alarms.email.to`.", path=path)
    start, end = node.start_mark.index, node.end_mark.index
    # A block list ends where the next key begins: the line end before that stays.
    kept = text[start:end]
    tail = kept[len(kept.rstrip()) :]
    # A JSON list of strings is a YAML one, wherever it stands and however odd a text in it is.
    changed = text[:start] + json.dumps(list(addresses), ensure_ascii=False) + tail + text[end:]
    if yaml.safe_load(changed)["alarms"]["email"]["to"] != list(addresses):
        raise ConfigError("The list of addresses could not be changed in the file.", path=path)
    replace_file(path, changed.encode())


def _find(text: str) -> yaml.Node | None:
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return None
    for key in _PLACE:
        if not isinstance(node, yaml.MappingNode):
            return None
        node = next((value for name, value in node.value if name.value == key), None)
    return node
