"""The status of a night: one word, computed once when a run ends, and read by everybody who tells of it.

It is about the business day: what an earlier run of the day sent stays true after a later one.
Stored in `sync.runs.status`; the report, the mail, the alarms, `fleet`, `watch` and the exit code of
`people-sync run` all follow from it.
"""

from __future__ import annotations

from dataclasses import dataclass

from people_transforms.errors import ConfigError, RetryableError
from people_transforms.exit_codes import DONE, FAILED, HELD, MISCONFIGURED, PARTLY

# Worst first; of several that are true a night has the first. The value is the exit code.
EXIT_CODES = {
    "failed": FAILED,
    "misconfigured": MISCONFIGURED,
    "hr_unreachable": FAILED,
    "platform_unreachable": FAILED,
    "hr_incomplete": FAILED,
    "preview": HELD,
    "held": HELD,
    "partly": PARTLY,
    "needs_you": DONE,
    "in_order": DONE,
    "quiet": DONE,
}
STATUSES = tuple(EXIT_CODES)
# Nothing was planned, or what was planned could not be sent.
DID_NOT_RUN = frozenset({"failed", "misconfigured", "hr_unreachable", "platform_unreachable"})
# As the releases before this column called it.
_FORMER = {"done": "in_order", "incomplete": "hr_incomplete", None: "failed"}


@dataclass(frozen=True, slots=True)
class Facts:
    """What a night's status rests on; all counts but `sent` are of this run."""

    sent: int = 0
    held: int = 0
    refused: int = 0
    unanswered: int = 0
    to_mend: int = 0
    is_too_quiet: bool = False
    is_preview: bool = False
    is_read_whole: bool = True
    is_read_at_all: bool = True


def judge(facts: Facts) -> str:
    """Give the status of a night that came to its end."""
    if not facts.is_read_at_all:
        return "hr_unreachable"
    if facts.unanswered:
        return "platform_unreachable"
    if not facts.is_read_whole:
        return "hr_incomplete"
    if facts.is_preview:
        return "preview"
    if facts.held:
        return "held"
    if facts.refused:
        return "partly"
    if facts.to_mend or facts.is_too_quiet:
        return "needs_you"
    return "in_order" if facts.sent else "quiet"


def status_of_error(error: BaseException, step: str) -> str:
    """Give the status of a run that an error ended during a step."""
    if isinstance(error, ConfigError):
        return "misconfigured"
    if isinstance(error, RetryableError):
        return "hr_unreachable" if step == "land" else "platform_unreachable"
    return "failed"


def status_beside(status: str | None, *, is_setting: bool) -> str:
    """Give the status of a night whose source ended with an error, from the one of what it sent.

    Nothing recorded, or nothing read, is HR not reached; `is_setting`: the source itself named a
    setting or a right. A night that planned on what had arrived is one on a part of HR.
    """
    if status is None or status == "hr_unreachable":
        return "misconfigured" if is_setting else "hr_unreachable"
    return status if status in DID_NOT_RUN else "hr_incomplete"


def known_status(status: str | None, outcome: str | None) -> str:
    """Give the status of a stored run; one of an earlier release, or one cut off, has none."""
    return status or _FORMER.get(outcome, outcome or "failed")
