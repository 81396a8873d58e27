"""What the manifest's YAML cannot say: how the token travels, which answers to believe, whole lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import InitVar, dataclass, field
from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from airbyte_cdk.sources.declarative.auth.declarative_authenticator import DeclarativeAuthenticator
from airbyte_cdk.sources.declarative.requesters.requester import Requester
from airbyte_cdk.sources.declarative.retrievers import Retriever
from airbyte_cdk.sources.streams.http.error_handlers import BackoffStrategy, ErrorHandler
from airbyte_cdk.sources.streams.http.error_handlers.response_models import ErrorResolution
from airbyte_cdk.sources.types import Record, StreamSlice

from source_alveno.errors import ConfigError, RefusedError
from source_alveno.judgement import RETRY, SUCCESS, Judge, seconds_to_wait
from source_alveno.settings import Settings, read_settings, require_safe_url
from source_alveno.whole_list import WholeList

MOST_BYTES: Final = 512 << 20


@dataclass
class TokenHeader(DeclarativeAuthenticator):
    """Send the token in its header, to the configured host only and never in the clear."""

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]]
    _settings: Settings | None = field(default=None, init=False, repr=False)

    @property
    def settings(self) -> Settings:
        if self._settings is None:
            self._settings = read_settings(self.config)
        return self._settings

    @property
    def auth_header(self) -> str:
        return self.settings.header

    @property
    def token(self) -> str:
        return self.settings.token

    def __call__(self, request: requests.PreparedRequest) -> Any:
        require_safe_url(str(request.url), "api_url")
        # Both run before a redirect is followed and before the body is read.
        request.hooks["response"] = [refuse_foreign_redirect, read_body]
        return super().__call__(request)


def refuse_foreign_redirect(response: requests.Response, **_: object) -> None:
    """Stop before another host gets the token: requests itself would carry our header along."""
    if not response.is_redirect:
        return
    asked = urlsplit(str(response.url))
    target = urlsplit(urljoin(str(response.url), response.headers["location"]))
    if (asked.scheme, asked.netloc) != (target.scheme, target.netloc):
        raise ConfigError(
            f"The API redirects from {asked.hostname} to {target.scheme}://{target.hostname}. "
            "The token was not sent there. If that is the right address, set api_url to it."
        )


def read_body(response: requests.Response, **_: object) -> None:
    """Read the body as requests does, but not without end: a few bytes can inflate to gigabytes."""
    parts: list[bytes] = []
    size = 0
    for part in response.iter_content(1 << 20):
        parts.append(part)
        size += len(part)
        if size > MOST_BYTES:
            response.close()
            raise RefusedError(f"An answer of Alveno is larger than {MOST_BYTES >> 20} MB.")
    response._content = b"".join(parts)


@dataclass
class AlvenoErrorHandler(ErrorHandler):
    """Tell the CDK's client what an answer is: good, worth another try, or the end of the read.

    The CDK's own handling logs the bodies of failed requests and reads a broken body as empty.
    """

    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]]
    backoff_strategies: list[BackoffStrategy] = field(default_factory=list, init=False)

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._judge: Judge | None = None
        self.backoff_strategies = [Waits()]

    @property
    def max_retries(self) -> int:
        return Waits.ATTEMPTS - 1

    @property
    def max_time(self) -> int:
        return 1800

    def interpret_response(self, response: requests.Response | Exception | None) -> ErrorResolution:
        if self._judge is None:
            self._judge = Judge(read_settings(self.config).throttle_error_codes)
        verdict = self._judge.judge(response)
        return SUCCESS if verdict is None else RETRY(verdict)


class Waits(BackoffStrategy):
    """Wait as Retry-After says, else 1, 2, 4, 8, 16 seconds, then give up as transient."""

    ATTEMPTS = 6

    def backoff_time(
        self,
        response_or_exception: requests.Response | requests.RequestException | None,
        attempt_count: int,
    ) -> float:
        return seconds_to_wait(response_or_exception, attempt_count, self.ATTEMPTS)


@dataclass
class WholeListRetriever(Retriever):
    """Read one list whole, check its keys, and only then let a record out."""

    requester: Requester
    config: Mapping[str, Any]
    parameters: InitVar[Mapping[str, Any]]
    name: str
    list_path: str
    kind: str

    def __post_init__(self, parameters: Mapping[str, Any]) -> None:
        self._list = WholeList(
            self.requester, self.list_path, self.kind, read_settings(self.config)
        )

    def read_records(
        self, records_schema: Mapping[str, Any], stream_slice: StreamSlice | None = None
    ) -> Iterable[RecordChunk]:
        for records in self._list.fetch():
            yield RecordChunk(records, self.name)


class RecordChunk(Record):
    """Many records, handed through the CDK's layers as one: those cost more than our mapping."""

    def __init__(self, records: list[dict[str, Any]], stream_name: str) -> None:
        super().__init__(records[0], stream_name)
        self.records = records
