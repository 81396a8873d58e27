"""Draw the lineage of the models as Mermaid, for README.md.

`python -m people_transforms.models.lineage` rewrites the pictures in README.md; a test fails when
they are not current.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from people_transforms.models.runner import Model, models, plan_steps
from people_transforms.models.vendors import vendors

_PICTURE = re.compile(r"(<!-- lineage (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)


def draw_lineage(subject: str) -> str:
    """Draw how one source's raw tables become the marts of its usual vendor, or how they become the plan."""
    if subject == "plan":
        return _draw(plan_steps(), ("people", "mart", "plan"))
    vendor = next(name for name, told in vendors().items() if told["usual_source"] == subject)
    return _draw(models(subject, vendor), ("raw", "staging", "people", "mart"))


def _draw(built: Sequence[Model], schemas: Sequence[str]) -> str:
    lines = ["```mermaid", "flowchart LR"]
    for schema in schemas:
        lines.append(f"  subgraph {schema}")
        lines += [f"    {_node(name)}" for name in _names(built, schema)]
        lines.append("  end")
    lines += sorted(
        f"  {_identity(read)} --> {_identity(model.name)}"
        for model in built
        for read in model.reads
    )
    return "\n".join([*lines, "```", ""])


def replace_pictures(text: str) -> str:
    """Put the current pictures between the markers of a text."""
    return _PICTURE.sub(lambda found: found[1] + draw_lineage(found[2]) + found[3], text)


def _names(built: Sequence[Model], schema: str) -> list[str]:
    known = {model.name for model in built} | {read for model in built for read in model.reads}
    return sorted(name for name in known if name.startswith(f"{schema}."))


def _node(name: str) -> str:
    return f"{_identity(name)}[{name.split('.')[1]}]"


def _identity(name: str) -> str:
    return name.replace(".", "_")


if __name__ == "__main__":
    readme = Path(__file__).with_name("README.md")
    readme.write_text(replace_pictures(readme.read_text("utf-8")), "utf-8")
