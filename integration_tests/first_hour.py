"""Play the README's "A plan of your own in three minutes" on a terminal, and record it.

    python integration_tests/first_hour.py        # writes build/first-hour.cast (asciicast 2) and .txt

The lines are those of the README, but for a free port and the environment, which is there already.
"""

from __future__ import annotations

import json
import os
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from people_sandbox import start_sandbox

ROOT = Path(__file__).parents[1]
TITLE = "A plan of your own in three minutes"
COLUMNS, ROWS = 100, 30
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


@dataclass
class Recording:
    """What was on the terminal, and when: seconds since the start, text."""

    began: float = field(default_factory=time.monotonic)
    events: list[tuple[float, str]] = field(default_factory=list)
    codes: dict[str, int] = field(default_factory=dict)

    def add(self, text: str) -> None:
        self.events.append((time.monotonic() - self.began, text))

    @property
    def seconds(self) -> float:
        return self.events[-1][0]

    @property
    def text(self) -> str:
        """What a person reads, without the moves of the cursor."""
        return _ESCAPES.sub("", "".join(text for _, text in self.events))

    def cast(self) -> str:
        """The recording as asciinema plays it."""
        head = {"version": 2, "width": COLUMNS, "height": ROWS, "title": f"people-sync: {TITLE}"}
        lines = [json.dumps(head)]
        lines += [json.dumps([round(at, 3), "o", text]) for at, text in self.events]
        return "\n".join(lines) + "\n"


def readme_lines() -> list[str]:
    """The commands of the README, without their comments."""
    text = (ROOT / "README.md").read_text("utf-8").partition(f"## {TITLE}\n")[2]
    block = text.partition("```sh\n")[2].partition("```")[0]
    return [line.partition("  #")[0].strip() for line in block.splitlines() if line.strip()]


def play(folder: Path) -> Recording:
    """Type every line of the README in a folder; the sandbox ends with the play."""
    recording = Recording()
    with start_sandbox(size=60, seed=7) as box:
        for line in readme_lines():
            recording.add(f"$ {line}\r\n")
            if line.startswith("make setup") or line.endswith("&"):
                continue  # the environment and the sandbox are there
            if line.startswith("cd "):
                folder = folder / line.removeprefix("cd ")
                continue
            command = line.replace("--sandbox", f"--sandbox {box.url}")
            recording.codes[line] = _run(command, folder, recording)
    return recording


def _run(command: str, folder: Path, recording: Recording) -> int:
    """Run one line in a shell on a terminal of its own; give its exit code."""
    ours, theirs = pty.openpty()
    path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
    size = {"COLUMNS": str(COLUMNS), "LINES": str(ROWS), "TERM": "xterm-256color"}
    process = subprocess.Popen(
        ["bash", "-c", command],
        cwd=folder,
        env={**os.environ, **size, "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    try:
        for text in _read(ours, process):
            recording.add(text)
    finally:
        os.close(ours)
    return process.wait()


def _read(terminal: int, process: subprocess.Popen[bytes]) -> Iterator[str]:
    while True:
        if select.select([terminal], [], [], 0.2)[0]:
            try:
                chunk = os.read(terminal, 65536)
            except OSError:  # how Linux says that the other side has gone
                return
            if not chunk:
                return
            yield chunk.decode("utf-8", "replace")
        elif process.poll() is not None:
            return


def main() -> int:
    """Record into build/ and say how long it took."""
    folder = Path(tempfile.mkdtemp(prefix="first-hour-"))
    try:
        recording = play(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    target = ROOT / "build"
    target.mkdir(exist_ok=True)
    (target / "first-hour.cast").write_text(recording.cast(), "utf-8")
    (target / "first-hour.txt").write_text(recording.text, "utf-8")
    print(recording.text)
    print(f"{recording.seconds:.0f} seconds → build/first-hour.cast")
    return 0


if __name__ == "__main__":
    sys.exit(main())
