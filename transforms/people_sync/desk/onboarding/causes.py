"""What a connector's error means to the reader: its cause, which the words name in each language.

Connectors speak English. Their sentence is looked up as in a catalogue of translations; no decision
rests on it, and the original stands folded beneath what is said.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import yaml

OTHER = "other"


def cause_of(sentence: str) -> str:
    """Name the cause that a sentence tells, `other` where it is not known."""
    found = (
        cause for cause, parts in catalogue().items() if any(_key(one) in sentence for one in parts)
    )
    return next(found, OTHER)


@cache
def catalogue() -> dict[str, list[str]]:
    """Give the parts of sentences by cause, the one that is looked for first in front."""
    text = files("people_sync.desk.onboarding").joinpath("causes.yaml").read_text("utf-8")
    known: dict[str, list[str]] = yaml.safe_load(text)
    return known


def _key(part: str) -> str:
    """Give a part up to where a connector fills something in."""
    return part.partition("{")[0]
