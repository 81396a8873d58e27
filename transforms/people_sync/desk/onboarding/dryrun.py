"""The dry run: `people-sync run` as a process, which only plans while nothing was approved."""

from __future__ import annotations

import json
import subprocess
import threading

from people_sync.desk.onboarding.connection import Onboarding
from people_sync.desk.onboarding.journey import Journey, Preview
from people_sync.running.programs import start_run


class DryRun:
    """At most one dry run at a time. It goes on when the customer leaves the page."""

    def __init__(self, onboarding: Onboarding) -> None:
        self._desk = onboarding
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._ended = threading.Event()
        self._ended.set()

    @property
    def is_running(self) -> bool:
        return not self._ended.is_set()

    def start(self) -> None:
        """Start it, unless it is running already."""
        with self._lock:
            if self.is_running:
                return
            self._ended.clear()
            choice = self._desk.choice()
            self._process = start_run(self._desk.file)
            threading.Thread(target=self._follow, args=(self._process, choice)).start()

    def wait(self, seconds: float) -> bool:
        """Wait for the end for a while; True when it is over."""
        return self._ended.wait(seconds)

    def stop(self) -> None:
        """End a run that is still going on, because the server stops."""
        process = self._process
        if process is not None and process.poll() is None:
            process.terminate()
        self._ended.wait()

    def _follow(self, process: subprocess.Popen[bytes], choice: str) -> None:
        try:
            out, _ = process.communicate()
            preview = _preview(out, process.returncode, choice, self._desk.clock().isoformat())

            def note(journey: Journey) -> None:
                journey.preview = preview

            self._desk.journey.change(note)
        finally:
            self._ended.set()


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
