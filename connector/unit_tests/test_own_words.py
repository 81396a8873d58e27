"""Settings are held against a spec by a library: whatever a file of settings can hold gets an answer."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from people_connector import own_words
from people_connector.own_words import read_json, wrong_settings

VALUES: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 3, 2.0, 2.5, 10**20, 10**400, float("inf"), float("nan"),
    "", "a", "abc", "12", "žluť", "\ud800", [], [1], [1, 1], [1, True], ["a", "a"], [{"a": 1}, {"a": 1}], {}, {"a": 1},
)  # fmt: skip
SCHEMAS: tuple[dict[str, Any], ...] = (
    *({"type": kind} for kind in ("string", "boolean", "array", "object", "null")),
    {"type": ["integer", "null"]},
    {"type": "integer", "minimum": 1, "maximum": 2},
    {"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    {"type": "string", "minLength": 2, "maxLength": 2},
    {"type": "string", "pattern": "^[a-z]+$", "format": "date"},
    {"type": "array", "minItems": 1, "maxItems": 1},
    {"type": "array", "uniqueItems": True},
    {"enum": ["a", 1, None]},
    {"enum": [True]},
    {"const": 1},
)


@pytest.mark.parametrize("schema", SCHEMAS, ids=str)
def test_a_spec_refuses_what_json_schema_refuses(schema: dict[str, Any]) -> None:
    spec = {"properties": {"it": schema}}
    for value in VALUES:
        is_number = value in (float("inf"), 10**400) or value != value
        if is_number and schema.get("type") in ("integer", "number"):
            # No JSON: refused by whoever reads it, whatever the bounds are.
            assert wrong_settings({"it": value}, spec) or "maximum" not in schema
            continue
        is_refused = bool(wrong_settings({"it": value}, spec))
        assert is_refused is not Draft7Validator(spec).is_valid({"it": value}), value


def test_a_setting_that_is_nested_deep_gets_an_answer() -> None:
    deep = json.loads('{"a":' * 500 + "1" + "}" * 500)
    spec = {"properties": {"it": {"type": "string"}, "many": {"type": "array", "maxItems": 1}}}
    assert wrong_settings({"it": deep, "many": [deep, deep]}, spec) == [
        "`it` must be text, and is an object.",
        "`many` must not hold more than 1.",
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"brakes": {}, "brakes": {"removals": null}}', "`brakes` stands twice"),
        ('{"companies": [{"company_id": 1, "company_id": 2}]}', "`company_id` stands twice"),
        ('{"S3cret!": 1, "S3cret!": 1}', "a key stands twice"),
    ],
)
def test_a_key_that_stands_twice_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """JSON's own way is to take the last one: of two brakes the first would silently be none."""
    path = tmp_path / "config.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=said) as raised:
        read_json(str(path))
    assert "S3cret" not in str(raised.value)
    # The control: comments may repeat.
    path.write_text('{"__": "a", "__": "b", "brakes": {}}')
    assert read_json(str(path)) == {"__": "b", "brakes": {}}


def test_a_device_and_a_pipe_into_which_nobody_writes_are_no_settings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One never ends, the other was waited for as long as nobody stopped the run."""
    monkeypatch.setattr(own_words, "_PIPE_SECONDS", 0)
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, said in (
        (Path("/dev/zero"), "Not a file"),
        (pipe, "Nobody writes into the pipe"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(ValueError, match=f"{re.escape(str(path))} cannot be read: {said}"):
            read_json(str(path))
    # The control: a pipe into which another program has written.
    ours, theirs = os.pipe()
    os.write(theirs, b'{"brakes": {}}')
    os.close(theirs)
    assert read_json(f"/dev/fd/{ours}") == {"brakes": {}}
    os.close(ours)
