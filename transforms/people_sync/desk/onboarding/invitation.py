"""The integration mail: a customer's link, in the customer's language."""

from __future__ import annotations

import datetime as dt

from people_transforms.errors import ConfigError
from people_transforms.publishing.words import load_words

from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.pages import load_texts
from people_sync.mail.one_letter import send_text


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
    texts = load_texts(code, onboarding=True)["mail"]
    titles = {"source": onboarding.source.title, "destination": onboarding.destination.title}
    until = load_words(code).day((onboarding.clock() + lasts).astimezone(onboarding.zone()).date())
    subject, text = (texts[name] for name in ("subject", "text"))
    send_text(
        alarms.email,
        to,
        subject.format(**titles),
        text.format(link=link, until=until, **titles),
        onboarding.file.folder,
    )
