"""Loket's REST API v2 under ``/loket/v2``: read-only lists and details, checked as Loket checks them."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from people_sandbox.loket import answers, filters, lists
from people_sandbox.loket.lists import Asked, Rows
from people_sandbox.loket.oauth import Tokens
from people_sandbox.loket.orders import Orders
from people_sandbox.loket.world import LoketWorld
from people_sandbox.population import guid

_MOST_PER_PAGE = 2000
_VERSION = re.compile(r"version\s*=\s*\"?([\w-]+)")


@dataclass(frozen=True, slots=True)
class Listing:
    """One list endpoint; ``scope`` names what the id in the path is of."""

    path: str
    activity: str
    scope: str
    rows: Callable[[Asked], Rows]
    versions: tuple[str, ...] = ("2018-01-01",)


class LoketApi:
    """The routes, over one world, one set of tokens and the sandbox's date."""

    def __init__(self, world: LoketWorld, tokens: Tokens, today: Callable[[], date]) -> None:
        self._world = world
        self._tokens = tokens
        self._today = today
        self._orders = Orders()
        self._listings = _listings(world)
        self.activities = sorted(
            {listing.activity for listing in self._listings} | _DETAIL_ACTIVITIES
        )
        self._listings.append(
            Listing(
                "/providers/employers/{id}/authorizations", "GetAuthorizationsByEmployerId", "employers",
                lists.authorizations(world, self.activities), ("2018-01-01", "2019-02-11"),
            )
        )  # fmt: skip

    def routes(self) -> list[Route]:
        """Lists without a parameter first, so that no id swallows their names."""
        ordered = sorted(self._listings, key=lambda listing: "{id}" in listing.path)
        routes = [
            Route("/user", self._user),
            Route("/user/filtersettings/{id}", self._filter_settings),
        ]
        routes += [Route(listing.path, self._answer(listing)) for listing in ordered]
        employee, employed = (
            "/providers/employers/employees/{id}",
            "/providers/employers/employees/employments/{id}",
        )
        return routes + [
            Route(
                employed,
                self._detail("employments", "GetEmploymentByEmploymentId", ("2019-12-16",)),
            ),
            Route(
                employee,
                self._detail("employees", "GetEmployeeByEmployeeId", ("2018-12-31", "2021-03-29")),
            ),
            Route(
                "/providers/employers/{id}",
                self._detail("employers", "GetEmployerByEmployerId", ("2018-01-01",)),
            ),
        ]

    def _answer(self, listing: Listing) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            key = request.path_params.get("id", "")
            refused = self._refusal(request, listing.scope, key, listing.activity)
            if refused:
                return refused
            version = _resource_version(request, listing.versions)
            if version is None:
                return answers.unreadable("The requested version of the resource does not exist.")
            query = _query(request)
            try:
                rows = listing.rows(Asked(key, version, query, self._today()))
                return self._page(rows, query, version)
            except (filters.FilterError, ValueError) as error:
                return answers.unreadable(str(error))

        return answer

    def _page(self, rows: Rows, query: dict[str, list[str]], version: str) -> Response:
        number = _positive(query, "pagenumber", 1)
        size = _positive(query, "pagesize", 250)
        if number is None or size is None or size > _MOST_PER_PAGE:
            return answers.bad_request("[pageNumber] or [pageSize] has an invalid value", version)
        keys = self._orders.keys(rows, query, version)
        wanted = keys[(number - 1) * size : number * size]
        return answers.page([rows.record(key) for key in wanted], len(keys), number, size, version)

    def _detail(
        self, collection: str, activity: str, versions: tuple[str, ...]
    ) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            key = request.path_params["id"]
            refused = self._refusal(request, collection, key, activity)
            if refused:
                return refused
            version = _resource_version(request, versions)
            if version is None:
                return answers.unreadable("The requested version of the resource does not exist.")
            wire = self._world.table(collection).wire(key)
            if collection == "employees":
                wire = lists.employee_shape(wire, Asked(key, version, {}, self._today()))
            return answers.detail(wire, version)

        return answer

    def _refusal(self, request: Request, scope: str, key: str, activity: str) -> Response | None:
        """401, 403 or 404, in the order in which Loket looks."""
        if not self._tokens.is_valid(request.headers.get("authorization", "")):
            return answers.unauthorized()
        if not scope:
            return None if lists.may(self._world, "", activity) else answers.forbidden()
        table = self._world.table(scope)
        if scope == "employers":
            # An employer that is not there and one the user may not see look the same.
            employer = key
            is_known = key in table
        else:
            if key not in table:
                return answers.not_found()
            employer, is_known = table.linked(key, "employer_id"), True
        return (
            None if is_known and lists.may(self._world, employer, activity) else answers.forbidden()
        )

    async def _user(self, request: Request) -> Response:
        refused = self._refusal(request, "", "", "GetUserByToken")
        return refused or answers.detail(
            {
                "photo": None,
                "personalDetails": {
                    "firstName": "Koppeling",
                    "lastName": "Alleo",
                    "prefix": None,
                    "initials": "K.",
                },
                "contactInformation": {
                    "phoneNumber": None,
                    "emailAddress": "koppeling@example.nl",
                    "placeOfEmployment": None,
                },
                "user": {
                    "userSpecifiedRole": {"key": 1, "value": "Werkgever"},
                    "userCustomSpecifiedRole": None,
                },
            },
            "2018-01-01",
        )

    async def _filter_settings(self, request: Request) -> Response:
        key = request.path_params["id"]
        refused = self._refusal(request, "employers", key, "GetUserFilterSettingsByEmployerId")
        if refused:
            return refused
        table = self._world.table("filter_settings")
        content = table.wire(key) if key in table else {"employmentFilter": None}
        return answers.detail(content, "2018-01-01")


def _positive(query: dict[str, list[str]], name: str, default: int) -> int | None:
    text = query.get(name, [str(default)])[0]
    return int(text) if text.isdigit() and int(text) > 0 else None


def _query(request: Request) -> dict[str, list[str]]:
    """Loket's parameter names are read without regard to case."""
    query: dict[str, list[str]] = {}
    for name, value in request.query_params.multi_items():
        query.setdefault(name.casefold(), []).append(value)
    return query


def _resource_version(request: Request, versions: tuple[str, ...]) -> str | None:
    """The newest version on or before the date asked for; the newest when none is asked for."""
    found = _VERSION.search(request.headers.get("accept", ""))
    if not found:
        return versions[-1]
    older = [version for version in versions if version <= found.group(1)]
    return older[-1] if older else None


_DETAIL_ACTIVITIES = {
    "GetUserByToken",
    "GetUserFilterSettingsByEmployerId",
    "GetEmployerByEmployerId",
    "GetEmployeeByEmployeeId",
    "GetEmploymentByEmploymentId",
    "GetAuthorizationsByEmployerId",
}


def _listings(world: LoketWorld) -> list[Listing]:
    def table(path: str, activity: str, scope: str, name: str, link: str) -> Listing:
        return Listing(path, activity, scope, lists.of_table(world, name, link))

    employer = "/providers/employers/{id}"
    employed = ("2019-12-16",)
    provider = {"id": guid(0, "provider", 0), "name": "Van Spaendonck Online B.V."}
    return [
        Listing("/providers", "GetProvidersByUser", "", lambda asked: Rows([provider], lambda row: row, 0)),
        Listing("/providers/employers", "GetEmployersByUserId", "", lists.employers(world)),
        Listing("/providers/employers/minimized", "GetEmployersMinimizedByUser", "", lists.employers_minimized(world)),
        Listing(
            "/providers/employers/lastmodifiedversionnumbers", "GetEmployerLastModifiedVersionNumbersByUser", "",
            lists.employer_versions(world),
        ),
        Listing(
            f"{employer}/employees", "GetEmployeesByEmployerId", "employers",
            lists.of_table(world, "employees", "employer_id", lists.employee_shape), ("2018-12-31", "2021-03-29"),
        ),
        Listing(
            f"{employer}/employees/employments", "GetEmploymentsByEmployerId", "employers", lists.employments(world), employed,
        ),
        Listing(
            f"{employer}/employees/employments/minimized", "GetEmploymentsMinimizedByEmployerId", "employers",
            lists.employments(world, minimized=True), employed,
        ),
        Listing(
            f"{employer}/employees/employments/lastmodifiedversionnumbers",
            "GetEmploymentLastModifiedVersionNumbersByEmployerId", "employers", lists.employment_versions(world),
        ),
        Listing(
            "/providers/employers/employees/{id}/employments", "GetEmploymentsByEmployeeId", "employees",
            lists.of_table(world, "employments", "employee.id"), employed,
        ),
        table(f"{employer}/customfields", "GetCustomFieldsByEmployerId", "employers", "custom_field_definitions", "employer_id"),
        Listing(
            f"{employer}/employees/customfields", "GetEmployeeCustomFieldsByEmployerId", "employers",
            lists.employee_values_in_bulk(world),
        ),
        Listing(
            f"{employer}/employees/employments/customfields", "GetEmploymentCustomFieldsByEmployerId", "employers",
            lists.employment_values_in_bulk(world),
        ),
        table(
            "/providers/employers/employees/{id}/customfields", "GetEmployeeCustomFieldsByEmployeeId", "employees",
            "employee_custom_fields", "employee_id",
        ),
        table(
            "/providers/employers/employees/employments/{id}/customfields", "GetEmploymentCustomFieldsByEmploymentId",
            "employments", "employment_custom_fields", "employment_id",
        ),
        table(f"{employer}/leavetypes", "GetLeaveTypesByEmployerId", "employers", "leave_types", "employer_id"),
        Listing(f"{employer}/leavebalances", "GetLeaveBalancesByEmployerId", "employers", lists.leave_balances(world)),
        Listing(
            "/providers/employers/employees/employments/{id}/leavebalances", "GetLeaveBalancesByEmploymentId", "employments",
            lists.leave_balances_of_employment(world),
        ),
        table(
            f"{employer}/payrolladministrations", "GetPayrollAdministrationsByEmployerId", "employers",
            "payroll_administrations", "employer_id",
        ),
        table(
            "/providers/employers/payrolladministrations/{id}/payrollruns", "GetPayrollRunsByPayrollAdministrationId",
            "payroll_administrations", "payroll_runs", "payroll_administration_id",
        ),
    ]  # fmt: skip
