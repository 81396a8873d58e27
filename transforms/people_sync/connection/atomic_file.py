"""Files that are replaced as a whole: after a crash either the old or the new content is there."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from people_transforms.folders import make_folder


def replace_file(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a file's content atomically and durably; a symbolic link keeps pointing to it."""
    target = path.resolve()
    make_folder(target.parent)
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
