"""What arrives on standard input is not always what a well-behaved source prints."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .connections import Connection, Ended
from .names import personal_values, told

Connect = Callable[..., Connection]


def write_lines(path: Path, lines: Iterable[bytes], *, end: bytes = b"\n") -> Path:
    path.write_bytes(b"\n".join(lines) + end)
    return path


def message_of(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(line)
    return found


def data_of(line: bytes) -> dict[str, Any]:
    message = message_of(line)
    found: dict[str, Any] = message["record"]["data"] if message["type"] == "RECORD" else {}
    return found


def is_of(line: bytes, stream: str) -> bool:
    return message_of(line).get("record", {}).get("stream") == stream


def is_employee(line: bytes, number: str) -> bool:
    return b'"stream":"employees"' in line and data_of(line)["employee_id"] == number


def with_data(line: bytes, **changes: Any) -> bytes:
    message = message_of(line)
    message["record"]["data"] |= changes
    return json.dumps(message, separators=(",", ":"), ensure_ascii=False).encode()


@pytest.fixture
def running(connect: Connect) -> tuple[Connection, list[bytes]]:
    """A connection after its first night, and the lines of the source."""
    connection = connect("source-alveno", "destination-lunchdrive", brakes=dict.fromkeys(
        ("removals", "announced_removals", "additions", "updates", "fill_rate", "wipes")
    ))  # fmt: skip
    lines = connection.first_lines()
    connection.activate(lines)
    connection.box.clear_requests()
    return connection, lines.read_bytes().splitlines()


@pytest.mark.long
def test_odd_lines_change_nobody_and_are_named_by_number_only(
    running: tuple[Connection, list[bytes]], box: Sandbox
) -> None:
    connection, lines = running
    secret = "Tajemníková-Überraschung"
    surrogate = rb'"last_name":"\ud800' + secret.encode() + b'"'
    odd: list[bytes] = []
    for line in lines:
        if is_employee(line, "101"):  # other order of keys, other blanks
            record = message_of(line)["record"]
            turned = {"record": dict(reversed(record.items())), "type": "RECORD"}
            odd.append(json.dumps(turned, indent=None, separators=(" , ", " : ")).encode())
        elif is_employee(line, "103"):  # no JSON: NaN
            odd.append(with_data(line, last_name="x!").replace(b'"x!"', b"NaN"))
        elif is_employee(line, "104"):  # no JSON: half a surrogate pair
            name = json.dumps(data_of(line)["last_name"], ensure_ascii=False).encode()
            odd.append(line.replace(b'"last_name":' + name, surrogate))
        elif is_employee(line, "105"):  # 1 MB in one field
            odd.append(with_data(line, unlisted="x" * 1_000_000))
        else:
            odd.append(line)
    odd[5:5] = [
        b"Traceback (most recent call last): " + secret.encode(),
        b'{"type":"RECORD","record":{"stream":"employees","data":{"last_name":"' + secret.encode(),
        b'{"type":"GREETING","greeting":{"name":"' + secret.encode() + b'"}}',
        b'{"type":"RECORD","record":{"stream":"salaries","data":{"name":"'
        + secret.encode()
        + b'"},"emitted_at":1}}',
        b"", b"[]", b"17", b"null", b'"' + secret.encode() + b'"', b"\xff\xfe\x00",
    ]  # fmt: skip
    before = connection.accounts()
    ended = connection.write(write_lines(connection.folder / "odd.jsonl", odd))
    assert ended.code == 0, ended.out + ended.err
    assert connection.writes() == []
    assert connection.accounts() == before
    values = personal_values(box) | {secret}
    assert told([ended.out, ended.err], values) == []
    rejected = {
        row[0]
        for row in connection.ask(
            "select line from sync.rejected_records "
            "where run_id = (select max(run_id) from sync.runs)"
        )
    }
    skipped = next(text for text in logged(ended) if "no Airbyte message" in text)
    rejected |= {int(number) for number in re.findall(r"\d+", skipped)}
    nan, half, cut = (
        next(number for number, line in enumerate(odd, start=1) if mark in line)
        for mark in (b":NaN", b"ud800", b'"data":{"last_name":"' + secret.encode())
    )
    assert {nan, half, cut} <= rejected


def logged(ended: Ended) -> list[str]:
    return [message["log"]["message"] for message in ended.messages if message["type"] == "LOG"]


@pytest.mark.long
def test_a_cut_last_line_loses_nobody(running: tuple[Connection, list[bytes]]) -> None:
    connection, lines = running
    employees = [n for n, line in enumerate(lines) if b'"stream":"employees"' in line]
    kept = lines[: employees[-1]]
    cut = lines[employees[-1]][:-25]
    before = connection.accounts()
    path = write_lines(connection.folder / "cut.jsonl", [*kept, cut], end=b"")
    for _ in range(3):
        ended = connection.write(path)
        assert ended.code == 0, ended.out + ended.err
        assert ended.states == [], "no state was sent before the cut"
    assert connection.writes() == []
    assert connection.accounts() == before


@pytest.mark.long
def test_without_a_complete_status_nobody_is_absent_and_with_one_somebody_is(
    running: tuple[Connection, list[bytes]],
) -> None:
    connection, lines = running
    gone = next(iter(sorted(person for _, person in connection.active()))).split(":")[2]
    without: list[bytes] = []
    count = sum(b'"stream":"employees"' in line for line in lines)
    for line in lines:
        if data_of(line).get("employee_id") == gone:
            continue
        is_employee_line = message_of(line)["type"] == "RECORD" and is_of(line, "employees")
        without.append(with_data(line, total_size=count - 1) if is_employee_line else line)
    quiet = [line for line in without if b'"COMPLETE"' not in line]
    assert len(quiet) < len(without)
    # Employments have lost rows too, so only a stream's own word could prove them whole.
    silent = write_lines(connection.folder / "silent.jsonl", quiet)
    for _ in range(3):
        assert connection.write(silent).code == 0
    assert connection.writes() == []
    whole = [
        with_data(line, total_size=sum(b'"stream":"employments"' in one for one in without))
        if b'"stream":"employments"' in line and message_of(line)["type"] == "RECORD"
        else line
        for line in without
    ]
    proven = write_lines(connection.folder / "proven.jsonl", whole)
    [(today,)] = connection.ask("select max(as_of) from sync.runs")
    for day in (today, today + dt.timedelta(days=1)):
        connection.configure(as_of=day.isoformat())
        assert connection.write(proven).code == 0
    assert {person.split(":")[2] for _, person in connection.active()}.isdisjoint({gone})
