"""Tell whether a folder will still be there tomorrow: what a container has of its own goes with it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

_IN_A_CONTAINER = ("KUBERNETES_SERVICE_HOST", "AIRBYTE_ENTRYPOINT")
_OWN_LAYER = {"overlay", "tmpfs", "ramfs", "aufs"}
# Where a node keeps the scratch volumes of its pods; such a mount looks like a disk otherwise.
_SCRATCH = "kubernetes.io~empty-dir"
_MOUNTS = Path("/proc/self/mountinfo")

WILL_NOT_LAST = (
    "The staging store lies in a folder that goes away with this container, so each night would begin "
    "without memory: accounts are then read back from the platform, and nobody leaves by absence. Set "
    "`warehouse` to a lake (type ducklake), or `warehouse.path` to a volume that stays, such as /local "
    "where the installation has one."
)


def goes_away(
    folder: Path, mounts: str | None = None, environment: Mapping[str, str] | None = None
) -> bool:
    """Tell whether a folder is in a container's own layer or in a scratch volume of its pod.

    `mounts` is the text of /proc/self/mountinfo. Outside of containers, and where nothing says what
    is mounted, a folder is believed to stay.
    """
    environment = os.environ if environment is None else environment
    if not any(name in environment for name in _IN_A_CONTAINER):
        return False
    if mounts is None:
        mounts = _MOUNTS.read_text() if _MOUNTS.is_file() else ""
    inside = [
        mount for mount in map(_parsed, mounts.splitlines()) if folder.is_relative_to(mount[0])
    ]
    if not inside:
        return False
    # Of several mounts in one place the last one is seen.
    _, root, kind = max(enumerate(inside), key=lambda one: (len(one[1][0].parts), one[0]))[1]
    return kind in _OWN_LAYER or _SCRATCH in root


def _parsed(line: str) -> tuple[Path, str, str]:
    """Give a mount's place, the folder of its volume that is mounted, and the kind of file system."""
    before, _, after = line.partition(" - ")
    _, _, _, root, place, *_ = before.split(" ")
    # Blanks in a path are written as \040.
    place = re.sub(r"\\(\d{3})", lambda found: chr(int(found[1], 8)), place)
    return Path(place), root, after.split(" ")[0]
