"""Everything one sandbox knows: both HR worlds, both platforms, tokens, settings, the date."""

from __future__ import annotations

from datetime import date
from typing import Any

from people_sandbox.alleo import api as alleo_api
from people_sandbox.alleo.accounts import Accounts
from people_sandbox.alveno import api as alveno_api
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.errors import WrongRequestError
from people_sandbox.loket import oauth
from people_sandbox.loket.oauth import Tokens
from people_sandbox.loket.world import LoketWorld
from people_sandbox.lunchdrive import api as lunchdrive_api
from people_sandbox.lunchdrive.accounts import Diners
from people_sandbox.population import CLIENTS, World
from people_sandbox.requests_log import RequestLog

DEFAULT_AS_OF = date(2026, 3, 2)
GROUP = 12
_CITIES = ("Praha", "Ostrava", "Brno")


class State:
    """One object, used by one event loop; nothing here is awaited, so every answer sees whole changes."""

    def __init__(
        self, size: int, seed: int, as_of: date = DEFAULT_AS_OF, employers: int | None = None
    ) -> None:
        if not 1 <= size <= 10_000_000:
            raise WrongRequestError("size must be between 1 and 10,000,000.")
        count = employers or (2 if size < 5000 else min(2 + size // 5000, 40))
        world = World(seed, size, min(count, size), as_of)
        self.size = size
        self.seed = seed
        self.as_of = as_of
        self.nights = 0
        self.log = RequestLog()
        self.loket = LoketWorld(world)
        self.loket_tokens = Tokens()
        self.alveno = AlvenoWorld(World(seed, size, 1, as_of))
        self.settings: dict[str, dict[str, Any]] = _settings(as_of)
        self.alleo = Accounts(self.settings["alleo"])
        self.lunchdrive = Diners(self.settings["lunchdrive"])

    def accounts(self, vendor: str) -> Accounts | Diners:
        if vendor == "alleo":
            return self.alleo
        if vendor == "lunchdrive":
            return self.lunchdrive
        raise WrongRequestError(f"There is no platform {vendor!r}: take alleo or lunchdrive.")

    def change_settings(self, vendor: str, changes: dict[str, Any]) -> dict[str, Any]:
        """Change how a vendor behaves; an unknown name is refused, so that no test believes a typo."""
        settings = self.settings.get(vendor)
        if settings is None:
            raise WrongRequestError(
                f"There is no vendor {vendor!r}: take one of {', '.join(self.settings)}."
            )
        unknown = [name for name in changes if name not in settings]
        if unknown:
            raise WrongRequestError(
                f"{vendor} has no setting {unknown[0]!r}; it has {', '.join(settings)}."
            )
        settings.update(changes)
        if vendor == "loket":
            self.loket_tokens.rotate = settings["rotate_refresh_tokens"]
            self.loket_tokens.lifetime = settings["token_lifetime"]
            self.loket.custom_fields_raise_version = settings["custom_fields_raise_version"]
            self.loket.bulk_values_as_array = settings["bulk_values_as_array"]
        for table in self.alveno.tables.values():
            table.touch()
        self.lunchdrive.rehold()
        return settings

    def first_account(self, vendor: str) -> str:
        """What an 'employer gone' takes away where nothing is named."""
        if vendor == "loket":
            return self.loket.table("employers").ids()[0]
        if vendor == "alleo":
            return str(self.companies()[1]["company_id"])
        return str(CLIENTS[0]) if vendor == "lunchdrive" else alveno_api.TENANT

    def alleo_companies(self) -> dict[int, str | None]:
        """Alleo's own list by id: its names are not HR's, and one has none."""
        employers = self.loket.table("employers")
        companies: dict[int, str | None] = employers.view("companies", self._name_companies)
        return companies

    def _name_companies(self) -> dict[int, str | None]:
        ids = [int(one["company_id"]) for one in self.companies()]
        return {company_id: f"Company {company_id}" for company_id in ids} | {100: None}

    def world(self, vendor: str) -> LoketWorld | AlvenoWorld:
        if vendor == "loket":
            return self.loket
        if vendor == "alveno":
            return self.alveno
        raise WrongRequestError(f"There is no HR system {vendor!r}: take loket or alveno.")

    def today(self) -> date:
        return self.as_of

    def move_to(self, as_of: date) -> None:
        self.as_of = as_of
        self.settings["alveno"]["as_of"] = as_of.isoformat()

    def companies(self) -> list[dict[str, Any]]:
        """Which Alleo company belongs to which employer: one each, one more for the Alveno account."""
        loket = [("loket", key) for key in self.loket.table("employers").ids()]
        return [
            {"source_system": system, "employer_id": key, "company_id": 101 + number}
            for number, (system, key) in enumerate([("alveno", "alveno"), *loket])
        ]

    def overview(self, url: str) -> dict[str, Any]:
        """Urls, credentials and ids: what somebody needs to connect to every vendor."""
        return {
            "url": url,
            "size": self.size,
            "seed": self.seed,
            "as_of": self.as_of.isoformat(),
            "loket": {
                "api_url": f"{url}/loket/v2",
                "oauth_url": f"{url}/loket/oauth",
                "client_id": oauth.CLIENT_ID,
                "client_secret": oauth.CLIENT_SECRET,
                "refresh_token": self.loket_tokens.grant(),
                "employer_ids": self.loket.table("employers").ids(),
            },
            "alveno": {
                "api_url": f"{url}/alveno/v1/RESTAPIService.svc",
                "token": alveno_api.TOKEN,
                "hr_api_url": f"{url}/alveno/hr/api/external",
                "hr_key": alveno_api.HR_KEY,
                "tenant": alveno_api.TENANT,
            },
            "alleo": {
                "api_url": f"{url}/alleo/customer_api/v1",
                "access_key": alleo_api.ACCESS_KEY,
                "secret_key": alleo_api.SECRET_KEY,
                "companies": self.companies(),
            },
            "lunchdrive": {
                "api_url": f"{url}/lunchdrive/api",
                "api_key": lunchdrive_api.API_KEY,
                "client_ids": list(CLIENTS),
                "group_id": GROUP,
            },
        }


def _settings(as_of: date) -> dict[str, dict[str, Any]]:
    """How each vendor behaves until somebody changes it; what the documents leave open can be switched."""
    clients = [
        {"id": key, "name": name, "group_id": GROUP, "active": True}
        for key, name in zip(CLIENTS, _CITIES, strict=True)
    ]
    return {
        "loket": {
            "rotate_refresh_tokens": False,
            "token_lifetime": 3599,
            "custom_fields_raise_version": False,
            "bulk_values_as_array": False,
        },
        "alveno": {"null_dates": "mixed", "as_of": as_of.isoformat()},
        "alleo": {
            "rate_limit": None,
            "email_scope": "company",
            "token_lifetime": 3600,
            "forbidden_companies": [],
        },
        "lunchdrive": {
            "rate_limit": None,
            "unique_scope": "client",
            "error_shape": "object",
            "field_names": {},
            "group_id": GROUP,
            "clients": [
                *clients,
                {"id": 40001, "name": "Jiná firma", "group_id": 99, "active": True},
            ],
        },
    }
