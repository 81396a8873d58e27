"""With only the README: from nothing to a first held plan, played on a terminal.

Real processes on a pseudo-terminal, because what a person sees and types is the subject.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .first_hour import play, readme_lines


def test_the_readme_leads_from_init_to_a_plan() -> None:
    words = [line.split()[1] for line in readme_lines() if line.startswith("people-sync")]
    assert words == ["sandbox", "init", "check", "run", "plan"]


@pytest.mark.long
def test_the_first_hour_is_as_the_readme_says(tmp_path: Path) -> None:
    recording = play(tmp_path)
    shown = recording.text
    assert list(recording.codes.values()) == [0, 0, 3, 0], shown
    place = 0
    for said in (
        "Written: connection.yaml, loket.json, alleo.json.",
        "Next: cd bakery && people-sync check",
        "ok    settings: connection.yaml, loket.json and alleo.json can be used.",
        "ok    source-loket: answers, and its settings and rights are enough.",
        "ok    employers: the HR system lists",
        "ok    destination-alleo: answers, and its settings and rights are enough.",
        "Next: people-sync run",
        "Nothing was sent",
        "people-sync approve",
        "for alleo",
        "Create, held (activation):",
        "  + loket:",
    ):
        found = shown.find(said, place)
        assert found >= 0, (said, shown)
        place = found
    assert "Traceback" not in shown
    assert "wrong " not in shown
    assert recording.seconds < 180
    head, *events = map(json.loads, recording.cast().splitlines())
    assert head["version"] == 2
    assert all(kind == "o" for _, kind, _ in events)
