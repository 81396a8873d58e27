"""Every way in which a call to Lunchdrive can fail, as one of the errors of a run.

Texts name fields, statuses and ids; never a value, an answer's body or the key.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import requests
from people_transforms.delivery.answers import parse_json, parse_retry_after, unread, unsettled
from people_transforms.errors import (
    AmbiguousError,
    ConfigError,
    ConflictError,
    GoneError,
    RejectedError,
    RetryableError,
    SyncError,
)
from urllib3.exceptions import (
    ConnectTimeoutError,
    MaxRetryError,
    NewConnectionError,
    ProxyError,
    SSLError,
)

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_NOT_SENT = (ConnectTimeoutError, NewConnectionError, ProxyError, SSLError)
_KEY_REFUSED = (
    "Lunchdrive does not accept the key; correct `api_key` "
    "(Lunchdrive: menu at the top right, API keys) or `auth`."
)
_NO_RIGHT = (
    "The Lunchdrive key has no right to this; "
    "use the key of an account that may manage diners (Lunchdrive: API keys)."
)
_WRONG_URL = "The address does not answer as Lunchdrive's API; correct `api_url` or `endpoints`."


@dataclass(frozen=True, slots=True)
class Call:
    """What was asked of Lunchdrive, for a text and for the choice of error."""

    is_write: bool = False
    client_id: str | None = None
    account_id: str | None = None
    is_invitation: bool = False

    def facts(self, response: requests.Response | None = None) -> dict[str, Any]:
        return {
            "client_id": self.client_id,
            "account_id": self.account_id,
            "status": None if response is None else response.status_code,
        }


def explain_lost(error: requests.RequestException, call: Call) -> SyncError:
    """Name a call without an answer: refused before it was sent, or lost after."""
    if isinstance(error, (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema)):
        return ConfigError(_WRONG_URL)
    facts = {**call.facts(), "kind": type(error).__name__}
    if isinstance(error, requests.exceptions.ContentDecodingError):
        return unread(is_write=call.is_write)("Lunchdrive's answer could not be read.", **facts)
    if call.is_write and not _was_not_sent(error):
        return AmbiguousError("The answer from Lunchdrive was lost.", **facts)
    return RetryableError(
        "Lunchdrive could not be reached; if this stays so, check `api_url` and the network.",
        **facts,
    )


def explain_unreadable(response: requests.Response, call: Call) -> SyncError:
    """Name a success whose body is not what was agreed: half of it, HTML, another shape."""
    kind = unread(is_write=call.is_write)
    return kind("Lunchdrive's answer could not be read.", **call.facts(response))


def explain_refusal(
    response: requests.Response, call: Call, logical_names: Mapping[str, str]
) -> SyncError:
    """Name an answer that is no success; `logical_names` maps Lunchdrive's names to ours."""
    status, facts = response.status_code, call.facts(response)
    if status == 401:
        return ConfigError(_KEY_REFUSED, **facts)
    if status == 403:
        return ConfigError(_NO_RIGHT, **facts)
    if kind := unsettled(status, is_write=call.is_write):
        return kind(
            "Lunchdrive asks to wait." if status == 429 else "Lunchdrive failed to answer.",
            retry_after=parse_retry_after(response.headers.get("Retry-After")),
            **facts,
        )
    if status in (404, 410):
        return _not_found(call, facts)
    if not call.is_write or status < 400 or status == 405:
        return ConfigError(_WRONG_URL, **facts)
    fields, code = _named(response, logical_names)
    cause = " ".join([str(status), *fields])
    first = fields[0] if fields else None
    if status == 409 and not call.is_invitation:
        return ConflictError(
            "Another diner already has this value.", cause=cause, field=first, code=code, **facts
        )
    return RejectedError(
        "Lunchdrive refused the record.", cause=cause, field=first, code=code, **facts
    )


def says_already_invited(response: requests.Response) -> bool:
    """Tell whether a refused invitation was refused because somebody else sent it before."""
    code = _named(response, {})[1]
    return response.status_code == 409 and "already" in (code or "").casefold()


def _was_not_sent(error: requests.RequestException) -> bool:
    if isinstance(error, (requests.ConnectTimeout, requests.exceptions.SSLError)):
        return True
    cause: object = error.args[0] if error.args else None
    return isinstance(cause.reason if isinstance(cause, MaxRetryError) else cause, _NOT_SENT)


def _not_found(call: Call, facts: dict[str, Any]) -> SyncError:
    if call.client_id is None:
        return ConfigError(_WRONG_URL, **facts)
    if call.account_id is not None:
        return GoneError("Lunchdrive knows no such diner any more.", cause="404", **facts)
    if call.is_write:
        # One client that is gone must not take lunch from the others.
        return RejectedError(
            "Lunchdrive knows no such client for this key.", cause="404 client", **facts
        )
    return ConfigError(
        "Lunchdrive knows no such client for this key; "
        "correct `client_id` or `allowed_client_ids`.",
        **facts,
    )


def _named(
    response: requests.Response, logical_names: Mapping[str, str]
) -> tuple[list[str], str | None]:
    """Read field names and a code from the three known shapes; a message may echo a value."""
    try:
        body = parse_json(response.content)
    except ValueError:
        return [], None
    if isinstance(body, dict):
        error = body.get("error", body)
        items: list[Any] = [error]
        listed = body.get("errors")
        items += listed if isinstance(listed, list) else []
    else:
        items = body if isinstance(body, list) else []
    fields: dict[str, None] = {}
    code = None
    for item in items:
        if not isinstance(item, dict):
            continue
        name = logical_names.get(str(item.get("field")))
        fields.update({name: None} if name else {})
        given = item.get("code")
        if isinstance(given, (str, int)) and _CODE.fullmatch(str(given)):
            code = code or str(given)
    return list(fields), code
