"""Consent, code, refresh and rotation of the Loket server."""

from __future__ import annotations

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from people_sandbox import Sandbox

BACK = "https://example.nl/back"


@pytest.fixture(scope="module")
def known(box: Sandbox) -> dict[str, Any]:
    found: dict[str, Any] = box.control()["loket"]
    return found


def _consent(known: dict[str, Any], answer: str = "allow", **extra: str) -> dict[str, str]:
    query = {
        "client_id": known["client_id"],
        "redirect_uri": BACK,
        "response_type": "code",
        "scope": "all",
        "state": "1234",
    }
    page = requests.get(f"{known['oauth_url']}/authorize", params=query | extra, timeout=20)
    assert page.status_code == 200 and "Toestaan" in page.text
    sent = requests.post(
        f"{known['oauth_url']}/authorize",
        params=query | extra,
        data={"answer": answer},
        timeout=20,
        allow_redirects=False,
    )
    assert sent.status_code == 302 and sent.headers["location"].startswith(BACK)
    return {
        name: values[0]
        for name, values in parse_qs(urlsplit(sent.headers["location"]).query).items()
    }


def _token(known: dict[str, Any], **form: str) -> requests.Response:
    own = {"client_id": known["client_id"], "client_secret": known["client_secret"]}
    return requests.post(f"{known['oauth_url']}/token", data=own | form, timeout=20)


def test_a_consent_gives_a_code_that_buys_tokens_once(known: dict[str, Any]) -> None:
    back = _consent(known)
    assert back["state"] == "1234"
    bought = _token(known, grant_type="authorization_code", code=back["code"], redirect_uri=BACK)
    assert bought.status_code == 200
    assert set(bought.json()) == {
        "access_token",
        "token_type",
        "expires_in",
        "refresh_token",
        "two_factor_state",
    }
    assert bought.json()["expires_in"] == 3599
    headers = {"Authorization": f"Bearer {bought.json()['access_token']}"}
    assert requests.get(f"{known['api_url']}/user", headers=headers, timeout=20).status_code == 200
    again = _token(known, grant_type="authorization_code", code=back["code"], redirect_uri=BACK)
    assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})


def test_a_refused_consent_comes_back_as_an_error(known: dict[str, Any]) -> None:
    assert _consent(known, answer="deny") == {"state": "1234", "error": "access_denied"}


def test_a_code_asked_for_with_pkce_needs_its_verifier(known: dict[str, Any]) -> None:
    verifier = "a-long-enough-verifier-of-a-client-0123456789"
    challenge = (
        base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    )
    asked = {"code_challenge": challenge, "code_challenge_method": "S256"}
    wrong = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": "another"}
    assert _token(known, **wrong, code=_consent(known, **asked)["code"]).json() == {
        "error": "invalid_grant"
    }
    right = wrong | {"code_verifier": verifier}
    assert _token(known, **right, code=_consent(known, **asked)["code"]).status_code == 200


def test_a_refresh_token_stays_good_unless_rotation_is_switched_on(
    box: Sandbox, known: dict[str, Any]
) -> None:
    old = box.control()["loket"]["refresh_token"]
    for _ in range(2):
        assert (
            _token(known, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
            == old
        )
    box.settings("loket", rotate_refresh_tokens=True)
    fresh = _token(known, grant_type="refresh_token", refresh_token=old).json()["refresh_token"]
    spent = _token(known, grant_type="refresh_token", refresh_token=old)
    box.settings("loket", rotate_refresh_tokens=False)
    assert fresh != old
    assert (spent.status_code, spent.json()) == (400, {"error": "invalid_grant"})
    assert _token(known, grant_type="refresh_token", refresh_token=fresh).status_code == 200


def test_the_secret_may_be_missing_but_not_wrong(box: Sandbox, known: dict[str, Any]) -> None:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": box.control()["loket"]["refresh_token"],
        "client_id": known["client_id"],
    }
    assert requests.post(f"{known['oauth_url']}/token", data=form, timeout=20).status_code == 200
    wrong = requests.post(
        f"{known['oauth_url']}/token", data=form | {"client_secret": "wrong"}, timeout=20
    )
    assert (wrong.status_code, wrong.json()) == (400, {"error": "invalid_client"})


def test_an_expired_access_token_is_refused(box: Sandbox, known: dict[str, Any]) -> None:
    box.settings("loket", token_lifetime=0)
    token = _token(
        known, grant_type="refresh_token", refresh_token=box.control()["loket"]["refresh_token"]
    ).json()
    box.settings("loket", token_lifetime=3599)
    answer = requests.get(
        f"{known['api_url']}/user",
        headers={"Authorization": f"Bearer {token['access_token']}"},
        timeout=20,
    )
    assert (answer.status_code, answer.json()) == (
        401,
        {"message": "Authorization has been denied for this request."},
    )
