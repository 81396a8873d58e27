"""What a person sees while a run goes on: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Protocol, TextIO

from people_transforms.safe_text import printable

if TYPE_CHECKING:
    from rich.table import Table


class Progress(Protocol):
    """Shows a run. All calls are safe from any thread."""

    def say(self, who: str, text: str, *, is_problem: bool = False) -> None:
        """Show one line of one connector."""

    def status(self, stream: str, status: str) -> None:
        """Show that a stream has started, is complete, or is incomplete."""

    def close(self) -> None:
        """Leave the terminal as it was."""


def open_progress(counts: Counter[str], *, quiet: bool, stream: TextIO | None = None) -> Progress:
    """Choose how to show a run by where its lines go."""
    stream = stream or sys.stderr
    if stream.isatty() and not quiet:
        return LiveProgress(counts)
    return PlainProgress(counts, stream, quiet=quiet)


class PlainProgress:
    """One line per event, for logs and pipes."""

    def __init__(self, counts: Counter[str], stream: TextIO, *, quiet: bool) -> None:
        self._counts = counts
        self._stream = stream
        self._quiet = quiet

    def say(self, who: str, text: str, *, is_problem: bool = False) -> None:
        if is_problem or not self._quiet:
            self._stream.write(f"{who}: {printable(text)}\n")
            self._stream.flush()

    def status(self, stream: str, status: str) -> None:
        if status in ("COMPLETE", "INCOMPLETE"):
            word = "read" if status == "COMPLETE" else "NOT read whole"
            self.say("source", f"{stream}: {self._counts[stream]} records, {word}")

    def close(self) -> None:
        self._stream.flush()


class LiveProgress:
    """A table of the streams that grows while they are read; messages scroll above it."""

    def __init__(self, counts: Counter[str]) -> None:
        from rich.console import Console
        from rich.live import Live

        self._counts = counts
        self._statuses: dict[str, str] = {}
        self._console = Console(stderr=True)
        self._live = Live(
            get_renderable=self._table, console=self._console, refresh_per_second=4, transient=True
        )
        self._live.start()

    def say(self, who: str, text: str, *, is_problem: bool = False) -> None:
        from rich.text import Text

        style = "bold red" if is_problem else ""
        self._console.print(Text(f"{who}: ", style="dim") + Text(printable(text), style=style))

    def status(self, stream: str, status: str) -> None:
        self._statuses[stream] = status

    def close(self) -> None:
        self._live.stop()
        self._console.print(self._table())

    def _table(self) -> Table:
        from rich.table import Table

        table = Table(box=None, padding=(0, 2))
        table.add_column("stream")
        table.add_column("records", justify="right")
        table.add_column("")
        for name in sorted({*self._statuses, *(name for name in list(self._counts) if name)}):
            status = _MARKS.get(self._statuses.get(name, ""), "…")
            table.add_row(printable(name), f"{self._counts[name]:,}", status)
        return table


_MARKS = {"COMPLETE": "✓", "INCOMPLETE": "not read whole", "STARTED": "…", "RUNNING": "…"}
