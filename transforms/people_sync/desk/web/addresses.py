"""The addresses of a web part: what browsers see, where it listens, which proxies are believed."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from people_transforms.errors import ConfigError

_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(\.(?!-)[a-z0-9-]{1,63}(?<!-))*")
_USUAL_PORTS = {"https": 443, "http": 80}


def browser_address(host: str, port: int, base_url: str | None) -> str:
    """Give the address that browsers see; beyond this machine it must be said, and be https.

    Raises ConfigError that says what to give instead.
    """
    if base_url is not None:
        return parse_base_url(base_url)
    if not is_loopback(host):
        raise ConfigError(
            "Listening beyond this machine needs a TLS proxy in front of it; "
            "say with `--base-url https://…` what the customer's browser sees.",
            host=host,
        )
    return f"http://{_bracketed(host)}:{port}"


def parse_base_url(text: str) -> str:
    """Read an origin and write it as browsers do: `https://name`, plain http only on this machine."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused("is not an address") from None
    if not re.fullmatch(r"[!-~]+", text) or parts.scheme not in _USUAL_PORTS:
        raise _refused("must be an address such as https://onboarding.example.com")
    if "@" in parts.netloc:
        raise _refused("must not hold a user or a password")
    if parts.path not in ("", "/") or set("?#\\") & set(text):
        raise _refused("must end after the name: the onboarding has a name of its own")
    if not (_NAME.fullmatch(host) or _is_ip(host)) or port == 0:
        raise _refused("does not name a host and a port")
    if parts.scheme == "http" and not is_loopback(host):
        raise _refused("must start with https://, or everybody on the way reads along")
    has_usual_port = port is None or port == _USUAL_PORTS[parts.scheme]
    return f"{parts.scheme}://{_bracketed(host)}{'' if has_usual_port else f':{port}'}"


def parse_proxies(texts: Iterable[str]) -> list[str]:
    """Read the addresses or networks of the proxies whose X-Forwarded-For is believed."""
    return [_parse_proxy(text) for text in texts]


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach a host."""
    return host == "localhost" or (_is_ip(host) and ipaddress.ip_address(host).is_loopback)


def host_of(base_url: str) -> str:
    """Give the host of a parsed address as the Host header has it, without its port."""
    return _bracketed(urlsplit(base_url).hostname or "")


def _parse_proxy(text: str) -> str:
    try:
        network = ipaddress.ip_network(text.strip())
    except ValueError:
        network = None
    if network is None or not network.prefixlen:
        # A name would be looked up by nobody, and everybody is no proxy.
        raise ConfigError(
            "`--trusted-proxy` takes the address of a proxy, or a network such as 10.0.0.0/28."
        )
    return text.strip()


def _is_ip(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


def _refused(why: str) -> ConfigError:
    # The address is not quoted: it may hold a password.
    return ConfigError(f"`--base-url` {why}.")
