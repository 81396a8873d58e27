"""`people-sync report`: the report of a run again, in another language, masked, or as JSON."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import click

from people_sync.commands.options import connection_options, output_option


@click.command("report", short_help="The report of a night, as text, page or JSON.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--last", is_flag=True, help="The latest run (the default).")
@click.option("--run", "run_id", help="The report of this run.")
@click.option("--lang", "--language", "language", type=click.Choice(["nl", "cs", "en"]))
@click.option("--masked", is_flag=True, help="Without names and personal values, for support.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write the page to this file (- for standard output).",
)
@output_option
def command(
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    last: bool,
    run_id: str | None,
    language: str | None,
    masked: bool,
    html: Path | None,
    output: str,
) -> None:
    """Show what a run did, as text for a mail, as a page (--html) or as JSON."""
    from people_transforms.publishing.build_report import build_report
    from people_transforms.publishing.page import render_page
    from people_transforms.publishing.publish import publish_text
    from people_transforms.publishing.words import load_words
    from people_transforms.safe_text import as_json

    from people_sync.commands.store import find_store, last_night, look_at
    from people_sync.mail.letter import write_letter

    if last and run_id:
        raise click.UsageError("Use either --last or --run.")
    found = find_store(connection or file, store)
    with look_at(found) as database:
        report = build_report(database, run_id or last_night(database), is_masked=masked)
    words = load_words(language or "en")
    if html is not None:
        page = render_page(report, words, staging_path=found.paths.staging)
        if str(html) == "-":
            click.echo(page)
        else:
            publish_text(html, page)
            click.echo(as_json({"page": str(html)}) if output == "json" else str(html))
    elif output == "json":
        click.echo(as_json(dataclasses.asdict(report)))
    else:
        click.echo(write_letter(report, words, page=found.report, staging=found.paths.staging))
