"""The template of the page, compiled once: what Jinja makes of it is kept where Python keeps what it compiles.

Compiling takes as long as half of a small employer's models. Where that folder may not be written, as in an
image, it is compiled at each start, unless `python -m people_transforms.publishing.template` was run before.
"""

from __future__ import annotations

import contextlib
import functools
from pathlib import Path

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined, Template
from jinja2.bccache import Bucket

from people_transforms.safe_text import shortened

_HERE = Path(__file__).parent


class _Kept(FileSystemBytecodeCache):
    def dump_bytecode(self, bucket: Bucket) -> None:
        with contextlib.suppress(OSError):  # no right to write, or no room
            # Python makes this folder, unless it is told to keep nothing of its own.
            Path(self.directory).mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


def open_template(compiled: Path = _HERE / "__pycache__") -> Template:
    """Give the page's template; whatever its values are, they come out escaped and not too long.

    Its text tells one release from another. Who changes an option changes the name of what is kept, too.
    """
    environment = Environment(
        loader=FileSystemLoader(_HERE),
        bytecode_cache=_Kept(str(compiled), "page.1.%s.jinja"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shortened,
    )
    return environment.get_template("page.html.j2")


@functools.cache
def page_template() -> Template:
    """Give it once for a process and all its forks."""
    return open_template()


def _shortened(value: object) -> object:
    return shortened(value) if type(value) is str else value


if __name__ == "__main__":
    open_template()
