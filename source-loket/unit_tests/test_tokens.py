"""The access token: kept, renewed one at a time, persisted before it is used."""

from __future__ import annotations

import json
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from source_loket.components import RenewedToken
from source_loket.source import SourceLoket

MAIN = Path(__file__).parents[1] / "main.py"


class OAuth:
    """A token endpoint that gives what the test lined up, as soon as it may."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, Any]] = []
        self.forms: list[dict[str, str]] = []
        self.asked, self.may_answer = threading.Event(), threading.Event()
        self.may_answer.set()
        oauth = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                from urllib.parse import parse_qsl

                form = self.rfile.read(int(self.headers["Content-Length"])).decode()
                oauth.forms.append(dict(parse_qsl(form)))
                oauth.asked.set()
                oauth.may_answer.wait(60)
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
    server.may_answer.set()
    server.server.shutdown()
    server.server.server_close()


def tokens_of(oauth: OAuth, path: Path | None = None, **credentials: Any) -> RenewedToken:
    """The authenticator of the stream employers, as the manifest makes it."""
    known = {"client_id": "c", "refresh_token": "first-token-1", **credentials}
    config = {"credentials": known, "api_url": oauth.url, "oauth_url": oauth.url}
    source = SourceLoket(config=config, config_path=str(path) if path else None)
    (stream,) = source._streams_by_name(["employers"])
    factory = stream._stream_partition_generator._partition_factory
    found: RenewedToken = factory._retriever.requester.get_authenticator()
    return found


def told(capsys: Any) -> list[dict[str, Any]]:
    """The configurations of the control messages."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return [line["control"]["connectorConfig"]["config"] for line in lines if "control" in line]


def granted(number: int, **more: Any) -> tuple[int, dict[str, Any]]:
    return 200, {"access_token": f"access-{number}", "expires_in": 3599, **more}


def test_a_changed_refresh_token_is_persisted_and_used(oauth: OAuth, capsys: Any) -> None:
    oauth.answers = [granted(1, refresh_token="second-token-2"), granted(2)]
    tokens = tokens_of(oauth, client_secret="s")
    assert tokens.get_access_token() == "access-1"
    tokens.refresh_and_set_access_token()
    assert tokens.get_access_token() == "access-2"
    assert [form["refresh_token"] for form in oauth.forms] == ["first-token-1", "second-token-2"]
    assert oauth.forms[0] == {
        "grant_type": "refresh_token",
        "refresh_token": "first-token-1",
        "client_id": "c",
        "client_secret": "s",
    }
    first, second = told(capsys)
    assert first["credentials"]["refresh_token"] == "second-token-2"
    assert first["credentials"]["access_token"] == "access-1"
    # The second answer had none: the last one stays. And nothing that was derived is kept.
    assert second["credentials"]["refresh_token"] == "second-token-2"
    assert set(second) == {"credentials", "api_url", "oauth_url"}


def test_a_token_is_read_while_another_thread_keeps_one(oauth: OAuth) -> None:
    """Its keys are new then: whoever walked through the settings in that moment lost its stream."""
    oauth.answers = [granted(1)]
    tokens = tokens_of(oauth)
    tokens.get_access_token()
    credentials = tokens._connector_config["credentials"]
    is_done = threading.Event()

    def keep() -> None:
        while not is_done.is_set():
            for number in range(50):
                credentials[f"key {number}"] = "value"
            for number in range(50):
                del credentials[f"key {number}"]

    keeping = threading.Thread(target=keep)
    keeping.start()
    try:
        for _ in range(5000):
            assert tokens.get_access_token() == "access-1"
    finally:
        is_done.set()
        keeping.join()
    assert len(oauth.forms) == 1


def test_without_a_secret_none_is_sent(oauth: OAuth) -> None:
    oauth.answers = [granted(1)]
    tokens_of(oauth, client_secret="").get_access_token()
    assert "client_secret" not in oauth.forms[0]


@pytest.mark.parametrize("said", ["1e5", "007", "[1]", "None", "True", "a b&c=d{{ 1 }}"])
def test_credentials_arrive_as_they_were_typed(oauth: OAuth, said: str) -> None:
    oauth.answers = [granted(1)]
    tokens_of(oauth, client_id=said, client_secret=said, refresh_token=said).get_access_token()
    form = oauth.forms[0]
    assert {form[n] for n in ("client_id", "client_secret", "refresh_token")} == {said}


@pytest.mark.parametrize(
    ("until", "token"),
    [("2999-01-01T00:00:00Z", "kept"), ("2020-01-01", "access-1"), ("whenever", "access-1")],
)
def test_a_token_that_is_still_good_is_not_renewed(oauth: OAuth, until: str, token: str) -> None:
    oauth.answers = [granted(1)]
    tokens = tokens_of(oauth, access_token="kept", token_expiry_date=until)
    assert tokens.get_access_token() == token
    assert len(oauth.forms) == (token != "kept")


def test_threads_that_need_a_token_refresh_once(oauth: OAuth) -> None:
    oauth.answers = [granted(1), granted(2)]
    tokens = tokens_of(oauth)
    found: list[str] = []
    threads = [
        threading.Thread(target=lambda: found.append(tokens.get_access_token())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == ["access-1"] * 8
    assert len(oauth.forms) == 1


@pytest.mark.parametrize(
    ("answer", "setting"),
    [
        ((400, {"error": "invalid_grant"}), "credentials.refresh_token"),
        ((400, {"Error": "INVALID_GRANT"}), "credentials.refresh_token"),
        ((400, {"error": "invalid_client"}), "credentials.client_id"),
        ((401, b"no"), "credentials"),
        ((404, b"<html>"), "oauth_url"),
    ],
)
def test_a_refusal_names_the_setting_and_is_not_repeated(
    oauth: OAuth, answer: tuple[int, Any], setting: str
) -> None:
    oauth.answers = [answer]
    with pytest.raises(AirbyteTracedException) as caught:
        tokens_of(oauth).get_access_token()
    assert setting in str(caught.value.message)
    assert str(caught.value.failure_type) == "FailureType.config_error"
    assert len(oauth.forms) == 1


@pytest.mark.parametrize("answer", [(500, b""), (429, b""), (200, b"<html>"), (200, {})])
def test_an_answer_that_says_nothing_is_asked_for_again(oauth: OAuth, answer: Any) -> None:
    oauth.answers = [answer, answer, granted(1)]
    assert tokens_of(oauth).get_access_token() == "access-1"
    oauth.answers = [answer]
    with pytest.raises(AirbyteTracedException) as caught:
        tokens_of(oauth).get_access_token()
    assert str(caught.value.failure_type) == "FailureType.transient_error"


@pytest.mark.parametrize("said", ['"nan"', '"inf"', "1e300", "-5", "1e12", "[]", "null"])
def test_a_lifetime_that_is_none_is_not_believed(oauth: OAuth, said: str) -> None:
    oauth.answers = [(200, f'{{"access_token": "a-token", "expires_in": {said}}}'.encode())]
    tokens = tokens_of(oauth)
    tokens.refresh_and_set_access_token()
    assert tokens.access_token == "a-token"
    assert tokens.get_token_expiry_date().year < 2100


def test_the_token_request_has_time_outs(oauth: OAuth) -> None:
    assert tokens_of(oauth)._requester._http_client._request_timeout == (10, 60)


def test_the_configuration_file_is_replaced_and_private(
    oauth: OAuth, tmp_path: Path, capsys: Any
) -> None:
    oauth.answers = [granted(1, refresh_token="new-token-2")]
    path = tmp_path / "config.json"
    path.write_text("{}")
    path.chmod(0o644)
    link = tmp_path / "link.json"
    link.symlink_to(path)
    tokens_of(oauth, link).get_access_token()
    (config,) = told(capsys)
    assert json.loads(path.read_text()) == config
    assert config["credentials"]["refresh_token"] == "new-token-2"
    assert link.is_symlink()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [child.name for child in tmp_path.iterdir() if child.name.startswith(".")] == []


def test_a_token_that_another_process_renewed_is_taken_from_the_file(
    oauth: OAuth, tmp_path: Path, capsys: Any
) -> None:
    """A check beside a nightly read: the second to renew would use a token that is no longer valid."""
    oauth.answers = [granted(1, refresh_token="second-token-2"), granted(2)]
    path = tmp_path / "config.json"
    first, second = tokens_of(oauth, path), tokens_of(oauth, path)
    first.get_access_token()
    second.get_access_token()
    assert [form["refresh_token"] for form in oauth.forms] == ["first-token-1", "second-token-2"]
    assert told(capsys)[-1]["credentials"]["refresh_token"] == "second-token-2"


@pytest.mark.parametrize(
    "content", ["", "[]", "{}", '{"credentials": null}', '{"credentials": {}}']
)
def test_a_file_without_a_token_changes_nothing(oauth: OAuth, tmp_path: Path, content: str) -> None:
    oauth.answers = [granted(1)]
    path = tmp_path / "config.json"
    path.write_text(content)
    tokens_of(oauth, path).get_access_token()
    assert [form["refresh_token"] for form in oauth.forms] == ["first-token-1"]


def test_a_file_that_cannot_be_written_is_a_warning(
    oauth: OAuth, tmp_path: Path, caplog: Any
) -> None:
    oauth.answers = [granted(1)]
    tokens = tokens_of(oauth, tmp_path / "nowhere" / "c.json")
    assert tokens.get_access_token() == "access-1"
    assert "could not be written" in caplog.text


@pytest.fixture
def check(oauth: OAuth, config: dict[str, Any], tmp_path: Path) -> Iterator[Any]:
    """A check in a process, for which the old token is no longer good and the new one is not there yet."""
    oauth.answers = [granted(1, refresh_token="renewed-token")]
    oauth.may_answer.clear()
    path = tmp_path / "config.json"
    path.write_text(json.dumps(config | {"oauth_url": oauth.url}))
    command = [sys.executable, str(MAIN), "check", "--config", str(path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert oauth.asked.wait(60)
        yield process, path
        process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_waits_until_the_new_token_is_kept(
    oauth: OAuth, check: tuple[subprocess.Popen[bytes], Path], number: int
) -> None:
    process, path = check
    process.send_signal(number)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    oauth.may_answer.set()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == (1 if number == signal.SIGINT else -number)
    assert json.loads(path.read_text())["credentials"]["refresh_token"] == "renewed-token"
    assert b"CONNECTION_STATUS" not in said, "it went no further"


def test_who_sends_a_second_signal_is_not_kept_waiting(
    check: tuple[subprocess.Popen[bytes], Path],
) -> None:
    process, _ = check
    process.send_signal(signal.SIGTERM)
    with pytest.raises(subprocess.TimeoutExpired):
        process.wait(1)
    process.send_signal(signal.SIGTERM)
    assert process.wait(60) == -signal.SIGTERM
