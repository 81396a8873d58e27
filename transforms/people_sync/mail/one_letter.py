"""One mail with a text to one address: those that hold a link."""

from __future__ import annotations

import smtplib
from email.message import EmailMessage
from pathlib import Path

from people_transforms.errors import RetryableError

from people_sync.mail.alarms import Mail, send


def send_text(mail: Mail, to: str, subject: str, text: str, folder: Path) -> None:
    """Send a text by the server of `mail`, to this address only.

    Raises RetryableError when the server did not take it; the text is in no error.
    """
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    try:
        send(mail.model_copy(update={"to": (to,)}), message, folder)
    except (OSError, smtplib.SMTPException) as error:
        raise RetryableError(
            "The mail server did not take the mail.", cause=type(error).__name__
        ) from None
