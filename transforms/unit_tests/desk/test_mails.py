"""The two mails that hold a link: the sign-in of the desk and the integration mail of a customer."""

from __future__ import annotations

import datetime as dt
import json
from email import message_from_string
from pathlib import Path

import pytest
import yaml
from people_sync.connection.connection_file import read_connection_file
from people_sync.desk.onboarding.connection import open_onboarding
from people_sync.desk.onboarding.invitation import mail_link
from people_sync.desk.staff import Staff
from people_transforms.errors import ConfigError, RetryableError

from .conftest import HR, SUPPORT, Desk, open_desk, write_connection

WEEK = dt.timedelta(days=7)


def write(folder: Path, port: int | None) -> Path:
    path = write_connection(folder)
    (folder / "source.json").write_text(json.dumps({"credentials": {"client_id": "c"}}))
    content = yaml.safe_load(path.read_text())
    if port is None:
        del content["alarms"]
    else:
        email = {"to": "ops@example.com", "from": "sync@example.com", "server": "127.0.0.1"}
        content["alarms"] = {"email": {**email, "port": port, "security": "none"}}
    path.write_text(yaml.safe_dump(content))
    return path


@pytest.mark.parametrize(
    ("language", "words"), [(None, "link"), ("en", "works once"), ("cs", "odkaz")]
)
def test_the_integration_mail_is_in_the_customers_language_with_the_link_and_its_day(
    tmp_path: Path, mailbox: tuple[int, list[str]], language: str | None, words: str
) -> None:
    port, letters = mailbox
    now = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
    file = read_connection_file(write(tmp_path / "c", port))
    onboarding = open_onboarding(file, "https://onboarding.example.com", lambda: now)
    link = "https://onboarding.example.com/link/the-token"
    mail_link(onboarding, "joke@example.nl", link, WEEK, language)
    (letter,) = letters
    assert "To: joke@example.nl" in letter and "ops@example.com" not in letter.partition("\n\n")[0]
    body = message_from_string(letter).get_payload(decode=True)
    assert isinstance(body, bytes)
    assert words in body.decode() and link in body.decode() and "2026" in body.decode()


def test_without_a_mail_server_the_integration_mail_is_an_error_that_says_what_to_set(
    tmp_path: Path,
) -> None:
    file = read_connection_file(write(tmp_path / "c", None))
    onboarding = open_onboarding(file, "http://127.0.0.1:1", lambda: dt.datetime.now(dt.UTC))
    with pytest.raises(ConfigError, match=r"alarms\.email"):
        mail_link(onboarding, "joke@example.nl", "link", WEEK)


def test_a_mail_server_that_is_away_is_told_without_the_link(tmp_path: Path) -> None:
    file = read_connection_file(write(tmp_path / "c", 1))
    onboarding = open_onboarding(file, "http://127.0.0.1:1", lambda: dt.datetime.now(dt.UTC))
    with pytest.raises(RetryableError) as told:
        mail_link(onboarding, "joke@example.nl", "the-link", WEEK)
    assert "the-link" not in str(told.value)


def test_the_sign_in_link_goes_by_mail_where_there_is_a_server_and_is_printed_nowhere(
    desk: Desk, mailbox: tuple[int, list[str]]
) -> None:
    port, letters = mailbox
    path = desk.folder / "list.yaml"
    people = [{"address": HR, "role": "hr", "connection": "bakkerij"}]
    server = {"from": "desk@example.com", "server": "127.0.0.1", "port": port, "security": "none"}
    path.write_text(yaml.safe_dump({"people": people, "mail": server}))
    with open_desk(desk.folder, staff=Staff(path)) as opened:
        visitor = opened.visitor()
        visitor.open("/sign-in?lang=cs")
        visitor.send("/sign-in", address=HR)
        assert opened.said == []
    (letter,) = letters
    assert f"To: {HR}" in letter and "/sign-in/" in letter.replace("=\n", "")


def test_support_sends_the_result_of_a_night_to_hr_without_names(
    desk: Desk, mailbox: tuple[int, list[str]]
) -> None:
    port, letters = mailbox
    path = desk.folder / "bakkerij" / "connection.yaml"
    content = yaml.safe_load(path.read_text())
    content["alarms"]["email"] |= {"server": "127.0.0.1", "port": port, "security": "none"}
    path.write_text(yaml.safe_dump(content))
    with open_desk(desk.folder) as opened:
        opened.night(status="held")(lambda night: night.plans(1, "deactivate"))
        visitor = opened.signed_in(SUPPORT)
        visitor.open("/c/bakkerij?lang=nl")
        visitor.send("/c/bakkerij/share")
        assert "De uitslag is gestuurd" in visitor.page.text
        assert opened.actions()[0] == "result_shared"
    (letter,) = letters
    assert "To: joke@example.nl" in letter and "Persoon1" not in letter
