"""Write build/sbom.cdx.json: what the wheels of this workspace need at run time (CycloneDX).

`cyclonedx-py` describes everything that is installed; of that, only our packages and what they need
are kept, the tools are not. An extra that is not installed here is listed by its pinned version.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

HERE = Path(__file__).resolve().parent.parent
PACKAGES = (
    "connector",
    "transforms",
    *sorted(path.parent.name for path in HERE.glob("*/metadata.yaml")),
)


def needed() -> set[str]:
    """Name our packages with all their extras, and what those need in turn."""
    found: set[tuple[str, str]] = set()
    wanted = []
    for folder in PACKAGES:
        project = tomllib.loads((HERE / folder / "pyproject.toml").read_text())["project"]
        wanted.append((project["name"], ("", *project.get("optional-dependencies", ()))))
    while wanted:
        name, extras = wanted.pop()
        for extra in extras:
            if (name, extra) not in found:
                found.add((name, extra))
                wanted += requirements(name, extra)
    return {name for name, _ in found}


def requirements(name: str, extra: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Give what an installed package needs on this machine, each with the extras it asks for."""
    try:
        lines = distribution(name).requires or []
    except PackageNotFoundError:
        return
    for requirement in map(Requirement, lines):
        if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
            yield canonicalize_name(requirement.name), ("", *requirement.extras)


def pinned() -> dict[str, str]:
    """Read constraints.txt: name → version."""
    lines = (HERE / "constraints.txt").read_text().splitlines()
    pins = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pins}


def installed() -> dict[str, Any]:
    """Let cyclonedx-py describe this environment."""
    command = [sys.executable, "-m", "cyclonedx_py", "environment", "--no-validate"]
    command += ["--output-reproducible", "--sv", "1.6", "--of", "JSON", sys.executable]
    said = subprocess.run(command, capture_output=True, check=True)
    described: dict[str, Any] = json.loads(said.stdout)
    return described


def bill() -> dict[str, Any]:
    """Keep what is needed at run time, without the folders of this machine."""
    names, pins, document = needed(), pinned(), installed()
    components = []
    for component in document["components"]:
        if canonicalize_name(component["name"]) in names:
            links = component.pop("externalReferences", [])
            kept = [link for link in links if not link["url"].startswith("file:")]
            components.append(component | ({"externalReferences": kept} if kept else {}))
    for name in sorted(names - {canonicalize_name(c["name"]) for c in components}):
        version = pins[name]
        described = {"name": name, "version": version, "purl": f"pkg:pypi/{name}@{version}"}
        components.append({"type": "library", "bom-ref": f"{name}=={version}", **described})
    refs = {component["bom-ref"] for component in components}
    document["components"] = components
    document["dependencies"] = [
        entry | {"dependsOn": sorted(refs & set(entry.get("dependsOn", ())))}
        for entry in document["dependencies"]
        if entry["ref"] in refs
    ]
    return document


def main() -> None:
    text = json.dumps(bill(), indent=1, ensure_ascii=False)
    wrong = JsonStrictValidator(SchemaVersion.V1_6).validate_str(text)
    if wrong:
        sys.exit(f"This is no valid CycloneDX document: {wrong}")
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "build" / "sbom.cdx.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


if __name__ == "__main__":
    main()
