"""The errors of a run, grouped by what to do next.

    SyncError
    ├── RetryableError        wait and repeat; when spent, the run stops (Airbyte: transient_error)
    │   ├── AmbiguousError    as above, but the vendor may have done it: look up before repeating
    │   └── UnansweredError   a night went on without some answers: the next run looks them up
    ├── RejectedError         the vendor refuses one record: park it, go on
    │   ├── ConflictError     another account already has the e-mail, chip or number
    │   └── GoneError         the account we knew is no longer there
    ├── ConfigError           credentials, rights or settings: stop, say which (config_error)
    │   ├── HeldError         a person must approve the plan first
    │   └── RefusedError      the vendor refuses people, and `fail_on_refused` makes that a failure
    ├── AuditError            a model broke its grain or an audit: stop before any call (system_error)
    └── StoreError            the staging store is locked, full or damaged: stop, nothing is lost
        └── BusyError         another run has it: the same works when that one is done

A message is one sentence and its facts: `Alleo refused the record. (person_id=…, status=422, field=email)`.
Messages never carry names, e-mail addresses, note texts, payloads or tokens.
"""

from __future__ import annotations

import errno

from people_connector.own_words import named

# What a system says when there is no room: also a quota, and a limit on the size of files.
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class SyncError(Exception):
    """Base of every error that a run explains instead of a stack trace."""

    def __init__(self, sentence: str, **facts: object) -> None:
        self.sentence = sentence
        self.facts = facts
        listed = ", ".join(f"{name}={value}" for name, value in facts.items() if value is not None)
        super().__init__(f"{sentence} ({listed})" if listed else sentence)


class RetryableError(SyncError):
    """The vendor could not answer now. `retry_after` is in seconds, if the vendor named a time."""

    def __init__(self, sentence: str, *, retry_after: float | None = None, **facts: object) -> None:
        self.retry_after = retry_after
        super().__init__(sentence, **facts)


class AmbiguousError(RetryableError):
    """The answer was lost after the request may have been carried out."""


class UnansweredError(RetryableError):
    """Some changes got no answer; everything else of the night is settled."""


class RejectedError(SyncError):
    """The vendor refuses this one record; everybody else goes on.

    `cause` groups equal refusals in the report (for example "422 email"), `field` names the
    field in the mart's terms where the vendor named one.
    """

    def __init__(
        self, sentence: str, *, cause: str, field: str | None = None, **facts: object
    ) -> None:
        self.cause = cause
        self.field = field
        super().__init__(sentence, field=field, **facts)


class ConflictError(RejectedError):
    """Another account already holds a value that must be unique."""


class GoneError(RejectedError):
    """The account that the ledger knows is not there any more."""


class ConfigError(SyncError):
    """Somebody must change a setting, a credential or a right."""


class NothingYetError(ConfigError):
    """No run has come as far as what is asked for: there is no answer yet, which is not an empty one."""


class HeldError(ConfigError):
    """Part of the plan waits for a person's approval."""


class RefusedError(ConfigError):
    """The vendor refuses some people, and the setting `fail_on_refused` asks to fail for it."""


class AuditError(SyncError):
    """A model broke its grain or an audit found rows; nothing was delivered."""


class StoreError(SyncError):
    """The staging store cannot be used: locked by another run, full, or damaged."""


class BusyError(StoreError):
    """Another run is using the store; nothing is wrong, and nothing was done."""


def in_our_words(error: BaseException) -> str:
    """Give the text to keep or print: of an error that is not ours its class and our line only."""
    return str(error) if isinstance(error, SyncError) else named(error)
