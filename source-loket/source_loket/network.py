"""The connection pool, and what the environment says about proxies and certificates.

Loket's answers are not trusted with where we go next, nor with how much memory we have.
"""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urljoin, urlsplit

import requests
from requests.adapters import HTTPAdapter

from source_loket.errors import config_error, transient_error

MOST_BYTES: Final = 512 << 20


def open_session() -> requests.Session:
    session = requests.Session()
    # A .netrc would replace the bearer token; proxies are handled by `environment_of`.
    session.trust_env = False
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=32)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    # Both run before a redirect is followed and before the body is read.
    session.hooks["response"] = [refuse_foreign_redirect, read_body]
    return session


def refuse_foreign_redirect(response: requests.Response, **_: object) -> None:
    """Stop before another host gets the refresh token, or is believed to be Loket."""
    if not response.is_redirect:
        return
    asked = urlsplit(str(response.url))
    target = urlsplit(urljoin(str(response.url), response.headers["location"]))
    if (asked.scheme, asked.netloc) != (target.scheme, target.netloc):
        response.close()
        raise config_error(
            f"Loket redirects from {asked.hostname} to {target.scheme}://{target.hostname}. Nothing "
            "was sent there. If that is the right address, set api_url and oauth_url to it."
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
            raise transient_error(
                f"An answer of Loket is larger than {MOST_BYTES >> 20} MB and was not read."
            )
    response._content = b"".join(parts)


def environment_of(url: str) -> dict[str, Any]:
    """Proxies and certificates from the environment, looked up once instead of for each page."""
    return dict(requests.Session().merge_environment_settings(url, {}, None, None, None))
