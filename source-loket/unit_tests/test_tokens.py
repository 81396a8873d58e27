"""The access token: kept, renewed one at a time, persisted before it is used."""

from __future__ import annotations

import json
import stat
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from source_loket.network import open_session
from source_loket.persisting import persist_config
from source_loket.retries import Retries
from source_loket.tokens import Tokens


class OAuth:
    """A token endpoint that gives what the test lined up."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.forms: list[dict[str, str]] = []
        oauth = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                from urllib.parse import parse_qsl

                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                oauth.forms.append(dict(parse_qsl(form)))
                status, body = oauth.answers.pop(0) if len(oauth.answers) > 1 else oauth.answers[0]
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def oauth() -> Any:
    server = OAuth()
    yield server
    server.server.shutdown()
    server.server.server_close()


def tokens_of(oauth: OAuth, persisted: list[Any] | None = None, **credentials: Any) -> Tokens:
    config = {"credentials": {"client_id": "c", "refresh_token": "first-token-1", **credentials}}
    kept = persisted if persisted is not None else []
    return Tokens(
        config,
        oauth.url,
        open_session(),
        lambda: kept.append(json.loads(json.dumps(config))),
        Retries(wait=lambda seconds: None),
    )


def granted(number: int, **more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"access_token": f"access-{number}", "expires_in": 3599, **more}


def test_a_changed_refresh_token_is_persisted_and_used(oauth: OAuth) -> None:
    oauth.answers = [granted(1, refresh_token="second-token-2"), granted(2)]
    persisted: list[Any] = []
    tokens = tokens_of(oauth, persisted, client_secret="s")
    assert tokens.current() == "access-1"
    assert persisted[0]["credentials"]["refresh_token"] == "second-token-2"
    assert persisted[0]["credentials"]["access_token"] == "access-1"
    assert tokens.renew("access-1") == "access-2"
    assert [form["refresh_token"] for form in oauth.forms] == ["first-token-1", "second-token-2"]
    assert oauth.forms[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "first-token-1",
        "client_id": "c",
        "client_secret": "s",
    }
    # The second answer had none: the last one stays.
    assert persisted[1]["credentials"]["refresh_token"] == "second-token-2"


def test_without_a_secret_none_is_sent(oauth: OAuth) -> None:
    oauth.answers = [granted(1)]
    tokens_of(oauth).current()
    assert "client_secret" not in oauth.forms[0]


def test_a_token_that_is_still_good_is_not_renewed(oauth: OAuth) -> None:
    oauth.answers = [granted(1)]
    kept = {"access_token": "kept", "token_expiry_date": "2999-01-01T00:00:00Z"}
    assert tokens_of(oauth, **kept).current() == "kept"
    assert oauth.forms == []
    assert tokens_of(oauth, **kept | {"token_expiry_date": "2020-01-01"}).current() == "access-1"
    assert tokens_of(oauth, **kept | {"token_expiry_date": "whenever"}).current() == "access-1"


def test_threads_that_see_the_same_rejection_refresh_once(oauth: OAuth) -> None:
    oauth.answers = [granted(1), granted(2)]
    tokens = tokens_of(oauth, access_token="old")
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(tokens.renew("old"))) for _ in range(16)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["access-1"] * 16
    assert len(oauth.forms) == 1


@pytest.mark.parametrize(
    ("answer", "setting"),
    [
        ((400, {"error": "invalid_grant"}), "credentials.refresh_token"),
        ((400, {"Error": "Invalid_Grant"}), "credentials.refresh_token"),
        ((400, {"error": "invalid_client"}), "credentials.client_id"),
        ((401, b"no"), "credentials"),
        ((404, b"<html>"), "oauth_url"),
    ],
)
def test_a_refusal_names_the_setting_and_is_not_repeated(
    oauth: OAuth, answer: tuple[int, Any], setting: str
) -> None:
    oauth.answers = [answer]
    tokens = tokens_of(oauth)
    for _ in range(3):
        with pytest.raises(AirbyteTracedException) as caught:
            tokens.current()
        assert setting in str(caught.value.message)
        assert str(caught.value.failure_type) == "FailureType.config_error"
    assert len(oauth.forms) == 1


@pytest.mark.parametrize("answer", [(500, b""), (429, b""), (200, b"<html>"), (200, {})])
def test_an_answer_that_says_nothing_is_asked_for_again(oauth: OAuth, answer: Any) -> None:
    oauth.answers = [answer, answer, granted(1)]
    assert tokens_of(oauth).current() == "access-1"
    oauth.answers = [answer]
    with pytest.raises(AirbyteTracedException) as caught:
        tokens_of(oauth).current()
    assert str(caught.value.failure_type) == "FailureType.transient_error"


def test_the_configuration_file_is_replaced_and_private(tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "config.json"
    path.write_text("{}")
    path.chmod(0o644)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    config = {"credentials": {"refresh_token": "new-token-2"}, "fields": "all", "other": [1]}
    persist_config(config, str(link))
    assert json.loads(path.read_text()) == config
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in tmp_path.iterdir() if child.name.startswith(".")] == []
    control = json.loads(capsys.readouterr().out)["control"]
    assert control["connectorConfig"]["config"] == config


def test_a_file_that_cannot_be_written_is_a_warning(tmp_path: Path, caplog: Any) -> None:
    persist_config({"credentials": {"refresh_token": "t"}}, str(tmp_path / "nowhere" / "c.json"))
    assert "could not be written" in caplog.text
