"""HTTP to Loket: one GET with the pinned version, retried, with a valid token.

Answers are never logged: they hold personal data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from urllib.parse import urlencode

import requests

from source_loket.errors import Refusal, config_error, quote_answer
from source_loket.network import environment_of
from source_loket.retries import Retries
from source_loket.tokens import Tokens

T = TypeVar("T")
Parameters = Mapping[str, str | int | Sequence[int]]


class LoketClient:
    """Shared by all streams and threads of a process."""

    def __init__(
        self, api_url: str, tokens: Tokens, session: requests.Session, retries: Retries
    ) -> None:
        self._api_url = api_url
        self._tokens = tokens
        self._session = session
        self._retries = retries
        self._environment = environment_of(api_url)

    def fetch(
        self,
        path: str,
        version: str,
        parse: Callable[[bytes], T],
        parameters: Parameters | None = None,
    ) -> T:
        """GET and parse one answer.

        Raises `Refusal` for 400, 403 and 404. A body that `parse` finds broken is asked for again.
        """
        url = f"{self._api_url}{path}"
        if parameters:
            url = f"{url}?{urlencode(parameters, doseq=True)}"
        accept = f"application/json;version={version}"
        return self._retries.run(f"GET {path}", lambda: parse(self._get(url, accept)))

    def _get(self, url: str, accept: str) -> bytes:
        token = self._tokens.current()
        response = self._send(url, accept, token)
        if response.status_code == 401:
            response = self._send(url, accept, self._tokens.renew(token))
            if response.status_code == 401:
                raise config_error(
                    "Loket rejects the access token, also after refreshing it. Check that "
                    "environment (or api_url and oauth_url) fits the credentials, or authorise again."
                )
        self._retries.raise_if_temporary(response)
        if response.status_code != 200:
            raise Refusal(response.status_code, quote_answer(response.content))
        return response.content

    def _send(self, url: str, accept: str, token: str) -> requests.Response:
        request = requests.Request(
            "GET", url, headers={"Accept": accept, "Authorization": f"Bearer {token}"}
        )
        return self._session.send(
            self._session.prepare_request(request),
            timeout=self._retries.timeouts,
            **self._environment,
        )
