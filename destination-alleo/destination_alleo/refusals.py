"""Every way in which a call to Alleo can fail, as one of the errors of a run.

Texts name fields, statuses and ids; never a value, an answer's body or a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import alleo  # type: ignore[import-untyped]
import httpx
from people_transforms.delivery.answers import unread, unsettled
from people_transforms.errors import (
    AmbiguousError,
    ConfigError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
    SyncError,
)
from pydantic import ValidationError

from destination_alleo.employees import FIELDS
from destination_alleo.exchange import Exchange

_KNOWN_FIELDS = frozenset(FIELDS) | {"external_id"}
_RULE = re.compile(r"[a-z0-9_.]{1,60}")
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_KEYS_REFUSED = "Alleo does not accept the keys; correct `access_key` and `secret_key`."
_NOT_REACHED = "Alleo could not be reached; if this stays so, check `api_url` and the network."
_WRONG_URL = "The address in `api_url` does not answer as Alleo's Customer API; correct `api_url`."


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of Alleo, for a text and for the choice of error."""

    is_write: bool = False
    company_id: int | None = None
    account_id: int | None = None
    sends_email: bool = False

    def facts(self, exchange: Exchange) -> dict[str, Any]:
        return {
            "company_id": self.company_id,
            "account_id": self.account_id,
            "status": exchange.status,
            "request_id": exchange.request_id,
        }


def explain(error: Exception, call: Call, exchange: Exchange) -> SyncError:
    """Turn what the SDK raised into what the engine acts on."""
    facts = call.facts(exchange)
    if exchange.is_token:
        return _token_failure(error, exchange, facts)
    if isinstance(error, (alleo.NetworkError, httpx.HTTPError)):
        cause = error.__cause__ if isinstance(error, alleo.NetworkError) else error
        if isinstance(cause, httpx.UnsupportedProtocol):
            return ConfigError(_WRONG_URL)
        if isinstance(cause, httpx.DecodingError):
            return unread(is_write=call.is_write)("Alleo's answer could not be read.", **facts)
        if call.is_write and not isinstance(cause, _NOT_SENT):
            return AmbiguousError(
                "The answer from Alleo was lost.", kind=type(cause).__name__, **facts
            )
        return RetryableError(_NOT_REACHED, kind=type(cause).__name__, **facts)
    if isinstance(error, alleo.AlleoError):
        return _refusal(error, call, exchange, facts)
    # 2xx with a body that is not what Alleo documents: half of it, HTML, another shape.
    return unread(is_write=call.is_write)("Alleo's answer could not be read.", **facts)


def refuse_before_sending(error: ValidationError, call: Call) -> RejectedError:
    """Name the fields that Alleo would refuse, from the SDK's own check of the record."""
    fields, rules = _named(
        (item["loc"], item["type"]) for item in error.errors(include_input=False, include_url=False)
    )
    return RejectedError(
        "The record breaks a limit of Alleo and was not sent.",
        cause=" ".join(["limit", *fields]),
        field=fields[0] if fields else None,
        company_id=call.company_id,
        account_id=call.account_id,
        rule=",".join(rules) or None,
    )


def _token_failure(error: Exception, exchange: Exchange, facts: dict[str, Any]) -> SyncError:
    # Nothing but the token was asked for, so nothing happened: a write may be repeated.
    status = exchange.status
    facts = {**facts, "call": "token"}
    if status in (400, 401, 403):
        return ConfigError(_KEYS_REFUSED, **facts)
    if isinstance(error, alleo.NetworkError) and isinstance(
        error.__cause__, httpx.UnsupportedProtocol
    ):
        return ConfigError(_WRONG_URL)
    if status is None or status in (200, 408, 425, 429) or status >= 500:
        sentence = _NOT_REACHED if status is None else "Alleo gave no token."
        return RetryableError(sentence, retry_after=exchange.retry_after, **facts)
    return ConfigError(_WRONG_URL, **facts)


def _refusal(error: Any, call: Call, exchange: Exchange, facts: dict[str, Any]) -> SyncError:
    status = error.status_code or exchange.status or 0
    if status == 401:
        return ConfigError(_KEYS_REFUSED, **facts)
    if kind := unsettled(status, is_write=call.is_write):
        return kind(
            "Alleo asks to wait." if status == 429 else "Alleo failed to answer.",
            retry_after=exchange.retry_after,
            **facts,
        )
    if status == 403:
        return ConfigError(_no_right(call), **facts)
    if status in (404, 410):
        return _not_found(call, facts)
    if not call.is_write or 300 <= status < 400:
        return ConfigError(_WRONG_URL, **facts)
    if status == 409 and call.sends_email:
        field = "external_id" if "external" in str(error.message).casefold() else "email"
        return ConflictError(
            "Another Alleo account already has this value.",
            cause=f"409 {field}",
            field=field,
            **facts,
        )
    fields, rules = _named(_details(error.response_body))
    return RejectedError(
        "Alleo refused the record.",
        cause=" ".join([str(status), *fields]),
        field=fields[0] if fields else None,
        rule=",".join(rules) or None,
        **facts,
    )


def _no_right(call: Call) -> str:
    if call.company_id is None:
        return "The Alleo keys may not list companies; ask Alleo for this right."
    return (
        "The Alleo keys have no right to this company; ask Alleo for it, "
        "or take the company out of `companies`."
    )


def _not_found(call: Call, facts: dict[str, Any]) -> SyncError:
    if call.company_id is None:
        return ConfigError(_WRONG_URL, **facts)
    if call.account_id is None:
        return ConfigError(
            "Alleo knows no such company for these keys; correct `company_id` in `companies`.",
            **facts,
        )
    return GoneError("Alleo knows no such account any more.", cause="404", **facts)


def _details(body: Any) -> Iterable[tuple[Any, Any]]:
    detail = body.get("detail") if isinstance(body, dict) else None
    for item in detail if isinstance(detail, list) else ():
        if isinstance(item, dict):
            yield item.get("loc") or (), item.get("type")


def _named(details: Iterable[tuple[Any, Any]]) -> tuple[list[str], list[str]]:
    """Keep names that we know: a server may echo a value anywhere else."""
    fields: dict[str, None] = {}
    rules: dict[str, None] = {}
    for place, rule in details:
        parts = place if isinstance(place, (list, tuple)) else (place,)
        fields.update({part: None for part in parts if part in _KNOWN_FIELDS})
        if isinstance(rule, str) and _RULE.fullmatch(rule):
            rules[rule] = None
    return list(fields), list(rules)
