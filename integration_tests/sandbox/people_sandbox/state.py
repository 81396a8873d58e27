"""Everything one sandbox knows: both HR worlds, both platforms, tokens, settings, the date."""

from __future__ import annotations

from datetime import date
from typing import Any

from people_sandbox.alveno import api as alveno_api
from people_sandbox.alveno.world import AlvenoWorld
from people_sandbox.errors import WrongRequestError
from people_sandbox.loket import oauth
from people_sandbox.loket.oauth import Tokens
from people_sandbox.loket.world import LoketWorld
from people_sandbox.population import CLIENTS, World
from people_sandbox.requests_log import RequestLog

DEFAULT_AS_OF = date(2026, 3, 2)


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
        self.alveno_settings: dict[str, Any] = {"null_dates": "mixed", "as_of": as_of.isoformat()}

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
        self.alveno_settings["as_of"] = as_of.isoformat()

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
                "access_key": "sandbox-access-key",
                "secret_key": "sandbox-secret-key",
                "companies": self.companies(),
            },
            "lunchdrive": {
                "api_url": f"{url}/lunchdrive/api",
                "api_key": "sandbox-lunchdrive-key",
                "client_ids": list(CLIENTS),
            },
        }
