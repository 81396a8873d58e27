"""`make desk`: the demo's two connections with the desk over them, and an HR that can be played.

The sandbox keeps running. Type a line to let a day pass, and press "Run now" on the desk to see the
next night:

    hire 3      three joiners in each HR system
    fire 6      six leavers: more than usual, so they wait for an approval
    change 4    four people change
    break       the platforms answer with errors until `mend`
    mend        and are well again
    quit        end the desk and the sandbox
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from people_sandbox.client import Sandbox
from rich.console import Console

PEOPLE_SYNC = Path(sys.executable).parent / "people-sync"
ADDRESS = "you@example.nl"
PLATFORMS = ("alleo", "lunchdrive")
_DAYS = {"hire": "joiners", "fire": "leavers", "change": "changes"}


def play(box: Sandbox, folder: Path, console: Console, port: int) -> None:
    """Serve the desk until somebody types `quit`, or input ends."""
    with _desk(folder, port) as link:
        console.rule("The desk")
        console.print(f"Open this link; it works once, for 15 minutes:\n  {link}", markup=False)
        console.print(__doc__.partition("\n\n")[2] if __doc__ else "", markup=False)
        with suppress(EOFError, KeyboardInterrupt):
            while (line := input("> ").strip().lower()) != "quit":
                console.print(obey(box, folder, line), markup=False)


def obey(box: Sandbox, folder: Path, line: str) -> str:
    """Do what a line says, and tell what happened."""
    word, _, number = line.partition(" ")
    if word == "break":
        for platform in PLATFORMS:
            box.fault(platform, "unavailable", times=None)
        return "Both platforms answer with errors now."
    if word == "mend":
        box.clear_faults()
        return "Both platforms are well again."
    if word not in _DAYS or not (number or "1").isdigit():
        return "Type hire, fire or change with a number, or break, mend, quit."
    box.night(**{_DAYS[word]: int(number or "1")})
    today = str(box.control()["as_of"])
    for platform in PLATFORMS:
        path = folder / platform / "destination.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"as_of": today}, indent=2))
    return f"A day passed in HR; it is {today} now. Press “Run now” on the desk."


@contextmanager
def _desk(folder: Path, port: int) -> Iterator[str]:
    command = [str(PEOPLE_SYNC), "desk", str(folder), "--allow", f"{ADDRESS}=support"]
    command += ["--link", ADDRESS, "--port", str(port), "--output", "json"]
    command += ["--records", str(folder / "desk")]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["link"])
        finally:
            process.terminate()
