"""A connector runs where nobody may change its code, from any folder, as in an image.

The code is mounted read-only for the process alone, which holds for root as well.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .connections import Connection

ROOT = Path(__file__).parents[2]
_MOUNT = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$@"'


def in_read_only_code(*command: str, cwd: Path, lines: Path) -> subprocess.CompletedProcess[str]:
    start = ["unshare", "--mount", "sh", "-c", _MOUNT, str(ROOT)]
    with lines.open("rb") as stdin:
        return subprocess.run(
            [*start, *command], cwd=cwd, stdin=stdin, capture_output=True, text=True, check=False
        )


def _may_mount() -> bool:
    if shutil.which("unshare") is None:
        return False
    null = Path("/dev/null")
    return in_read_only_code("true", cwd=Path("/"), lines=null).returncode == 0


@pytest.mark.long
@pytest.mark.skipif(not _may_mount(), reason="needs to mount: run it as root on Linux")
@pytest.mark.parametrize(
    ("source", "destination"),
    [("source-loket", "destination-alleo"), ("source-alveno", "destination-lunchdrive")],
)
def test_a_night_without_the_right_to_write_the_code(
    source: str, destination: str, connect: Callable[..., Connection]
) -> None:
    connection = connect(source, destination)
    lines, catalog = connection.first_lines(), connection.catalog()
    main = str(ROOT / destination / "main.py")
    where = {"cwd": connection.folder, "lines": lines}
    assert in_read_only_code("touch", main, **where).returncode != 0
    arguments = ("write", "--config", "destination.json", "--catalog", catalog.name)
    ended = in_read_only_code(sys.executable, main, *arguments, **where)
    assert ended.returncode == 3, ended.stdout + ended.stderr
    assert connection.staging.is_file()
    assert connection.ask("select count(*) from sync.plan where operation = 'create'")[0][0] > 0
