"""MkDocs' hook: the pages and tables that the code itself knows, made when the site is built.

Settings come from the specs, tables and columns from their comments, findings, reasons and holds from the
message files, commands from click. A page asks for a part with `{{ settings destination-alleo }}`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import click
import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from people_sync.cli import GROUPS
from people_sync.register import table_comments
from people_sync.table_pages import SCHEMAS
from people_transforms.models.contracts import raw_streams, source_systems
from people_transforms.models.vendors import vendors
from people_transforms.planning.holds import RELEASABLE
from people_transforms.publishing.words import LANGUAGES, Words, load_words
from people_transforms.shared_spec import with_sources

ROOT = Path(__file__).resolve().parents[1]
CONNECTORS = sorted(
    (path.parent.name for path in ROOT.glob("*/metadata.yaml")),
    key=lambda name: (name[0] == "d", name),
)
_PART = re.compile(r"^\{\{ (\w+) (.+?) \}\}$", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """List the connectors that there are under their title in the navigation."""
    for entry in config.nav or []:
        if isinstance(entry, dict) and "Connectors" in entry:
            entry["Connectors"] = [{_title(one): f"connectors/{one}.md"} for one in CONNECTORS]
    return config


def _title(connector: str) -> str:
    metadata = yaml.safe_load((ROOT / connector / "metadata.yaml").read_text("utf-8"))
    return str(metadata["data"]["name"])


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages of the reference."""
    made = {
        "reference/commands.md": commands(),
        "reference/settings.md": all_settings(),
        "reference/queries.md": queries(),
        "reference/tables.md": tables(),
        **{f"reference/findings.{code}.md": findings(load_words(code)) for code in LANGUAGES},
    }
    for path, text in made.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: object) -> str:
    """Put the parts in that a page asks for."""
    return _PART.sub(lambda found: _PARTS[found[1]](found[2]), markdown)


def commands() -> str:
    """Every command with its help, in the groups of `people-sync --help`."""
    lines = ["# Commands", "", "As `people-sync COMMAND --help` says it.", ""]
    for title, group in GROUPS.items():
        lines += [f"## {title}", ""]
        for command in group:
            lines += _command(command)
    return "\n".join(lines)


def _command(command: click.Command) -> Iterator[str]:
    context = click.Context(command, info_name=f"people-sync {command.name}", max_content_width=88)
    yield f"### {command.name}"
    yield ""
    yield "```text"
    yield command.get_help(context)
    yield "```"
    yield ""


def all_settings() -> str:
    """The settings of all connectors on one page, to be searched."""
    lines = ["# Settings", ""]
    lines.append(
        "Of a setting inside another the place is given with a dot: `brakes.removals.share`."
    )
    for connector in CONNECTORS:
        lines += ["", f"## {connector}", "", settings(connector)]
    return "\n".join(lines)


def settings(connector: str) -> str:
    """The table of one connector's settings."""
    rows = ["| setting | default | meaning |", "|---|---|---|"]
    rows += [
        f"| `{place}` | {_default(one)} | **{_cell(one['title'])}.** {_cell(one['description'])}"
        f"{_words(one)} |"
        for place, one in _settings(_spec(connector), "")
    ]
    return "\n".join(rows)


def _spec(connector: str) -> Mapping[str, Any]:
    folder = ROOT / connector / connector.replace("-", "_")
    if (folder / "spec.json").is_file():
        said = json.loads((folder / "spec.json").read_text("utf-8"))
        return with_sources(said["connectionSpecification"])
    manifest = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
    spec: Mapping[str, Any] = manifest["spec"]["connection_specification"]
    return spec


def _settings(schema: Mapping[str, Any], place: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, one in schema["properties"].items():
        required = {"required": True} if name in schema.get("required", ()) else {}
        yield f"{place}{name}", {**one, **required}
        for inside in (one, one.get("items", {}), *one.get("oneOf", ())):
            if isinstance(inside, dict) and "properties" in inside:
                yield from _settings(inside, f"{place}{name}.")


def _default(one: Mapping[str, Any]) -> str:
    if one.get("required") is True:
        return "required"
    return f"`{json.dumps(one['default'], ensure_ascii=False)}`" if "default" in one else ""


def _words(one: Mapping[str, Any]) -> str:
    said = ", ".join(f"`{word}`" for word in one.get("enum", ()))
    return f" One of {said}." if said else ""


def streams(connector: str) -> str:
    """The streams that a source offers, how each is read, and what of it is stored."""
    source = connector.removeprefix("source-")
    rows = ["| stream | sync mode | what it is, and what is stored of it |", "|---|---|---|"]
    for name, stream in raw_streams(source).items():
        stored = ", ".join(f"`{column.name}`" for column in stream.columns)
        rows.append(f"| `{name}` | full refresh | {_cell(stream.description)} Stored: {stored}. |")
    return "\n".join(rows)


def changelog(package: str) -> str:
    """A package's changelog without its title."""
    parts = (ROOT / package / "CHANGELOG.md").read_text("utf-8").split("\n## ")[1:]
    return "\n".join(f"### {package} {part}" for part in parts)


def section(place: str) -> str:
    """What a connector's README says under a title: `destination-alleo What can go wrong`."""
    package, _, title = place.partition(" ")
    text = (ROOT / package / "README.md").read_text("utf-8")
    return (
        text.partition(f"\n## {title}\n")[2]
        .partition("\n## ")[0]
        .replace("\n### ", "\n#### ")
        .strip()
    )


def findings(words: Words) -> str:
    """Every finding, reason, hold and refusal in one language, with what to do."""
    title = {
        "en": "Findings, reasons and holds",
        "nl": "Meldingen, redenen en wat wacht",
        "cs": "Nálezy, důvody a co čeká",
    }
    heads = {
        "en": (
            "Findings",
            "Reasons",
            "What is held",
            "Refusals",
            "what it says",
            "what to do",
            "an approval releases it",
            "it ends by itself",
        ),
        "nl": (
            "Meldingen",
            "Redenen",
            "Wat wacht",
            "Geweigerd",
            "wat er staat",
            "wat te doen",
            "een goedkeuring geeft het vrij",
            "het eindigt vanzelf",
        ),
        "cs": (
            "Nálezy",
            "Důvody",
            "Co čeká",
            "Odmítnuto",
            "co se píše",
            "co udělat",
            "uvolní to schválení",
            "skončí to samo",
        ),
    }[words.code]
    says, todo, approval, itself = heads[4:]
    systems = words.systems("loket", "alleo")
    lines = [
        f"# {title[words.code]}",
        "",
        f"## {heads[0]}",
        "",
        f"| | {says} | {todo} |",
        "|---|---|---|",
    ]
    for code in words.messages["findings"]:
        said, typed = words.finding(code, _Gaps(systems))
        lines.append(f"| `{code}` | {_cell(said)} | {_cell(typed)} |")
    lines += ["", f"## {heads[1]}", "", f"| | {says} |", "|---|---|"]
    lines += [
        f"| `{code}` | {_cell(words.reason(code, _Gaps(systems)))} |"
        for code in words.messages["reasons"]
    ]
    lines += ["", f"## {heads[2]}", "", f"| | {says} | |", "|---|---|---|"]
    lines += [
        f"| `{code}` | {_cell(words.said(str(text), _Gaps(systems)))} | {approval if code in RELEASABLE else itself} |"
        for code, text in words["holds"].items()
    ]
    lines += ["", f"## {heads[3]}", "", f"| | {says} | {todo} |", "|---|---|---|"]
    for code in words.messages["refusals"]:
        said, typed = words.refusal(code, 1, _Gaps(systems))
        lines.append(f"| `{code}` | {_cell(said)} | {_cell(typed)} |")
    return "\n".join(lines)


class _Gaps(dict[str, str]):
    """The names of the systems, and `…` for whatever else a text asks for."""

    def get(self, key: str, default: object = None) -> str:  # type: ignore[override]
        return super().get(key) or "…"


def tables() -> str:
    """Every table and column of the analysts' file with its comment."""
    lines = [
        "# Tables",
        "",
        "Of the staging file `staging.duckdb`; in a lake each begins with `connection_id`.",
    ]
    comments: dict[str, tuple[str | None, dict[str, str | None]]] = {}
    for source in source_systems():
        for vendor in vendors():
            comments |= table_comments(source, vendor)
    for schema in SCHEMAS:
        lines += ["", f"## {schema}"]
        for table, (about, columns) in sorted(comments.items()):
            if table.startswith(f"{schema}."):
                lines += [
                    "",
                    f"### {table}",
                    "",
                    _cell(about),
                    "",
                    "| column | what it is |",
                    "|---|---|",
                ]
                lines += [f"| `{name}` | {_cell(said)} |" for name, said in columns.items()]
    return "\n".join(lines)


def queries() -> str:
    """The ready queries of `people-sync sql`, with their text."""
    folder = ROOT / "transforms" / "people_sync" / "queries"
    lines = [
        "# Ready queries",
        "",
        "`people-sync sql NAME` asks them; `--output json` gives rows for programs,",
        "`--where name=novak` narrows them, `--lang cs` says reasons in that language.",
        "",
    ]
    for path in sorted(folder.glob("*.sql")):
        lines += [f"## {path.stem}", "", "```sql", path.read_text("utf-8").strip(), "```", ""]
    return "\n".join(lines)


def included(name: str) -> str:
    """A file of the repository's root, without its title; its links lead to files that no page is."""
    text = (ROOT / name).read_text("utf-8").partition("\n")[2]
    return re.sub(r"\[([^\]]+)\]\((?!https?:)[^)]+\)", r"\1", text)


def _cell(text: str | None) -> str:
    return (
        (text or "")
        .replace("|", "\\|")
        .replace("\n", " ")
        .replace("{", "&#123;")
        .replace("<", "&lt;")
    )


_PARTS: dict[str, Callable[[str], str]] = {
    "settings": settings,
    "streams": streams,
    "changelog": changelog,
    "section": section,
    "included": included,
}
