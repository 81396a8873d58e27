"""Folders that this program makes, also those above them: closed to others, whatever the umask says."""

from __future__ import annotations

from pathlib import Path

from people_transforms.errors import ConfigError

# For its user alone; and with the group, which may read the published file in it.
PRIVATE, SHARED = 0o700, 0o750


def make_folder(path: Path, mode: int = PRIVATE) -> None:
    """Make a folder and what is missing above it; one that is there keeps the rights it was given.

    Raises OSError where it can't be made, or is no folder.
    """
    for folder in (*reversed(path.parents), path):
        # Only what is missing: a folder above may be one that this user may not even look at.
        if not folder.is_dir():
            folder.mkdir(mode=mode, exist_ok=True)


def at_home(path: str | Path) -> Path:
    """Read a `~` at the beginning of a typed path.

    Raises ConfigError for a user without a home folder, as in a container that runs under any number.
    """
    try:
        return Path(path).expanduser()
    except RuntimeError:
        raise ConfigError(
            "This user has no home folder, so `~` leads nowhere. Write the whole path.", path=path
        ) from None
