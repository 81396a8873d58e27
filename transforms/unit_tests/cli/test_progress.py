"""How far a run is: a bar with rate and time left on a terminal, one line elsewhere."""

from __future__ import annotations

import io
import json
import logging
from collections import Counter
from pathlib import Path

import pytest
from people_sync.connection.state_file import StateFile
from people_sync.running.listeners import DestinationListener
from people_sync.running.progress import PlainProgress, bar
from people_transforms.delivery.heartbeat import Heartbeat
from people_transforms.protocol import _Line


@pytest.mark.parametrize(
    ("done", "of", "rate", "said"),
    [
        (120, 480, 12.0, ("120/480", "█████░░░░░░░░░░░░░░░ 12.0/s, 30 s left")),
        (10, 12_000, 1.0, ("10/12,000", "░░░░░░░░░░░░░░░░░░░░ 1.0/s, 200 min left")),
        (480, 480, 9.0, ("480/480", "█" * 20)),
        (0, 480, 0.0, ("0/480", "░" * 20)),
        (0, 0, 0.0, ("0/0", "█" * 20)),
    ],
)
def test_a_bar_says_how_many_how_fast_and_how_long(
    done: int, of: int, rate: float, said: tuple[str, str]
) -> None:
    assert bar(done, of, rate) == said


def test_a_long_delivery_is_told_every_few_seconds_and_a_short_one_never(
    caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    moments = iter([0.0, 1.0, 5.5, 6.0, 11.0])
    heartbeat = Heartbeat(400, clock=lambda: next(moments))
    with caplog.at_level(logging.INFO, logger="airbyte"):
        for done in (1, 50, 60, 120):
            heartbeat.beat(done)
    assert [record.getMessage() for record in caplog.records] == [
        "deliver: 50 of 400",
        "deliver: 120 of 400",
    ]
    # Through the line that the destination prints, to what a person without a terminal reads.
    message = json.loads(_Line([]).format(caplog.records[1]))
    stream = io.StringIO()
    progress = PlainProgress(Counter(), stream, quiet=False)
    state = StateFile.read(tmp_path / "state.json")
    listener = DestinationListener(tmp_path / "destination.json", progress, state)
    listener.listen(message)
    listener.listen(
        {"type": "LOG", "log": {"level": "INFO", "message": "x"}, "progress": {"done": "1"}}
    )
    assert stream.getvalue() == "destination: deliver: 120 of 400\ndestination: x\n"
