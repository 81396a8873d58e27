"""What every source puts around the CDK's HTTP client.

A vendor's answers are not trusted with where we go next, nor with how much memory we have.
"""

import json
import re
import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any
from urllib.parse import urljoin, urlsplit

import orjson
import requests
from airbyte_cdk.models import FailureType
from airbyte_cdk.utils.traced_exception import AirbyteTracedException

MOST_BYTES = 512 << 20
# With more digits a number is infinite to most parsers.
LONGEST_INTEGER = 300
_LOOPBACK = ("localhost", "127.0.0.1", "::1")


def config_error(sentence: str) -> AirbyteTracedException:
    """A person must act. (An internal message of its own keeps the CDK from making one up.)"""
    return AirbyteTracedException(sentence, sentence, FailureType.config_error)


def transient_error(sentence: str) -> AirbyteTracedException:
    """The vendor could not answer now: run again."""
    return AirbyteTracedException(sentence, sentence, FailureType.transient_error)


class Guarded:
    """Mixed into an authenticator, the one component that sees each request before it is sent."""

    def read_body(self, response: requests.Response) -> None:
        """Take over the body, before anything else does."""
        response._content = b"".join(parts_of(response))

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        url = urlsplit(str(request.url))
        if url.scheme != "https" and url.hostname not in _LOOPBACK:
            raise config_error(
                f"{url.scheme}://{url.hostname} is not asked: secrets and people travel by https "
                "only. Correct api_url (or oauth_url) in the configuration."
            )
        hooks = request.hooks["response"]
        if refuse_foreign_redirect not in hooks:
            hooks += [refuse_foreign_redirect, lambda response, **_: self.read_body(response)]
        signed: requests.PreparedRequest = super().__call__(request)  # type: ignore[misc]
        return signed


def refuse_foreign_redirect(response: requests.Response, **_: object) -> None:
    """Stop before another host gets the secrets, or is believed to be the vendor."""
    if not response.is_redirect:
        return
    asked = urlsplit(str(response.url))
    target = urlsplit(urljoin(str(response.url), response.headers["location"]))
    if (asked.scheme, asked.netloc) != (target.scheme, target.netloc):
        response.close()
        raise config_error(
            f"{asked.hostname} redirects to {target.scheme}://{target.hostname}. Nothing was sent "
            "there. If that is the right address, set api_url (or oauth_url) to it."
        )


def parts_of(response: requests.Response) -> Iterator[bytes]:
    """Give the body as it arrives, but not without end: a few bytes can inflate to gigabytes."""
    size = 0
    for part in response.iter_content(1 << 20):
        size += len(part)
        if size > MOST_BYTES:
            response.close()
            raise transient_error(
                f"An answer is larger than {MOST_BYTES >> 20} MB and was not read."
            )
        yield part


def seconds_asked(header: str) -> float | None:
    """Read a `Retry-After`, in seconds or as a date; None for what is neither."""
    if re.fullmatch(r"[0-9]{1,9}(\.[0-9]*)?", header.strip()):
        return float(header)
    try:
        return max(parsedate_to_datetime(header).timestamp() - time.time(), 0)
    except (ValueError, OverflowError):
        return None


def parse_json(body: bytes) -> Any:
    """Parse, also what is no JSON but spoils one value only: NaN, half a surrogate pair.

    ValueError (or RecursionError) for what is none.
    """
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        loose = json.loads(
            body, parse_constant=lambda _: None, parse_float=_finite, parse_int=_integer_in_range
        )
        return orjson.loads(json.dumps(loose, ensure_ascii=False).encode("utf-8", "replace"))


def _finite(text: str) -> float | None:
    number = float(text)
    return number if isfinite(number) else None


def _integer_in_range(text: str) -> int | None:
    return int(text) if len(text) <= LONGEST_INTEGER else None
