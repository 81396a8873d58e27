"""A repeated call says nothing: standard output is Airbyte's, also where structlog is installed."""

from __future__ import annotations

import subprocess
import sys

_REPEAT = """
import logging, stamina
logging.basicConfig(level=logging.DEBUG)
from people_transforms.retries import retry_context
if {talks}:
    stamina.instrumentation.set_on_retry_hooks(None)
for attempt in retry_context(on=ValueError, attempts=2, wait_initial=0.01, wait_max=0.01):
    with attempt:
        if attempt.num == 1:
            raise ValueError("once")
"""


def said(*, talks: bool) -> str:
    program = _REPEAT.format(talks=talks)
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return ended.stdout + ended.stderr


def test_a_repeated_call_says_nothing() -> None:
    assert said(talks=False) == ""
    assert "retry" in said(talks=True), "control: stamina would"
