"""What a person sees while a run goes on: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
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

    def phase(self, name: str, done: int, of: int) -> None:
        """Show how far a phase is."""

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

    def phase(self, name: str, done: int, of: int) -> None:
        self.say("destination", f"{name}: {done:,} of {of:,}")

    def close(self) -> None:
        self._stream.flush()


class LiveProgress:
    """A line per list while it is read, and per phase with bar, rate and time left; the rest scrolls above."""

    def __init__(self, counts: Counter[str]) -> None:
        from rich.console import Console
        from rich.live import Live

        self._counts = counts
        self._statuses: dict[str, str] = {}
        self._phases: dict[str, tuple[float, int, int, int]] = {}
        self._began = time.monotonic()
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

    def phase(self, name: str, done: int, of: int) -> None:
        began, first, *_ = self._phases.get(name, (time.monotonic(), done))
        self._phases[name] = (began, first, done, of)

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
        read = sum(count for name, count in self._counts.items() if name)
        rate = read / max(time.monotonic() - self._began, 0.1)
        if not self._phases:
            table.caption = f"{read:,} records, {rate:,.0f} a second"
        for name, (began, first, done, of) in self._phases.items():
            # What was done before the first word came at a pace that nobody saw.
            rate = (done - first) / max(time.monotonic() - began, 1.0)
            table.add_row(printable(name), *bar(done, of, rate))
        return table


def bar(done: int, of: int, rate: float) -> tuple[str, str]:
    """Draw how far a phase is: `120/400`, and a bar with its rate (a second) and the time left."""
    filled = round(done / of * 20) if of else 20
    drawn = "█" * filled + "░" * (20 - filled)
    if rate and done < of:
        drawn += f" {rate:,.1f}/s, {_time((of - done) / rate)} left"
    return f"{done:,}/{of:,}", drawn


def _time(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"


_MARKS = {"COMPLETE": "✓", "INCOMPLETE": "not read whole", "STARTED": "…", "RUNNING": "…"}
