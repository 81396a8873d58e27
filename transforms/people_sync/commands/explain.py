"""`people-sync explain`: why one person is in or out, in a sentence, with days and the chain."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_sync.commands.options import connection_options, output_option

if TYPE_CHECKING:
    import datetime as dt

    import duckdb
    from people_transforms.publishing.words import Words

    from people_sync.commands.store import Store
    from people_sync.explaining.persons import Person
    from people_sync.explaining.story import Story

_MOST_LISTED = 20
_CHAIN = ("findings", "decision", "calls", "refusals", "accounts_now")


@click.command("explain", short_help="Why one person is in or out, from HR's value to the call.")
@click.argument("person")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--on", "day", metavar="DATE", help="As it was decided on this day (YYYY-MM-DD).")
@click.option("--names", is_flag=True, help="Show names, e-mail addresses and birth dates as well.")
@click.option("--raw", is_flag=True, help="Show the values that HR had as well.")
@click.option(
    "--language", "--lang", type=click.Choice(["nl", "cs", "en"]), default="en", show_default=True
)
@output_option
def command(
    person: str,
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    day: str | None,
    names: bool,
    raw: bool,
    language: str,
    output: str,
) -> None:
    """Explain why PERSON is in or out: a sentence, what to do, what happened, how it was decided.

    PERSON is a name, an e-mail address, the personal number or id that the HR system shows, or our
    id (loket:…:…). Who was asked for by name is answered by name.
    """
    from people_transforms.publishing.words import load_words

    from people_sync.commands.store import find_store, last_run, look_at
    from people_sync.explaining.persons import find_hidden, find_persons, nearest_names
    from people_sync.explaining.story import tell_story

    if not person.strip():
        raise click.BadParameter("say whom: a name, an address, a number or an id")
    words = load_words(language)
    found = find_store(connection or file, store)
    with look_at(found) as database:
        run = last_run(database, _checked_day(day))
        hidden = find_hidden(database, found.paths.work.parent, person)
        _say_erased(words, _erased_on(database, found, person), output)
        people = [] if hidden else find_persons(database, person)
        if not people and not hidden:
            _say_nobody(words, nearest_names(database, person), output)
        if len(people) > 1:
            _list(people, words, names, output)
            return
        name = people[0].name if people and (names or people[0].by_name) else None
        person_id = hidden or people[0].person_id
        story = tell_story(database, person_id, run, words, name=name)
    _answer(story, words, names=names, raw=raw, output=output)


def _say_nobody(words: Words, nearest: list[str], output: str) -> None:
    said = words["story"]
    lines = [words.said(said["nobody"], {})]
    if nearest:
        lines.append(words.said(said["nearest"], {"names": ", ".join(nearest)}))
    from people_transforms.safe_text import as_json, printable

    click.echo(printable(" ".join(lines)), err=True)
    if output == "json":
        click.echo(as_json({"people": [], "nearest": nearest}))
    raise click.exceptions.Exit(1)


def _say_erased(words: Words, day: dt.date | None, output: str) -> None:
    if day is None:
        return
    from people_transforms.safe_text import as_json

    click.echo(words.said(words["story"]["erased"], {"on": words.day(day)}), err=True)
    if output == "json":
        click.echo(as_json({"people": [], "erased_on": day}))
    raise click.exceptions.Exit(1)


def _list(people: list[Person], words: Words, names: bool, output: str) -> None:
    from people_transforms.safe_text import as_json, printable

    rows = [
        {**dataclasses.asdict(one), "name": one.name if names or one.by_name else None}
        for one in people
    ]
    if output == "json":
        click.echo(as_json({"people": rows}))
        return
    click.echo(words.said(words["story"]["several"], {"n": len(rows)}))
    for row in rows[:_MOST_LISTED]:
        told = (row["name"], row["number"], row["employer"], row["person_id"])
        click.echo(printable("  " + "  ".join(str(value) for value in told if value)))
    if len(rows) > _MOST_LISTED:
        click.echo(f"  {words.say('left_out_here', n=len(rows) - _MOST_LISTED)}")


def _erased_on(database: duckdb.DuckDBPyConnection, store: Store, text: str) -> dt.date | None:
    """Tell when whoever had an id was erased; after `find_hidden`, which looks for the key."""
    from people_transforms.privacy import forgotten, pseudonyms

    return (
        forgotten.erased_on(database, text) if pseudonyms.has_key(store.paths.work.parent) else None
    )


def _answer(story: Story, words: Words, *, names: bool, raw: bool, output: str) -> None:
    from people_transforms.safe_text import as_json, printable

    from people_sync.explaining.traces import without_anybody

    chain: Any = story.chain if names else without_anybody(dict(story.chain))
    if output == "json":
        told = {**dataclasses.asdict(dataclasses.replace(story, chain={})), **chain}
        del told["chain"]
        click.echo(as_json(told))
        return
    click.echo(printable(" ".join(part for part in (story.sentence, story.advice) if part)))
    click.echo(f"\n{words['story']['timeline']}")
    for event in story.events:
        click.echo(printable(f"  {words.day(event.day):<18}  {event.text}"))
    click.echo(f"\n{words['story']['chain']}")
    click.echo(printable(f"  {story.person_id} · {story.run_id}"))
    for table, rows in chain["raw"].items() if raw else ():
        _show_part(f"raw.{table}", rows)
    for table, rows in chain["models"].items():
        _show_part(table, rows)
    for part in _CHAIN:
        _show_part(part, chain[part])


def _show_part(title: str, rows: Iterable[dict[str, Any]]) -> None:
    from people_transforms.safe_text import printable

    for row in rows:
        listed = ", ".join(
            f"{name}={printable(str(value))}"
            for name, value in row.items()
            if value is not None and value != []
        )
        click.echo(f"  {title}: {listed}")


def _checked_day(text: str | None) -> str | None:
    from people_transforms.settings import parse_day

    if text is None:
        return None
    try:
        return parse_day(text).isoformat()
    except ValueError:
        raise click.BadParameter("use a day such as 2026-03-02", param_hint="--on") from None
