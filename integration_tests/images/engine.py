"""buildah without a daemon: images built and run in a chroot, on the host's network."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

_SETTINGS = {"STORAGE_DRIVER": "vfs", "BUILDAH_ISOLATION": "chroot"}
PROGRAMS = ("buildah", "debootstrap")


class ImageError(Exception):
    """A build or a container failed; the text is what the program said last."""


def missing() -> str | None:
    """Why no image can be built here, in one line."""
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return f"no images are built: {' and '.join(absent)} not installed"
    if os.geteuid() != 0:
        return "no images are built: buildah's chroot isolation needs root"
    return None


def run(command: Sequence[str | Path]) -> str:
    """Run a program to its end and give its output."""
    ended = subprocess.run(
        [*map(str, command)],
        env=os.environ | _SETTINGS,
        capture_output=True,
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        check=False,
    )
    if ended.returncode != 0:
        said = (ended.stdout + ended.stderr).strip().splitlines()[-25:]
        raise ImageError(
            f"{command[0]} {command[1]} ended with {ended.returncode}:\n" + "\n".join(said)
        )
    return ended.stdout


def buildah(*arguments: str | Path) -> str:
    return run(["buildah", *arguments]).strip()


def exists(image: str) -> bool:
    command = ["buildah", "inspect", "--type", "image", image]
    found = subprocess.run(command, env=os.environ | _SETTINGS, capture_output=True, check=False)
    return found.returncode == 0


@contextmanager
def container(image: str) -> Iterator[str]:
    """A container that is gone afterwards: each is a whole copy on this storage driver."""
    name = buildah("from", "--pull-never", image)
    try:
        yield name
    finally:
        buildah("rm", name)
