"""The words of the pages: the same in three languages, and each one that a page asks for is there."""

from __future__ import annotations

import re
from functools import partial
from importlib.resources import files
from typing import Any

import pytest
from people_sync.desk import pages as desk_pages
from people_sync.desk.onboarding.connectors import describe
from people_transforms.publishing.words import LANGUAGES

load_texts = partial(desk_pages.load_texts, onboarding=True)
CONNECTORS = ("source-loket", "source-alveno", "destination-alleo", "destination-lunchdrive")
TEMPLATES = sorted(
    path.name for path in files("people_sync.desk.onboarding").joinpath("templates").iterdir()
)


def paths(texts: Any, prefix: str = "") -> set[str]:
    if isinstance(texts, dict):
        assert all(isinstance(key, str) for key in texts), f"YAML read a key as no text: {prefix}"
        return {path for key, one in texts.items() for path in paths(one, f"{prefix}.{key}")}
    if isinstance(texts, list):
        return {f"{prefix}[{len(texts)}]"}
    return {prefix + " " + " ".join(sorted(re.findall(r"\{\w+\}", texts)))}


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_every_language_says_everything_with_the_same_values(language: str) -> None:
    assert paths(load_texts(language)) == paths(load_texts("en"))


@pytest.mark.parametrize("language", [code for code in LANGUAGES if code != "en"])
def test_the_desk_says_everything_in_every_language(language: str) -> None:
    assert forms(desk_pages.load_texts(language)) == forms(desk_pages.load_texts("en"))


def forms(texts: Any, prefix: str = "") -> set[str]:
    """List the texts with the values they fill in; how many plural forms there are differs."""
    if isinstance(texts, dict):
        return {path for key, one in texts.items() for path in forms(one, f"{prefix}.{key}")}
    texts = [texts] if isinstance(texts, str) else texts
    return {prefix + " ".join(sorted(set(re.findall(r"\{\w+\}", " ".join(texts)))))}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_desk_has_as_many_plural_forms_as_the_language(language: str) -> None:
    def lists(texts: Any) -> list[list[str]]:
        if isinstance(texts, list):
            return [texts]
        return (
            [found for one in texts.values() for found in lists(one)]
            if isinstance(texts, dict)
            else []
        )

    wanted = {3} if language == "cs" else {2}
    found = lists(desk_pages.load_texts(language))
    # Two forms do in Czech where the number stands alone, as for one and for others.
    assert {len(one) for one in found} <= wanted, [one for one in found if len(one) not in wanted]


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_word_that_a_page_asks_for_is_there(template: str) -> None:
    text = files("people_sync.desk.onboarding").joinpath("templates", template).read_text("utf-8")
    known = load_texts("en")
    for asked in re.findall(r"\bo((?:\.[a-z_]+)+)", text):
        found: Any = known
        for part in asked.removesuffix(".format").strip(".").split("."):
            assert not hasattr(dict, part), f"{asked} would be the method of a dictionary"
            found = found[part]


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_field_and_key_of_a_connector_is_named(connector: str) -> None:
    described, texts = describe(connector), load_texts("cs")
    for group, fields in described.reads.items():
        assert texts["reads"]["groups"][group]["name"]
        assert all(texts["reads"]["fields"][field] for field in fields)
    for key in described.keys:
        assert texts["paste"]["labels"][key["setting"]] and texts["paste"]["help"][key["help"]]
    for note in described.notes:
        assert texts["notes"][note].get("text") or texts["notes"][note]["steps"]
    assert all(texts["reads"]["sent"][field] for field in described.sends)


@pytest.mark.parametrize("language", ["nl", "cs"])
def test_no_text_of_a_page_is_english_or_has_a_hole(language: str) -> None:
    def texts(node: Any, path: str = "") -> dict[str, str]:
        if isinstance(node, dict):
            items = list(node.items())
        elif isinstance(node, list):
            items = list(enumerate(node))
        else:
            return {path: str(node)}
        return {k: v for key, value in items for k, v in texts(value, f"{path}.{key}").items()}

    english, other = texts(load_texts("en")), texts(load_texts(language))
    same = {text for path, text in other.items() if text == english[path]}
    assert same <= {"Token", "contract"}, same
    assert not [path for path, text in other.items() if "…" in text or not text.strip()]
