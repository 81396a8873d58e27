"""Runs that are started from the desk: one at a time per connection, as processes of their own."""

from __future__ import annotations

import subprocess
import sys
import threading

from people_sync.connection.connection_file import ConnectionFile


class Runs:
    """The runs of this desk. A run goes on when its page is left, and ends by itself."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._going: dict[str, subprocess.Popen[bytes]] = {}

    def start(self, name: str, file: ConnectionFile) -> None:
        """Start a run, unless one that was started here is still going on."""
        with self._lock:
            if self.is_going(name):
                return
            command = [sys.executable, "-m", "people_sync.cli", "run", str(file.path)]
            self._going[name] = subprocess.Popen(
                [*command, "--output", "json"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                cwd=file.folder,
                # It must come to its end when the desk is stopped: a night is not to be cut off.
                start_new_session=True,
            )

    def is_going(self, name: str) -> bool:
        process = self._going.get(name)
        return process is not None and process.poll() is None
