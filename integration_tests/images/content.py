"""What an image is made of: its Dockerfile and every file that its COPY lines take."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def copied(dockerfile: Path) -> list[str]:
    """The sources of all COPY lines, from the repository's root."""
    lines = dockerfile.read_text().splitlines()
    words = [line.split() for line in lines if line.startswith("COPY ")]
    return [source for line in words for source in line[1:-1] if not source.startswith("--")]


def files(connector: str) -> list[Path]:
    """All files that make the image, those only that git would keep."""
    dockerfile = REPOSITORY / connector / "Dockerfile"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"]
        + [dockerfile.relative_to(REPOSITORY).as_posix(), *copied(dockerfile)],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=True,
    )
    names = sorted(set(filter(None, listed.stdout.split("\0"))))
    return [path for name in names if (path := REPOSITORY / name).is_file()]


def content_hash(connector: str, *more: str) -> str:
    """One value for all that the image contains, and for `more`: how it is made and tried."""
    digest = hashlib.sha256()
    for text in more:
        digest.update(text.encode() + b"\0")
    for path in files(connector):
        digest.update(path.relative_to(REPOSITORY).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
