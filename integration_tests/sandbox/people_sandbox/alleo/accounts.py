"""Alleo's companies, groups and employee accounts."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from people_sandbox.errors import WrongRequestError

Record = dict[str, Any]

_OUT: Record = {
    "id": None, "email": None, "first_name": None, "last_name": None, "prefix": None, "language": None,
    "private_email": None, "is_active": True, "company_group_id": None, "group_name": None, "external_id": None,
    "registration_date": None, "offboarding_date": None, "birthday": None, "work_anniversary": None,
    "last_active_date": None,
}  # fmt: skip
_GROUPS = ("Kantoor", "Magazijn", None)


class DuplicateEmail(Exception):
    """Another account of the company has this address, whatever its case."""


class Accounts:
    """Every account, findable by company and by e-mail."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._companies: dict[int, dict[int, Record]] = {}
        self._emails: dict[tuple[int, str], int] = {}
        self._views: dict[Hashable, list[Record]] = {}
        self._next_id = 5001

    @staticmethod
    def groups(company_id: int) -> list[Record]:
        return [
            {"id": company_id * 100 + number, "name": name}
            for number, name in enumerate(_GROUPS, start=1)
        ]

    def get(self, company_id: int, employee_id: int) -> Record | None:
        return self._companies.get(company_id, {}).get(employee_id)

    def page(
        self, company_id: int, skip: int, limit: int, wanted: tuple[bool | None, int | None, str]
    ) -> tuple[list[Record], int]:
        name = (company_id, *wanted)
        if name not in self._views:
            rows = self._companies.get(company_id, {}).values()
            self._views[name] = [row for row in rows if _is_wanted(row, *wanted)]
        found = self._views[name]
        return found[skip : skip + limit], len(found)

    def create(self, company_id: int, fields: Record, registered: str) -> Record:
        self._claim(company_id, fields["email"], None)
        record = _OUT | fields | {"id": self._next_id, "registration_date": registered}
        self._next_id += 1
        self._store(company_id, record)
        return record

    def edit(self, company_id: int, record: Record, fields: Record) -> Record:
        if "email" in fields:
            self._claim(company_id, fields["email"], record["id"])
            self._emails.pop(self._email_key(company_id, record["email"]), None)
        record.update(fields)
        self._store(company_id, record)
        return record

    def _claim(self, company_id: int, email: str, own_id: int | None) -> None:
        if self._emails.get(self._email_key(company_id, email), own_id) != own_id:
            raise DuplicateEmail

    def _email_key(self, company_id: int, email: str) -> tuple[int, str]:
        return (0 if self._settings["email_scope"] == "global" else company_id), str(
            email
        ).casefold()

    def _store(self, company_id: int, record: Record) -> None:
        if record["company_group_id"] is None:
            record["group_name"] = None
        else:
            names = {group["id"]: group["name"] for group in self.groups(company_id)}
            record["group_name"] = names.get(record["company_group_id"])
        self._companies.setdefault(company_id, {})[record["id"]] = record
        self._emails[self._email_key(company_id, record["email"])] = record["id"]
        self._views.clear()

    def snapshot(self) -> list[Record]:
        return [
            {"company_id": key} | row
            for key, rows in self._companies.items()
            for row in rows.values()
        ]

    def put(self, accounts: list[Record]) -> None:
        """Replace every account; ids are given to those that have none."""
        for one in accounts:
            if "company_id" not in one or not one.get("email"):
                raise WrongRequestError("An Alleo account needs at least company_id and email.")
        self._companies, self._emails = {}, {}
        for one in accounts:
            fields = {name: value for name, value in one.items() if name != "company_id"}
            if fields.get("id") is None:
                fields["id"] = self._next_id
            self._next_id = max(self._next_id, int(fields["id"])) + 1
            self._store(int(one["company_id"]), _OUT | fields)
        self._views.clear()


def _is_wanted(row: Record, is_active: bool | None, group: int | None, search: str) -> bool:
    if is_active is not None and row["is_active"] is not is_active:
        return False
    if group is not None and row["company_group_id"] != group:
        return False
    text = f"{row['first_name']} {row['last_name']} {row['email']}".casefold()
    return search.casefold() in text
