"""The dry run: `people-sync run` as a process, which only plans while nothing was approved."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import threading
from collections.abc import Callable
from functools import partial

from people_sync.connection.connection_file import ConnectionFile
from people_sync.desk.onboarding.journey import Journey, JourneyFile, Preview
from people_sync.running.programs import start_run


class DryRun:
    """At most one dry run at a time. It goes on when the customer leaves the page."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._ended.set()

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set()

    def start(
        self,
        file: ConnectionFile,
        journey: JourneyFile,
        choice: str,
        clock: Callable[[], dt.datetime],
    ) -> None:
        """Start it for a choice of employers, unless it is running already."""
        with self._lock:
            if self.is_running:
                return
            process = self._process = start_run(file)
            self._ended.clear()

        def note(preview: Preview, journey: Journey) -> None:
            journey.preview = preview

        def follow() -> None:
            try:
                out, _ = process.communicate()
                at = clock().isoformat()
                journey.change(partial(note, _preview(out, process.returncode, choice, at)))
            finally:
                self._ended.set()

        threading.Thread(target=follow).start()

    def stop(self) -> None:
        """End a run that is still going on, because the server stops."""
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        self._ended.wait()


def _preview(out: bytes, exit_code: int, choice: str, at: str) -> Preview:
    try:
        said = json.loads(out)
    except ValueError:
        said = {}
    errors = [str(sentence) for sentence in said.get("errors") or []]
    if said.get("error"):
        errors.append(str(said["error"]))
    return Preview(
        choice=choice,
        exit_code=exit_code,
        at=at,
        plan_hash=said.get("plan_hash"),
        run_id=said.get("run_id"),
        errors=errors,
    )
