"""Each fault of the sandbox on the operations of a night in which everything happens.

Six drawn faults strike the first call of every operation in one night. What stops the night, and three
drawn ones that last until it is over, strike the first operation, the last and a drawn one in a night each,
and lists; `make matrix` takes each fault on each operation and list. Every outcome has a name, nothing
exists twice, nothing is lost when the fault is gone, and retries end.
"""

from __future__ import annotations

from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import Any

import pytest

from .all_operations import STORIES, Eve, live_until_eve, settled
from .calls import calls_of, lists_of
from .connections import Connection, Ended
from .points import Draw

pytestmark = [pytest.mark.long, pytest.mark.minutes]

PASSING = (
    "too_many_requests", "too_many_requests_no_header", "server_error", "unavailable",
    "reset_before", "reset_after", "timeout_before", "timeout_after", "half_body", "html_200",
    "html_error", "not_found",
)  # fmt: skip
STOPPING = ("expired_token", "forbidden")
OF_LISTS = ("page_short", "page_repeated", "empty_list", "employer_gone")
LASTING = ("too_many_requests", "unavailable", "reset_after", "not_found", "forbidden", "html_200")
MOST_ATTEMPTS = 5
# 404 on an account means that it is gone: a leaver's is as it should be then. Where accounts are made it
# means that the place is gone, and nothing goes on there. Of two calls the second is not made.
_NO_FAULTS = {"deactivate", "opt out", "take along", "create", "make ours"}


def switch_on(connection: Connection, fault: str, match: str, times: int | None) -> None:
    options: dict[str, Any] = {"match": match, "times": times, "seconds": 0.3}
    if fault == "too_many_requests":
        options["retry_after"] = 0.1
    connection.box.fault(connection.platform, fault, **options)


def struck(connection: Connection, fault: str, match: str) -> int:
    return sum(
        call["fault"] == fault and fnmatchcase(f"{call['method']} {call['path']}", match)
        for call in connection.box.requests(connection.platform)
    )


class Judge:
    """Compares what became of a disturbed night with an undisturbed one."""

    def __init__(self, eve: Eve) -> None:
        self.eve = eve
        self.connection = eve.connection
        ended = self.connection.write(eve.lines)
        assert ended.code == 0, ended.out
        self.wanted = settled(self.connection.accounts())
        self.wrong: list[str] = []
        self.count = 0

    def night(self, what: str, faults: list[tuple[str, str, int | None]]) -> Ended:
        """One disturbed night; every fault must have struck."""
        self.count += 1
        self.eve.again()
        for fault, match, times in faults:
            switch_on(self.connection, fault, match, times)
        ended = self.connection.write(self.eve.lines)
        for fault, match, _ in faults:
            number = struck(self.connection, fault, match)
            if number == 0:
                self.wrong.append(f"{what}: never struck {match}")
            if number > 4 * MOST_ATTEMPTS:
                self.wrong.append(f"{what}: tried {number} times")
        self._has_a_name(what, ended)
        return ended

    def next_nights(self, what: str) -> None:
        """The fault is gone: what was refused is asked for again, and all is as it should be."""
        self.connection.box.clear_faults()
        self.connection.command("retry", "--connection", str(self.connection.file))
        code = self.connection.write(self.eve.lines).code
        if code != 0:
            self.wrong.append(f"{what}: the next run ended with {code}")
        if self.connection.duplicates():
            self.wrong.append(f"{what}: an account exists twice")
        if settled(self.connection.accounts()) != self.wanted:
            self.wrong.append(f"{what}: the vendor differs from an undisturbed night")

    def _has_a_name(self, what: str, ended: Ended) -> None:
        # A list that is empty for once is doubted, and what rests on it waits.
        codes = (0, 1, 2, 3, 4) if what.startswith("empty_list") else (0, 1, 2, 4)
        if ended.code not in codes or "Traceback" in ended.out + ended.err:
            self.wrong.append(f"{what}: ended with {ended.code}: {ended.err[-300:]}")
        if ended.code in (1, 2) and not ended.trace["message"]:
            self.wrong.append(f"{what}: stopped without a word")
        if ended.code == 0:
            nameless = self.connection.ask(
                "select count(*) from sync.plan where operation <> 'none' and outcome is null "
                "and run_id = (select max(run_id) from sync.runs)"
            )
            if nameless != [(0,)]:
                self.wrong.append(f"{what}: {nameless[0][0]} changes without an outcome")


Fault = tuple[str, str, str]  # what strikes, on which operation or list, its call


def stopping(calls: dict[str, str], lists: dict[str, str], draw: Draw) -> list[Fault]:
    """Single faults that have a night of their own."""
    found = [(fault, *call) for fault in STOPPING for call in draw.few(list(calls.items()))]
    found.append(("not_found", "create", calls["create"]))
    passing = draw.some(PASSING, 4)
    found += [(fault, *call) for fault in passing for call in draw.one(list(lists.items()))]
    found += [(fault, *call) for fault in STOPPING for call in lists.items()]
    # Every list of this night has one page, so none can be repeated.
    of_lists = [fault for fault in OF_LISTS if fault != "page_repeated"]
    paged = [call for call in lists.items() if call[0] != "token"]
    return found + [(fault, *call) for fault in of_lists for call in paged]


@pytest.mark.parametrize("platform", STORIES)
def test_each_fault_once_on_each_operation(
    platform: str, connect: Callable[..., Connection], draw: Draw, say: Callable[[str], None]
) -> None:
    judge = Judge(live_until_eve(STORIES[platform], connect))
    calls, lists = calls_of(judge.eve), lists_of(judge.connection)
    pairs = 0
    for fault in draw.some(PASSING, 6):
        spared = _NO_FAULTS if fault == "not_found" else set()
        on_all = [(fault, match, 1) for name, match in calls.items() if name not in spared]
        ended = judge.night(f"{fault} on each", on_all)
        if fault != "not_found" and ended.code != 0:
            judge.wrong.append(f"{fault} on each: ended with {ended.code}: {ended.out[-300:]}")
        judge.next_nights(f"{fault} on each")
        pairs += len(on_all)
    for fault, name, match in stopping(calls, lists, draw):
        judge.night(f"{fault} on {name}", [(fault, match, 1)])
        judge.next_nights(f"{fault} on {name}")
        pairs += 1
    say(f"{platform}: {pairs} pairs of fault and operation in {judge.count} nights")
    assert judge.wrong == [], "\n".join(judge.wrong)


@pytest.mark.parametrize("platform", STORIES)
def test_lasting_faults_on_operations(
    platform: str, connect: Callable[..., Connection], draw: Draw, say: Callable[[str], None]
) -> None:
    judge = Judge(live_until_eve(STORIES[platform], connect))
    for fault in draw.some(LASTING, 3):
        spared = _NO_FAULTS - {"create"} if fault == "not_found" else set()
        calls = [call for call in calls_of(judge.eve).items() if call[0] not in spared]
        for name, match in draw.few(calls):
            ended = judge.night(f"lasting {fault} on {name}", [(fault, match, None)])
            # html_200 carries the change out in nobody's account: it is an answer to nothing.
            is_noted = ended.code != 0 or judge.connection.ask(
                "select outcome from sync.runs order by run_id desc limit 1"
            ) == [("partly",)]
            if not is_noted and fault != "reset_after":
                judge.wrong.append(f"lasting {fault} on {name}: ended as if nothing were wrong")
            judge.next_nights(f"lasting {fault} on {name}")
    say(f"{platform}: {judge.count} lasting faults")
    assert judge.wrong == [], "\n".join(judge.wrong)
