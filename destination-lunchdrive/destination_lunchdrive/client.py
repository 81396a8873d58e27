"""Lunchdrive's API as the engine's `Vendor`.

No public contract exists: paths, the header and every field name come from the configuration.
One attempt per call; no redirect is followed, so the key and people's data never change hosts.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import quote

from people_transforms.delivery.ratelimit import wait_for_room
from people_transforms.delivery.vendor import Account, Fields, Place, RateLimit, Traits
from people_transforms.errors import RejectedError, RetryableError

from destination_lunchdrive.diners import (
    FIELDS,
    Row,
    is_switched_off,
    parse_diner,
    parse_object,
    parse_page,
    write_diner,
)
from destination_lunchdrive.refusals import Call, says_already_invited
from destination_lunchdrive.settings import LunchdriveSettings
from destination_lunchdrive.transport import Transport

TRAITS = Traits(
    mart="mart.lunchdrive_diners",
    fields=FIELDS,
    # The e-mail address is the login: it is changed, never erased.
    kept_when_empty=("email",),
    unique_fields=("chip_number", "email"),
    released_fields=("chip_number",),
    match_fields=("personal_number",),
    # Numbers are given out again: the same number under another name is another person.
    name_fields=("first_name", "last_name"),
    telling_fields=(
        ("first_name", "last_name"),
        ("email",),
        ("personal_number",),
        ("chip_number",),
    ),  # fmt: skip
    required_fields=("personal_number", "first_name", "last_name"),
    last_day_field="valid_to",
    first_day_field="valid_from",
    invites=True,
    routing_mart="mart.ldid_routes",
    out_of_scope=(
        "ldid_missing",
        "ldid_zero",
        "access_off",
        "access_not_said",
        "excluded_by_setting",
    ),
)

PAGE_SIZE = 100
READS_OF_A_MOVING_LIST = 3
LONGEST_EXTERNAL_ID = 64


@dataclass(slots=True)
class _Listing:
    """A list on its way, kept so that a repeated call goes on where the last one broke off."""

    rows: dict[str, Row] = field(default_factory=dict)
    page: int = 1
    received: int = 0
    totals: set[int] = field(default_factory=set)


class _ThreadOwn(threading.local):
    def __init__(self) -> None:
        self.under_way: dict[str, _Listing] = {}


class LunchdriveVendor:
    """The `Vendor` of destination-lunchdrive; safe to share between threads."""

    name = "lunchdrive"

    def __init__(self, settings: LunchdriveSettings, timeout: float = 60.0) -> None:
        self._settings = settings
        self._endpoints = settings.endpoints
        names = settings.field_names.model_dump()
        self._names: dict[str, str] = {key: name for key, name in names.items() if name}
        self._own = _ThreadOwn()
        self._visible: list[Place] | None = None
        logical_names = {name: key for key, name in self._names.items()}
        self._transport = Transport(settings, logical_names, timeout)
        self.traits = _traits(settings, self._names)

    def places(self) -> Sequence[Place]:
        """List the clients of this connection that the key can see."""
        single = self._settings.mode == "single"
        wanted = {self._settings.client_id} if single else set(self._settings.allowed_client_ids)
        takes_all = not single and not wanted
        return [
            place for place in self.visible_places() if takes_all or place.account_key in wanted
        ]

    def visible_places(self) -> list[Place]:
        """List every open client that the key can see, selected or not, asked once per run."""
        if self._visible is None:
            rows = self._read_list(self._endpoints.clients, Call(), {})
            self._visible = [
                Place(client_id, row["name"] if isinstance(row.get("name"), str) else None)
                for client_id, row in rows.items()
                if not is_switched_off(row)
            ]
        return self._visible

    def probe(self, client_id: str) -> None:
        """Read one diner of a client; raises ConfigError if the key may not."""
        query = {"page": 1, "per_page": 1, "include_inactive": 1}
        self._page(self._diners(client_id), Call(client_id=client_id), query)

    def accounts(self, account_key: str) -> Iterator[Account]:
        """Read every diner of a client, active and inactive, each once.

        Raises RetryableError when the list does not add up to its total; a repeated call goes on
        from the page that failed.
        """
        call = Call(client_id=account_key)
        rows = self._read_list(self._diners(account_key), call, {"include_inactive": 1})
        for row in rows.values():
            yield parse_diner(row, self._names, account_key)

    def find(self, account_key: str, external_id: str, fields: Fields) -> Account | None:
        """Look a diner up by our external id, else by the exact personal number."""
        number = fields.get("personal_number")
        same_number = None
        for account in self.accounts(account_key):
            if external_id and account.external_id == external_id:
                return account
            if number and account.fields["personal_number"] == str(number):
                same_number = same_number or account
        return same_number

    def create(self, account_key: str, external_id: str, fields: Fields) -> Account:
        """Create an active diner; Lunchdrive sends no invitation by itself."""
        given = {name: value for name, value in fields.items() if value not in (None, "")}
        call, path = Call(True, account_key), self._diners(account_key)
        return self._write("POST", path, call, given, active=True, external_id=external_id)

    def update(
        self, account_key: str, account_id: str, fields: Fields, external_id: str | None = None
    ) -> Account:
        """Change the given fields only; `external_id` makes a diner ours."""
        return self._patch(account_key, account_id, fields, external_id=external_id)

    def deactivate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """End a diner together with the given fields, for example an emptied chip."""
        return self._patch(account_key, account_id, fields, active=False)

    def activate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """Bring an ended diner back with the given fields."""
        return self._patch(account_key, account_id, fields, active=True)

    def invite(self, account_key: str, account_id: str) -> None:
        """Send Lunchdrive's invitation; what a second one would do is not known."""
        template = self._endpoints.invitation
        if template is None:
            return
        call = Call(True, account_key, account_id, is_invitation=True)
        response = self._transport.send("POST", _fill(template, account_key, account_id), call)
        if says_already_invited(response):
            return
        self._transport.accept(response, call)
        if response.status_code != 204:
            self._transport.read(response, call, parse_object)

    def rate_limit(self) -> RateLimit | None:
        """Tell what the headers of the latest answer said, if Lunchdrive sends any."""
        return self._transport.rate_limit

    def close(self) -> None:
        """Give connections back."""
        self._transport.close()

    def _diners(self, client_id: str) -> str:
        return _fill(self._endpoints.diners, client_id)

    def _patch(
        self,
        client_id: str,
        diner_id: str,
        fields: Fields,
        active: bool | None = None,
        external_id: str | None = None,
    ) -> Account:
        call = Call(True, client_id, diner_id)
        path = _fill(self._endpoints.diner, client_id, diner_id)
        return self._write("PATCH", path, call, fields, active, external_id)

    def _write(
        self,
        method: str,
        path: str,
        call: Call,
        fields: Fields,
        active: bool | None = None,
        external_id: str | None = None,
    ) -> Account:
        if len(external_id or "") > LONGEST_EXTERNAL_ID:
            raise RejectedError(
                "An external id has at most 64 characters at Lunchdrive; the record was not sent.",
                cause="limit external_id",
                field="external_id",
                **call.facts(),
            )
        body = write_diner(fields, self._names, active=active, external_id=external_id)
        response = self._transport.send(method, path, call, json=body)
        self._transport.accept(response, call)
        if response.status_code == 204 and call.account_id:
            answer: Row = {**body, self._names["id"]: call.account_id}
        else:
            answer = self._transport.read(response, call, parse_object)
        diner = self._transport.read_as(
            response, call, lambda: parse_diner(answer, self._names, str(call.client_id))
        )
        if self._names.get("active") in answer:
            return diner
        # What an answer leaves out is as it was sent; of what was not sent it tells nothing.
        return replace(diner, is_active=active is not False, tells_state=active is not None)

    def _read_list(self, path: str, call: Call, query: dict[str, Any]) -> dict[str, Row]:
        under_way = self._own.under_way
        for _ in range(READS_OF_A_MOVING_LIST):
            listing = under_way.setdefault(path, _Listing())
            while self._read_page(path, call, query, listing):
                listing.page += 1
            del under_way[path]
            # Rows that moved between pages are read twice or never: then the list is read again.
            if listing.totals == {len(listing.rows)}:
                return listing.rows
        raise RetryableError("Lunchdrive's list does not add up to its own total.", **call.facts())

    def _read_page(self, path: str, call: Call, query: dict[str, Any], listing: _Listing) -> bool:
        """Add one page to a listing; tell whether another should follow."""
        wait_for_room(self._transport.rate_limit)
        query = {"page": listing.page, "per_page": PAGE_SIZE, **query}
        items, total = self._page(path, call, query)
        known = len(listing.rows)
        listing.rows |= items
        listing.received += len(items)
        if total is None:
            # No total to prove the end with: the first page that brings nothing new is the end.
            has_grown = len(listing.rows) > known
            listing.totals |= set() if has_grown else {known}
            return has_grown
        listing.totals.add(total)
        return bool(items) and listing.received < total

    def _page(
        self, path: str, call: Call, query: dict[str, Any]
    ) -> tuple[dict[str, Row], int | None]:
        response = self._transport.send("GET", path, call, params=query)
        self._transport.accept(response, call)
        id_name = "id" if call.client_id is None else self._names["id"]
        return self._transport.read(
            response, call, lambda body: parse_page(body, id_name, response.headers)
        )


def _traits(settings: LunchdriveSettings, names: Mapping[str, str]) -> Traits:
    """Leave out the fields that Lunchdrive has no name for."""

    def known(fields: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(name for name in fields if name in names)

    return replace(
        TRAITS,
        fields=known(TRAITS.fields),
        kept_when_empty=known(TRAITS.kept_when_empty),
        unique_fields=known(TRAITS.unique_fields),
        released_fields=known(TRAITS.released_fields),
        match_fields=known(TRAITS.match_fields),
        name_fields=known(TRAITS.name_fields),
        required_fields=known(TRAITS.required_fields + _needed_to_begin(settings)),
        last_day_field=TRAITS.last_day_field if "valid_to" in names else None,
        first_day_field=TRAITS.first_day_field if "valid_from" in names else None,
        invites=settings.endpoints.invitation is not None,
        has_external_ids="external_id" in names,
        tells_invitations="invitation_state" in names,
    )


def _needed_to_begin(settings: LunchdriveSettings) -> tuple[str, ...]:
    """Name what the settings ask of a new diner beside what Lunchdrive asks."""
    return ("email",) if settings.missing_email == "skip" else ()


def _fill(template: str, client_id: str, diner_id: str = "") -> str:
    return template.format(client_id=quote(client_id, safe=""), diner_id=quote(diner_id, safe=""))
