"""Between an employee of Alleo's SDK and an account of the engine."""

from __future__ import annotations

from typing import Any

from people_transforms.delivery.vendor import Account, Fields
from people_transforms.errors import ConfigError, RejectedError

FIELDS = (
    "email",
    "first_name",
    "last_name",
    "prefix",
    "language",
    "company_group_id",
    "birthday",
    "work_anniversary",
    "private_email",
)


def given_fields(fields: Fields) -> dict[str, Any]:
    """Take Alleo's fields; what is empty is null, which Alleo demands for dates and addresses."""
    return {name: fields[name] if fields[name] != "" else None for name in FIELDS if name in fields}


def parse_employee(row: Any, company_id: int) -> Account:
    """Read one employee of the SDK."""
    return Account(
        account_key=str(company_id),
        account_id=str(row.id),
        is_active=row.is_active,
        external_id=_whole(row.external_id) or None,
        ended_on=row.offboarding_date.date().isoformat() if row.offboarding_date else None,
        fields={name: _whole(getattr(row, name)) for name in FIELDS},
    )


def _whole(value: Any) -> Any:
    """Replace half a surrogate pair, which no store and no message can hold."""
    if not isinstance(value, str) or value.isascii():
        return value
    return value.encode("utf-8", "replace").decode()


def is_same_email(account: Account, email: str) -> bool:
    """Compare as Alleo does: the SDK itself lower-cases the domain only."""
    held = account.fields["email"]
    return isinstance(held, str) and held.strip().casefold() == email.strip().casefold()


def parse_company_id(account_key: str) -> int:
    """Read a company id; raises ConfigError."""
    try:
        return int(account_key)
    except ValueError:
        raise ConfigError(
            "An Alleo company id is a number; correct `company_id` in `companies`.",
            company_id=account_key,
        ) from None


def parse_employee_id(account_id: str) -> int:
    """Read an account id; raises RejectedError."""
    try:
        return int(account_id)
    except ValueError:
        raise RejectedError(
            "An Alleo account id is a number.", cause="account id", account_id=account_id
        ) from None
