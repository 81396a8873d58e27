"""A key that a customer typed goes from the temporary folder, whatever ends the check."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHECKS = """
import os, signal, sys
# Somebody who starts the tests in the background lets them ignore it.
signal.signal(signal.SIGINT, signal.default_int_handler)
from pathlib import Path
from people_sync.connection.connection_file import Connector
from people_sync.running import programs
connector = Path("connector")
connector.write_text(f"#!{sys.executable}\\nimport os, sys, signal\\n"
    "print(open(sys.argv[3]).read(), flush=True, file=open('seen', 'w'))\\n"
    f"os.kill({os.getpid()}, signal.%s)\\nsignal.pause()\\n")
connector.chmod(0o755)
program = type("Program", (), {"program": str(connector.resolve())})
programs.check(program, {"api_key": "Kanarek-typed"}, Path("."))
"""


@pytest.mark.parametrize("sign", ["SIGKILL", "SIGTERM", "SIGINT"])
def test_a_killed_check_leaves_no_typed_key(sign: str, tmp_path: Path) -> None:
    """A process: it is killed in the middle, while the connector has the key."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", CHECKS % sign],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(temporary)},
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as check:
        check.wait(60)
    began = time.monotonic()
    while list(temporary.iterdir()) and time.monotonic() - began < 20:
        time.sleep(0.02)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(check.pid, signal.SIGKILL)  # the connector that was left behind
    assert "Kanarek-typed" in (tmp_path / "seen").read_text(), "control: the connector had it"
    assert list(temporary.rglob("*")) == []
