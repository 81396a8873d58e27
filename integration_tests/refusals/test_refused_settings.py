"""A setting in a wrong shape is refused in words that name its place and never show what it holds."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import destination_alleo.settings
import destination_lunchdrive.settings
import pytest
from airbyte_cdk.entrypoint import AirbyteEntrypoint
from airbyte_cdk.models import (
    AirbyteMessageSerializer,
    ConnectorSpecification,
    ConnectorSpecificationSerializer,
)
from airbyte_cdk.utils.traced_exception import AirbyteTracedException
from destination_alleo.destination import DestinationAlleo
from destination_lunchdrive.destination import DestinationLunchdrive
from people_connector.cdk_words import speak_for_the_cdk
from people_connector.own_words import wrong_settings
from people_transforms.airbyte import PeopleDestination
from people_transforms.command import launch
from people_transforms.errors import ConfigError
from people_transforms.form import fit

from ..workspace import CONNECTORS
from .mistakes import NUMBER, WORD, Mistake, mistakes_of, sample_of, spec_of

pytestmark = pytest.mark.few(8)

DESTINATIONS: dict[str, type[PeopleDestination]] = {
    "destination-alleo": DestinationAlleo,
    "destination-lunchdrive": DestinationLunchdrive,
}
OWN_SETTINGS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "destination-alleo": destination_alleo.settings.parse_alleo_settings,
    "destination-lunchdrive": destination_lunchdrive.settings.parse_lunchdrive_settings,
}
# A text is what these are, a number may be a number, and an object may hold names we do not know.
MAY_BE_RIGHT = {"a text", "a number", "below zero", "a list", "an object", "one level too deep"}


def shown(texts: Iterable[str]) -> list[str]:
    """Give the texts that show the planted secret, whole or in part."""
    return [text for text in texts if WORD in text or WORD[-8:] in text or str(NUMBER) in text]


@functools.cache
def judged(connector: str) -> list[tuple[Mistake, list[str]]]:
    """Give every mistake with what is said of it, made once: there are thousands."""
    spec = spec_of(connector)
    return [(one, wrong_settings(one.config, spec)) for one in mistakes_of(connector)]


def refused(connector: str) -> list[Mistake]:
    return [mistake for mistake, said in judged(connector) if said]


@pytest.mark.parametrize("connector", CONNECTORS)
def test_every_setting_in_every_wrong_shape_is_refused_and_not_shown(connector: str) -> None:
    spec = spec_of(connector)
    assert wrong_settings(sample_of(connector), spec) == []
    accepted = []
    for mistake, said in judged(connector):
        assert shown(said) == [], mistake
        if not said:
            accepted.append((mistake.setting, mistake.kind))
    assert {kind for _, kind in accepted} <= MAY_BE_RIGHT, accepted
    # Of lists that may hold anything there is one; a list that is taken elsewhere is a hole.
    assert {setting for setting, kind in accepted if kind == "a list"} <= {"throttle_error_codes"}


@pytest.mark.parametrize("connector", CONNECTORS)
def test_a_message_names_the_place(connector: str) -> None:
    """The control of the test above: words that show nothing at all would pass it."""
    for mistake, sentences in judged(connector):
        said = " ".join(sentences)
        if said and mistake.kind in ("a list of objects", "misspelt", "too shallow"):
            assert mistake.setting.split(".")[-1] in said, (mistake, said)


@pytest.mark.parametrize("connector", DESTINATIONS)
def test_check_and_write_of_a_destination_show_nothing(
    connector: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config, catalog = tmp_path / "config.json", tmp_path / "catalog.json"
    catalog.write_text('{"streams": []}')
    destination = DESTINATIONS[connector]
    mistakes = [
        mistake
        for mistake in refused(connector)
        # A number in quotes or without is the same id to a destination.
        if wrong_settings(fit(mistake.config, spec_of(connector)), spec_of(connector))
    ]
    assert len(mistakes) > 500
    # Every third: all kinds of mistakes, and some in each setting.
    for number, mistake in enumerate(mistakes[::3]):
        config.write_text(json.dumps(mistake.config))
        check = ["check", "--config", str(config)]
        write = ["write", "--config", str(config), "--catalog", str(catalog)]
        with pytest.raises(SystemExit) as ended:
            launch(destination.platform, write if number % 2 else check, destination)
        said = capsys.readouterr()
        assert shown([said.out, said.err]) == [], mistake
        assert ended.value.code == (2 if number % 2 else 0), (mistake, said.out)


@pytest.mark.parametrize("connector", DESTINATIONS)
def test_what_only_the_models_refuse_is_not_shown_either(connector: str) -> None:
    texts = []
    for mistake, said in judged(connector):
        for parse in (DESTINATIONS[connector].platform.settings, OWN_SETTINGS[connector]):
            try:
                parse(mistake.config)
            except ConfigError as error:
                texts.append(str(error))
            except (TypeError, ValueError, AttributeError):
                # They come after the spec's check: what it lets through is never a crash.
                assert said, mistake
    assert len(texts) > 100
    assert shown(texts) == []


@pytest.mark.parametrize("connector", [name for name in CONNECTORS if name.startswith("source-")])
def test_a_source_shows_nothing_in_its_status_and_in_its_trace(connector: str) -> None:
    speak_for_the_cdk()
    spec = connector_spec(connector)
    for mistake in refused(connector):
        with pytest.raises(AirbyteTracedException) as raised:
            AirbyteEntrypoint.validate_connection(spec, mistake.config)
        messages = [
            raised.value.as_airbyte_message(),
            raised.value.as_connection_status_message(),
        ]
        texts = [json.dumps(AirbyteMessageSerializer.dump(one)) for one in messages if one]
        assert len(texts) == 2
        assert shown(texts) == [], mistake


def connector_spec(connector: str) -> ConnectorSpecification:
    return ConnectorSpecificationSerializer.load({"connectionSpecification": spec_of(connector)})


@pytest.mark.parametrize(
    ("warehouse", "said"),
    [
        ({"type": "Ducklake", "catalog": WORD}, "`warehouse.type` must be one of: file, ducklake"),
        ({"encryption_key": WORD}, "`warehouse.type` is missing"),
        (
            {"type": "file", "conection_id": "mine"},
            "`connection_id` belongs in `warehouse` of type ducklake",
        ),
        ({"type": "ducklake", "data_pth": "x"}, "Did you mean `warehouse.data_path`?"),
        ({"type": "file", "catalog": WORD}, "`catalog` belongs in `warehouse` of type ducklake"),
        ([WORD], "`warehouse` must be an object, and is a list"),
    ],
)
def test_a_mistake_in_the_warehouse_is_named(warehouse: Any, said: str) -> None:
    config = sample_of("destination-alleo") | {"warehouse": warehouse}
    sentences = " ".join(wrong_settings(config, spec_of("destination-alleo")))
    assert said in sentences
    assert shown([sentences]) == []


def test_keys_that_airbyte_adds_are_no_mistake() -> None:
    config = sample_of("destination-alleo") | {"__injected_declarative_manifest": {"type": WORD}}
    assert wrong_settings(config, spec_of("destination-alleo")) == []
