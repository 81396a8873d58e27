"""One HTTP call to Lunchdrive: the key in its header, no redirect, every failure explained."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import requests
from people_transforms.delivery.answers import TooLargeError, parse_json, whole_body
from people_transforms.delivery.ratelimit import parse_rate_limit
from people_transforms.delivery.vendor import RateLimit

from destination_lunchdrive.refusals import (
    Call,
    explain_lost,
    explain_refusal,
    explain_unreadable,
)
from destination_lunchdrive.settings import LunchdriveSettings

_CONNECT_TIMEOUT = 10
T = TypeVar("T")


class _ThreadOwn(threading.local):
    # requests' Session is not documented as safe to share between threads.
    session: requests.Session | None = None


class Transport:
    """Sends one attempt per call and reads its answer; safe to share between threads."""

    def __init__(
        self, settings: LunchdriveSettings, logical_names: Mapping[str, str], timeout: float
    ) -> None:
        self.rate_limit: RateLimit | None = None
        self._settings = settings
        self._logical_names = logical_names
        self._timeout = (_CONNECT_TIMEOUT, timeout)
        self._own = _ThreadOwn()
        self._sessions: list[requests.Session] = []

    def send(self, method: str, path: str, call: Call, **options: Any) -> requests.Response:
        """Send and return any answer; raises when there was none."""
        try:
            response = self._session().request(
                method,
                self._settings.api_url + path,
                timeout=self._timeout,
                allow_redirects=False,
                **options,
            )
        except requests.RequestException as error:
            # `from None`: the texts of requests quote the address and may quote more.
            raise explain_lost(error, call) from None
        self.rate_limit = parse_rate_limit(response.headers) or self.rate_limit
        return response

    def accept(self, response: requests.Response, call: Call) -> requests.Response:
        """Let a success through and explain everything else."""
        if not 200 <= response.status_code < 300:
            raise explain_refusal(response, call, self._logical_names)
        return response

    def read(self, response: requests.Response, call: Call, parse: Callable[[Any], T]) -> T:
        """Parse the body of a success; raises when it has another shape than `parse` wants."""
        return self.read_as(response, call, lambda: parse(parse_json(response.content)))

    def read_as(self, response: requests.Response, call: Call, parse: Callable[[], T]) -> T:
        """Make a value of what a success says; raises when `parse` can't."""
        try:
            return parse()
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError):
            raise explain_unreadable(response, call) from None

    def close(self) -> None:
        """Give connections back."""
        while self._sessions:
            self._sessions.pop().close()

    def _session(self) -> requests.Session:
        if self._own.session is None:
            session = requests.Session()
            # Once: requests would look through the whole environment at each call.
            around = session.merge_environment_settings(
                self._settings.api_url, {}, None, None, None
            )
            session.proxies, session.verify = around["proxies"], around["verify"]
            session.trust_env = False
            auth = self._settings.auth
            # As an auth object, or requests would replace our header with one from ~/.netrc.
            session.auth = _HeaderAuth(auth.header, auth.value(self._settings.api_key))
            session.headers["Accept"] = "application/json"
            session.headers["User-Agent"] = "destination-lunchdrive"
            session.hooks["response"] = [_read_body]
            self._own.session = session
            self._sessions.append(session)
        return self._own.session


@dataclass(frozen=True, slots=True, repr=False)
class _HeaderAuth(requests.auth.AuthBase):
    header: str
    value: str

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers[self.header] = self.value
        return request


def _read_body(response: requests.Response, **_: object) -> None:
    """Read the body as requests does, but not without end."""
    try:
        response._content = whole_body(response.iter_content(1 << 20))
    except TooLargeError as error:
        response.close()
        raise requests.exceptions.ContentDecodingError(str(error)) from None
