"""Accounts that somebody changed at the vendor: reported always, overwritten only where asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest
from people_transforms.delivery.vendor import Account
from people_transforms.errors import ConfigError
from people_transforms.findings import store_findings
from people_transforms.planning.drift import check_fields
from people_transforms.settings import Settings

from .conftest import NOW, TRAITS, Engine, person

pytestmark = pytest.mark.few(1)

EVERY_NIGHT = {"every_days": 1}
MakeEngine = Callable[..., Engine]


def by_hand(engine: Engine, person_id: str, **changes: object) -> None:
    """Change an account at the vendor, as its own users can."""
    (account,) = [a for a in engine.vendor.held.values() if a.external_id == f"x-{person_id}"]
    is_active = bool(changes.pop("is_active", account.is_active))
    engine.vendor.held[account.account_id] = replace(
        account, is_active=is_active, fields={**account.fields, **changes}
    )


def another_day(engine: Engine, days: int) -> None:
    """Let the runs so far be so many days old."""
    engine.connection.execute(
        "update sync.runs set vendor = 'memory', as_of = ?", [NOW.date() - dt.timedelta(days=days)]
    )


def reconciled(engine: Engine) -> list[tuple[str, str]]:
    """A night on which it is time to reconcile; give the findings."""
    another_day(engine, 1)
    engine.night()
    store_findings(engine.connection, f"run-{engine.runs:03}")
    return [
        (who, code)
        for who, code in engine.connection.execute(
            "select person_id, code from sync.findings where code like 'account_%' order by all"
        ).fetchall()
    ]


@pytest.mark.parametrize(
    ("policy", "calls", "name"),
    [
        ({}, [], "Hanka"),
        ({"adopt": ["first_name"]}, [], "Hanka"),
        ({"repair": ["first_name"]}, [("update", "x-p0001")], "Jana"),
    ],
)
def test_a_field_changed_by_hand_is_reported_and_repaired_only_where_asked(
    make_engine: MakeEngine, policy: dict[str, list[str]], calls: list[tuple[str, str]], name: str
) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | policy)
    engine.first_night(person(1), person(2))
    assert reconciled(engine) == []
    by_hand(engine, "p0001", first_name="Hanka")
    assert reconciled(engine) == [("p0001", "account_changed_by_other")]
    assert engine.vendor.calls == calls
    assert [a.fields["first_name"] for a in engine.vendor.held.values()] == [name, "Jana"]


def test_what_is_left_alone_is_told_every_time_and_what_is_adopted_once(
    make_engine: MakeEngine,
) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | {"adopt": ["first_name"]})
    engine.first_night(person(1), person(2, chip_number="7"))
    by_hand(engine, "p0001", first_name="Hanka")
    by_hand(engine, "p0002", chip_number="8")
    both = [("p0001", "account_changed_by_other"), ("p0002", "account_changed_by_other")]
    assert reconciled(engine) == both
    assert reconciled(engine) == both[1:]
    assert engine.vendor.calls == []


@pytest.mark.parametrize("adopt", [[], ["first_name"]])
def test_a_change_of_another_field_leaves_the_one_changed_by_hand(
    make_engine: MakeEngine, adopt: list[str]
) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | {"adopt": adopt})
    engine.first_night(person(1))
    by_hand(engine, "p0001", first_name="Hanka")
    reconciled(engine)
    engine.mart(person(1, chip_number="9"))
    engine.night()
    (account,) = engine.vendor.held.values()
    assert (account.fields["first_name"], account.fields["chip_number"]) == ("Hanka", "9")
    # The control: HR changes that field itself, and puts it back to what it was.
    for name in ("Johana", "Jana"):
        engine.mart(person(1, chip_number="9", first_name=name))
        engine.night()
        (account,) = engine.vendor.held.values()
        assert account.fields["first_name"] == name


def test_a_hand_that_did_what_hr_wants_is_not_mentioned(make_engine: MakeEngine) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT)
    engine.first_night(person(1))
    by_hand(engine, "p0001", first_name="Eva")
    engine.mart(person(1, first_name="Eva"))
    assert reconciled(engine) == []
    assert engine.vendor.calls == []


def test_an_account_ended_by_hand_stays_so_and_comes_back_only_where_asked(
    make_engine: MakeEngine,
) -> None:
    for policy, calls in ({}, []), ({"repair": ["state"]}, [("activate", "x-p0001")]):
        engine = make_engine(reconcile=EVERY_NIGHT | policy)
        for table in ("ledger", "approvals", "plan", "deliveries", "runs"):
            engine.connection.execute(f"delete from sync.{table}")
        engine.first_night(person(1))
        by_hand(engine, "p0001", is_active=False)
        reconciled(engine)
        assert engine.vendor.calls == calls
        reasons = engine.connection.execute("select reason from temp.plan_planned").fetchall()
        assert (reasons == [("ended_by_other",)]) == (policy == {})


def test_an_account_revived_by_hand_is_left_and_ended_again_only_where_asked(
    make_engine: MakeEngine,
) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT)
    engine.first_night(*[person(n) for n in range(1, 12)])
    left = person(1, desired_state="ended", leaving_kind="ended", reason="employment_ended")
    engine.mart(left, *[person(n) for n in range(2, 12)])
    engine.night()
    assert engine.vendor.calls == [("deactivate", "x-p0001")]
    by_hand(engine, "p0001", is_active=True)
    assert reconciled(engine) == [("p0001", "account_revived_by_other")]
    assert engine.vendor.calls == [("deactivate", "x-p0001")]
    engine.settings = engine.settings.model_copy(
        update={"reconcile": engine.settings.reconcile.model_copy(update={"repair": ("state",)})}
    )
    reconciled(engine)
    assert engine.vendor.calls == [("deactivate", "x-p0001")] * 2


def test_a_missing_account_is_told_and_made_again_only_where_asked(
    make_engine: MakeEngine,
) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT)
    engine.first_night(person(1), person(2))
    engine.vendor.held.pop("1")
    assert reconciled(engine) == [("p0001", "account_missing")]
    assert engine.vendor.calls == []
    engine.settings = engine.settings.model_copy(
        update={"reconcile": engine.settings.reconcile.model_copy(update={"repair": ("state",)})}
    )
    reconciled(engine)
    assert engine.vendor.calls == [("create", "x-p0001")]


def test_repairs_pass_the_brakes(make_engine: MakeEngine) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | {"repair": ["first_name"]})
    engine.first_night(*[person(n) for n in range(1, 31)])
    for number in range(1, 31):
        by_hand(engine, f"p{number:04}", first_name="Wrong")
    reconciled(engine)
    assert engine.vendor.calls == []
    assert set(engine.held().values()) == {"updates"}


def test_lists_are_read_only_when_it_is_time(make_engine: MakeEngine) -> None:
    engine = make_engine(reconcile={"every_days": 7})
    engine.first_night(person(1))
    read = engine.vendor.lists_read
    another_day(engine, 6)
    engine.night()
    assert engine.vendor.lists_read == read
    another_day(engine, 7)
    engine.night()
    assert engine.vendor.lists_read == read + 2


def test_a_field_that_no_account_has_is_refused() -> None:
    settings = Settings(vendor="memory", source_system="test", reconcile={"adopt": ["emial"]})
    with pytest.raises(ConfigError, match="emial"):
        check_fields(TRAITS, settings)
    fine = Settings(vendor="memory", source_system="test", reconcile={"adopt": ["email", "state"]})
    check_fields(TRAITS, fine)


def in_its_own_way(engine: Engine) -> None:
    """Let the vendor drop the zeros of a chip, and answer with what it has made of it."""
    keep = engine.vendor._keep

    def kept(account: Account, operation: str, who: str) -> Account:
        chip = account.fields.get("chip_number")
        fields = account.fields | {"chip_number": chip and str(chip).lstrip("0")}
        return keep(replace(account, fields=fields), operation, who)

    engine.vendor._keep = kept  # type: ignore[method-assign]


def test_what_a_vendor_spells_its_own_way_is_nobodys_change(make_engine: MakeEngine) -> None:
    engine = make_engine(reconcile=EVERY_NIGHT | {"repair": ["chip_number"]})
    in_its_own_way(engine)
    engine.first_night(person(1, chip_number="0017"), person(2))
    for _ in range(2):
        assert reconciled(engine) == []
    assert engine.vendor.calls == []
    # The control: somebody changes it by hand.
    by_hand(engine, "p0001", chip_number="18")
    assert reconciled(engine) == [("p0001", "account_changed_by_other")]
    assert engine.vendor.calls == [("update", "x-p0001")]
    assert reconciled(engine) == []
