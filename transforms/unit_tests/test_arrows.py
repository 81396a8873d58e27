"""Which module may import which (DESIGN section 3): the arrows point one way, and never in a circle."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

TRANSFORMS = Path(__file__).parents[1]
ENGINE = TRANSFORMS / "people_transforms"
PROGRAM = TRANSFORMS / "people_sync"
CONNECTOR = TRANSFORMS.parent / "connector" / "people_connector"
# What the extra `people-sync` brings; a destination's image has none of it.
OF_PROGRAM = {"people_sync", "click", "rich", "starlette", "uvicorn", "limits"}
MAY_KNOW_AIRBYTE = {"airbyte.py"}


def modules(package: Path) -> dict[str, Path]:
    found = {}
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imported(tree: ast.AST, *, later: bool) -> Iterator[tuple[str, list[str]]]:
    """Give what is imported; `later` also inside functions. What only a type checker reads is left out."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, []) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or "", [alias.name for alias in node.names]
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        elif later or not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)):
            yield from imported(node, later=later)


def names_of(path: Path, *, later: bool = True) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {
        name
        for module, names in imported(tree, later=later)
        for name in (module, *(f"{module}.{each}" for each in names))
    }


def test_the_engine_knows_neither_the_program_nor_what_only_the_program_needs() -> None:
    wrong = {
        str(path.relative_to(TRANSFORMS)): found
        for path in modules(ENGINE).values()
        if (found := {name.split(".")[0] for name in names_of(path)} & OF_PROGRAM)
    }
    assert wrong == {}


def test_only_the_modules_for_airbyte_import_its_cdk() -> None:
    knowing = {
        str(path.relative_to(ENGINE))
        for path in modules(ENGINE).values()
        if "airbyte_cdk" in {name.split(".")[0] for name in names_of(path)}
    }
    assert knowing == MAY_KNOW_AIRBYTE


def test_what_every_connector_needs_knows_nothing_of_ours() -> None:
    """And of Airbyte only where it says so: the program and the engine start without the CDK."""
    knowing = {}
    for path in modules(CONNECTOR).values():
        found = {name.split(".")[0] for name in names_of(path)}
        assert not {one for one in found if one.startswith(("people_", "source_"))} - {
            CONNECTOR.name
        }
        knowing[path.stem] = "airbyte_cdk" in found
    without = {"__init__", "own_words", "quick_start", "surroundings", "uncut"}
    assert {name for name, knows in knowing.items() if not knows} == without
    for name in without:
        asked = {one.split(".")[-1] for one in names_of(CONNECTOR / f"{name}.py")}
        assert not asked & (knowing.keys() - without), name


def test_a_destination_reaches_only_the_engine_and_a_source_neither() -> None:
    for connector in TRANSFORMS.parent.glob("*-*/*_*/"):
        if not connector.name.startswith(("source_", "destination_")):
            continue
        allowed = {"people_transforms"} if connector.name.startswith("destination_") else set()
        for path in modules(connector).values():
            ours = {name.split(".")[0] for name in names_of(path)} & {
                "people_sync",
                "people_transforms",
            }
            assert ours <= allowed, path


@pytest.mark.parametrize("package", [ENGINE, PROGRAM, CONNECTOR], ids=lambda package: package.name)
def test_no_module_needs_itself_to_be_imported(package: Path) -> None:
    known = modules(package)
    arrows = {
        module: {name for name in names_of(path, later=False) if name in known} - {module}
        for module, path in known.items()
    }
    try:
        TopologicalSorter(arrows).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_a_night_does_not_ask_what_is_behind_its_store() -> None:
    """A file or a lake: only `store/` and who removes from it for good know."""
    lake = "people_transforms.store.lake"
    allowed = ("people_transforms.store.", "people_transforms.privacy.erasure")
    asking = {
        module
        for module, path in modules(ENGINE).items()
        if any(name.startswith(lake) for name in names_of(path))
    }
    # What a configuration's accounts are is told there, for both kinds.
    assert {one for one in asking if not one.startswith(allowed)} == {
        "people_transforms.planning.approvals"
    }
