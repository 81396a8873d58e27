"""Errors of connectors in the reader's language: each cause has words, each key is a connector's own text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from people_sync.desk.onboarding.causes import OTHER, catalogue, cause_of
from people_sync.desk.pages import load_texts
from people_transforms.publishing.words import LANGUAGES

ROOT = Path(__file__).parents[3]
PLACES = (
    "connector/people_connector",
    "source-*/source_*",
    "destination-*/destination_*",
    "transforms/people_*",
)


def speech() -> str:
    """Everything that our programs say, with the line breaks of their source taken out."""
    files = [
        path
        for place in PLACES
        for folder in ROOT.glob(place)
        for path in (*folder.rglob("*.py"), *folder.rglob("manifest.yaml"))
        if path.name != "causes.yaml"
    ]
    text = "\n".join(path.read_text("utf-8") for path in files)
    return re.sub(r"\s+", " ", re.sub(r'"\s*\n\s*f?"', "", text))


def test_every_part_that_is_looked_for_is_said_by_one_of_our_programs() -> None:
    said = speech()
    parts = [part.partition("{")[0] for parts in catalogue().values() for part in parts]
    assert [part for part in parts if part not in said] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_cause_has_words_of_what_it_is_and_what_to_do(language: str) -> None:
    told = load_texts(language, onboarding=True)["causes"]
    assert {*catalogue(), OTHER} | {"original", "do"} == set(told)
    for cause in (*catalogue(), OTHER):
        assert set(told[cause]) == {"says", "do"}, cause


@pytest.mark.parametrize(
    ("sentence", "cause"),
    [
        ("Lunchdrive does not accept the key; correct `api_key`. (status=401)", "keys_refused"),
        ("Alleo could not be reached; if this stays so, check `api_url`", "not_reached"),
        ("The key sees no open client 32567: correct `client_id`.", "place_unknown"),
        ("The key sees no open client; make the key in the account", "sees_nothing"),
        ("Something that nobody has translated.", OTHER),
        ("", OTHER),
    ],
)
def test_a_sentence_is_told_by_its_cause(sentence: str, cause: str) -> None:
    assert cause_of(sentence) == cause
