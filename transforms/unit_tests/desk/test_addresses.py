"""The addresses of the onboarding: what is refused, and what browsers will see."""

from __future__ import annotations

import pytest
from people_sync.desk.web.addresses import (
    browser_address,
    host_of,
    parse_base_url,
    parse_proxies,
)
from people_sync.desk.web.cookies import Cookies
from people_transforms.errors import ConfigError


@pytest.mark.parametrize(
    "text",
    [
        "",
        "onboarding.example.com",
        "//onboarding.example.com",
        "http://onboarding.example.com",
        "http://10.0.0.5",
        "http://localhost.example.com",
        "javascript:alert(1)",
        "javascript://example.com/%0aalert(1)",
        "file:///etc/passwd",
        "https://",
        "https://user:password@example.com",
        "https://@example.com",
        "https://example.com/path",
        "https://example.com//",
        "https://example.com?query",
        "https://example.com#part",
        "https://example.com\\@elsewhere.example",
        "https://*.example.com",
        "https://*",
        "https://exa mple.com",
        "https://exam\nple.com",
        "https://example.com\t",
        "https://example.com:0",
        "https://example.com:port",
        "https://example.com:99999",
        "https://[::1",
        "https://bücher.example",
    ],
)
def test_an_address_that_is_no_safe_origin_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="--base-url") as refused:
        parse_base_url(text)
    assert "password@" not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("https://onboarding.example.com", "https://onboarding.example.com"),
        ("HTTPS://Onboarding.Example.COM/", "https://onboarding.example.com"),
        ("https://example.com:443", "https://example.com"),
        ("https://example.com:8443", "https://example.com:8443"),
        ("https://xn--bcher-kva.example", "https://xn--bcher-kva.example"),
        ("https://[2001:DB8::1]:8443", "https://[2001:db8::1]:8443"),
        ("http://127.0.0.1:8710", "http://127.0.0.1:8710"),
        ("HTTP://LocalHost:80/", "http://localhost"),
        ("http://[::1]:8710", "http://[::1]:8710"),
    ],
)
def test_an_origin_is_written_as_browsers_write_it(text: str, seen: str) -> None:
    assert parse_base_url(text) == seen


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "", "10.0.0.5", "example.com"])
def test_listening_beyond_this_machine_needs_the_address_of_the_proxy(host: str) -> None:
    with pytest.raises(ConfigError, match="--base-url"):
        browser_address(host, 8710, None)
    assert browser_address(host, 8710, "https://example.com") == "https://example.com"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_the_control_listening_on_this_machine_needs_none(host: str) -> None:
    assert browser_address(host, 8710, None) == f"http://{host}:8710"


@pytest.mark.parametrize("text", ["*", "", "0.0.0.0/0", "::/0", "proxy.example.com", "10.0.0.1/24"])
def test_a_proxy_is_named_by_its_address_and_never_everybody(text: str) -> None:
    with pytest.raises(ConfigError, match="--trusted-proxy"):
        parse_proxies([text])


def test_the_control_an_address_and_a_network_are_taken() -> None:
    assert parse_proxies(["10.0.0.1", "10.0.0.0/28", "::1"]) == ["10.0.0.1", "10.0.0.0/28", "::1"]


@pytest.mark.parametrize(
    ("address", "host"),
    [("https://example.com:8443", "example.com"), ("https://[2001:db8::1]", "[2001:db8::1]")],
)
def test_the_host_that_is_served_is_the_one_of_the_address(address: str, host: str) -> None:
    assert host_of(address) == host


def test_over_https_no_other_name_may_set_the_cookies() -> None:
    assert Cookies("https://example.com").token_name == "__Host-desk"
    assert Cookies("http://127.0.0.1:8710").token_name == "desk"
