"""The connection pool, and what the environment says about proxies and certificates."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter


def open_session() -> requests.Session:
    session = requests.Session()
    # A .netrc would replace the bearer token; proxies are handled by `environment_of`.
    session.trust_env = False
    adapter = HTTPAdapter(pool_connections=4, pool_maxsize=32)
    session.mount("https://", adapter)
    session.mount("http://", adapter)
    return session


def environment_of(url: str) -> dict[str, Any]:
    """Proxies and certificates from the environment, looked up once instead of for each page."""
    return dict(requests.Session().merge_environment_settings(url, {}, None, None, None))
