"""Configurations of this project's connectors that work against a sandbox."""

from __future__ import annotations

from typing import Any

from people_sandbox.errors import WrongRequestError


def config_of(connector: str, known: dict[str, Any], variant: str) -> dict[str, Any]:
    """Make one from what the control side tells; `variant` is a source system, or an API of Alveno's."""
    if connector not in _MAKERS:
        raise WrongRequestError(
            f"There is no connector {connector!r}: take one of {', '.join(_MAKERS)}."
        )
    return _MAKERS[connector](known, variant)


def _source_loket(known: dict[str, Any], _source_system: str) -> dict[str, Any]:
    loket = known["loket"]
    credentials = {name: loket[name] for name in ("client_id", "client_secret", "refresh_token")}
    return {
        "credentials": credentials,
        "api_url": loket["api_url"],
        "oauth_url": loket["oauth_url"],
    }


def _source_alveno(known: dict[str, Any], api: str) -> dict[str, Any]:
    if api == "hr":
        return {
            "token": known["alveno"]["hr_key"],
            "api_url": known["alveno"]["hr_api_url"],
            "tenant": known["alveno"]["tenant"],
        }
    return {"token": known["alveno"]["token"], "api_url": known["alveno"]["api_url"]}


def _destination_alleo(known: dict[str, Any], source_system: str) -> dict[str, Any]:
    alleo = known["alleo"]
    wanted = source_system or "loket"
    return {
        "access_key": alleo["access_key"],
        "secret_key": alleo["secret_key"],
        "api_url": alleo["api_url"],
        "companies": [
            {"employer_id": one["employer_id"], "company_id": one["company_id"]}
            for one in alleo["companies"]
            if one["source_system"] == wanted
        ],
        "language": "nl",
        "as_of": known["as_of"],
    }


def _destination_lunchdrive(known: dict[str, Any], source_system: str) -> dict[str, Any]:
    lunchdrive = known["lunchdrive"]
    ids = [str(one) for one in lunchdrive["client_ids"]]
    routing = {"mode": "group", "allowed_client_ids": ids}
    if source_system == "loket":
        # Loket has no note that could carry an LDID: everybody eats at one client.
        routing = {"mode": "single", "client_id": ids[0]}
    return {
        "api_url": lunchdrive["api_url"],
        "api_key": lunchdrive["api_key"],
        **routing,
        "as_of": known["as_of"],
    }


_MAKERS = {
    "source-loket": _source_loket,
    "source-alveno": _source_alveno,
    "destination-alleo": _destination_alleo,
    "destination-lunchdrive": _destination_lunchdrive,
}
