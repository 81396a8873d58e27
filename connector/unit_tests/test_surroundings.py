"""A machine's environment: no proxy has what goes to this machine, and what can't be used is named."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from urllib.request import getproxies_environment

import httpx
import pytest
import requests
from people_connector.surroundings import keep_this_machine_direct, wrong_surroundings

BIN = Path(sys.executable).parent
PROXY = "http://somebody:canary@proxy.example.com:3128"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.lower().endswith("_proxy") or "CERT" in name or "CA_BUNDLE" in name:
            monkeypatch.delenv(name)
    # What is set below goes with the test.
    monkeypatch.setenv("no_proxy", "")
    monkeypatch.setenv("NO_PROXY", "")


@pytest.mark.parametrize("before", ["", "intern.example.nl", "*"])
@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "http://localhost:1/", "http://[::1]:1/"])
def test_no_proxy_has_what_goes_to_this_machine(
    monkeypatch: pytest.MonkeyPatch, before: str, url: str
) -> None:
    monkeypatch.setenv("NO_PROXY", before)
    monkeypatch.setenv("HTTP_PROXY", PROXY)
    for _ in range(2):
        keep_this_machine_direct()
    assert requests.utils.get_environ_proxies(url) == {}
    with httpx.Client() as client, pytest.raises(httpx.ConnectError):
        client.get(url)
    # The control: others are asked through it, but for those that were let out before.
    other = requests.utils.get_environ_proxies("http://api.example.com/")
    assert (other.get("http") == PROXY) == (before != "*")
    inside = requests.utils.get_environ_proxies("http://x.intern.example.nl/")
    assert ("http" in inside) == (before == "")
    assert len(getproxies_environment()["no"].split(",")) <= 4, "said once"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("HTTP_PROXY", "::::"),
        ("https_proxy", "foo://x"),
        ("ALL_PROXY", "http://"),
        ("http_proxy", "http://canary:99999999"),
        ("ALL_PROXY", "socks5://somebody:canary@proxy.example.com:1080"),
        ("SSL_CERT_FILE", "/nowhere/canary.pem"),
        ("REQUESTS_CA_BUNDLE", "/nowhere/canary.pem"),
    ],
)
def test_a_variable_that_cannot_be_used_is_named_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    (said,) = wrong_surroundings()
    assert name in said
    assert "canary" not in said


@pytest.mark.parametrize(
    ("name", "value"),
    [("HTTP_PROXY", PROXY), ("https_proxy", "proxy:3128"), ("SSL_CERT_FILE", __file__)],
)
def test_a_variable_that_can_be_used_is_left_alone(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    assert wrong_surroundings() == []


@pytest.mark.parametrize(
    "program", ["source-loket", "source-alveno", "destination-alleo", "destination-lunchdrive"]
)
def test_each_connector_says_so_before_it_asks_anybody(tmp_path: Path, program: str) -> None:
    """Real processes: the one test that each of them looks."""
    config = tmp_path / "config.json"
    config.write_text("{}")
    ended = subprocess.run(
        [BIN / program, "check", "--config", config],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "HTTPS_PROXY": "foo://canary"},
    )
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    (error,) = [one["trace"]["error"] for one in said if one["type"] == "TRACE"]
    assert "HTTPS_PROXY is no address of an http proxy" in error["message"]
    assert error["failure_type"] == "config_error"
    assert "canary" not in ended.stdout + ended.stderr
