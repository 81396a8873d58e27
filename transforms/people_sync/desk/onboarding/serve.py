"""Make the onboarding's links, mail them, and build its server."""

from __future__ import annotations

import datetime as dt
import smtplib
from collections.abc import Sequence
from email.message import EmailMessage

import uvicorn
from people_transforms.errors import ConfigError, RetryableError
from people_transforms.publishing.words import load_words

from people_sync.connection.connection_file import ConnectionFile
from people_sync.desk.onboarding.app import build_app
from people_sync.desk.onboarding.connection import Onboarding, open_onboarding
from people_sync.desk.onboarding.links import make_link
from people_sync.desk.onboarding.pages import load_texts
from people_sync.desk.web.serving import behind, server_of
from people_sync.mail.alarms import send


def make_link_of(onboarding: Onboarding, who: str, lasts: dt.timedelta) -> str:
    """Make an integration link for somebody. It ends the links before it, and every session."""
    now = onboarding.clock()
    token = onboarding.journey.change(lambda journey: make_link(journey, now, lasts, who))
    return f"{onboarding.base_url}/link/{token}"


def mail_link(
    onboarding: Onboarding, to: str, link: str, lasts: dt.timedelta, language: str | None = None
) -> None:
    """Send the integration mail in the customer's language, by the mail server of `alarms`.

    Raises ConfigError without a mail server, RetryableError where it did not take the mail.
    """
    alarms = onboarding.file.alarms
    if alarms is None or alarms.email is None:
        raise ConfigError(
            "There is no mail server to send it with: set `alarms.email`, or leave out --mail."
        )
    code = language or onboarding.source.language
    texts = load_texts(code)["mail"]
    titles = {"source": onboarding.source.title, "destination": onboarding.destination.title}
    until = load_words(code).day((onboarding.clock() + lasts).astimezone(onboarding.zone()).date())
    message = EmailMessage()
    message["Subject"] = texts["subject"].format(**titles)
    message.set_content(texts["text"].format(link=link, until=until, **titles))
    try:
        send(alarms.email.model_copy(update={"to": (to,)}), message, onboarding.file.folder)
    except (OSError, smtplib.SMTPException) as error:
        raise RetryableError(
            "The mail server did not take the mail.", cause=type(error).__name__
        ) from None


def prepare(file: ConnectionFile, base_url: str) -> Onboarding:
    """Open the connection's onboarding with the clock of this machine."""
    return open_onboarding(file, base_url, lambda: dt.datetime.now(dt.UTC))


def build_server(onboarding: Onboarding, proxies: Sequence[str] = ()) -> uvicorn.Server:
    """Build the server; `proxies` are the addresses whose X-Forwarded-For is believed."""
    return server_of(behind(build_app(onboarding), proxies))
