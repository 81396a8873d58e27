"""Keep a renewed token: as a control message for the platform, and in the configuration file."""

from __future__ import annotations

import logging
import os
import tempfile
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

import orjson
from airbyte_cdk.config_observation import emit_configuration_as_airbyte_control_message

_log = logging.getLogger("airbyte.source-loket")


def persist_config(config: MutableMapping[str, Any], config_path: str | None) -> None:
    """Print the configuration as a control message, and rewrite its file if there is one.

    A file that cannot be written is a warning: the platform keeps the control message, and the
    file of a container is thrown away anyway.
    """
    emit_configuration_as_airbyte_control_message(config)
    if config_path is None:
        return
    try:
        replace_file(Path(config_path).resolve(), orjson.dumps(config, option=orjson.OPT_INDENT_2))
    except OSError as error:
        _log.warning(
            "The renewed Loket token could not be written to the configuration file (%s). Keep the "
            "configuration of the control message, the old refresh token may no longer work.",
            error.strerror,
        )


def replace_file(path: Path, content: bytes) -> None:
    """Replace a file in one step, readable by its owner only; a crash leaves the old one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content + b"\n")
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
