"""Settings that belong to HR: invitations, import, who gets the morning mail, the report's language."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from people_transforms.errors import NothingYetError
from people_transforms.publishing.formats import LANGUAGES, report_language
from starlette.responses import Response

from people_sync.commands.store import look_at
from people_sync.connection.atomic_file import replace_file
from people_sync.connection.connection_file import ConnectionFile, read_config
from people_sync.connection.run_lock import run_lock
from people_sync.desk.mail_list import read_mail_list, write_mail_list
from people_sync.desk.onboarding.connectors import describe
from people_sync.desk.queries import ask
from people_sync.desk.staff import ADDRESS
from people_sync.desk.visit import Visit

INVITATIONS = ("off", "newcomers", "all_not_yet_invited")
_MOST_ADDRESSES = 20


@dataclass(frozen=True, slots=True)
class Choices:
    """What HR may choose, as it is set now; None where this destination has no such setting."""

    invitations: str | None
    imports: bool | None
    language: str
    addresses: tuple[str, ...] | None


def choices(visit: Visit) -> Response:
    """The page, and its four forms."""
    file = visit.connection.file
    if file is None:
        return visit.show("choices_elsewhere.html.j2")
    if visit.is_post:
        return _change(visit, file)
    return _show(visit, file)


def _show(visit: Visit, file: ConnectionFile, status: int = 200, **asked: Any) -> Response:
    return visit.show(
        "choices.html.j2",
        status,
        chosen=_read(file),
        kinds=INVITATIONS,
        mails=_mails(visit),
        changes=[
            action
            for action in visit.office.records.actions(visit.connection.name, 500)
            if action.action == "setting_changed"
        ][:20],
        asked={"question": "", "problem": "", **asked},
    )


def _read(file: ConnectionFile) -> Choices:
    config = read_config(file.destination.config)
    known = describe(file.destination.name).choices
    return Choices(
        invitations=str(config.get("invitations", "off")) if "invitations" in known else None,
        imports=config.get("import_employees", True) is True
        if "import_employees" in known
        else None,
        language=report_language(config.get("report_language"), config.get("language")),
        addresses=read_mail_list(file.path),
    )


def _mails(visit: Visit) -> int | None:
    """Count the mails that inviting everybody would send; None where nothing was published yet."""
    try:
        with look_at(visit.connection.store) as database:
            return int(ask(database, "not_invited")[0]["mails"])
    except NothingYetError:
        return None


def _change(visit: Visit, file: ConnectionFile) -> Response:
    what, now = visit.value("what"), _read(file)
    if what == "invitations" and now.invitations is not None:
        wanted = visit.value("invitations")
        if wanted not in INVITATIONS:
            return _show(visit, file, 422, problem="choice")
        if wanted != "off" and wanted != now.invitations:
            mails = _mails(visit) if wanted == "all_not_yet_invited" else 0
            if visit.value("sure") != str(mails):
                return _show(visit, file, question=wanted, count=mails)
        return _save(visit, file, {"invitations": wanted})
    if what == "imports" and now.imports is not None:
        wanted = visit.value("imports")
        if wanted not in ("on", "off"):
            return _show(visit, file, 422, problem="choice")
        if wanted == "off" and now.imports and not visit.value("sure"):
            return _show(visit, file, question="imports_off")
        return _save(visit, file, {"import_employees": wanted == "on"})
    if what == "language":
        language = visit.value("language")
        if language not in LANGUAGES:
            return _show(visit, file, 422, problem="choice")
        return _save(visit, file, {"report_language": language})
    if what == "addresses" and now.addresses is not None:
        return _save_addresses(visit, file)
    return _show(visit, file, 422, problem="choice")


def _save(visit: Visit, file: ConnectionFile, changes: Mapping[str, Any]) -> Response:
    """Write settings into the destination's configuration while no run reads it."""
    with run_lock(file.state):
        config = read_config(file.destination.config)
        before = {name: config.get(name) for name in changes}
        config |= changes
        text = json.dumps(config, indent=2, ensure_ascii=False) + "\n"
        replace_file(file.destination.config, text.encode())
    for name, value in changes.items():
        visit.note("setting_changed", setting=name, before=before[name], after=value)
    return visit.go(f"{visit.home}/settings")


def _save_addresses(visit: Visit, file: ConnectionFile) -> Response:
    typed = re.split(r"[\s,;]+", visit.value("addresses"))
    addresses = tuple(dict.fromkeys(one for one in typed if one))
    are_right = all(re.fullmatch(ADDRESS, one) for one in addresses)
    if not addresses or not are_right or len(addresses) > _MOST_ADDRESSES:
        return _show(visit, file, 422, problem="addresses")
    with run_lock(file.state):
        write_mail_list(file.path, addresses)
    visit.note("setting_changed", setting="alarms.email.to", after=len(addresses))
    return visit.go(f"{visit.home}/settings")
