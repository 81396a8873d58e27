"""What `check` looks at: the token, the employers, the user's filters, and each right once."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from source_loket.account import Account, unknown_employers
from source_loket.components import StreamPlan
from source_loket.errors import Refusal, config_error, missing_right
from source_loket.records import read_envelope

# Enough to notice what is wrong; a check of a thousand employers would take minutes.
_EMPLOYERS_CHECKED = 20
_log = logging.getLogger("airbyte.source-loket")


def check_account(account: Account, plans: Sequence[StreamPlan]) -> None:
    """Raise with what is wrong; warn about what only limits the read."""
    employer_ids = account.employer_ids()
    unknown = account.unknown_employer_ids()
    if unknown:
        raise config_error(unknown_employers(unknown))
    if len(employer_ids) > _EMPLOYERS_CHECKED:
        _log.info("Checking %d of %d employers.", _EMPLOYERS_CHECKED, len(employer_ids))
    for employer_id in employer_ids[:_EMPLOYERS_CHECKED]:
        _check_filters(account, employer_id)
        for plan in plans:
            if plan.probe:
                _check_right(account, plan, employer_id)


def _check_filters(account: Account, employer_id: str) -> None:
    try:
        account.filter_settings(employer_id)
    except Refusal as refusal:
        _log.warning(
            "The filters of this user at employer %s cannot be read, so hidden employments would "
            "not be noticed. Ask Loket for the activity GetUserFilterSettingsByEmployerId (%s).",
            employer_id,
            refusal,
        )


def _check_right(account: Account, plan: StreamPlan, employer_id: str) -> None:
    try:
        account.fetch_page(plan.query(employer_id=employer_id), read_envelope, 1, size=1)
    except Refusal as refusal:
        error = missing_right(plan.name, plan.activity, employer_id, refusal)
        if plan.probe == "required":
            raise error from refusal
        if plan.probe == "fallback":
            _log.info(
                "%s of employer %s will be read one by one (%s).", plan.name, employer_id, refusal
            )
        else:
            _log.warning("%s", error.message)
