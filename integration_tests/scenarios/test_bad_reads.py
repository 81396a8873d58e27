"""What an HR system answers on a bad night: nobody leaves because of it, and the next night is good."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .connections import BIN, Connection, Ended
from .names import personal_values, told
from .points import Draw

Connect = Callable[..., Connection]
PAIRS = {
    "alveno": ("source-alveno", "destination-lunchdrive", "*employees*"),
    "loket": ("source-loket", "destination-alleo", "*/employees*"),
}
FAULTS: dict[str, dict[str, Any]] = {
    "empty_list": {"times": None},
    "half_body": {"times": None},
    "html_200": {"times": None},
    "too_many_requests": {"times": 3, "retry_after": 0.1},
    "server_error": {"times": 2},
    "page_short": {"times": None},
    "page_repeated": {"times": None},
    "employer_gone": {"times": None},
    "reset_before": {"times": 1},
    "html_error": {"times": 1},
    "expired_token": {"times": 1},
    "forbidden": {"times": None},
}
# What is over after a few calls is waited for; the read is whole then.
PASSING = {name for name, options in FAULTS.items() if options["times"] is not None}
SHORT = ("empty_list",)
# What a source cannot know: Alveno names no total, and an employer of Loket may have nobody yet. The
# brakes, and the rule that a list which had records is never empty, are what protects people then.
UNKNOWABLE = {("alveno", "page_short"), ("loket", "empty_list")}
# What the source passes on with the total that it should have been: the destination holds them together.
TOLD_BY_TOTAL = {("alveno", "page_repeated")}
IS_WHOLE = (
    "select bool_and(verdict = 'whole') from sync.evidence where stream = 'employees' "
    "and run_id = (select max(run_id) from sync.runs)"
)


def night_with(connection: Connection) -> tuple[int, Ended]:
    """Source and destination as on any night, whatever the source can read."""
    lines = connection.folder / "bad.jsonl"
    with lines.open("wb") as file:
        source = subprocess.run(
            [
                BIN / connection.source,
                "read",
                "--config",
                "source.json",
                "--catalog",
                "catalog.json",
            ],
            cwd=connection.folder,
            stdout=file,
            stderr=subprocess.DEVNULL,
            check=False,
        )
    assert told([said_by(lines)], personal_values(connection.box)) == []
    return source.returncode, connection.write(lines)


def has_records(connection: Connection) -> bool:
    return '"type":"RECORD"' in (connection.folder / "bad.jsonl").read_text().replace(": ", ":")


def said_by(lines: Path) -> str:
    """What a source says beside its records."""
    messages = [json.loads(line) for line in lines.read_text().splitlines()]
    return json.dumps([one for one in messages if one["type"] in ("LOG", "TRACE")])


def bad_nights(connection: Connection, vendor: str, match: str, faults: Sequence[str]) -> None:
    """A night with each fault, and a good one after them."""
    box = connection.box
    connection.activate(connection.first_lines())
    before = connection.accounts()
    for fault in faults:
        box.clear_requests()
        box.fault(vendor, fault, match=match, **FAULTS[fault])
        code, ended = night_with(connection)
        held = 3 if (vendor, fault) == ("alveno", "page_short") else 0
        # A night in which HR said nothing at all has failed.
        usual = (0, held) if has_records(connection) else (1,)
        assert ended.code in usual, f"{fault}: {ended.out}"
        assert told([ended.out, ended.err], personal_values(box)) == []
        assert any(call["fault"] == fault for call in box.requests(vendor)), f"{fault} never struck"
        box.clear_faults()
        if (vendor, fault) in TOLD_BY_TOTAL:
            assert connection.ask(IS_WHOLE) == [(False,)], f"{fault} was taken for a whole list"
        elif fault not in PASSING and (vendor, fault) not in UNKNOWABLE:
            assert code != 0, f"{fault}: the source took it for a good read"
        assert connection.writes() == [], fault
        assert connection.accounts() == before, fault
    code, ended = night_with(connection)
    assert (code, ended.code) == (0, 0), ended.out
    assert connection.ask(IS_WHOLE) == [(True,)]
    assert connection.writes() == []


@pytest.mark.long
def test_a_bad_answer_of_the_source_removes_nobody_and_a_true_leaver_leaves(
    connect: Connect, box: Sandbox
) -> None:
    source, destination, match = PAIRS["alveno"]
    connection = connect(source, destination)
    bad_nights(connection, "alveno", match, SHORT)
    # The control: somebody's last day was yesterday.
    person = next(iter(sorted(person for _, person in connection.active())))
    workloads = [
        row
        for row in box.world("alveno")["workloads"]
        if str(row["EmployeeID"]) == person.split(":")[2]
    ]
    for row in workloads:
        if row["DateTo"] is None or row["DateTo"] > "2026-03-01":
            box.patch("alveno", "workloads", row["WorkloadID"], DateTo="2026-03-01")
    assert night_with(connection)[1].code == 0
    assert person not in {active for _, active in connection.active()}


@pytest.mark.long
@pytest.mark.minutes
@pytest.mark.parametrize("vendor", PAIRS)
def test_each_fault_of_a_source(connect: Connect, vendor: str, draw: Draw) -> None:
    """Seven drawn ones, each fault by `make matrix`; the sources' own tests have them all."""
    source, destination, match = PAIRS[vendor]
    names = [name for name in FAULTS if name != "page_repeated" or vendor == "alveno"]
    bad_nights(connect(source, destination), vendor, match, draw.some(names, 7))
