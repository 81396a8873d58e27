"""`make demo` does what it promises; its own checks decide."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.long
def test_the_demo_keeps_every_promise_it_prints(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, str(HERE / "demo.py"), "--folder", str(tmp_path / "demo")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
    assert "Not as promised" not in ended.stdout
    assert ended.stdout.count("night 2 again  $ people-sync run") == 2
    assert "NO" not in ended.stdout.split("What happened")[1]
