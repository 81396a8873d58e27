"""`people-sync init`: the three files of a connection, with a comment at each value to fill in."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from people_sync.commands.options import output_option

if TYPE_CHECKING:
    from people_sync.connection.connection_file import Connector

USUAL_SANDBOX = "http://127.0.0.1:8765"


@click.command("init", short_help="Write the three files of a connection, with comments.")
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--pair",
    required=True,
    metavar="HR-PLATFORM",
    help="Such as loket-alleo, alveno-lunchdrive, loket-lunchdrive or alveno-alleo.",
)
@click.option(
    "--sandbox",
    is_flag=False,
    flag_value=USUAL_SANDBOX,
    metavar="[URL]",
    help=f"Fill in the values of a sandbox that runs on this machine; its URL, else {USUAL_SANDBOX}.",
)
@click.option("--force", is_flag=True, help="Replace files that are there.")
@output_option
def command(folder: Path, pair: str, sandbox: str | None, force: bool, output: str) -> None:
    """Write connection.yaml and a commented configuration for either end into FOLDER."""
    from people_transforms.safe_text import as_json

    from people_sync.connection.atomic_file import replace_file

    files = make_files(folder.absolute(), pair, sandbox)
    _refuse_to_replace(files, force)
    for path, text in files.items():
        replace_file(path, text.encode())
    names = [path.name for path in files]
    here = "" if folder == Path() else f"cd {folder} && "
    following = f"{here}people-sync check"
    if sandbox is None:
        following = f"fill in what is empty in {' and '.join(names[1:])}, then {following}"
    if output == "json":
        click.echo(as_json({"files": [str(path) for path in files], "next": following}))
    else:
        click.echo(f"Written: {', '.join(names)}.\nNext: {following}")


def make_files(folder: Path, pair: str, sandbox: str | None) -> dict[Path, str]:
    """Make the texts of the three files; raises ConfigError where the pair is not installed."""
    source, vendor = _ends_of(pair)
    ends = [_end(folder, "source", source), _end(folder, "destination", vendor)]
    texts = {folder / "connection.yaml": _CONNECTION.format(source=source, vendor=vendor)}
    for end in ends:
        values = _sandbox_values(sandbox, end.name, source) if sandbox else {}
        texts[end.config] = _config_text(end, source, values)
    return texts


def _ends_of(pair: str) -> tuple[str, str]:
    from people_transforms.errors import ConfigError

    source, _, vendor = pair.strip().lower().replace("→", "-").partition("-")
    if not source or not vendor:
        raise ConfigError("`--pair` names both ends with a hyphen between, such as loket-alleo.")
    return source, vendor


def _end(folder: Path, kind: str, name: str) -> Connector:
    from people_transforms.errors import ConfigError

    from people_sync.connection.connection_file import Connector

    program = Path(sys.executable).parent / f"{kind}-{name}"
    if not program.is_file():
        there = sorted(
            path.name.removeprefix(f"{kind}-") for path in program.parent.glob(f"{kind}-*")
        )
        raise ConfigError(
            f"`--pair`: there is no {kind}-{printable_name(name)} beside this program. "
            f"There {'is' if len(there) == 1 else 'are'}: {', '.join(there) or 'none'}.",
        )
    return Connector(program.name, program, folder / f"{name}.json")


def printable_name(name: str) -> str:
    """Show a name that was typed, or say that it is none."""
    return name if name.isidentifier() else "connector of that name"


def _refuse_to_replace(files: Mapping[Path, str], force: bool) -> None:
    from people_transforms.errors import ConfigError

    there = [path.name for path in files if path.exists()]
    if there and not force:
        raise ConfigError(
            f"{', '.join(there)}: there already. Choose another folder, or add --force to replace.",
        )


def _sandbox_values(url: str, connector: str, source: str) -> dict[str, Any]:
    """Ask a sandbox for a configuration that works against it."""
    import urllib.request

    from people_transforms.errors import ConfigError

    if not url.startswith(("http://127.0.0.1:", "http://localhost:")):
        raise ConfigError(f"`--sandbox` is a URL of this machine, such as {USUAL_SANDBOX}.")
    address = f"{url.rstrip('/')}/control/config/{connector}?variant={source}"
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:
            found = json.loads(answer.read())
    except (OSError, ValueError):
        raise ConfigError(
            "No sandbox answers there. Start one in another terminal: "
            "people-sync sandbox --port 8765",
            url=url,
        ) from None
    return found if isinstance(found, dict) else {}


def _config_text(end: Connector, source: str, values: Mapping[str, Any]) -> str:
    from people_transforms.errors import ConfigError

    from people_sync.commands.quick_check import spec_of

    spec = spec_of(end)
    if spec is None:
        raise ConfigError("This connector does not tell its settings.", connector=end.name)
    usual = spec["properties"].get("source_system", {}).get("default")
    chosen = dict(values)
    if usual is not None and usual != source:
        chosen["source_system"] = source
    head = (
        f"Settings of {end.name}. Keys that begin with __ are comments and can go. All settings "
        f"are in the documentation and in `{end.name} spec`."
    )
    filled = _filled(spec, chosen)
    return json.dumps({"__": head, **filled}, indent=2, ensure_ascii=False) + "\n"


def _filled(spec: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """Give each setting that a person has to look at, with its comment before it."""
    required = spec.get("required", ())
    found: dict[str, Any] = {}
    for name, one in spec["properties"].items():
        if one.get("airbyte_hidden") and name not in values:
            continue
        if not (name in required or name in values or one.get("always_show")):
            continue
        found[f"__{name}"] = f"{one['title']}. {one['description']}"
        if one.get("properties"):
            found[name] = _filled(one, values.get(name) or {})
        else:
            found[name] = values.get(name, one.get("default", _empty(one)))
    return found


def _empty(schema: Mapping[str, Any]) -> Any:
    """Give a value to be filled in: refused while it stays empty, where it is required."""
    kinds = schema.get("type", "string")
    if "null" in kinds:
        return None
    return {"array": [], "object": {}}.get(kinds, "")


_CONNECTION = """\
# A connection: who is read, who follows, and what was seen. Paths start at this file's folder.
source: {{connector: source-{source}, config: {source}.json}}
destination: {{connector: destination-{vendor}, config: {vendor}.json}}

# Where the source goes on tomorrow. Written by each run.
state: .people-sync/state.json

# All lists that the source offers, or those you name: [employers, employees, employments].
streams: all

# Who is told when a night is held or fails. No alarm names a person.
# alarms:
#   webhook: https://hooks.example.com/people-sync
#   email: {{to: support@example.com, from: sync@example.com, server: mail.example.com}}
"""
