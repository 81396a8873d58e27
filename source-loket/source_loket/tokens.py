"""The access token: one refresh at a time, and nothing that Loket hands out is lost.

Whether Loket's refresh tokens are single-use is not documented, so both are taken care of: a
refresh token that comes back changed is persisted before it is used, one that does not come back
stays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets
from airbyte_cdk.utils.datetime_helpers import ab_datetime_try_parse
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

from source_loket.errors import config_error
from source_loket.network import environment_of
from source_loket.retries import Retries, Temporary

_LIFETIME_IF_NOT_SAID = 3599
_LONGEST_LIFETIME = 366 * 24 * 3600
_MARGIN = timedelta(seconds=60)
_REFUSED = {
    "invalid_grant": (
        "Loket rejects the refresh token: it was revoked, expired or already used by another copy "
        "of this configuration. Authorise again and set credentials.refresh_token."
    ),
    "invalid_client": (
        "Loket does not accept the client. Check credentials.client_id and "
        "credentials.client_secret, and that environment (or oauth_url) is the one they belong to."
    ),
}


class Tokens:
    """Hands out the access token of one configuration to all threads."""

    def __init__(
        self,
        config: MutableMapping[str, Any],
        oauth_url: str,
        session: requests.Session,
        persist: Callable[[], None],
        retries: Retries,
    ) -> None:
        self._credentials: MutableMapping[str, Any] = config["credentials"]
        self._url = f"{oauth_url}/token"
        self._session = session
        self._persist = persist
        self._retries = retries
        self._environment = environment_of(self._url)
        self._lock = threading.Lock()
        self._renew_at = _parse_expiry(self._credentials.get("token_expiry_date"))
        self._refusal: AirbyteTracedException | None = None

    def current(self) -> str:
        """Give a token that should still be valid, refreshing it first if it is not."""
        token = self._credentials.get("access_token")
        if token and datetime.now(UTC) < self._renew_at:
            return str(token)
        return self.renew(token)

    def renew(self, rejected: str | None) -> str:
        """Replace the token that was rejected; a thread that comes later gets the new one."""
        with self._lock:
            token = self._credentials.get("access_token")
            if token and token != rejected:
                return str(token)
            answer = self._refresh()
            lifetime = _lifetime(answer)
            now = datetime.now(UTC)
            self._renew_at = now + lifetime - min(_MARGIN, lifetime / 10)
            self._credentials["token_expiry_date"] = f"{now + lifetime:%Y-%m-%dT%H:%M:%SZ}"
            self._credentials["access_token"] = answer["access_token"]
            if answer.get("refresh_token"):
                self._credentials["refresh_token"] = answer["refresh_token"]
            add_to_secrets(answer["access_token"])
            add_to_secrets(self._credentials["refresh_token"])
            self._persist()
            return str(answer["access_token"])

    def _refresh(self) -> dict[str, Any]:
        if self._refusal is not None:
            # A rejected refresh token stays rejected: do not ask once more for every list.
            raise self._refusal
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._credentials.get("refresh_token"),
            "client_id": self._credentials.get("client_id"),
            "client_secret": self._credentials.get("client_secret"),
        }
        body = {name: value for name, value in form.items() if value}
        try:
            return self._retries.run("token", lambda: self._attempt(body))
        except AirbyteTracedException as error:
            if error.failure_type == FailureType.config_error:
                self._refusal = error
            raise

    def _attempt(self, form: dict[str, str]) -> dict[str, Any]:
        response = self._session.post(
            self._url,
            data=form,
            headers={"Accept": "application/json"},
            timeout=self._retries.timeouts,
            **self._environment,
        )
        self._retries.raise_if_temporary(response)
        answer = _parse(response.content)
        if response.ok and isinstance(answer.get("access_token"), str):
            return answer
        if response.ok:
            raise Temporary("the token answer is not readable")
        said = str(answer.get("error") or answer.get("Error") or "").strip().lower()
        raise config_error(
            _REFUSED.get(said)
            or f"Loket refuses to refresh the token ({response.status_code} {said or 'no reason'}). "
            "Check the credentials and environment (or oauth_url)."
        )


def _parse_expiry(said: object) -> datetime:
    """Read the date that was kept; without one the token is tried, a 401 renews it."""
    if not said:
        return datetime.max.replace(tzinfo=UTC)
    expiry = ab_datetime_try_parse(str(said))
    return expiry - _MARGIN if expiry is not None else datetime.min.replace(tzinfo=UTC)


def _lifetime(answer: Mapping[str, Any]) -> timedelta:
    try:
        seconds = float(answer.get("expires_in") or _LIFETIME_IF_NOT_SAID)
    except (TypeError, ValueError, OverflowError):
        seconds = _LIFETIME_IF_NOT_SAID
    if not 1 <= seconds <= _LONGEST_LIFETIME:
        seconds = 1 if seconds < 1 else _LIFETIME_IF_NOT_SAID
    return timedelta(seconds=seconds)


def _parse(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
