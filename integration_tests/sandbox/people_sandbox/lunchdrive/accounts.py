"""Lunchdrive's diners, with the uniqueness of e-mail and chip among the active ones."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

from people_sandbox.errors import WrongRequestError

Record = dict[str, Any]

_DINER: Record = {
    "id": None, "external_id": None, "personal_number": None, "first_name": None, "last_name": None, "email": None,
    "chip_number": None, "valid_from": None, "valid_to": None, "active": True, "invitation_state": "none",
}  # fmt: skip
_UNIQUE = ("email", "chip_number")
# Known to the sandbox only, never on the wire.
_OWN = ("client_id", "invitations")


class Duplicate(Exception):
    """Another active diner in the scope has this value; answered with 409."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


class Diners:
    """Every diner, findable by client, and by e-mail, chip and external id."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._settings = settings
        self._diners: dict[int, Record] = {}
        self._holders: dict[tuple[str, Any, str], set[int]] = {}
        self._views: dict[Hashable, list[Record]] = {}
        self._next_id = 900001

    def get(self, client_id: int, diner_id: int) -> Record | None:
        record = self._diners.get(diner_id)
        return record if record and record["client_id"] == client_id else None

    def page(
        self, client_id: int, first: int, count: int, with_inactive: bool
    ) -> tuple[list[Record], int]:
        name = (client_id, with_inactive)
        if name not in self._views:
            rows = (row for row in self._diners.values() if row["client_id"] == client_id)
            self._views[name] = [row for row in rows if with_inactive or row["active"]]
        found = self._views[name]
        return found[first : first + count], len(found)

    def create(self, client_id: int, fields: Record) -> Record:
        record = _DINER | fields | {"id": self._next_id, "client_id": client_id, "invitations": 0}
        self._check(record)
        self._next_id += 1
        self._diners[record["id"]] = record
        self._hold(record)
        return record

    def edit(self, record: Record, fields: Record) -> Record:
        self._check(record | fields)
        self._release(record)
        record.update(fields)
        self._hold(record)
        return record

    def invite(self, record: Record) -> Record:
        record["invitation_state"] = "sent"
        record["invitations"] += 1
        self._views.clear()
        return record

    def _check(self, record: Record) -> None:
        for name in self._names(record):
            if self._holders.get(name, set()) - {record["id"]}:
                raise Duplicate(name[0])

    def _names(self, record: Record) -> list[tuple[str, Any, str]]:
        """What nobody else may have while this diner has it."""
        names = []
        if record["external_id"]:
            names.append(("external_id", record["client_id"], str(record["external_id"])))
        scopes = self._settings["unique_scope"]
        for field in _UNIQUE:
            scope = scopes.get(field, "none") if isinstance(scopes, dict) else scopes
            if record["active"] and record[field] and scope != "none":
                names.append(
                    (
                        field,
                        self._place(scope, record["client_id"]),
                        str(record[field]).strip().casefold(),
                    )
                )
        return names

    def _place(self, scope: str, client_id: int) -> Any:
        if scope == "group":
            return next(
                (one["group_id"] for one in self._settings["clients"] if one["id"] == client_id),
                client_id,
            )
        return client_id if scope == "client" else "everywhere"

    def _hold(self, record: Record) -> None:
        for name in self._names(record):
            self._holders.setdefault(name, set()).add(record["id"])
        self._views.clear()

    def _release(self, record: Record) -> None:
        for name in self._names(record):
            self._holders.get(name, set()).discard(record["id"])

    def rehold(self) -> None:
        """Build the uniqueness anew after its scope was changed."""
        self._holders = {}
        for record in self._diners.values():
            self._hold(record)

    def snapshot(self) -> list[Record]:
        return [dict(record) for record in self._diners.values()]

    def put(self, accounts: list[Record]) -> None:
        """Replace every diner; ids are given to those that have none."""
        if any("client_id" not in one for one in accounts):
            raise WrongRequestError("A Lunchdrive diner needs at least client_id.")
        self._diners = {}
        for one in accounts:
            record = _DINER | {"invitations": 0} | one
            record["client_id"] = int(one["client_id"])
            if record["id"] is None:
                record["id"] = self._next_id
            record["id"] = int(record["id"])
            self._next_id = max(self._next_id, record["id"]) + 1
            self._diners[record["id"]] = record
        self._views.clear()
        self.rehold()


def on_the_wire(record: Record, wire_names: dict[str, str]) -> Record:
    return {wire_names.get(name, name): value for name, value in record.items() if name not in _OWN}
