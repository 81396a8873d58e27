"""One run of a connection: the source's lines go to the destination, its states to the file."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

from people_transforms.errors import ConfigError
from people_transforms.exit_codes import ASKS_FOR_END, CAME_TO_ITS_END, DONE, FAILED, MISCONFIGURED

from people_sync.commands.quick_check import wrong_connection
from people_sync.connection.atomic_file import replace_file
from people_sync.connection.catalog import configure, incremental_streams
from people_sync.connection.connection_file import ConnectionFile
from people_sync.connection.kept_catalog import KeptCatalog
from people_sync.connection.state_file import StateFile
from people_sync.running.children import Children, Process, stop
from people_sync.running.ended import Ended
from people_sync.running.listeners import DestinationListener, SourceListener
from people_sync.running.messages import parse
from people_sync.running.noted_progress import note_progress
from people_sync.running.progress import open_progress
from people_sync.running.pump import pump, read_lines
from people_sync.running.warm import Warm

# Where a destination tells how its night ended (`people_transforms.publishing.end`).
_TOLD = "end.json"


class Relay:
    """One run of a connection file: discover if need be, then source and destination side by side."""

    def __init__(
        self,
        file: ConnectionFile,
        full_refresh: bool,
        verbose: bool,
        *,
        is_quiet: bool,
        warm: Warm | None = None,
    ) -> None:
        self.file = file
        self.is_verbose = verbose
        self.is_quiet = is_quiet
        self.full_refresh = full_refresh
        self.counts: Counter[str] = Counter()
        self.state = StateFile.read(file.state)
        self.catalog = KeptCatalog.beside(file.state, file.source, file.destination)
        self.fingerprint = self.catalog.fingerprint()
        self.children = Children(file.folder, warm or Warm())
        self.destination_code: int | None = None
        self.has_source_failed = False

    def run(self) -> Ended:
        """Run both processes to their end; whatever happens none is left behind."""

        began = time.monotonic()
        with self._private_folder() as folder, self.children.guarded():
            shown = open_progress(self.counts, quiet=self.is_quiet)
            progress = note_progress(shown, self.file)
            source = SourceListener(self.file.source.config, progress, self.is_verbose)
            destination = DestinationListener(self.file.destination.config, progress, self.state)
            try:
                code = self._discover_and_move(folder, source, destination)
            finally:
                progress.close()
            told = _read_told(folder / _TOLD)
        if self.counts[""]:
            source.troubles.sentences.append(
                f"{self.counts['']} lines of the source were no Airbyte messages and were dropped."
            )
        return Ended(
            exit_code=code,
            records={name: count for name, count in sorted(self.counts.items()) if name},
            statuses=source.statuses,
            states_kept=destination.states_kept,
            errors=source.troubles.sentences + destination.troubles.sentences,
            seconds=round(time.monotonic() - began, 2),
            destination_code=self.destination_code,
            is_destination_setting=destination.troubles.is_configuration
            or self.destination_code == MISCONFIGURED,
            has_source_failed=self.has_source_failed,
            is_source_setting=source.troubles.is_configuration,
            was_stopped=self.children.stopped_by is not None,
            told=told,
        )

    def _discover_and_move(
        self, folder: Path, source: SourceListener, destination: DestinationListener
    ) -> int:
        with (folder / "source.errors").open("wb") as source_errors:
            catalog = None if self.full_refresh else self.catalog.read(self.fingerprint)
            if catalog is None:
                code = self._discover(source, source_errors, folder)
                if self.children.stopped_by:
                    return self._stopped(source)
                if source.catalog is None:
                    return self._no_catalog(source, code)
                catalog = source.catalog
                # What a source said before it failed serves this night, and no other.
                self.catalog.keep(catalog, self.fingerprint if code == DONE else None)
            configured = configure(catalog, self.file.streams, int(time.time()))
            configured_catalog = folder / "catalog.json"
            replace_file(configured_catalog, json.dumps(configured).encode())
            state = folder / "state.json"
            resumed = (
                [] if self.full_refresh else self.state.of_streams(incremental_streams(configured))
            )
            replace_file(state, json.dumps(resumed).encode())
            with (folder / "destination.errors").open("wb") as errors:
                return self._move(
                    configured_catalog,
                    state if resumed else None,
                    source,
                    destination,
                    (source_errors, errors),
                )

    def _discover(self, source: SourceListener, errors: IO[bytes], folder: Path) -> int:
        end = self.file.source
        process = self.children.start(
            [end.program, "discover", "--config", end.config],
            reads=None,
            errors=errors,
            environment=_tidied(folder),
        )
        assert process.stdout is not None
        # Listing streams asks no vendor, so the settings are read meanwhile and not before.
        if wrong := wrong_connection(self.file):
            stop(process)
            process.stdout.close()
            source.troubles.refuse(wrong)
            return MISCONFIGURED
        with process.stdout:
            for lines in read_lines(process.stdout.fileno()):
                for message in map(parse, lines):
                    if message is not None:
                        source.listen(message)
        return process.wait()

    def _move(
        self,
        catalog: Path,
        state: Path | None,
        source: SourceListener,
        destination: DestinationListener,
        errors: tuple[IO[bytes], IO[bytes]],
    ) -> int:
        writer = self.children.start(
            [
                self.file.destination.program,
                "write",
                "--config",
                self.file.destination.config,
                "--catalog",
                catalog,
            ],
            reads=subprocess.PIPE,
            errors=errors[1],
            environment={
                **_tidied(catalog.parent),
                ASKS_FOR_END: str(catalog.with_name(_TOLD)),
            },
        )
        resume: list[str | Path] = ["--state", state] if state else []
        reader = self.children.start(
            [
                self.file.source.program,
                "read",
                "--config",
                self.file.source.config,
                "--catalog",
                catalog,
                *resume,
            ],
            reads=None,
            errors=errors[0],
            environment=_tidied(catalog.parent),
        )
        answers = _Answers(writer, destination.listen)
        answers.start()
        was_cut = self._pump(reader, writer, source)
        source_code = reader.wait()
        code = writer.wait()
        answers.join()
        if source.is_reconfigured:
            self.catalog.renew(self.fingerprint)
        self.destination_code = code
        self.has_source_failed = source_code != DONE and not was_cut
        if self.children.stopped_by:
            return self._stopped(source)
        if answers.error is not None:
            raise answers.error
        self._name_silent_failures(source_code, code, was_cut, source, destination)
        if was_cut and code in CAME_TO_ITS_END:
            # It did not hear all that HR says, whatever it makes of that.
            self.destination_code = code = FAILED
        return combined_code(
            source_code=0 if was_cut else source_code,
            source_misconfigured=source.troubles.is_configuration,
            destination_code=code,
            destination_misconfigured=destination.troubles.is_configuration,
        )

    def _pump(
        self,
        reader: Process,
        writer: Process,
        source: SourceListener,
    ) -> bool:
        """Move all lines; return True if the destination went away before the source was done."""

        assert reader.stdout is not None and writer.stdin is not None
        try:
            pump(reader.stdout.fileno(), writer.stdin.fileno(), source.listen, self.counts)
            return False
        except BrokenPipeError:
            stop(reader)
            return True
        finally:
            reader.stdout.close()
            with contextlib.suppress(BrokenPipeError):
                writer.stdin.close()

    def _name_silent_failures(
        self,
        source_code: int,
        destination_code: int,
        was_cut: bool,
        source: SourceListener,
        destination: DestinationListener,
    ) -> None:
        """Give a process that died without a word a sentence of its own."""
        if source_code != DONE and not was_cut and not source.troubles.sentences:
            source.troubles.sentences.append(
                f"The source ended early ({_ending(source_code)}); what it had read is kept, "
                "nobody was removed because of it. Run again."
            )
        is_early = was_cut or destination_code not in CAME_TO_ITS_END
        if is_early and not destination.troubles.sentences:
            destination.troubles.sentences.append(
                f"The destination ended early ({_ending(destination_code)}); nothing that was "
                "confirmed is lost. Run again."
            )

    def _no_catalog(self, source: SourceListener, code: int) -> int:
        self.has_source_failed = True
        if not source.troubles.sentences:
            source.troubles.sentences.append(
                f"The source did not list its streams ({_ending(code)}). "
                f"Try: {self.file.source.name} check --config {self.file.source.config}"
            )
        return MISCONFIGURED if source.troubles.is_configuration else FAILED

    def _stopped(self, source: SourceListener) -> int:
        assert self.children.stopped_by is not None
        source.troubles.sentences.append(
            f"Stopped by {self.children.stopped_by.name}. Nothing that was confirmed is lost; "
            "run again to finish."
        )
        return FAILED

    @contextlib.contextmanager
    def _private_folder(self) -> Iterator[Path]:
        """A 0700 folder for catalog and state; the connectors' own error output is shown if any."""
        with tempfile.TemporaryDirectory(prefix="people-sync-") as name:
            folder = Path(name)
            yield folder
            if self.is_verbose:
                for path in folder.glob("*.errors"):
                    sys.stderr.write(path.read_text("utf-8", "replace"))


def _tidied(folder: Path) -> dict[str, str]:
    """Let a connector's temporary files, a copy of its keys among them, go with the run's own."""
    return {"TMPDIR": str(folder)}


def _read_told(path: Path) -> dict[str, Any] | None:
    """Read what the destination told of its night; one of somebody else, or one that was killed, told nothing."""
    try:
        told: dict[str, Any] = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return None
    return told


class _Answers(threading.Thread):
    """Reads the destination's answers while the pump runs; the state is kept as they arrive."""

    def __init__(self, process: Process, listen: Callable[[dict[str, Any]], None]) -> None:
        super().__init__(daemon=True)
        self._process = process
        self._listen = listen
        self.error: Exception | None = None

    def run(self) -> None:
        assert self._process.stdout is not None
        with self._process.stdout:
            for lines in read_lines(self._process.stdout.fileno()):
                for message in map(parse, lines):
                    self._hear(message)

    def _hear(self, message: dict[str, Any] | None) -> None:
        if message is None:
            return
        try:
            self._listen(message)
        except OSError as error:
            self.error = self.error or ConfigError(
                "The state file cannot be written; the next run reads again from the last state "
                "kept. Free some space or make the folder writable.",
                reason=error.strerror,
            )
        except Exception as error:  # noqa: BLE001 - raised when the run ends: nobody else reads what comes
            self.error = self.error or error


def combined_code(
    *,
    source_code: int,
    source_misconfigured: bool,
    destination_code: int,
    destination_misconfigured: bool,
) -> int:
    """Combine how source and destination ended into one exit code.

    The destination's own failure comes first; held and partly delivered count only when the
    source was fine, because a run on half the data is not what was asked for.
    """
    if destination_code == MISCONFIGURED:
        return MISCONFIGURED
    if destination_code not in CAME_TO_ITS_END:
        return MISCONFIGURED if destination_misconfigured else FAILED
    if source_code != DONE:
        return MISCONFIGURED if source_misconfigured else FAILED
    return destination_code


def _ending(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"
