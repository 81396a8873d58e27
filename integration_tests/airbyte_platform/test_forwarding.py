"""What reaches a destination, and how it is spelt."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .protocol import complete, serialized
from .selection import SelectionError
from .toys import TWO_LISTS, catalogs, record, state, stream, toy_pipe


def test_records_and_states_are_forwarded_and_nothing_else(tmp_path: Path) -> None:
    attempt = toy_pipe(tmp_path, supports_refreshes=False).sync()
    assert attempt.outcome == "succeeded"
    assert [json.loads(line)["type"] for line in attempt.sent] == [
        "RECORD", "STATE", "RECORD", "STATE", "RECORD", "STATE",
    ]  # fmt: skip


def test_lines_are_written_in_the_key_order_of_the_protocol_with_an_id_on_each_state(
    tmp_path: Path,
) -> None:
    sent = toy_pipe(tmp_path).sync().sent
    assert sent[0].decode() == (
        '{"type":"RECORD","record":{"stream":"people",'
        '"data":{"id":1,"name":"Ž","note":null},"emitted_at":5}}'
    )
    assert sent[3].decode() == (
        '{"type":"STATE","state":{"type":"STREAM","stream":{"stream_descriptor":{"name":"people"},'
        '"stream_state":{"cursor":2}},"sourceStats":{"recordCount":1.0},"id":2}}'
    )
    states = [json.loads(line)["state"] for line in sent if b'"STATE"' in line]
    assert [one["id"] for one in states] == [1, 2, 3]


def test_what_is_null_is_left_out_of_a_message_and_kept_in_its_data() -> None:
    message = record("people", id=None) | {"state": None}
    message["record"]["namespace"] = None
    assert serialized(message) == (
        b'{"type":"RECORD","record":{"stream":"people","data":{"id":null},"emitted_at":5}}'
    )


def test_a_key_that_the_protocol_does_not_know_comes_last() -> None:
    message = state("people", a=1)
    message["state"] = {"later": 1, **message["state"]}
    assert serialized(message).endswith(b'"sourceStats":{"recordCount":1.0},"later":1}}')


def test_every_stream_is_called_complete_whatever_the_source_said_of_it(tmp_path: Path) -> None:
    sent = toy_pipe(tmp_path, supports_refreshes=True).sync().sent
    made_up = [json.loads(line)["trace"]["stream_status"] for line in sent[-2:]]
    assert made_up == [
        {"stream_descriptor": {"name": "people"}, "status": "COMPLETE"},
        {"stream_descriptor": {"name": "places"}, "status": "COMPLETE"},
    ]
    assert complete("people", None, 1795888270661).startswith(
        b'{"type":"TRACE","trace":{"type":"STREAM_STATUS","emitted_at":1.795888270661E12,'
    )


def test_no_stream_is_called_complete_after_a_source_that_failed(tmp_path: Path) -> None:
    attempt = toy_pipe(tmp_path, source={"exit": 1}, supports_refreshes=True).sync()
    assert attempt.codes == (1, 0)
    assert not [line for line in attempt.sent if b'"TRACE"' in line]
    # What arrived is stored all the same.
    assert len(attempt.states) == 3


def test_prefix_and_namespace_are_the_destinations_names_and_states_return_without(
    tmp_path: Path,
) -> None:
    pipe = toy_pipe(tmp_path, prefix="hr_", namespace="n${SOURCE_NAMESPACE}1")
    attempt = pipe.sync()
    assert list(catalogs(pipe)[0]) == ["hr_people", "hr_places"]
    assert {one["stream"]["namespace"] for one in catalogs(pipe)[0].values()} == {"n1"}
    assert attempt.sent[0].startswith(
        b'{"type":"RECORD","record":{"namespace":"n1","stream":"hr_people",'
    )
    assert b'"stream_descriptor":{"name":"hr_people","namespace":"n1"}' in attempt.sent[1]
    assert b'"stream_descriptor":{"name":"hr_places","namespace":"n1"}' in attempt.sent[-1]
    assert list(pipe.states) == ["people", "places"]
    assert pipe.states["places"]["stream"]["stream_descriptor"] == {"name": "places"}


def test_the_sources_own_namespace_is_not_sent_unless_asked_for(tmp_path: Path) -> None:
    message = record("people", id=1)
    message["record"]["namespace"] = "tenant"
    plain = toy_pipe(tmp_path / "a", [message]).sync().sent[0]
    named = toy_pipe(tmp_path / "b", [message], namespace="${SOURCE_NAMESPACE}").sync().sent[0]
    assert b"namespace" not in plain
    assert b'"namespace":"tenant"' in named


def test_an_unticked_column_is_in_no_record_and_in_no_catalog(tmp_path: Path) -> None:
    pipe = toy_pipe(tmp_path, unticked={"people": {"note"}})
    attempt = pipe.sync()
    assert attempt.records("people") == [{"id": 1, "name": "Ž"}, {"id": 2, "name": "B"}]
    schema = catalogs(pipe)[0]["people"]["stream"]["json_schema"]
    assert list(schema["properties"]) == ["id", "name"]
    sources = json.loads((tmp_path / "pod" / "catalog.json").read_text())["streams"]
    assert list(sources[0]["stream"]["json_schema"]["properties"]) == ["id", "name"]


def test_a_key_that_the_source_never_declared_does_not_arrive(tmp_path: Path) -> None:
    pipe = toy_pipe(tmp_path, [record("people", id=1, shoe_size=38), record("cats", id=2)])
    attempt = pipe.sync()
    assert attempt.records("people") == [{"id": 1}]
    assert attempt.records("cats") == [{}]


@pytest.mark.parametrize(
    ("unticked", "words"),
    [
        ({"people": {"id"}}, "is a key or a cursor"),
        ({"people": {"changed_at"}}, "is a key or a cursor"),
        ({"people": {"shoe_size"}}, "has no column"),
        ({"cats": {"id"}}, "No such stream"),
    ],
)
def test_keys_and_cursors_can_not_be_unticked(
    tmp_path: Path, unticked: dict[str, set[str]], words: str
) -> None:
    streams = [stream("people", "name", "changed_at", default_cursor_field=["changed_at"])]
    with pytest.raises(SelectionError, match=words):
        toy_pipe(tmp_path, [], streams=streams, unticked=unticked).sync()


def test_a_stream_without_declared_columns_stops_the_platform(tmp_path: Path) -> None:
    bare = stream("people")
    bare["stream"]["json_schema"] = {"type": "object"}
    with pytest.raises(SelectionError, match="no properties"):
        toy_pipe(tmp_path, TWO_LISTS, streams=[bare]).sync()
