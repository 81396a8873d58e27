"""Alarms: a webhook and a mail per change of status, once, and never in the way of a run."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path

import pytest
from people_sandbox.webhook import Webhook
from people_sync.mail.alarms import parse_alarms, tell
from people_transforms.errors import ConfigError

from .conftest import Connection, error, record


def alarmed(connection: Connection, hook: Webhook) -> Connection:
    text = connection.file.read_text()
    connection.file.write_text(f"{text}alarms: {{webhook: '{hook.url}'}}\n")
    return connection


def end_with(connection: Connection, *codes: int) -> None:
    for code in codes:
        connection.destination["exit"] = code
        assert connection.run("--output", "json").returncode == code


@pytest.mark.long
def test_each_change_of_status_is_told_once(connection: Connection, hook: Webhook) -> None:
    end_with(alarmed(connection, hook), 0, 3, 3, 1, 2, 4, 0)
    told = [(event["event"], event["was"], event["exit_code"]) for event in hook.events]
    assert told == [
        ("held", "in_order", 3),
        ("failed", "held", 1),
        ("recovered", "misconfigured", 4),
    ]
    assert {event["connection"] for event in hook.events} == {"connection"}


def test_an_alarm_says_the_error_and_no_record(connection: Connection, hook: Webhook) -> None:
    trace = error("Loket does not answer.", "transient_error")
    trace["trace"]["error"] |= {"internal_message": "Canary at 17", "stack_trace": "Canary"}
    connection.source["lines"] = [
        record("employees", id="1", lastName="Canary", bsn="123456782"),
        {"type": "LOG", "log": {"level": "ERROR", "message": "Canary could not be read."}},
        trace,
    ]
    connection.source["exit"] = 1
    assert alarmed(connection, hook).run().returncode == 1
    (event,) = hook.events
    assert "Canary" not in json.dumps(event) and "123456782" not in json.dumps(event)
    assert (event["status"], event["error"]) == ("hr_unreachable", "Loket does not answer.")
    assert event["text"].endswith("could not be read. Nothing was changed because of it.")


def test_a_run_that_cannot_start_is_told(connection: Connection, hook: Webhook) -> None:
    connection.source["streams"] = []
    ended = alarmed(connection, hook).run()
    assert (ended.returncode, [event["event"] for event in hook.events]) == (2, ["failed"])


@pytest.mark.long
def test_an_alarm_that_cannot_be_told_is_tried_again_and_changes_nothing_else(
    connection: Connection, hook: Webhook
) -> None:
    hook.status = 500
    connection.destination["exit"] = 3
    ended = alarmed(connection, hook).run()
    assert (ended.returncode, hook.calls) == (3, 3)
    assert "Warning: The alarm “held” could not be told" in ended.stderr
    assert hook.url not in ended.stdout + ended.stderr, "a webhook's address is often its key"
    hook.status = 204
    end_with(connection, 3, 3)
    assert [event["event"] for event in hook.events] == ["held"]


def test_without_alarms_nobody_is_told(connection: Connection, hook: Webhook) -> None:
    end_with(connection, 3)
    assert hook.calls == 0


def test_a_mail_says_the_same(tmp_path: Path, mailbox: tuple[int, list[str]]) -> None:
    port, letters = mailbox
    address = {"to": "support@example.com", "from": "sync@example.com", "server": "127.0.0.1"}
    alarms = parse_alarms({"email": {**address, "port": port, "security": "none"}}, tmp_path)
    tell(alarms, {"event": "held", "text": "Tonight: 3 join.", "connection": "bakery"}, tmp_path)
    assert len(letters) == 1
    assert "Subject: people-sync: held" in letters[0] and "Tonight: 3 join." in letters[0]


def test_the_letter_of_the_night_reaches_hr(
    connection: Connection, mailbox: tuple[int, list[str]]
) -> None:
    port, letters = mailbox
    connection.file.write_text(
        connection.file.read_text() + "alarms: {email: {to: hr@example.nl, from: s@example.nl, "
        f"server: 127.0.0.1, port: {port}, security: none, report: when_needed}}}}\n"
    )
    connection.source.update(lines=[error("HR is down.", "transient_error")], exit=1)
    assert connection.run().returncode == 1
    letter = email.message_from_string(letters[-1], policy=email.policy.default)
    assert len(letters) == 2, "the alarm and the letter"
    kinds = [part.get_content_type() for part in letter.iter_parts()]
    assert kinds == ["text/plain", "text/html"]
    assert letter["To"] == "hr@example.nl"


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("https://hooks.example.com", "must hold"),
        ({"webhook": "ftp://hooks.example.com"}, "alarms.webhook"),
        ({"webhok": "https://hooks.example.com"}, "alarms.webhok"),
        ({"email": {"from": "a@example.com", "server": "x"}}, "alarms.email.to"),
        ({"email": {"to": [], "from": "no address", "server": "x"}}, "alarms.email.from"),
    ],
)
def test_an_alarm_that_cannot_work_is_named(value: object, says: str) -> None:
    with pytest.raises(ConfigError, match=says):
        parse_alarms(value, Path("connection.yaml"))
