"""The access token: one refresh at a time, and nothing that Loket hands out is lost.

Whether Loket's refresh tokens are single-use is not documented, so both are taken care of: a
refresh token that comes back changed is persisted before it is used, one that does not come back
stays.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, MutableMapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import requests
from airbyte_cdk.utils.airbyte_secrets_utils import add_to_secrets
from airbyte_cdk.utils.datetime_helpers import ab_datetime_try_parse

from source_loket.errors import config_error
from source_loket.retries import Retries, Temporary

_LIFETIME_IF_NOT_SAID = 3599
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
        self._lock = threading.Lock()

    def current(self) -> str:
        """Give a token that should still be valid, refreshing it first if it is not."""
        token = self._credentials.get("access_token")
        if token and not self._is_expired():
            return str(token)
        return self.renew(token)

    def renew(self, rejected: str | None) -> str:
        """Replace the token that was rejected; a thread that comes later gets the new one."""
        with self._lock:
            token = self._credentials.get("access_token")
            if token and token != rejected:
                return str(token)
            answer = self._refresh()
            self._credentials["access_token"] = answer["access_token"]
            if answer.get("refresh_token"):
                self._credentials["refresh_token"] = answer["refresh_token"]
            lifetime = timedelta(seconds=float(answer.get("expires_in") or _LIFETIME_IF_NOT_SAID))
            expiry = datetime.now(UTC) + lifetime
            self._credentials["token_expiry_date"] = expiry.strftime("%Y-%m-%dT%H:%M:%SZ")
            add_to_secrets(answer["access_token"])
            add_to_secrets(self._credentials["refresh_token"])
            self._persist()
            return str(answer["access_token"])

    def _is_expired(self) -> bool:
        said = self._credentials.get("token_expiry_date")
        if not said:
            # Nobody says when: try it, a 401 renews it.
            return False
        expiry = ab_datetime_try_parse(str(said))
        return expiry is None or datetime.now(UTC) >= expiry - _MARGIN

    def _refresh(self) -> dict[str, Any]:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": self._credentials.get("refresh_token"),
            "client_id": self._credentials.get("client_id"),
            "client_secret": self._credentials.get("client_secret"),
        }
        body = {name: value for name, value in form.items() if value}
        return self._retries.run("token", lambda: self._attempt(body))

    def _attempt(self, form: dict[str, str]) -> dict[str, Any]:
        response = self._session.post(
            self._url,
            data=form,
            headers={"Accept": "application/json"},
            timeout=self._retries.timeouts,
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


def _parse(body: bytes) -> dict[str, Any]:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        return {}
    return answer if isinstance(answer, dict) else {}
