"""`people-sync lint`: what HR should mend, in words, with what to type instead."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_sync.commands.options import connection_options, output_option

if TYPE_CHECKING:
    from people_transforms.publishing.report import Finding
    from people_transforms.publishing.words import Words


@click.command("lint", short_help="What HR should mend, and what to type instead.")
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@connection_options
@click.option("--language", "--lang", type=click.Choice(["nl", "cs", "en"]), default="en")
@click.option("--names", is_flag=True, help="Show names as well.")
@output_option
def command(
    file: Path | None,
    connection: Path | None,
    store: Path | None,
    language: str,
    names: bool,
    output: str,
) -> None:
    """List the findings of the latest run: what the HR system says and what to type instead."""
    from people_transforms.publishing.build_report import build_report
    from people_transforms.publishing.phrases import words_of
    from people_transforms.publishing.words import load_words
    from people_transforms.safe_text import as_json

    from people_sync.commands.store import find_store, last_run, look_at

    words = load_words(language)
    with look_at(find_store(connection or file, store)) as database:
        report = build_report(database, last_run(database), most_rows=1_000_000)
    rows: list[dict[str, Any]] = []
    for finding in report.findings if names else map(_impersonal, report.findings):
        says, advice = words_of(finding, words)
        row = {
            "severity": finding.severity,
            "code": finding.code,
            "person_id": finding.person_id,
            "employer": finding.employer,
            "field": finding.field,
            "typed_value": finding.typed_value,
            "says": says,
            "what_to_type": advice,
        }
        rows.append({**row, "name": finding.name} if names else row)
    if output == "json":
        click.echo(as_json({"run_id": report.run.run_id, "findings": rows}))
    else:
        _show(rows, names, words)


def _impersonal(finding: Finding) -> Finding:
    """Hide what was typed where it is a name, a number of a person or an address."""
    from people_transforms.privacy.masking import without_names

    typed_value, args = without_names(finding.field, finding.typed_value, finding.args)
    return replace(finding, typed_value=typed_value, args=args)


def _show(rows: list[dict[str, Any]], names: bool, words: Words) -> None:
    """Print what people read in their language; the codes are in the JSON."""
    from people_transforms.safe_text import printable

    for row in rows:
        who = (row.get("name") if names else None) or row["person_id"] or row["employer"]
        about = [who, words.name("severities", row["severity"])]
        click.echo(printable(" · ".join(part for part in about if part)))
        click.echo(f"    {printable(row['says'])}")
        if row["what_to_type"]:
            click.echo(f"    → {printable(row['what_to_type'])}")
    if not rows:
        click.echo(words["findings_none"])
