"""A connection on Airbyte's platform: what it keeps between syncs, and the jobs it runs.

    pipe = PlatformPipe(source, destination, folder, streams)
    attempt = pipe.sync()       one attempt of a new job
    attempt = pipe.retry()      the next attempt of the same job
    attempts = pipe.night()     a job with as many attempts as the platform would make
    pipe.clear()                a job that resets streams; also pipe.refresh()

`source.json` and `destination.json` in the folder are the configurations. The source starts in an
empty directory each time, as in its pod. The destination starts in the folder: its store is on a
volume there, or, with `fresh_directory`, everything but the configurations is gone at each attempt.
"""

from __future__ import annotations

import copy
import json
import shutil
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .attempt import Attempt, is_retried
from .naming import Naming
from .processes import Program, Running
from .protocol import Message, null_state
from .selection import ticked
from .worker import EmptySource, Strike, Worker

_STAYS = ("source.json", "destination.json", "connection.yaml")


class BrokenPromise(AssertionError):
    """The destination did not do what the protocol asks for."""


@dataclass
class PlatformPipe:
    """Two programs, a folder and what a user can choose for a connection.

    `supports_refreshes` is what the destination's definition says: `metadata.yaml` of an image from
    a registry, never that of a custom image.
    """

    source: Program
    destination: Program
    folder: Path
    streams: list[dict[str, Any]]
    supports_refreshes: bool = True
    prefix: str = ""
    namespace: str = ""
    unticked: Mapping[str, Collection[str]] = field(default_factory=dict)
    fresh_directory: bool = False
    # What the platform's database keeps.
    states: dict[str, Message] = field(default_factory=dict)
    generations: dict[str, int] = field(default_factory=dict)
    job_id: int = 0
    _truncated: frozenset[str] = frozenset()

    def sync(self, strike: Strike | None = None) -> Attempt:
        """The first attempt of a new job: lists that are read whole begin anew."""
        self.job_id += 1
        self._truncated = frozenset()
        self._forget_states(lambda stream: True)
        return self._attempt(strike)

    def retry(self, strike: Strike | None = None) -> Attempt:
        """Another attempt of the same job: a resumable stream gets the states that came back."""
        self._forget_states(lambda stream: not stream.get("is_resumable"))
        return self._attempt(strike)

    def night(self, strike: Strike | None = None) -> list[Attempt]:
        """A scheduled job to its end; a strike hits its first attempt only."""
        attempts = [self.sync(strike)]
        while is_retried(attempts):
            attempts.append(self.retry())
        return attempts

    def clear(self, *names: str) -> Attempt:
        """Reset streams (all, where none is named): no source, null states, a new generation."""
        chosen = self._chosen(names)
        self.job_id += 1
        self._begin_generation(chosen)
        streams = self._configured()
        for configured in streams:
            is_cleared = configured["stream"]["name"] in chosen
            configured["sync_mode"] = "full_refresh"
            configured["destination_sync_mode"] = "overwrite" if is_cleared else "append"
        emptied = EmptySource(null_state(name) for name in chosen if self.states)
        return self._replicate(streams, emptied, None)

    def refresh(self, *names: str) -> Attempt:
        """Read streams anew and drop what earlier generations left: `Refresh and remove records`."""
        if not self.supports_refreshes:
            raise ValueError("the platform offers no Refresh for this destination")
        chosen = self._chosen(names)
        self.job_id += 1
        self._begin_generation(chosen)
        for name in chosen:
            self.states.pop(name, None)
        return self._attempt(None)

    def _forget_states(self, is_chosen: Callable[[dict[str, Any]], bool]) -> None:
        """Drop the states of lists that are read whole each time."""
        for configured in self.streams:
            stream = configured["stream"]
            if configured["sync_mode"] == "full_refresh" and is_chosen(stream):
                self.states.pop(stream["name"], None)

    def _attempt(self, strike: Strike | None) -> Attempt:
        streams = self._configured()
        return self._replicate(streams, self._start_source(streams, strike), strike)

    def _replicate(
        self, streams: list[dict[str, Any]], source: Running | EmptySource, strike: Strike | None
    ) -> Attempt:
        """Run the destination against a source, and keep what the platform keeps."""
        naming = Naming(self.prefix, self.namespace)
        worker = Worker(streams, naming, self.supports_refreshes, strike)
        attempt = worker.replicate(source, self._start_destination(naming.catalog(streams)))
        for message in attempt.states:
            state = message["state"]
            name = state["stream"]["stream_descriptor"]["name"]
            if state["stream"].get("stream_state") is None:
                self.states.pop(name, None)
            else:
                self.states[name] = {key: state[key] for key in ("type", "stream")}
        self._keep_configuration(attempt)
        if attempt.broken:
            raise BrokenPromise("\n".join(attempt.broken))
        return attempt

    def _start_source(self, streams: list[dict[str, Any]], strike: Strike | None) -> Running:
        directory = self.folder / "pod"
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir()
        shutil.copy(self.folder / "source.json", directory)
        (directory / "catalog.json").write_text(json.dumps({"streams": streams}))
        argv = ["read", "--config", "source.json", "--catalog", "catalog.json"]
        if self.states:
            (directory / "state.json").write_text(json.dumps(list(self.states.values())))
            argv += ["--state", "state.json"]
        is_slow = strike is not None and strike.after_records is not None
        return self.source.start(argv, directory, has_input=False, is_slow=is_slow)

    def _start_destination(self, streams: list[dict[str, Any]]) -> Running:
        if self.fresh_directory:
            for path in self.folder.iterdir():
                if path.name not in (*_STAYS, "pod"):
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
        catalog = self.folder / "catalog-of-the-platform.json"
        catalog.write_text(json.dumps({"streams": streams}))
        argv = ["write", "--config", "destination.json", "--catalog", catalog.name]
        return self.destination.start(argv, self.folder, has_input=True)

    def _configured(self) -> list[dict[str, Any]]:
        """The configured catalog of this job; without refreshes every generation is 0."""
        streams = copy.deepcopy(ticked(self.streams, self.unticked))
        for configured in streams:
            name = configured["stream"]["name"]
            generation = self.generations.get(name, 0) if self.supports_refreshes else 0
            configured["generation_id"] = generation
            is_truncated = name in self._truncated
            configured["minimum_generation_id"] = generation if is_truncated else 0
            configured["sync_id"] = self.job_id
        return streams

    def _begin_generation(self, names: Collection[str]) -> None:
        self._truncated = frozenset(names)
        for name in names:
            self.generations[name] = self.generations.get(name, 0) + 1

    def _chosen(self, names: Collection[str]) -> list[str]:
        known = [configured["stream"]["name"] for configured in self.streams]
        return [name for name in known if not names or name in names]

    def _keep_configuration(self, attempt: Attempt) -> None:
        """Rotated tokens: the source says its new configuration, and the platform stores it."""
        for message in attempt.source_said:
            if message["type"] == "CONTROL":
                config = message["control"]["connectorConfig"]["config"]
                (self.folder / "source.json").write_text(json.dumps(config))
