"""`people-sync erase`: forget a person, in every file of a store."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from people_sync.commands.options import connection_options, output_option, records_option

if TYPE_CHECKING:
    from people_transforms.privacy.approvers import Called

    from people_sync.commands.store import Store


@click.command("erase", short_help="Take every row of a person out of the store.")
@click.argument("person")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--lift", is_flag=True, help="Let the next run read PERSON again, after a rehire.")
@click.option("--approver", is_flag=True, help="PERSON is a name that stands in approvals.")
@records_option
@click.option("--yes", is_flag=True, help="Don't ask: erased rows can't be brought back.")
@output_option
def command(
    person: str,
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    lift: bool,
    approver: bool,
    records: Path,
    yes: bool,
    output: str,
) -> None:
    """Erase PERSON: raw versions, history, plans, deliveries, findings, refusals and the report.

    PERSON is our id (loket:…:…), or the id or personal number that the HR system shows. A keyed
    pseudonym stays, so that nobody is invited twice and the next run doesn't store the person again,
    and in approvals that the person gave.
    """
    import datetime as dt

    from people_transforms.privacy import erasure
    from people_transforms.privacy.approvers import gather
    from people_transforms.safe_text import printable

    from people_sync.commands.store import find_store, look_at
    from people_sync.explaining.persons import find_hidden, find_person

    found = find_store(connection or file, store)
    if lift:
        _say({"person_id": person, "lifted": erasure.lift(found.paths, person)}, output)
        return
    if approver:
        if not yes:
            click.confirm(f"Erase {printable(person)} from the approvals?", abort=True, err=True)
        there = erasure.erase_approver(found.paths, person)
        there += _forget_at_the_desk(found, person, records)
        _say({"approver": bool(there)}, output)
        return
    with look_at(found) as database:
        # Who takes no part may be kept as a pseudonym only, and still wants to be kept out.
        is_hidden = find_hidden(database, found.paths.work.parent, person)
        person_id = person.strip() if is_hidden else find_person(database, person)
        called = gather(database, person_id)
    if not yes:
        click.confirm(f"Erase {person_id} for good?", abort=True, err=True)
    gone = erasure.erase(found.paths, person_id, dt.datetime.now(dt.UTC))
    _forget_at_the_desk(found, called, records)
    _publish_again(found)
    _say({"person_id": person_id, "rows": gone}, output)


def _forget_at_the_desk(store: Store, called: Called | str, folder: Path) -> int:
    """Whoever signed in, decided or was given a link stands in the desk's records and the onboarding's."""
    from people_transforms.privacy.approvers import is_meant
    from people_transforms.privacy.pseudonyms import load_key

    from people_sync.connection.connection_file import read_connection_file
    from people_sync.connection.found_files import name_of
    from people_sync.desk import forgetting
    from people_sync.desk.onboarding.journey import JourneyFile, forget_person, journey_path
    from people_sync.desk.records import Records, records_file

    def theirs(name: str) -> bool:
        return is_meant(name, called)

    file = read_connection_file(store.connection) if store.connection else None
    lake = store.paths.lake
    name = name_of(file.path) if file else lake.connection_id if lake else ""
    key, count = load_key(store.paths.work.parent), 0
    if file is not None and (path := journey_path(file)).is_file():
        count += JourneyFile(path).change(lambda journey: forget_person(journey, theirs, key))
    if (path := records_file(folder)).is_file():
        count += forgetting.forget_person(Records(path), name, theirs, key)
    return count


def _publish_again(store: Store) -> None:
    """Write the report, its list and the files for an upload again, in the report's own language."""
    from people_transforms.publishing.page import language_of
    from people_transforms.publishing.publish import publish_report
    from people_transforms.publishing.uploads import rewrite_uploads

    from people_sync.commands.store import last_night, look_at

    with look_at(store) as database:
        rewrite_uploads(database, store.report.parent)
        if store.report.is_file():
            publish_report(
                database,
                last_night(database),
                store.report.parent,
                language_of(store.report.read_text("utf-8")),
                store.paths.staging,
            )


def _say(done: dict[str, str | int | bool], output: str) -> None:
    if output == "json":
        click.echo(json.dumps(done))
    elif "rows" in done:
        click.echo(
            f"Erased {done['rows']} rows of {done['person_id']}. Earlier copies of the files, "
            "backups and exports are yours to delete."
        )
    elif "approver" in done:
        click.echo(
            "The name is erased from the approvals; what was approved stays released."
            if done["approver"]
            else "Nobody of this name has approved anything here."
        )
    elif done["lifted"]:
        click.echo("The next run reads this person again.")
    else:
        click.echo("Nobody with this id was erased here; give our id (loket:…:…).")
