"""How the two processes of a run ended, and which status that makes of the one that was recorded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from people_transforms.exit_codes import CAME_TO_ITS_END
from people_transforms.status import DID_NOT_RUN, status_beside


@dataclass(frozen=True, slots=True)
class Ended:
    """How the two processes ended; `told` is what the destination said of its night, if it came to that."""

    exit_code: int
    records: dict[str, int]
    statuses: dict[str, str]
    states_kept: int
    errors: list[str]
    seconds: float
    # None where the destination was never started.
    destination_code: int | None = None
    is_destination_setting: bool = False
    has_source_failed: bool = False
    is_source_setting: bool = False
    was_stopped: bool = False
    told: dict[str, Any] | None = None

    @property
    def is_kept_out(self) -> bool:
        """Another run has the store: what is recorded there is that one's night."""
        return bool(self.told and self.told.get("is_kept_out"))


def status_of_end(recorded: str | None, ended: Ended) -> str | None:
    """Say which status a run has, given what the destination recorded; None where it is not known."""
    if ended.was_stopped:
        return recorded
    has_destination_failed = ended.destination_code not in (*CAME_TO_ITS_END, None)
    if has_destination_failed and recorded not in DID_NOT_RUN:
        return "misconfigured" if ended.is_destination_setting else "failed"
    if ended.has_source_failed:
        return status_beside(recorded, is_setting=ended.is_source_setting)
    return recorded
