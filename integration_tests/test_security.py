"""SECURITY.md and the table of promises: each claim names tests, and every test that it names exists."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from people_transforms.models.purposes import register_frame

ROOT = Path(__file__).parents[1]
TEXT = (ROOT / "SECURITY.md").read_text("utf-8")
PROMISES = (ROOT / "integration_tests" / "README.md").read_text("utf-8").partition("## Promises")[2]
POSITIONS = (
    "With an account at a vendor",
    "With the staging file",
    "With a log",
    "With a report",
    "At the desk",
    "With the mail of an integration link",
)


def claims(text: str) -> list[str]:
    """The rows of the tables, without their headings."""
    rows = [line for line in text.splitlines() if line.startswith("|")]
    below = [n for n, row in enumerate(rows) if set(row) <= set("|- ")]
    return [row for n, row in enumerate(rows) if not {n, n + 1} & set(below)]


def named(row: str) -> list[str]:
    return re.findall(r"`([\w./-]+\.py::\w+)`", row)


@cache
def names_in(path: str) -> set[str]:
    """The names of the tests in a file, read and not run."""
    if not (ROOT / path).is_file():
        return set()
    tree = ast.parse((ROOT / path).read_text("utf-8"))
    return {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    }


def missing(text: str) -> list[str]:
    tests = (test.partition("::") for row in claims(text) for test in named(row))
    return [f"{path}::{name}" for path, _, name in tests if name not in names_in(path)]


@pytest.mark.parametrize("text", [TEXT, PROMISES], ids=["security", "promises"])
def test_every_claim_names_a_test_and_every_test_exists(text: str) -> None:
    assert len(claims(text)) > 25
    assert [row for row in claims(text) if not named(row)] == []
    assert missing(text) == []


@pytest.mark.parametrize(
    "wrong",
    [
        "integration_tests/test_security.py::test_that_nobody_wrote",
        "integration_tests/test_gone.py::test_every_claim",
    ],
)
def test_a_test_that_is_not_there_is_noticed(wrong: str) -> None:
    table = f"| who | may | proved by |\n|---|---|---|\n| a | b | `{wrong}` |\n"
    assert missing(table) == [wrong]
    assert named(claims(table.replace(wrong, "no test"))[0]) == []


def test_a_mistyped_reference_is_noticed_by_its_colons() -> None:
    assert len(re.findall(r"::", TEXT)) == 1 + sum(len(named(row)) for row in claims(TEXT))


def test_each_position_of_an_attacker_has_a_part_and_it_stays_short() -> None:
    assert re.findall(r"^### (.+)$", TEXT, re.MULTILINE) == list(POSITIONS)
    assert len(TEXT.splitlines()) < 150


def test_the_record_of_processing_says_no_more_than_is_proved_here() -> None:
    cells = [cell.strip() for row in claims(TEXT) for cell in row.split("|")]
    for measure in register_frame()["security"]:
        assert any(cell.startswith(measure) for cell in cells), measure
