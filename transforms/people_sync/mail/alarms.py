"""Tell somebody: a webhook and a mail, once per change, never with personal data.

    alarms:
      webhook: https://hooks.example.com/people-sync
      email: {to: [support@example.com], from: sync@example.com, server: mail.example.com}

`email.report` sends HR the letter of the night as well (`morning_mail.py`). What was told last is kept beside the state, so that the same trouble is told once.
"""

from __future__ import annotations

import json
import smtplib
import ssl
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

from people_connector.own_words import content_of
from people_transforms.errors import ConfigError, RetryableError
from people_transforms.folders import at_home
from people_transforms.retries import retry_context
from people_transforms.settings import wrong_values
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

TRIES = 3
PATIENCE_SECONDS = 10.0


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Mail(_Frozen):
    """A mail server and who gets the mail. The password is in a file, not in the connection."""

    to: tuple[str, ...] = Field(min_length=1)
    sender: str = Field(alias="from", pattern=r"^[^@\s]+@[^@\s]+$")
    server: str
    port: int = Field(default=587, ge=1, le=65535)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password_file: str | None = None
    # The letter of the night for HR; with names only where somebody asks for them.
    report: Literal["always", "when_needed"] | None = None
    with_names: bool = False
    # It is in every letter, so no user and no password may be in it.
    desk: str | None = Field(default=None, pattern=r"^https?://[^\s/@]+(/[^\s]*)?$")

    @field_validator("to", mode="before")
    @classmethod
    def _one_is_a_list(cls, value: object) -> object:
        return [value] if isinstance(value, str) else value


class Alarms(_Frozen):
    """Where alarms go; without any address nobody is told."""

    webhook: str | None = Field(default=None, pattern=r"^https?://[^\s]+$")
    email: Mail | None = None

    def __bool__(self) -> bool:
        return self.webhook is not None or self.email is not None


def parse_alarms(value: object, path: Path) -> Alarms:
    """Read the key `alarms` of a connection file; ConfigError names what is wrong."""
    if value is None:
        return Alarms()
    if not isinstance(value, Mapping):
        raise ConfigError("`alarms` must hold `webhook` or `email`.", path=path)
    try:
        return Alarms.model_validate(dict(value))
    except ValidationError as error:
        wrong = wrong_values(error, Alarms, "alarms")
        raise ConfigError(
            f"The connection file has an alarm that cannot be used: {wrong}", path=path
        ) from None


def tell(alarms: Alarms, event: Mapping[str, Any], folder: Path) -> None:
    """Tell everybody who is configured.

    `event` has `event` and `text`, and facts without personal data. Raises RetryableError when an
    address could not be reached; the others have been told by then.
    """
    failed = []
    if alarms.webhook is not None:
        try:
            _post(alarms.webhook, json.dumps(event, default=str).encode())
        except RetryableError as error:
            failed.append(str(error))
    if alarms.email is not None:
        try:
            _send(alarms.email, event, folder)
        except (OSError, smtplib.SMTPException) as error:
            failed.append(f"The mail server did not take the mail. (cause={type(error).__name__})")
    if failed:
        raise RetryableError(" ".join(failed))


def _post(url: str, body: bytes) -> None:
    # A retried block, not a retried function: stamina logs a function's arguments, and the
    # address of a webhook is often its key.
    for attempt in retry_context(
        on=RetryableError,
        attempts=TRIES,
        timeout=PATIENCE_SECONDS * TRIES,
        wait_initial=0.2,
        wait_jitter=0.2,
    ):
        with attempt:
            _post_once(url, body)


def _post_once(url: str, body: bytes) -> None:
    request = urllib.request.Request(
        url, body, {"Content-Type": "application/json", "User-Agent": "people-sync"}
    )
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE_SECONDS) as response:
            response.read(1)
    except urllib.error.HTTPError as error:
        error.close()
        raise RetryableError("The webhook refused the alarm.", status=error.code) from None
    except (OSError, ValueError) as error:
        raise RetryableError(
            "The webhook could not be reached.", cause=type(error).__name__
        ) from None


def _send(mail: Mail, event: Mapping[str, Any], folder: Path) -> None:
    message = EmailMessage()
    message["Subject"] = f"people-sync: {event['event']} · {event.get('connection', '')}"
    facts = [f"{name}: {value}" for name, value in event.items() if name != "text" and value]
    message.set_content("\n".join([str(event["text"]), "", *facts]))
    send(mail, message, folder)


def send(mail: Mail, message: EmailMessage, folder: Path) -> None:
    """Send a message to everybody of `mail`. Raises OSError or smtplib.SMTPException."""
    message["From"] = mail.sender
    message["To"] = ", ".join(mail.to)
    context = ssl.create_default_context()
    if mail.security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(
            mail.server, mail.port, timeout=PATIENCE_SECONDS, context=context
        )
    else:
        server = smtplib.SMTP(mail.server, mail.port, timeout=PATIENCE_SECONDS)
    with server:
        if mail.security == "starttls":
            server.starttls(context=context)
        if mail.user:
            server.login(mail.user, _password(mail, folder))
        server.send_message(message)


def _password(mail: Mail, folder: Path) -> str:
    if not mail.password_file:
        return ""
    path = folder / at_home(mail.password_file)
    try:
        return content_of(path).decode().strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "It is no text")
        raise ConfigError(
            "`alarms.email.password_file` cannot be read.", path=path, reason=reason
        ) from None
