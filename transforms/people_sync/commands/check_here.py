"""What `people-sync check` can tell of this machine: the store, the clock, the alarms."""

from __future__ import annotations

import datetime as dt

from people_transforms.errors import SyncError
from people_transforms.store.lasting import WILL_NOT_LAST, goes_away

from people_sync.commands.check import FINE, LOOK, WRONG, Finding
from people_sync.commands.pulse import read_pulse
from people_sync.commands.store import store_of
from people_sync.connection.connection_file import ConnectionFile, read_config


def check_store(file: ConnectionFile) -> list[Finding]:
    """Say where the store is, whether it lasts, which day it is there, and what ran before."""
    try:
        store = store_of(file.path)
    except SyncError as error:
        return [Finding("store", WRONG, str(error))]
    found = []
    if store.paths.lake is not None:
        found.append(Finding("store", FINE, "a lake that other connections may share."))
    elif goes_away(store.paths.folder):
        found.append(Finding("store", LOOK, WILL_NOT_LAST))
    else:
        found.append(Finding("store", FINE, f"{store.paths.folder}"))
    now = dt.datetime.now(dt.UTC)
    pulse = read_pulse(store)
    last = pulse.last_run
    if pulse.trouble:
        found.append(Finding("last run", LOOK, pulse.trouble))
    if last is not None and last > now + dt.timedelta(minutes=5):
        found.append(
            Finding("clock", WRONG, f"this machine says {now:%Y-%m-%d %H:%M} UTC, and the last run "
            f"was at {last:%Y-%m-%d %H:%M}: set the clock.")
        )  # fmt: skip
    elif last is not None:
        found.append(Finding("last run", FINE, f"{last:%Y-%m-%d %H:%M} UTC."))
    as_of = read_config(file.destination.config).get("as_of")
    if as_of and as_of != now.date().isoformat():
        found.append(
            Finding("day", LOOK, f"{file.destination.config.name}: `as_of` makes every night the "
            "same day. It is for tests: take it out before real people depend on it.")
        )  # fmt: skip
    return found


def check_alarms(file: ConnectionFile, *, tell: bool) -> list[Finding]:
    """Say who is told of a held or failed night; with `tell`, send them a test."""
    if not file.alarms:
        text = f"nobody is told of a held or failed night. Add `alarms` to {file.path.name}."
        return [Finding("alarms", LOOK, text)]
    if not tell:
        return [Finding("alarms", FINE, "configured; --tell sends a test.")]
    from people_sync.mail.alarms import tell as send

    message = {
        "event": "test",
        "connection": file.path.stem,
        "text": "This is a test of the alarms of people-sync. Nothing has to be done.",
    }
    try:
        send(file.alarms, message, file.folder)
    except SyncError as error:
        return [Finding("alarms", WRONG, str(error))]
    return [Finding("alarms", FINE, "a test was sent and taken.")]
