"""Between a diner on the wire and an account of the engine, under configured field names."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NoReturn

from people_transforms.delivery.vendor import Account, Fields

FIELDS = (
    "personal_number",
    "first_name",
    "last_name",
    "email",
    "chip_number",
    "valid_from",
    "valid_to",
)
_DATES = ("valid_from", "valid_to")
Row = Mapping[str, Any]


def write_diner(
    fields: Fields, names: Mapping[str, str], *, active: bool | None, external_id: str | None
) -> dict[str, Any]:
    """Make the body of a call: only given fields, only those Lunchdrive has a name for."""
    values: dict[str, Any] = {name: fields[name] for name in FIELDS if name in fields}
    if active is not None:
        values["active"] = active
    if external_id:
        values["external_id"] = external_id
    return {
        names[name]: value.isoformat() if isinstance(value, dt.date) else value
        for name, value in values.items()
        if name in names
    }


def parse_diner(row: Row, names: Mapping[str, str], client_id: str) -> Account:
    """Read one diner; raises ValueError when it is none."""
    values = {logical: row.get(name) for logical, name in names.items()}
    return Account(
        account_key=client_id,
        account_id=parse_id(values["id"]),
        is_active=_is_true(values.get("active")),
        external_id=_text(values.get("external_id")),
        ended_on=_day_text(values.get("valid_to")),
        invitation_state=_text(values.get("invitation_state")),
        fields={
            name: _day(values.get(name)) if name in _DATES else _text(values.get(name))
            for name in FIELDS
        },
    )


def parse_page(
    body: Any, id_name: str, headers: Mapping[str, str]
) -> tuple[dict[str, Row], int | None]:
    """Read `{"items": …, "total": …}`, or a bare array with its total in Yii's header."""
    if isinstance(body, list):
        items, total = body, headers.get("X-Pagination-Total-Count")
    else:
        items, total = body["items"], body["total"]
    rows = {parse_id(item[id_name]): item for item in items}
    return rows, None if total is None else int(total)


def parse_object(body: Any) -> Row:
    """Accept a JSON object only."""
    return body if isinstance(body, dict) else _refuse()


def parse_id(value: Any) -> str:
    """Read an id, which may come as a number."""
    return _text(value) or _refuse()


def is_switched_off(row: Row) -> bool:
    """Tell whether a client is there but closed."""
    return not _is_true(row.get("active"))


def _refuse() -> NoReturn:
    raise ValueError("the answer has another shape than agreed")


def _text(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _is_true(value: Any) -> bool:
    return value is None or value not in (False, 0, "0", "false", "False", "")


def _day(value: Any) -> dt.date | str | None:
    """Read a day; a text that is none stays itself, so that it differs from what we want."""
    text = _text(value)
    try:
        return dt.date.fromisoformat(text[:10]) if text else None
    except ValueError:
        return text


def _day_text(value: Any) -> str | None:
    day = _day(value)
    return day.isoformat() if isinstance(day, dt.date) else None
