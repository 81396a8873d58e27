"""The documentation says what is: its commands exist, its links lead somewhere, it builds without a warning."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
import yaml
from people_sync.cli import build

from .workspace import CONNECTORS

ROOT = Path(__file__).parents[1]
PAGES = sorted([*ROOT.glob("docs/pages/**/*.md"), *ROOT.glob("*.md"), *ROOT.glob("*/README.md")])
_BLOCK = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`((?:people-sync|make) [^`]+)`")
_LINK = re.compile(r"(?<!!)\[[^\]]+\]\(([^)#\s]+)[^)]*\)")


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each call of `people-sync` or `make` on a page."""
    text = page.read_text("utf-8")
    lines = [
        line
        for kind, block in _BLOCK.findall(text)
        if kind != "yaml"
        for line in block.splitlines()
    ]
    lines += [found.replace("\n", " ") for found in _INLINE.findall(text)]
    for line in lines:
        for part in re.split(r"&& |; | \| ", line):
            found = re.search(
                r"(?:^|[/\s=])((?:people-sync|make)\s+\S.*)", part.partition("  #")[0]
            )
            if found and not part.startswith("#"):
                yield shlex.split(re.sub(r"[…&]|>>.*", "", found[1]), posix=True)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_command_on_a_page_exists_with_its_options(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    group = build()
    for program, *words in commands(page):
        if program == "make":
            named = {word for word in words if "=" not in word and word.islower()}
            assert named <= targets, (words, page)
            continue
        name = next((word for word in words if not word.startswith("-")), None)
        if name is None or name.isupper():
            assert set(words) <= {"--version", "--help", "COMMAND", "-h"}, words
            continue
        command = group.get_command(click.Context(group), name)
        assert command is not None, (page, words)
        known = {option for one in command.params for option in (*one.opts, *one.secondary_opts)}
        if any(
            isinstance(one, click.Argument) and one.type is click.UNPROCESSED
            for one in command.params
        ):
            continue  # of another package, with options of its own
        asked = {word.partition("=")[0] for word in words if word.startswith("-") and len(word) > 1}
        assert asked <= known | {"--help"}, (page, words)


def test_the_check_of_commands_finds_some_and_would_find_a_wrong_one() -> None:
    found = [words for page in PAGES for words in commands(page)]
    assert len(found) > 60
    assert ["people-sync", "run"] in found
    group = build()
    assert group.get_command(click.Context(group), "rnu") is None


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_each_link_leads_to_a_file(page: Path) -> None:
    """The pages' links among each other are MkDocs' to check; generated ones are only there."""
    for link in _LINK.findall(page.read_text("utf-8")):
        if "://" in link or link.startswith(("mailto:", "reference/")):
            continue
        assert (page.parent / link).exists(), (page, link)


@pytest.mark.parametrize("connector", CONNECTORS)
def test_the_address_of_the_documentation_is_a_page_of_it(connector: str) -> None:
    site = yaml.safe_load((ROOT / "docs" / "mkdocs.yml").read_text())["site_url"]
    metadata = yaml.safe_load((ROOT / connector / "metadata.yaml").read_text())["data"]
    assert metadata["documentationUrl"] == f"{site}connectors/{connector}/"
    package = ROOT / connector / connector.replace("-", "_")
    if (package / "spec.json").is_file():
        told = json.loads((package / "spec.json").read_text())["documentationUrl"]
    else:
        told = yaml.safe_load((package / "manifest.yaml").read_text())["spec"]["documentation_url"]
    assert told == metadata["documentationUrl"]
    page = (ROOT / "docs" / "pages" / "connectors" / f"{connector}.md").read_text()
    # The order of Airbyte's own pages.
    assert re.findall(r"^## (.+)$", page, re.MULTILINE) == [
        "Prerequisites",
        "Setup guide",
        "Supported sync modes",
        "Supported streams",
        "Settings",
        "Limitations and troubleshooting",
        "Changelog",
    ]


@pytest.mark.long
def test_the_documentation_builds_without_a_warning(tmp_path: Path) -> None:
    """A process of its own, as `make docs` starts it: MkDocs changes the logging of whoever calls it."""
    mkdocs = Path(sys.executable).parent / "mkdocs"
    built = subprocess.run(
        [mkdocs, "build", "--strict", "-f", ROOT / "docs" / "mkdocs.yml", "-d", tmp_path / "site"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    assert "WARNING" not in built.stderr
    for page, text in {
        "reference/settings": "brakes.removals.share",
        "reference/commands": "people-sync undo",
        "reference/findings.cs": "Co čeká",
        "reference/tables": "sync.plan",
        "reference/queries": "from report.budgets",
        "connectors/source-loket": "GetEmployersByUserId",
    }.items():
        assert text in (tmp_path / "site" / page / "index.html").read_text("utf-8"), page
