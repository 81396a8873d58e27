"""The canteen's API as the engine's `Vendor`: one attempt per call, every outcome a value or an error."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import requests
from destination_example.settings import ExampleSettings
from people_transforms.delivery.answers import parse_json, parse_retry_after, unread, unsettled
from people_transforms.delivery.ratelimit import parse_rate_limit
from people_transforms.delivery.vendor import Account, Fields, Place, RateLimit, Traits
from people_transforms.errors import AmbiguousError, ConfigError, RejectedError, RetryableError

FIELDS = ("first_name", "last_name", "badge")
TRAITS = Traits(
    mart="mart.example_guests",
    fields=FIELDS,
    unique_fields=("badge",),
    match_fields=("badge",),
    name_fields=("first_name", "last_name"),
    telling_fields=(("first_name", "last_name"), ("badge",)),
    required_fields=FIELDS,
    out_of_scope=("access_off", "access_not_said", "excluded_by_setting"),
)


class ExampleVendor:
    """The `Vendor` of destination-example."""

    name = "example"
    traits = TRAITS

    def __init__(self, settings: ExampleSettings) -> None:
        self._settings = settings
        self._limit: RateLimit | None = None

    def places(self) -> Sequence[Place]:
        """List the houses that the key can see."""
        rows = self._call("GET", "/houses")
        return [Place(str(row["id"]), row["name"]) for row in rows["items"]]

    def accounts(self, account_key: str) -> Iterator[Account]:
        """Read every guest of a house."""
        for row in self._call("GET", f"/houses/{account_key}/guests")["items"]:
            yield _account(row, account_key)

    def find(self, account_key: str, external_id: str, fields: Fields) -> Account | None:
        """Look a guest up by our id, else by the badge."""
        found = list(self.accounts(account_key))
        own = (one for one in found if external_id and one.external_id == external_id)
        same = (one for one in found if one.fields["badge"] == fields.get("badge"))
        return next(own, None) or next(same, None)

    def create(self, account_key: str, external_id: str, fields: Fields) -> Account:
        """Create an active guest."""
        body = {**fields, "external_id": external_id, "active": True}
        return _account(self._call("POST", f"/houses/{account_key}/guests", body), account_key)

    def update(
        self, account_key: str, account_id: str, fields: Fields, external_id: str | None = None
    ) -> Account:
        """Change the given fields only."""
        own = {"external_id": external_id} if external_id else {}
        return self._patch(account_key, account_id, {**fields, **own})

    def deactivate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """Let a guest in no more."""
        return self._patch(account_key, account_id, {**fields, "active": False})

    def activate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """Let a guest in again."""
        return self._patch(account_key, account_id, {**fields, "active": True})

    def invite(self, account_key: str, account_id: str) -> None:
        """Do nothing: the canteen invites nobody."""

    def rate_limit(self) -> RateLimit | None:
        """Tell what the headers of the latest answer said."""
        return self._limit

    def close(self) -> None:
        """Hold nothing open."""

    def _patch(self, account_key: str, account_id: str, body: dict[str, Any]) -> Account:
        row = self._call("PATCH", f"/houses/{account_key}/guests/{account_id}", body)
        return _account(row, account_key)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        is_write = method != "GET"
        try:
            answer = requests.request(
                method,
                self._settings.api_url + path,
                json=body,
                headers={"X-Key": self._settings.key},
                timeout=(10, 60),
                allow_redirects=False,
            )
        except requests.ConnectTimeout:
            raise RetryableError("The canteen could not be reached.") from None
        except requests.RequestException as error:
            kind = AmbiguousError if is_write else RetryableError
            raise kind("The canteen's answer was lost.", kind=type(error).__name__) from None
        self._limit = parse_rate_limit(answer.headers) or self._limit
        status = answer.status_code
        if error_class := unsettled(status, is_write=is_write):
            wait = parse_retry_after(answer.headers.get("Retry-After"))
            raise error_class("The canteen failed to answer.", retry_after=wait, status=status)
        if status in (401, 403) or (status >= 300 and not is_write):
            raise ConfigError(
                "The canteen does not accept this; correct `key` and `api_url`.", status=status
            )
        if status >= 300:
            raise RejectedError("The canteen refused the guest.", cause=str(status), status=status)
        try:
            return parse_json(answer.content)
        except ValueError:
            raise unread(is_write=is_write)("The canteen's answer could not be read.") from None


def _account(row: dict[str, Any], account_key: str) -> Account:
    return Account(
        account_key=account_key,
        account_id=str(row["id"]),
        is_active=row["active"],
        external_id=row["external_id"],
        fields={name: row[name] for name in FIELDS},
    )
