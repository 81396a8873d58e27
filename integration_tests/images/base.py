"""A stand-in for Airbyte's base image: the same Debian and Python, made by debootstrap.

The Dockerfiles name the real one by its digest; no registry of images is asked here, so the digest
itself is not tried.
"""

from __future__ import annotations

import hashlib
import subprocess
import tempfile
from pathlib import Path

from .engine import buildah, exists, run
from .machine import debian_mirror

RELEASE = "bookworm"  # its Python is 3.11, as that of the base image
_PACKAGES = "ca-certificates,python3,python3-pip"
_AS_IN_THE_BASE_IMAGE = (
    "rm -f /usr/lib/python3*/EXTERNALLY-MANAGED; "
    "useradd --uid 1000 --create-home airbyte; ln -sf python3 /usr/bin/python"
)
_RECIPE = hashlib.sha256(f"{RELEASE} {_PACKAGES} {_AS_IN_THE_BASE_IMAGE}".encode()).hexdigest()
BASE = f"localhost/people-sync-base:{_RECIPE[:12]}"


def make_base() -> str:
    """Give the base image's name; it is made once a machine."""
    if exists(BASE):
        return BASE
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        options = ["--variant=minbase", f"--include={_PACKAGES}"]
        run(["debootstrap", *options, RELEASE, root, debian_mirror()])
        for package in (root / "var/cache/apt/archives").glob("*.deb"):
            package.unlink()
        working = buildah("from", "scratch")
        try:
            buildah("add", "--quiet", working, root, "/")
            buildah("run", working, "--", "sh", "-c", _AS_IN_THE_BASE_IMAGE)
            buildah("config", "--user", "airbyte", working)
            buildah("commit", "--quiet", working, BASE)
        finally:
            buildah("rm", working)
    return BASE


def describe() -> str:
    """The release of this machine's builder, for the record of a trial."""
    return subprocess.run(
        ["buildah", "--version"], capture_output=True, text=True, check=True
    ).stdout.strip()
