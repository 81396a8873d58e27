"""The tables of the desk's records, and how those of an earlier release are brought up to date."""

from __future__ import annotations

import sqlite3

_TABLES = """
create table if not exists links (
    hash text primary key, who text not null, connection text not null, place text not null,
    then_path text not null, expires_at text not null, used_at text
);
create table if not exists sessions (
    hash text primary key, who text not null, connection text not null, place text not null,
    began_at text not null, seen_at text not null
);
create table if not exists consents (
    hash text primary key, session text not null, connection text not null,
    verifier text not null, expires_at text not null
);
create table if not exists audit (
    id integer primary key, at text not null, who text not null, role text not null,
    connection text not null, action text not null, facts text not null
);
create table if not exists decisions (
    id integer primary key, connection text not null, kind text not null, run_id text not null,
    plan_hash text not null, rows text not null, note text not null, who text not null,
    at text not null, state text not null
);
create table if not exists news (
    id integer primary key, connection text not null, at text not null, event text not null,
    facts text not null default '{}'
);
create table if not exists ignored (
    id integer primary key, connection text not null, cause text not null, until_on text not null,
    reason text not null, who text not null, at text not null, ended_at text
);
"""
# What an earlier release kept: its links and sessions are made anew, everything else stays.
_FROM_VERSION_1 = """
drop table links;
drop table sessions;
alter table news add column facts text not null default '{}';
"""
_VERSION = 2


def make_tables(database: sqlite3.Connection) -> None:
    """Make the tables of a new file, or bring those of an earlier release up to date; once."""
    if _version(database) == _VERSION:
        return
    database.execute("pragma journal_mode = wal")
    database.execute("begin immediate")
    # Another process may have been first.
    if (version := _version(database)) < _VERSION:
        script = _FROM_VERSION_1 + _TABLES if version else _TABLES
        for statement in filter(str.strip, script.split(";")):
            database.execute(statement)
        database.execute(f"pragma user_version = {_VERSION}")
    database.execute("commit")


def _version(database: sqlite3.Connection) -> int:
    return int(database.execute("pragma user_version").fetchone()[0])
