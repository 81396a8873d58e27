"""A wrong setting is an answer: one sentence that names it, exit code 2, nothing sent."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from people_sandbox.client import Sandbox

from .connections import FILE_AND_LAKE, Connection, Ended
from .names import personal_values, told

Connect = Callable[..., Connection]
pytestmark = FILE_AND_LAKE


def refused(connection: Connection, ended: Ended, *words: str) -> None:
    """The run ended as misconfigured, said the words, and did nothing."""
    assert ended.code == 2, ended.out + ended.err
    sentences = " ".join(ended.summary["errors"])
    assert all(word in sentences for word in words), sentences
    assert "Traceback" not in ended.out + ended.err
    assert connection.writes() == []
    assert told([ended.out, ended.err], personal_values(connection.box)) == []


def refused_by_destination(connection: Connection, ended: Ended, *words: str) -> None:
    assert ended.code == 2, ended.out + ended.err
    assert ended.trace["failure_type"] == "config_error"
    assert all(word in ended.trace["message"] for word in words), ended.trace["message"]
    assert "Traceback" not in ended.out + ended.err
    assert connection.writes() == []


@pytest.mark.long
def test_a_wrong_token_of_the_source(connect: Connect) -> None:
    connection = connect("source-alveno", "destination-lunchdrive", {"token": "wrong"})
    refused(connection, connection.sync(), "token")


@pytest.mark.long
def test_an_employer_that_the_source_does_not_have(connect: Connect) -> None:
    unknown = "11111111-2222-4333-8444-555555555555"
    connection = connect("source-loket", "destination-alleo", {"employer_ids": [unknown]})
    refused(connection, connection.sync(), "employer_ids", unknown)


@pytest.mark.long
def test_a_configured_key_that_no_record_has(connect: Connect) -> None:
    names = {"employee": {"email": "Mejl"}}
    connection = connect("source-alveno", "destination-lunchdrive", {"field_names": names})
    refused(connection, connection.sync(), "Mejl")


def test_wrong_keys_of_the_platforms(connect: Connect, box: Sandbox) -> None:
    lines = connect("source-alveno", "destination-lunchdrive").first_lines()
    lunchdrive = connect("source-alveno", "destination-lunchdrive", api_key="wrong")
    refused_by_destination(lunchdrive, lunchdrive.write(lines), "api_key")
    alleo = connect(
        "source-alveno", "destination-alleo", source_system="alveno", secret_key="wrong"
    )
    refused_by_destination(alleo, alleo.write(lines), "secret_key")


def test_a_company_and_a_client_that_the_keys_cannot_see(connect: Connect) -> None:
    lines = connect("source-alveno", "destination-lunchdrive").first_lines()
    alleo = connect(
        "source-alveno",
        "destination-alleo",
        source_system="alveno",
        companies=[{"employer_id": "alveno", "company_id": 999}],
    )
    refused_by_destination(alleo, alleo.write(lines), "companies", "999")
    lunchdrive = connect(
        "source-alveno", "destination-lunchdrive", mode="single", client_id="40001"
    )
    refused_by_destination(lunchdrive, lunchdrive.write(lines), "client_id", "40001")


@pytest.mark.long
def test_a_catalog_without_a_stream_that_is_needed(connect: Connect) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    lines = connection.first_lines()
    without = connection.catalog("employments")
    refused_by_destination(connection, connection.write(lines, catalog=without), "employments")
    # The control: a stream that is only nice to have may be missing.
    assert connection.write(lines, catalog=connection.catalog("operations")).code == 3


def test_a_stream_in_the_connection_file_that_the_source_does_not_have(connect: Connect) -> None:
    connection = connect("source-alveno", "destination-lunchdrive")
    connection.file.write_text(connection.file.read_text() + "streams: [employees, salaries]\n")
    ended = connection.sync()
    assert ended.code == 2, ended.out + ended.err
    assert "salaries" in ended.out + ended.err
    assert connection.writes() == []
