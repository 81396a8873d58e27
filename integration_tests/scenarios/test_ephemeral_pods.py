"""A destination without any kept file: a fresh pod each night, the ledger rebuilt from the vendor.

The same nights are lived twice, with a kept store and without one, and the vendor's accounts are
compared after each. All that a pod has besides the vendor is its configuration with `approved_plan`.

What a pod cannot know, and what happens then (each is a test or part of one):

    who ended an account        it comes back for a newer spell of employment or with a move; else it
                                stays ended, and a finding says so
    who vanished from HR        absence needs two reads, and an id that HR does not list is nobody's:
                                the account stays, and a finding names it
    if the first import ended   whose employment began over a month ago, and who has no account yet, is
                                not invited, and a finding says so
    whom an old mail was for    whoever was ever invited is not invited again for a new spell
    who changed a value         HR's value is sent again, also over one typed at the vendor
    what was refused before     it is sent again each night, and refused again
"""

from __future__ import annotations

import copy
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from people_sandbox.client import Sandbox

from .all_operations import DAYS, NO_BRAKES, PRAGUE, STORIES, settled
from .connections import Connection, Ended

pytestmark = pytest.mark.long
Connect = Callable[..., Connection]
Findings = set[tuple[str | None, str]]
WORLDS = ("kept", "pod")
THURSDAY, FRIDAY, SATURDAY = "2026-03-05", "2026-03-06", "2026-03-07"


@dataclass
class Twins:
    """One connection in two worlds that take turns at the vendor; a pod starts without any file."""

    connection: Connection
    kept: Path
    accounts: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    findings: dict[str, Findings] = field(default_factory=dict)

    def begin(self, day: str) -> None:
        """Plan, approve and deliver the first night, the same in both worlds."""
        connection, box = self.connection, self.connection.box
        before = box.accounts(connection.platform)
        lines = connection.read()
        connection.configure(as_of=day)
        assert connection.write(lines).code == 3
        assert connection.writes() == []
        approved = connection.ask("select plan_hash from sync.runs")[0][0]
        connection.configure(approved_plan=approved)
        connection.keep(self.kept)
        self.accounts = dict.fromkeys(WORLDS, before)
        self.night(day)

    def night(self, day: str) -> None:
        """Run in both worlds what HR says now; in a second run of the night nothing more is accepted."""
        self.connection.configure(as_of=day)
        lines = self.connection.read()
        for world in WORLDS:
            first = self._run(world, lines)
            assert first, f"{world}: the first run of {day} wrote nothing"
            assert self._run(world, lines) == [], f"{world}: the second run of {day} wrote"
            assert self.connection.duplicates() == []
            assert all(account.get("invitations", 0) <= 1 for account in self.accounts[world])

    def quiet(self, day: str) -> dict[str, int]:
        """Run a night in both worlds; tell how many writes the vendor accepted in each."""
        self.connection.configure(as_of=day)
        lines = self.connection.read()
        return {world: len(self._run(world, lines)) for world in WORLDS}

    def _run(self, world: str, lines: Path) -> list[dict[str, Any]]:
        connection, box = self.connection, self.connection.box
        box.put_accounts(connection.platform, self.accounts[world])
        self._start(world)
        box.clear_requests()
        ended: Ended = connection.write(lines)
        assert ended.code == 0, f"{world}: {ended.out}"
        self.accounts[world] = connection.accounts()
        self.findings[world] = set(connection.ask("select person_id, code from sync.findings"))
        if world == "kept":
            connection.keep(self.kept)
        return connection.accepted()

    def _start(self, world: str) -> None:
        shutil.rmtree(self.connection.folder / ".people-sync", ignore_errors=True)
        if world == "kept":
            self.connection.restore(self.kept)

    def difference(self) -> tuple[set[Any], set[Any]]:
        """Accounts of the kept world only, and of the pods only."""
        kept, pod = (set(settled(self.accounts[world])) for world in WORLDS)
        return kept - pod, pod - kept

    def change(self, world: str, external_id: str, **values: Any) -> None:
        """Let somebody change an account at the vendor by hand."""
        changed = copy.deepcopy(self.accounts[world])
        for account in changed:
            if account["external_id"] == external_id:
                account.update(values)
        self.accounts[world] = changed

    def account(self, world: str, external_id: str, place: int | None = None) -> dict[str, Any]:
        """The one account with this id (at this client)."""
        (found,) = (
            account
            for account in self.accounts[world]
            if account["external_id"] == external_id and place in (None, account.get("client_id"))
        )
        return found

    def codes(self, world: str, person_id: str | None) -> set[str]:
        return {code for person, code in self.findings[world] if person == person_id}


@pytest.fixture
def twins(connect: Connect, tmp_path: Path) -> Callable[..., Twins]:
    def make(platform: str, **settings: Any) -> Twins:
        story = STORIES[platform]
        own = {**story.settings, "brakes": NO_BRAKES, **settings}
        return Twins(connect(story.source, story.destination, **own), tmp_path / "kept")

    return make


def _diner(number: int) -> str:
    return f"alveno:alveno:{number}"


def _note(box: Sandbox, number: int, note: str) -> None:
    box.patch("alveno", "employees", number, Note=note)


def _employ(box: Sandbox, key: int, number: int, start: str) -> None:
    workload = {"WorkloadID": key, "EmployeeID": number, "OperationID": 7, "DateFrom": start}
    box.add("alveno", "workloads", workload | {"DateTo": None})


def _join(box: Sandbox, number: int, start: str) -> None:
    person = {"EmployeeID": number, "PersonalID": f"P{number}", "Firstname": f"Jana{number}"}
    contact = {"Lastname": "Nováková", "Email": f"jana{number}@example.cz"}
    box.add("alveno", "employees", person | contact | {"Note": f"LDID: {PRAGUE}"})
    _employ(box, 9000 + number, number, start)


def test_alveno_to_lunchdrive_without_a_store_is_as_with_one(
    twins: Callable[..., Twins],
) -> None:
    both = twins("lunchdrive")
    box = both.connection.box
    story = STORIES["lunchdrive"]
    story.days[0](box)
    both.begin(DAYS[0])
    assert both.difference() == (set(), set())
    for day, happens in zip(DAYS[1:], story.days[1:], strict=True):
        happens(box)
        both.night(day)
        assert both.difference() == (set(), set())
    assert both.account("pod", _diner(9))["invitations"] == 1, "a newcomer was invited"
    # 4 moves back to the first client, 3 is hired again, 14 is new.
    _note(box, 4, f"LDID: {PRAGUE}")
    _employ(box, 9203, 3, THURSDAY)
    _join(box, 14, THURSDAY)
    both.night(THURSDAY)
    assert both.difference() == (set(), set())
    assert both.account("pod", _diner(4), PRAGUE)["active"]
    box.patch("alveno", "workloads", 9001, DateTo=THURSDAY)
    box.patch("alveno", "employees", 14, ChipNumber="C14", Lastname="Svobodová")
    both.night(FRIDAY)
    assert both.difference() == (set(), set())
    assert not both.account("pod", _diner(1))["active"], "a leaver leaves"
    assert both.quiet(SATURDAY) == {"kept": 0, "pod": 0}


def _spells(box: Sandbox, number: int) -> tuple[str, dict[str, Any]]:
    """The id and the latest employment of a person of the story."""
    world = box.world("loket")
    fields = world["employee_custom_fields"]
    key = next(row["employee_id"] for row in fields if row["id"].endswith(f"{number:012}"))
    own = [row for row in world["employments"] if row["employee"]["id"] == key]
    return key, max(own, key=lambda row: row["startDate"])


def _allow(box: Sandbox, number: int, value: str) -> None:
    key = f"00000000-0000-4000-a000-{number:012}"
    box.patch("loket", "employee_custom_fields", key, value=value)


def test_loket_to_alleo_without_a_store_is_as_with_one(twins: Callable[..., Twins]) -> None:
    both = twins("alleo")
    box = both.connection.box
    story = STORIES["alleo"]
    story.days[0](box)
    both.begin(DAYS[0])
    assert both.difference() == (set(), set())
    story.days[1](box)
    both.night(DAYS[1])
    assert both.difference() == (set(), set())
    # The flag of person 4 was off for a night: only the store knows that this ended the account.
    story.days[2](box)
    both.night(DAYS[2])
    back, employment = _spells(box, 4)
    person_id = f"loket:{employment['employer_id']}:{back}"
    assert both.account("kept", back)["is_active"]
    assert not both.account("pod", back)["is_active"]
    assert both.codes("pod", person_id) == {"account_ended_by_other"}
    assert both.codes("kept", person_id) == set()
    kept, pod = both.difference()
    assert (len(kept), len(pod)) == (1, 1)
    # HR does what the finding says; the name that has changed meanwhile follows at night.
    both.change("pod", back, is_active=True)
    # 2 is hired again, 3 loses the flag, 0 leaves.
    _, left = _spells(box, 2)
    spell = {"id": "00000000-0000-4000-b000-000000000002", "startDate": THURSDAY, "endDate": None}
    box.add("loket", "employments", left | spell)
    _allow(box, 3, "FALSE")
    box.patch("loket", "employments", _spells(box, 0)[1]["id"], endDate=DAYS[2])
    both.night(THURSDAY)
    assert both.difference() == (set(), set())
    states = [both.account("pod", _spells(box, number)[0])["is_active"] for number in (2, 3, 0)]
    assert states == [True, False, False]
    assert both.quiet(FRIDAY) == {"kept": 0, "pod": 0}


def test_a_pod_says_what_it_cannot_know_of_diners(twins: Callable[..., Twins]) -> None:
    both = twins("lunchdrive")
    box = both.connection.box
    STORIES["lunchdrive"].days[0](box)
    both.begin(DAYS[0])
    # 1 vanishes from HR, 11 opts out, 14 is typed in late.
    box.remove("alveno", "workloads", 9001)
    box.remove("alveno", "employees", 1)
    _note(box, 11, "LDID: 0")
    _join(box, 14, "2025-01-01")
    assert both.quiet(DAYS[1]) == {"kept": 3, "pod": 2}, "only the kept world invites 14"
    assert "account_unlisted" in both.codes("pod", None)
    assert both.codes("kept", _diner(1)) == {"person_absent"}
    assert both.codes("pod", _diner(14)) == {"not_invited"}
    assert both.codes("kept", _diner(14)) == set()
    invitations = {one: both.account(one, _diner(14))["invitations"] for one in WORLDS}
    assert invitations == {"kept": 1, "pod": 0}
    # The second complete read without 1, and 11 is back.
    _note(box, 11, f"LDID: {PRAGUE}")
    written = both.quiet(DAYS[2])
    assert written["pod"] == 0 < written["kept"]
    for number, code in ((1, "account_unlisted"), (11, "account_ended_by_other")):
        states = {one: both.account(one, _diner(number))["active"] for one in WORLDS}
        assert states == {"kept": number == 11, "pod": number == 1}
        assert code in {code for _, code in both.findings["pod"]}
    # Somebody types a name at Lunchdrive.
    for world in WORLDS:
        both.change(world, _diner(2), last_name="Jinak")
    assert both.quiet(THURSDAY) == {"kept": 0, "pod": 1}
    names = {one: both.account(one, _diner(2))["last_name"] for one in WORLDS}
    assert names == {"kept": "Jinak", "pod": "Nováková"}


def test_a_pod_says_whom_of_alleo_hr_no_longer_lists(twins: Callable[..., Twins]) -> None:
    both = twins("alleo", when_absent="end")
    box = both.connection.box
    STORIES["alleo"].days[0](box)
    both.begin(DAYS[0])
    vanished, employment = _spells(box, 1)
    box.remove("loket", "employments", employment["id"])
    box.remove("loket", "employees", vanished)
    assert both.quiet(DAYS[1]) == {"kept": 0, "pod": 0}
    written = both.quiet(DAYS[2])
    assert written == {"kept": 1, "pod": 0}
    assert not both.account("kept", vanished)["is_active"], (
        "the second read without a person counts"
    )
    assert both.account("pod", vanished)["is_active"]
    assert both.codes("pod", None) == {"account_unlisted"}
    assert both.codes("kept", None) == set()


@pytest.mark.drawn(1)
@pytest.mark.parametrize("platform", STORIES)
def test_a_pod_that_nobody_approved_sends_nothing(
    platform: str, twins: Callable[..., Twins]
) -> None:
    both = twins(platform)
    connection = both.connection
    STORIES[platform].days[0](connection.box)
    others = connection.active()
    lines = connection.read()
    for _ in range(2):
        assert connection.write(lines).code == 3
        assert connection.writes() == []
        approved = connection.ask("select plan_hash from sync.runs")[0][0]
        shutil.rmtree(connection.folder / ".people-sync")
    connection.configure(approved_plan=approved)
    assert connection.write(lines).code == 0
    assert connection.active() - others == connection.desired() != set()
