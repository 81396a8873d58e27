"""The lines of a batch as a file that DuckDB can read, in memory where the system has such files."""

from __future__ import annotations

import contextlib
import io
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


class LinesFile:
    """Bytes that are written once and then read by path; may be written again from its start.

    Only this process can read it. Its pages are kept from one use to the next, because the system
    clears new ones.
    """

    def __init__(self) -> None:
        if hasattr(os, "memfd_create"):
            handle = os.memfd_create("lines")
            self.path, self._on_disk = Path(f"/proc/self/fd/{handle}"), False
        else:
            handle, name = tempfile.mkstemp(suffix=".ndjson")
            self.path, self._on_disk = Path(name), True
        self._file = io.FileIO(handle, "r+")
        self.size = 0

    def write(self, content: bytes) -> None:
        self.size += self._file.write(content)

    def finish(self) -> None:
        """Cut off what an earlier, longer content left behind."""
        self._file.truncate(self.size)

    def read(self, start: int, size: int) -> bytes:
        return os.pread(self._file.fileno(), size, start)

    def clear(self) -> None:
        self._file.seek(0)
        self.size = 0

    def close(self) -> None:
        self._file.close()
        if self._on_disk:
            self.path.unlink()


@contextlib.contextmanager
def lines_file() -> Iterator[LinesFile]:
    """Give a file that is gone afterwards."""
    file = LinesFile()
    try:
        yield file
    finally:
        file.close()
