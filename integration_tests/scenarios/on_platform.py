"""A connection of the scenarios as one of Airbyte's platform: same folder, same configurations."""

from __future__ import annotations

import json
from typing import Any, Protocol

from ..airbyte_platform.attempt import Attempt
from ..airbyte_platform.pipe import PlatformPipe
from ..airbyte_platform.processes import FreshProgram, Program, WarmedProgram
from .connections import BIN, Connection


class OnPlatform(Protocol):
    """Make the pipe of a connection; `fresh` names the side that is to be struck by a signal."""

    def __call__(self, connection: Connection, fresh: str = "", **choices: Any) -> PlatformPipe: ...


def platform_pipe(connection: Connection, fresh: str = "", **choices: Any) -> PlatformPipe:
    """Every stream ticked, as `Connection.catalog` has them, unless `choices` say otherwise."""
    streams = json.loads(connection.catalog().read_text())["streams"]

    def program(side: str) -> Program:
        name = getattr(connection, side)
        if fresh in (side, "both"):
            return FreshProgram((BIN / name,))
        return WarmedProgram(connection.programs[name].order)

    return PlatformPipe(
        program("source"),
        program("destination"),
        connection.folder,
        streams,
        **choices,
    )


def activate(pipe: PlatformPipe, connection: Connection) -> Attempt:
    """The first job previews and is not tried again; the hash is pasted; the second job delivers."""
    (preview,) = pipe.night()
    assert preview.codes == (0, 3)
    assert preview.is_for_the_user
    approve_by_setting(connection)
    return delivered(pipe)


def approve_by_setting(connection: Connection) -> None:
    """Paste the hash of the latest plan into the destination's settings."""
    plan_hash = connection.ask("select plan_hash from sync.runs order by run_id desc limit 1")[0][0]
    connection.configure(approved_plan=plan_hash)


def delivered(pipe: PlatformPipe) -> Attempt:
    """One job that succeeds at once."""
    (attempt,) = pipe.night()
    assert attempt.outcome == "succeeded", attempt.failures
    return attempt
