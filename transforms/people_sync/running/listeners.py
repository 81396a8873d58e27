"""What `people-sync run` does with the messages of each side that are not records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from people_sync.connection.config_file import write_config
from people_sync.connection.state_file import StateFile
from people_sync.running.messages import part
from people_sync.running.progress import Progress

_SUMMARY_OF_ERRORS = "During the sync, the following streams did not sync successfully"


@dataclass(slots=True)
class Troubles:
    """The errors one connector reported. The first one is the cause, later ones often follow."""

    sentences: list[str] = field(default_factory=list)
    failure_type: str | None = None

    def add(self, trace: Mapping[str, Any]) -> str | None:
        """Note an error trace and return its sentence, once per sentence."""
        error = part(trace, "error")
        lines = str(error.get("message") or "").strip().splitlines()
        sentence = lines[0] if lines else "It failed without saying why."
        if self.sentences and sentence.startswith(_SUMMARY_OF_ERRORS):
            return None
        if self.failure_type is None:
            self.failure_type = str(error.get("failure_type") or "system_error")
        if sentence in self.sentences:
            return None
        self.sentences.append(sentence)
        return sentence

    def refuse(self, sentences: Sequence[str]) -> None:
        """Note settings that cannot be used."""
        self.sentences += sentences
        self.failure_type = self.failure_type or "config_error"

    @property
    def is_configuration(self) -> bool:
        return self.failure_type == "config_error"


@dataclass(slots=True)
class SourceListener:
    """Listens to the source: keeps a rotated token, shows logs and errors, passes on the rest."""

    config: Path
    progress: Progress
    is_verbose: bool = False
    troubles: Troubles = field(default_factory=Troubles)
    statuses: dict[str, str] = field(default_factory=dict)
    catalog: dict[str, Any] | None = None
    # The source renewed its own credentials: its catalog is still that of its configuration.
    is_reconfigured: bool = False

    def listen(self, message: dict[str, Any]) -> bool:
        """Tell whether the destination must see this message."""
        kind = message["type"]
        if kind == "STATE":
            return True
        if kind == "TRACE":
            return self._hear_trace(part(message, "trace"))
        if kind == "CONTROL":
            keep_config(message, self.config, self.progress, "source")
            self.is_reconfigured = True
        elif kind == "LOG":
            show_log(message, self.progress, "source", "INFO" if self.is_verbose else "WARN")
        elif kind == "CATALOG" and isinstance(message.get("catalog"), dict):
            self.catalog = message["catalog"]
        return False

    def _hear_trace(self, trace: Mapping[str, Any]) -> bool:
        if trace.get("type") == "STREAM_STATUS":
            status = part(trace, "stream_status")
            name = str(part(status, "stream_descriptor").get("name"))
            self.statuses[name] = str(status.get("status"))
            self.progress.status(name, self.statuses[name])
            return True
        if trace.get("type") == "ERROR" and (sentence := self.troubles.add(trace)):
            self.progress.say("source", sentence, is_problem=True)
        return False


@dataclass(slots=True)
class DestinationListener:
    """Listens to the destination: keeps every state it gives back, shows logs and errors."""

    config: Path
    progress: Progress
    state: StateFile
    troubles: Troubles = field(default_factory=Troubles)
    states_kept: int = 0

    def listen(self, message: dict[str, Any]) -> None:
        """Take one message of the destination."""
        kind = message["type"]
        if kind == "STATE":
            self.states_kept += self.state.keep(part(message, "state"))
        elif kind == "TRACE" and part(message, "trace").get("type") == "ERROR":
            if sentence := self.troubles.add(message["trace"]):
                self.progress.say("destination", sentence, is_problem=True)
        elif kind == "CONTROL":
            keep_config(message, self.config, self.progress, "destination")
        elif kind == "LOG" and not self._is_progress(message.get("progress")):
            show_log(message, self.progress, "destination", "INFO")

    def _is_progress(self, told: object) -> bool:
        """Show how far a phase is, if that is what the line is about."""
        if not isinstance(told, dict) or not all(type(told.get(n)) is int for n in ("done", "of")):
            return False
        self.progress.phase(str(told.get("phase")), told["done"], told["of"])
        return True


def show_log(message: Mapping[str, Any], progress: Progress, who: str, least: str) -> None:
    """Show the first line of a log message; more lines are a stack trace and stay away."""
    log = part(message, "log")
    level = str(log.get("level") or "INFO").upper()
    text = str(log.get("message") or "").strip()
    if text and _LEVELS.get(level, 1) >= _LEVELS[least]:
        progress.say(who, text.splitlines()[0], is_problem=_LEVELS.get(level, 1) > _LEVELS["WARN"])


def keep_config(message: Mapping[str, Any], config: Path, progress: Progress, who: str) -> None:
    """Write a changed configuration (a rotated token) to its file at once, for its owner only.

    A token that cannot be written is lost for the next run, so it is kept beside it at least.
    """
    control = part(message, "control")
    changed = part(control, "connectorConfig").get("config")
    if control.get("type") != "CONNECTOR_CONFIG" or not isinstance(changed, dict):
        return
    try:
        write_config(config, changed)
    except OSError as error:
        progress.say(
            who,
            f"The renewed credentials could not be written to {config} ({error.strerror}). "
            "Make the file and its folder writable; the next run may have to be authorised again.",
            is_problem=True,
        )


_LEVELS = {"TRACE": 0, "DEBUG": 0, "INFO": 1, "WARN": 2, "WARNING": 2, "ERROR": 3, "FATAL": 4}
