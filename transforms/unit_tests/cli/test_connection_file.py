"""A connection file that is wrong is answered with the key to change, and exit code 2."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from people_sync.connection.connection_file import read_connection_file
from people_transforms.errors import ConfigError

from .conftest import Connection

pytestmark = pytest.mark.few(12)

GOOD_SOURCE = "source: {connector: ./fake-source, config: source.json}\n"
GOOD_DESTINATION = "destination: {connector: ./destination-fake, config: destination.json}\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "must start with keys"),
        ("[1, 2]", "must start with keys"),
        ("source: [", "not valid YAML"),
        ("{1: 2}", "a key that is no setting, number 1"),
        (GOOD_SOURCE, "`destination: {connector: …, config: …}`"),
        ("source: loket\n" + GOOD_DESTINATION, "`source: {connector: …, config: …}`"),
        (GOOD_SOURCE + GOOD_DESTINATION + "stat: x", "Did you mean `state`?"),
        (GOOD_SOURCE + GOOD_DESTINATION + "streams: people", "`all` or a list"),
        (GOOD_SOURCE + GOOD_DESTINATION + "streams: []", "`streams` is empty"),
        (GOOD_SOURCE + GOOD_DESTINATION + "streams: [1]", "`all` or a list"),
        (GOOD_SOURCE + GOOD_DESTINATION + "state: .", "not of a folder"),
        (GOOD_SOURCE + GOOD_DESTINATION + "state: 7", "must be the path of a file"),
        ("source: {connector: nope, config: source.json}\n" + GOOD_DESTINATION, "not installed"),
        ("source: {connecter: x, config: y}\n" + GOOD_DESTINATION, "`source.connector`?"),
        ("source: {connector: x}\n" + GOOD_DESTINATION, "`source.config` must be"),
        (
            "source: {connector: ./fake-source, config: /dev/zero}\n" + GOOD_DESTINATION,
            "name a file",
        ),
        ("source: {connector: ./fake-source, config: .}\n" + GOOD_DESTINATION, "cannot be read"),
        (GOOD_SOURCE + GOOD_DESTINATION + "state: /dev/null", "a pipe or a device"),
        (
            GOOD_SOURCE + GOOD_DESTINATION + "streams: all\nstreams: [people]",
            "`streams` stands twice",
        ),
        (GOOD_SOURCE + GOOD_SOURCE + GOOD_DESTINATION, "`source` stands twice"),
        ("source: {config: a, config: b}\n" + GOOD_DESTINATION, "`config` stands twice"),
        (
            "source: {connector: ./fake-source, config: no.json}\n" + GOOD_DESTINATION,
            "does not exist",
        ),
    ],
)
def test_the_answer_names_what_to_change(connection: Connection, text: str, said: str) -> None:
    connection.file.write_text(text)
    with pytest.raises(ConfigError) as raised:
        read_connection_file(connection.file)
    assert said in str(raised.value)


def test_a_configuration_with_a_key_twice_is_refused_before_it_is_used(
    connection: Connection,
) -> None:
    connection.write()
    (connection.folder / "destination.json").write_text('{"brakes": null, "brakes": {}}')
    with pytest.raises(ConfigError, match="`brakes` stands twice"):
        read_connection_file(connection.file)


def test_what_is_merged_may_be_said_again(connection: Connection) -> None:
    connection.write()
    connection.file.write_text(
        "source: &end {connector: ./fake-source, config: source.json}\n"
        "destination: {<<: *end, connector: ./destination-fake, config: destination.json}\n"
    )
    file = read_connection_file(connection.file)
    assert file.destination.config.name == "destination.json"


def test_a_good_file_is_read(connection: Connection) -> None:
    file = read_connection_file(connection.file)
    assert file.source.program == connection.folder / "./fake-source"
    assert file.state == connection.folder / ".people-sync/state.json"
    assert file.streams is None


def test_the_state_has_a_place_when_none_is_named(connection: Connection) -> None:
    connection.file.write_text(GOOD_SOURCE + GOOD_DESTINATION)
    file = read_connection_file(connection.file)
    assert file.state == connection.folder / ".people-sync/connection.state.json"


def test_a_connector_is_found_beside_this_python(connection: Connection) -> None:
    connection.file.write_text(
        "source: {connector: people-sync, config: source.json}\n" + GOOD_DESTINATION
    )
    assert read_connection_file(connection.file).source.program.is_file()


@pytest.mark.parametrize(("content", "said"), [("{", "not JSON"), ("[]", "one JSON object")])
def test_a_configuration_that_is_no_object_is_refused(
    connection: Connection, content: str, said: str
) -> None:
    (connection.folder / "source.json").write_text(content)
    with pytest.raises(ConfigError, match=said):
        read_connection_file(connection.file)


def test_the_command_ends_with_2_and_no_stack_trace(connection: Connection) -> None:
    connection.file.write_text("source: x")
    ended = connection.run("--output", "json")
    assert ended.returncode == 2
    assert "Traceback" not in ended.stderr
    assert json.loads(ended.stdout)["exit_code"] == 2


def test_a_missing_file_ends_with_2(connection: Connection) -> None:
    connection.file.unlink()
    ended = connection.run()
    assert ended.returncode == 2
    assert "does not exist" in ended.stderr


@pytest.mark.parametrize("content", ["{}}", '[{"type": "STREAM"}]', "[1]", '"x"', "\x00"])
def test_a_damaged_state_file_is_not_guessed_at(connection: Connection, content: str) -> None:
    connection.state.parent.mkdir()
    connection.state.write_text(content)
    ended = connection.run()
    assert ended.returncode == 2
    assert "move it away" in ended.stderr
    assert connection.state.read_text() == content


@pytest.mark.parametrize("content", ["", "[]", "\n"])
def test_an_empty_state_file_is_a_first_run(connection: Connection, content: str) -> None:
    connection.state.parent.mkdir()
    connection.state.write_text(content)
    assert connection.run().returncode == 0


def test_the_lock_and_state_are_private(connection: Connection) -> None:
    connection.run()
    lock = connection.state.with_name("state.json.lock")
    assert lock.stat().st_mode & 0o077 == 0
    assert Path(lock.parent).stat().st_mode & 0o077 == 0
