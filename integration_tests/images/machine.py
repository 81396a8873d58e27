"""Where this machine gets its packages from: nothing of it is written into the project.

The Debian mirror is apt's; pip's settings (index, certificate, wheels on disk) are pip's own, from its
files and the environment. Inside a build they are mounted, so that no image keeps them.
"""

from __future__ import annotations

import configparser
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from .engine import ImageError

# What a Dockerfile says itself (`--constraint`, `--no-cache-dir`) is not taken from the machine.
_TAKEN = ("index-url", "extra-index-url", "find-links", "trusted-host", "cert", "proxy", "timeout")
_CERTIFICATES = Path("/etc/ssl/certs")


def debian_mirror() -> str:
    """The first mirror of Debian itself that apt is set to."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(LABEL)", "Created-By: Packages"],
        capture_output=True,
        text=True,
        check=True,
    )
    for line in listed.stdout.splitlines():
        address, _, label = line.partition(" ")
        if label == "Debian":
            return address
    raise ImageError("apt is set to no mirror of Debian")


def build_mounts(folder: Path) -> list[str]:
    """Write a pip.conf into the folder and give buildah's `-v` for it and all it names."""
    settings = _pip_settings()
    written = configparser.RawConfigParser()
    written["global"] = settings
    file = folder / "pip.conf"
    with file.open("w") as config:
        written.write(config)
    places = {path for value in settings.values() for path in _paths(value)}
    if _CERTIFICATES.is_dir():
        places.add(_CERTIFICATES)
    # A file inside a mounted folder comes with it.
    outermost = [path for path in sorted(places) if not set(path.parents) & places]
    mounts = [f"{path}:{path}:ro" for path in outermost]
    return [f"{file}:/etc/pip.conf:ro", *mounts]


def _pip_settings() -> dict[str, str]:
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True, check=True
    )
    found = {}
    # `:env:` comes first in pip's list, but counts most.
    for line in reversed(listed.stdout.splitlines()):
        key, _, value = line.partition("=")
        name = key.rpartition(".")[2].removeprefix("default-")
        if name in _TAKEN and not key.startswith(("download.", "wheel.")):
            text = value[1:-1].replace("\\n", " ")
            found[name] = text
    return found


def _paths(value: str) -> list[Path]:
    """Folders and files on this machine that a setting names."""
    found = []
    for word in value.split():
        # The pages of an index on disk lead to files beside it.
        path = Path(unquote(urlsplit(word).path)).parent if word.startswith("file:") else Path(word)
        if path.is_absolute() and path.exists():
            found.append(path)
    return found
