"""Signing in: a link by mail for a listed address, valid once and for 15 minutes."""

from __future__ import annotations

import datetime as dt
import re
import secrets
import smtplib
import sqlite3
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from people_transforms.errors import RetryableError

from people_sync.desk.records import Records, add_action, add_news
from people_sync.desk.staff import MailServer, Person, Staff
from people_sync.desk.web.sessions import Session, hashed
from people_sync.mail.alarms import Mail, send

LINK_LASTS = dt.timedelta(minutes=15)
SESSION_LASTS = dt.timedelta(hours=12)
_SEEN_EVERY = dt.timedelta(minutes=5)
_OUR_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._~:-]{0,120}/?){0,6}")

LinkState = Literal["open", "used", "expired", "unknown"]


def our_path(text: str) -> str:
    """Give a path of ours to go on at after signing in; anything else is the first page."""
    return text if _OUR_PATH.fullmatch(text) else "/"


def make_link(records: Records, person: Person, now: dt.datetime, then: str = "/") -> str:
    """Make the token of a link for a person. It ends the unused links before it, not the sessions."""
    token = secrets.token_urlsafe(32)
    with records.open() as database:
        database.execute(
            "update links set expires_at = ? where who = ? and used_at is null and expires_at > ?",
            [now.isoformat(), person.address, now.isoformat()],
        )
        database.execute(
            "delete from links where expires_at < ?", [(now - dt.timedelta(days=7)).isoformat()]
        )
        database.execute(
            "insert into links values (?, ?, ?, ?, null)",
            [hashed(token), person.address, our_path(then), (now + LINK_LASTS).isoformat()],
        )
        add_action(database, now, person.address, person.role, "link_made")
    return token


def state_of_link(records: Records, token: str, now: dt.datetime) -> LinkState:
    """Tell whether a link may still be used."""
    with records.open() as database:
        return _state(_link(database, token), now)


def use_link(
    records: Records, staff: Staff, token: str, now: dt.datetime
) -> tuple[LinkState, str, str]:
    """Use a link up; gives its state, and the session's token and path where it was open."""
    with records.open() as database:
        link = _link(database, token)
        state = _state(link, now)
        if link is None or state != "open":
            return state, "", "/"
        person = staff.find(link["who"])
        if person is None:
            # Taken off the list since the link was made.
            return "expired", "", "/"
        database.execute(
            "update links set used_at = ? where hash = ?", [now.isoformat(), link["hash"]]
        )
        session = secrets.token_urlsafe(32)
        _open_session(database, session, person.address, now)
        add_action(database, now, person.address, person.role, "signed_in")
        for name in person.connection:
            add_news(database, now, name, "signed_in")
    return state, session, link["then_path"]


def find_session(records: Records, token: str, now: dt.datetime) -> Session | None:
    """Find the session of a browser's token, if it has not ended."""
    if not token:
        return None
    with records.open() as database:
        row = database.execute("select * from sessions where hash = ?", [hashed(token)]).fetchone()
        if row is None:
            return None
        began_at, seen_at = (dt.datetime.fromisoformat(row[key]) for key in ("began_at", "seen_at"))
        session = Session(row["hash"], row["who"], began_at, seen_at)
        if now - began_at >= SESSION_LASTS:
            return None
        if now - seen_at >= _SEEN_EVERY:
            database.execute(
                "update sessions set seen_at = ? where hash = ?", [now.isoformat(), session.key]
            )
    return session


def end_sessions(
    records: Records, person: Person, now: dt.datetime, only: Session | None = None
) -> None:
    """End one session of a person, or all of them with the links that were not used yet."""
    with records.open() as database:
        if only is not None:
            database.execute("delete from sessions where hash = ?", [only.key])
        else:
            database.execute("delete from sessions where who = ?", [person.address])
            database.execute(
                "update links set expires_at = ? where who = ? and used_at is null",
                [now.isoformat(), person.address],
            )
        action = "signed_out" if only is not None else "signed_out_everywhere"
        add_action(database, now, person.address, person.role, action)


def mail_link(server: MailServer, folder: Path, to: str, subject: str, text: str) -> None:
    """Send a mail with a link.

    Raises RetryableError when the server did not take it; the link is in no error.
    """
    message = EmailMessage()
    message["Subject"] = subject
    message.set_content(text)
    mail = Mail.model_validate({**server.model_dump(by_alias=True), "to": [to]})
    try:
        send(mail, message, folder)
    except (OSError, smtplib.SMTPException) as error:
        raise RetryableError(
            "The mail server did not take the mail.", cause=type(error).__name__
        ) from None


def _link(database: sqlite3.Connection, token: str) -> sqlite3.Row | None:
    found: sqlite3.Row | None = database.execute(
        "select * from links where hash = ?", [hashed(token)]
    ).fetchone()
    return found


def _state(link: sqlite3.Row | None, now: dt.datetime) -> LinkState:
    if link is None:
        return "unknown"
    if link["used_at"]:
        return "used"
    return "open" if dt.datetime.fromisoformat(link["expires_at"]) > now else "expired"


def _open_session(database: sqlite3.Connection, token: str, who: str, now: dt.datetime) -> None:
    database.execute("delete from sessions where began_at < ?", [(now - SESSION_LASTS).isoformat()])
    at = now.isoformat()
    database.execute("insert into sessions values (?, ?, ?, ?)", [hashed(token), who, at, at])
