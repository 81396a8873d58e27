"""Every setting of a spec, given in every wrong shape, with a secret as its value."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from ..workspace import ROOT

# Long enough to be in no line by chance, as a text and as a number.
WORD, NUMBER = "Kanarek-7f3a91c0", 918273645546


@dataclass(frozen=True, slots=True)
class Mistake:
    """A configuration with one setting in a wrong shape."""

    setting: str
    kind: str
    config: dict[str, Any]


def spec_of(connector: str) -> dict[str, Any]:
    package = connector.replace("-", "_")
    folder = ROOT / connector / package
    if connector.startswith("source-"):
        manifest = yaml.safe_load((folder / "manifest.yaml").read_text("utf-8"))
        return dict(manifest["spec"]["connection_specification"])
    return dict(json.loads((folder / "spec.json").read_text())["connectionSpecification"])


def sample_of(connector: str) -> dict[str, Any]:
    sample = ROOT / connector / "integration_tests" / "sample_config.json"
    return dict(json.loads(sample.read_text()))


def mistakes_of(connector: str) -> Iterator[Mistake]:
    """Make every mistake in every setting, the rest of the configuration being right."""
    sample = sample_of(connector)

    def at_the_top(settings: dict[str, Any]) -> dict[str, Any]:
        return sample | settings

    yield from _in_object(spec_of(connector), "", at_the_top, sample)


Put = Callable[[dict[str, Any]], dict[str, Any]]


def _in_object(
    schema: Mapping[str, Any], place: str, put: Put, sample: dict[str, Any]
) -> Iterator[Mistake]:
    for name, one in schema.get("properties", {}).items():
        beside = {key: value for key, value in _needed(schema).items() if key != name}

        def put_here(value: Any, key: str = name, beside: dict[str, Any] = beside) -> Any:
            return put({**beside, key: value})

        setting = f"{place}{name}"
        for kind, value in _VALUES.items():
            yield Mistake(setting, kind, put_here(value))
        yield Mistake(setting, "one level too deep", put_here({name: WORD}))
        yield Mistake(setting, "misspelt", put_here(WORD, f"{name}z"))
        yield Mistake(setting, "misspelt, as a list", put_here([WORD, NUMBER], f"{name}s_"))
        yield Mistake(setting, "the secret as the key", put_here(name, WORD))
        if place:
            yield Mistake(setting, "too shallow", sample | {name: WORD})
        for below, wrap in _below(one):
            yield from _in_object(
                below,
                f"{setting}.",
                lambda inner, wrap=wrap, here=put_here: here(wrap(inner)),
                sample,
            )


_VALUES: dict[str, Any] = {
    "a text": WORD,
    "a number": NUMBER,
    "below zero": -NUMBER,
    "a list": [WORD, NUMBER],
    "an object": {WORD: WORD, "type": WORD},
    "a list of objects": [{WORD: NUMBER, "secret": WORD}],
}


def _below(schema: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any], Callable[[Any], Any]]]:
    yield schema, lambda inner: inner
    yield schema.get("items", {}), lambda inner: [inner]
    for variant in schema.get("oneOf", ()):
        yield variant, lambda inner: inner


def _needed(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _example(schema["properties"][name]) for name in schema.get("required", ())}


def _example(schema: Mapping[str, Any]) -> Any:
    if "const" in schema:
        return schema["const"]
    return schema["examples"][0] if "examples" in schema else _needed(schema)
