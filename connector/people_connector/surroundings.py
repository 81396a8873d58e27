"""What the machine's environment says of the way to a vendor: proxies and certificates.

No proxy sees what goes to this machine, where plain http is allowed. A variable that can't be used is named
before anything is asked: libraries tell it as a fault of the vendor's address. Its value, which may hold a
password, is not shown. Each source has the same file.
"""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

_THIS_MACHINE = "localhost,127.0.0.1,::1"
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
_CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def keep_this_machine_direct() -> None:
    """Let no proxy of the environment have what goes to this machine."""
    known = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if known.strip() != "*" and not known.endswith(_THIS_MACHINE):
        known = f"{known},{_THIS_MACHINE}".lstrip(",")
    for name in ("no_proxy", "NO_PROXY"):
        os.environ[name] = known


def wrong_surroundings() -> list[str]:
    """Name each variable of the environment that cannot be used, one sentence each."""
    wrong = []
    for usual in _PROXIES:
        for name in (usual, usual.upper()):
            if os.environ.get(name) and not _is_proxy(os.environ[name]):
                wrong.append(
                    f"The environment variable {name} is no address of an http proxy, such "
                    "as http://proxy.example.com:3128. Correct it, or take it away."
                )
    for name in _CERTIFICATES:
        if os.environ.get(name) and not Path(os.environ[name]).exists():
            wrong.append(
                f"The environment variable {name} names certificates that are not there. Correct it, "
                "or take it away."
            )
    return wrong


def _is_proxy(text: str) -> bool:
    address = text.strip()
    try:
        parts = urlsplit(address if "://" in address else f"http://{address}")
        parts.port  # noqa: B018 - raises where it is none
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname)
