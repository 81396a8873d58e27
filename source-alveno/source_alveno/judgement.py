"""Which answers are worth another try, and what to say about those that are not.

No text here quotes a record: a body is described by its kind and size, at most by the title of
an HTML page.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.sources.streams.http.error_handlers.response_models import (
    ErrorResolution,
    ResponseAction,
)

from source_alveno.answer import Answer, UnreadableAnswerError, parse_answer
from source_alveno.errors import ConfigError, RefusedError, TransientError

RETRIED: Final = frozenset({408, 425, 429, 500, 502, 503, 504})
LONGEST_WAIT_S: Final = 600.0
HOPELESS: Final = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidSchema,
    requests.exceptions.MissingSchema,
    requests.exceptions.InvalidHeader,
    requests.exceptions.TooManyRedirects,
)
_ANSWER: Final = "_alveno_answer"

SUCCESS: Final = ErrorResolution(response_action=ResponseAction.SUCCESS)


def RETRY(text: str) -> ErrorResolution:  # noqa: N802 - reads as a constant beside SUCCESS
    return ErrorResolution(ResponseAction.RETRY, FailureType.transient_error, text)


class Judge:
    """Say what is wrong with an answer, if anything."""

    def __init__(self, throttle_error_codes: frozenset[str]) -> None:
        self._throttle_codes = throttle_error_codes
        words = "|".join(re.escape(code) for code in sorted(throttle_error_codes) if code)
        self._throttled = re.compile(rf"(?<!\w)(?:{words})(?!\w)") if words else None

    def judge(self, answer: requests.Response | Exception | None) -> str | None:
        """Return None for a good answer, or the reason to ask again.

        Raises ConfigError or RefusedError where asking again is no use.
        """
        if isinstance(answer, HOPELESS):
            raise ConfigError(f"api_url cannot be asked ({type(answer).__name__}). Check it.")
        if not isinstance(answer, requests.Response):
            return f"no answer ({type(answer).__name__})"
        status = answer.status_code
        if status in RETRIED or self._is_throttled(answer):
            return f"status {status}"
        if status < 300:
            return _unreadable(answer)
        raise _refusal(answer)

    def _is_throttled(self, answer: requests.Response) -> bool:
        if self._throttled is None or not 400 <= answer.status_code < 500:
            return False
        if str(answer.status_code) in self._throttle_codes:
            return True
        return bool(self._throttled.search(answer.content[:4096].decode("utf-8", "replace")))


def answer_of(response: requests.Response) -> Answer:
    """The parsed body of a response that was judged good."""
    answer: Answer = getattr(response, _ANSWER)
    return answer


def _unreadable(response: requests.Response) -> str | None:
    try:
        setattr(response, _ANSWER, parse_answer(response.content))
    except UnreadableAnswerError as error:
        return f"status {response.status_code} with {error}"
    response._content = b""  # 100,000 people are 30 MB that nobody reads again
    return None


def _refusal(response: requests.Response) -> ConfigError | RefusedError:
    status, path = response.status_code, urlsplit(str(response.url)).path
    if status == 401:
        return ConfigError(
            "Alveno does not accept the token (status 401). "
            "Make a new one in Alveno under Nastavení and paste it into token."
        )
    if status == 403:
        return ConfigError(
            f"The token has no right to read {path} (status 403). "
            "Give it that right in Alveno, or use the token of an account that has it."
        )
    if status in (404, 405, 410) or status < 400:
        return ConfigError(
            f"There is no such list at {path} (status {status}). Check api_url, api and tenant."
        )
    return RefusedError(f"Alveno refuses the request for {path} (status {status}).")


def seconds_to_wait(
    answer: requests.Response | requests.RequestException | None, attempt: int, attempts: int
) -> float:
    """Seconds until the next attempt, one less than meant because the CDK adds one.

    Raises TransientError when the attempts are spent or the API asks for too long a wait.
    """
    if attempt >= attempts:
        raise TransientError(_spent(answer, attempts))
    asked = _retry_after(answer) if isinstance(answer, requests.Response) else None
    if asked is not None and asked > LONGEST_WAIT_S:
        raise TransientError(f"Alveno asks to wait {asked:.0f} s. Run the read again later.")
    wait = float(2 ** (attempt - 1)) if asked is None else asked
    return max(wait - 1.0, 1e-6)


def _spent(answer: requests.Response | requests.RequestException | None, attempts: int) -> str:
    if isinstance(answer, requests.Response):
        reason = _unreadable(answer) if answer.ok else None
        path = urlsplit(str(answer.url)).path
        return (
            f"Alveno gave no usable answer for {path} in {attempts} attempts "
            f"({reason or f'status {answer.status_code}'}). Nothing was read; run it again later."
        )
    return (
        f"Alveno could not be reached in {attempts} attempts ({type(answer).__name__}). "
        "Check the network and api_url, or run it again later."
    )


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "").strip()
    if not value:
        return None
    try:
        return max(float(value), 0.0)
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
