"""Alleo's Customer API as the engine's `Vendor`, through Alleo's own SDK.

One attempt per call: the SDK's retries are switched off, because it repeats a create whose answer
was lost and then reports its own account as a duplicate. Its one extra try after a 401 stays.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from threading import local
from typing import Any, TypeVar

import alleo  # type: ignore[import-untyped]
import httpx
from people_transforms.delivery.ratelimit import parse_rate_limit, wait_for_room
from people_transforms.delivery.vendor import Account, Fields, Place, RateLimit, Traits
from people_transforms.errors import RejectedError, RetryableError
from pydantic import ValidationError

from destination_alleo.cookies import NoCookies
from destination_alleo.employees import (
    FIELDS,
    given_fields,
    is_same_email,
    parse_company_id,
    parse_employee,
    parse_employee_id,
)
from destination_alleo.exchange import ExchangeLog, read_body
from destination_alleo.refusals import Call, explain, refuse_before_sending
from destination_alleo.settings import AlleoSettings

TRAITS = Traits(
    mart="mart.alleo_employees",
    fields=FIELDS,
    # The employee may have chosen another language in the app.
    create_only=("language",),
    kept_when_empty=("prefix", "company_group_id", "birthday", "work_anniversary", "private_email"),
    unique_fields=("email",),
    # Alleo has no account without an e-mail address, so none can be released.
    released_fields=(),
    match_fields=("email",),
    telling_fields=(("first_name", "last_name"), ("email",), ("birthday",)),
    required_fields=("email", "first_name", "last_name"),
    activates_with_fields=False,
    out_of_scope=("access_off", "access_not_said", "excluded_by_setting", "employer_not_mapped"),
)

PAGE_SIZE = 100
READS_OF_A_MOVING_LIST = 3
# Beside its own errors the SDK lets through what a body of another shape makes it stumble over.
_SDK_FAILURES = (
    alleo.AlleoError,
    httpx.HTTPError,
    httpx.InvalidURL,
    ValueError,
    TypeError,
    AttributeError,
    KeyError,
    OverflowError,
    RecursionError,
)
T = TypeVar("T")


@dataclass(slots=True)
class _Listing:
    """A list on its way, kept so that a repeated call goes on where the last one broke off."""

    accounts: dict[str, Account] = field(default_factory=dict)
    skip: int = 0
    counts: set[int] = field(default_factory=set)


class _Listings(local):
    def __init__(self) -> None:
        self.under_way: dict[tuple[int, bool | None], _Listing] = {}


class AlleoVendor:
    """The `Vendor` of destination-alleo; safe to share between threads."""

    name = "alleo"
    traits = TRAITS

    def __init__(self, settings: AlleoSettings, timeout: float = 30.0) -> None:
        self._settings = settings
        self._log = ExchangeLog()
        self._latest: RateLimit | None = None
        self._places: list[Place] | None = None
        self._listings = _Listings()
        self._searchable: dict[int, bool] = {}
        workers = max(8, settings.num_workers)
        self._http = httpx.Client(
            # To read what is trusted takes a twentieth of a second, and a plain address has no use for it.
            verify=not settings.api_url.startswith("http:"),
            timeout=httpx.Timeout(timeout, connect=10.0),
            cookies=NoCookies(),
            limits=httpx.Limits(max_connections=workers, max_keepalive_connections=workers),
            follow_redirects=False,
            event_hooks={"request": [self._log.asked], "response": [self._answered]},
        )
        self._sdk = alleo.AlleoClient(
            access_key=settings.access_key,
            secret_key=settings.secret_key,
            base_url=settings.api_url,
            max_retries=0,
            http_client=self._http,
        )

    def places(self) -> Sequence[Place]:
        """List the companies that the keys can see, asked once per run."""
        if self._places is None:
            rows = {row.id: row for row in self._call(Call(), self._sdk.list_companies)}
            self._places = [Place(str(row.id), row.name) for row in rows.values()]
        return self._places

    def groups(self, company_id: int) -> dict[int, str | None]:
        """List the groups of a company, for the check of `company_group_id`."""
        call = Call(company_id=company_id)
        rows = self._call(call, lambda: self._sdk.list_company_groups(company_id))
        return {row.id: row.name for row in rows}

    def probe(self, company_id: int) -> None:
        """Read one account of a company; raises ConfigError if the keys may not."""
        self._page(company_id, limit=1)

    def accounts(self, account_key: str) -> Iterator[Account]:
        """Read every account of a company, active and inactive, each once.

        Raises RetryableError when the list keeps changing under us; a repeated call goes on from
        the page that failed.
        """
        company_id = parse_company_id(account_key)
        accounts = self._read_list(company_id, None)
        # It is not documented that a list without `is_active` holds both kinds.
        inactive = self._page(company_id, limit=1, is_active=False).count
        if inactive > sum(not account.is_active for account in accounts.values()):
            accounts |= self._read_list(company_id, False)
        yield from accounts.values()

    def find(self, account_key: str, external_id: str, fields: Fields) -> Account | None:
        """Look an account up by our external id, else by its e-mail address in any case."""
        company_id = parse_company_id(account_key)
        email = fields.get("email")
        if self._search_is_exact(company_id):
            hits = self._search(company_id, external_id)
            if email and not any(hit.external_id == external_id for hit in hits):
                hits += self._search(company_id, str(email))
        else:
            hits = list(self.accounts(account_key))
        own = (hit for hit in hits if external_id and hit.external_id == external_id)
        same = (hit for hit in hits if email and is_same_email(hit, str(email)))
        return next(own, None) or next(same, None)

    def create(self, account_key: str, external_id: str, fields: Fields) -> Account:
        """Create an active account; Alleo welcomes the person by e-mail at once."""
        company_id = parse_company_id(account_key)
        call = Call(is_write=True, company_id=company_id, sends_email=True)
        values = {"language": self._settings.language, "external_id": external_id or None}
        values |= {name: value for name, value in given_fields(fields).items() if value is not None}
        body = _checked(alleo.EmployeeCreate, values, call)
        return parse_employee(
            self._call(call, lambda: self._sdk.create_employee(company_id, body)), company_id
        )

    def update(
        self, account_key: str, account_id: str, fields: Fields, external_id: str | None = None
    ) -> Account:
        """Change the given fields only; `external_id` makes an account ours."""
        company_id, employee_id = parse_company_id(account_key), parse_employee_id(account_id)
        values = given_fields(fields) | ({"external_id": external_id} if external_id else {})
        call = Call(
            True, company_id, employee_id, sends_email=bool({"email", "external_id"} & set(values))
        )
        empty = next(
            (name for name in TRAITS.required_fields if name in values and values[name] is None),
            None,
        )
        if empty:
            raise RejectedError(
                "Alleo cannot do without this field.",
                cause=f"empty {empty}",
                field=empty,
                account_id=account_id,
            )
        body = _checked(alleo.EmployeeEdit, values, call)
        row = self._call(call, lambda: self._sdk.update_employee(company_id, employee_id, body))
        return parse_employee(row, company_id)

    def deactivate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """End an account now: Alleo takes no date and no field with it, and cancels its budgets."""
        return self._switch(account_key, account_id, self._sdk.deactivate_employee)

    def activate(self, account_key: str, account_id: str, fields: Fields) -> Account:
        """Bring an account back; its fields are brought up to date by a call of their own."""
        return self._switch(account_key, account_id, self._sdk.activate_employee)

    def invite(self, account_key: str, account_id: str) -> None:
        """Do nothing: Alleo invites by itself."""

    def rate_limit(self) -> RateLimit | None:
        """Tell what the headers of the latest answer said."""
        return self._latest

    def close(self) -> None:
        """Give connections back."""
        self._http.close()

    def _answered(self, response: httpx.Response) -> None:
        self._log.answered(response)
        self._latest = parse_rate_limit(self._log.last.headers) or self._latest
        read_body(response)

    def _call(self, call: Call, send: Callable[[], T]) -> T:
        self._log.clear()
        try:
            return send()
        except _SDK_FAILURES as error:
            # `from None`: the SDK's texts quote what the server or the record said.
            raise explain(error, call, self._log.last) from None

    def _switch(
        self, account_key: str, account_id: str, switch: Callable[[int, int], Any]
    ) -> Account:
        company_id, employee_id = parse_company_id(account_key), parse_employee_id(account_id)
        call = Call(True, company_id, employee_id)
        row = self._call(call, lambda: switch(company_id, employee_id))
        return parse_employee(row, company_id)

    def _page(self, company_id: int, **query: Any) -> Any:
        call = Call(company_id=company_id)
        return self._call(call, lambda: self._sdk.list_employees(company_id, **query))

    def _read_list(self, company_id: int, is_active: bool | None) -> dict[str, Account]:
        under_way, key = self._listings.under_way, (company_id, is_active)
        for _ in range(READS_OF_A_MOVING_LIST):
            listing = under_way.setdefault(key, _Listing())
            while True:
                wait_for_room(self._latest)
                page = self._page(
                    company_id, skip=listing.skip, limit=PAGE_SIZE, is_active=is_active
                )
                listing.accounts |= {
                    str(row.id): parse_employee(row, company_id) for row in page.data
                }
                listing.skip += len(page.data)
                listing.counts.add(page.count)
                if not page.data or listing.skip >= page.count:
                    break
            del under_way[key]
            # Rows that moved between pages are read twice or never: then the list is read again.
            if listing.counts == {len(listing.accounts)}:
                return listing.accounts
        raise RetryableError(
            "Alleo's list of employees does not add up to its own count.", company_id=company_id
        )

    def _search(self, company_id: int, text: str) -> list[Account]:
        hits: dict[int, Account] = {}
        skip = 0
        while True:
            page = self._page(company_id, skip=skip, limit=PAGE_SIZE, search=text)
            hits |= {row.id: parse_employee(row, company_id) for row in page.data}
            skip += len(page.data)
            if not page.data or skip >= page.count:
                return list(hits.values())

    def _search_is_exact(self, company_id: int) -> bool:
        """Find out once whether `search` finds an account we know by both its keys.

        What `search` looks at is not documented, and a miss would make a second account.
        """
        if company_id not in self._searchable:
            rows = self._page(company_id, limit=PAGE_SIZE).data
            sample = next((row for row in rows if row.external_id and row.email), None)
            if sample is None:
                return False
            self._searchable[company_id] = all(
                str(sample.id) in {hit.account_id for hit in self._search(company_id, text)}
                for text in (sample.external_id, sample.email)
            )
        return self._searchable[company_id]


def _checked(model: Any, values: dict[str, Any], call: Call) -> Any:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise refuse_before_sending(error, call) from None
