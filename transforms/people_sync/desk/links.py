"""Links that sign somebody in once, and the sessions that they open.

Who is on the operator's list asks for a link by mail, valid for 15 minutes. A customer gets an
integration link, which opens the onboarding of one connection and nothing else of the desk.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
import sqlite3
from dataclasses import dataclass
from typing import Literal

from people_transforms.errors import ConfigError
from people_transforms.safe_text import printable

from people_sync.desk.records import Records, add_action, add_news
from people_sync.desk.served import Served
from people_sync.desk.staff import Person, Staff
from people_sync.desk.web.sessions import LASTS, SEEN_EVERY, Session, hashed

LINK_LASTS = dt.timedelta(minutes=15)
_KEPT = dt.timedelta(days=7)
_LONGEST_NAME = 100
_OUR_PATH = re.compile(r"/(?:[A-Za-z0-9][A-Za-z0-9._~:-]{0,120}/?){0,6}")

LinkState = Literal["open", "used", "expired", "unknown"]
# What a page about a link answers with.
STATUS_OF_LINK: dict[LinkState, int] = {"open": 200, "used": 410, "expired": 410, "unknown": 404}


@dataclass(frozen=True, slots=True)
class Link:
    """What a token opens. `connection` is that of an integration link, empty for the desk's own."""

    state: LinkState
    who: str = ""
    connection: str = ""
    place: str = ""
    then: str = "/"


def our_path(text: str) -> str:
    """Give a path of ours to go on at after signing in; anything else is the first page."""
    return text if _OUR_PATH.fullmatch(text) else "/"


def onboarding_of(connection: str) -> str:
    """Give the address of a connection's onboarding."""
    return f"/c/{connection}/onboarding"


def make_link(records: Records, person: Person, now: dt.datetime, then: str = "/") -> str:
    """Make the token of a link for a listed person. It ends the unused links before it."""
    with records.open() as database:
        _end_links(database, "who = ? and connection = ''", person.address, now)
        token = _add_link(database, person.address, ("", ""), our_path(then), now, LINK_LASTS)
        add_action(database, now, person.address, person.role, "link_made")
    return token


def make_integration_link(
    records: Records, served: Served, who: str, now: dt.datetime, lasts: dt.timedelta
) -> str:
    """Make the token of a customer's link. It ends the links before it, and every session of one."""
    if not who or who != printable(who) or len(who) > _LONGEST_NAME:
        raise ConfigError(
            "Say for whom the link is: `--for` with a name or an address of one line, "
            f"up to {_LONGEST_NAME} characters."
        )
    with records.open() as database:
        end_customers(database, served.name, now)
        which = (served.name, served.place)
        token = _add_link(database, who, which, onboarding_of(served.name), now, lasts)
        add_action(database, now, who, "customer", "link_made", served.name)
    return token


def find_link(records: Records, token: str, now: dt.datetime, *, of_customer: bool) -> Link:
    """Tell what a link opens; one of the other kind is as unknown as one that was never made."""
    with records.open() as database:
        return _find_link(database, token, now, of_customer)


def use_link(
    records: Records, staff: Staff, token: str, now: dt.datetime, *, of_customer: bool
) -> tuple[Link, str]:
    """Use a link up; gives it, and the session's token where it was open."""
    with records.open() as database:
        link = _find_link(database, token, now, of_customer)
        if link.state != "open":
            return link, ""
        person = person_of(link.who, link.connection, staff)
        if person is None:
            # Taken off the list since the link was made.
            return Link("expired"), ""
        database.execute(
            "update links set used_at = ? where hash = ?", [now.isoformat(), hashed(token)]
        )
        session = secrets.token_urlsafe(32)
        database.execute("delete from sessions where began_at < ?", [(now - LASTS).isoformat()])
        at = now.isoformat()
        database.execute(
            "insert into sessions values (?, ?, ?, ?, ?, ?)",
            [hashed(session), link.who, link.connection, link.place, at, at],
        )
        for name in person.connection or ("",):
            add_action(database, now, link.who, person.role, "signed_in", name)
        for name in person.connection:
            add_news(database, now, name, "signed_in")
    return link, session


def person_of(who: str, connection: str, staff: Staff) -> Person | None:
    """Give whom a session or link stands for now: who was taken off the list is nobody."""
    return Person(who, "customer", (connection,)) if connection else staff.find(who)


def find_session(records: Records, token: str, now: dt.datetime) -> Session | None:
    """Find the session of a browser's token, if it has not ended."""
    if not token:
        return None
    with records.open() as database:
        row = database.execute("select * from sessions where hash = ?", [hashed(token)]).fetchone()
        if row is None:
            return None
        began_at, seen_at = (dt.datetime.fromisoformat(row[key]) for key in ("began_at", "seen_at"))
        session = Session(
            row["hash"], row["who"], row["connection"], row["place"], began_at, seen_at
        )
        if not session.is_open(now):
            return None
        if now - seen_at >= SEEN_EVERY:
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
        elif person.role == "customer":
            for name in person.connection:
                end_customers(database, name, now)
        else:
            database.execute("delete from sessions where who = ?", [person.address])
            _end_links(database, "who = ?", person.address, now)
        action = "signed_out" if only is not None else "signed_out_everywhere"
        name = "".join(person.connection) if person.role == "customer" else ""
        add_action(database, now, person.address, person.role, action, name)


def end_customers(database: sqlite3.Connection, connection: str, now: dt.datetime) -> None:
    """End the sessions of a connection's integration links, and those that were not used yet."""
    database.execute("delete from sessions where connection = ?", [connection])
    _end_links(database, "connection = ?", connection, now)


def _end_links(database: sqlite3.Connection, whose: str, value: str, now: dt.datetime) -> None:
    at = now.isoformat()
    database.execute(
        f"update links set expires_at = ? where {whose} and used_at is null and expires_at > ?",  # noqa: S608
        [at, value, at],
    )


def _add_link(
    database: sqlite3.Connection,
    who: str,
    which: tuple[str, str],
    then: str,
    now: dt.datetime,
    lasts: dt.timedelta,
) -> str:
    token = secrets.token_urlsafe(32)
    database.execute("delete from links where expires_at < ?", [(now - _KEPT).isoformat()])
    database.execute(
        "insert into links values (?, ?, ?, ?, ?, ?, null)",
        [hashed(token), who, *which, then, (now + lasts).isoformat()],
    )
    return token


def _find_link(
    database: sqlite3.Connection, token: str, now: dt.datetime, of_customer: bool
) -> Link:
    row = database.execute("select * from links where hash = ?", [hashed(token)]).fetchone()
    if row is None or bool(row["connection"]) is not of_customer:
        return Link("unknown")
    state: LinkState = "used"
    if not row["used_at"]:
        state = "open" if dt.datetime.fromisoformat(row["expires_at"]) > now else "expired"
    return Link(state, row["who"], row["connection"], row["place"], row["then_path"])
